"""Which servers this process may speak to, by `network.offline` and `network.loopback_only`.

Asked before any connection, name look-ups included: a name other than `localhost` is never resolved to find out
whether it is this machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkRules:
    """Nothing is contacted with `offline`, nothing outside this machine with `loopback_only`."""

    offline: bool = False
    loopback_only: bool = False

    def refusal(self, host: str) -> str | None:
        """Why `host`, a name or an address without a port, must not be contacted; None where it may be."""
        if self.offline:
            return "network.offline is on: no server is contacted"
        if self.loopback_only and not is_loopback(host):
            return "network.loopback_only is on: no server outside this machine is contacted"
        return None

    def check(self, host: str, *, where: str) -> None:
        """Raises AnswererFailed where `host` must not be contacted."""
        refused = self.refusal(host)
        if refused:
            hint = "`workflow config show --origin` tells where that is set"
            raise AnswererFailed(FailureKind.UNREACHABLE, refused, where=where, hint=hint, before_reply=True)


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine by its form alone."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    from ipaddress import ip_address

    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback

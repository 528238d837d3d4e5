"""Which servers may be spoken to, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_cli.adapters.network import NetworkRules
    from workflow_cli.settings import Settings


def network_rules(settings: Settings) -> NetworkRules:
    """What every adapter that opens a connection asks before it does."""
    from workflow_cli.adapters.network import NetworkRules

    return NetworkRules(offline=settings.network.offline, loopback_only=settings.network.loopback_only)

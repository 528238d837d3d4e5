"""Every configured tool server and what can be done with it: what `workflow mcp tools` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow_cli.app.answering.ports import Access


class ServerState(StrEnum):
    """Whether a server is used."""

    UP = "up"
    DOWN = "down"
    NOT_APPROVED = "not_approved"
    """No person approved it as it is configured now; it is not started."""
    DISABLED = "disabled"
    NOT_ALLOWED = "not_allowed"
    """`network.offline` or `network.loopback_only` keeps it out."""
    UNUSABLE = "unusable"
    """It cannot be used as it is configured."""


class Pin(StrEnum):
    """How a tool's definition compares with what was approved."""

    APPROVED = "approved"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolState:
    """`refusal` says why the tool is not used; None where it is. Texts are cleaned and cut.

    `waits` where an approval is all that is missing.
    """

    name: str
    title: str
    description: str
    access: Access
    pin: Pin
    refusal: str | None
    waits: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerReport:
    """`shown` is the command or address, without secrets; `says` what the server calls itself; `problem` with the
    next step where it is not used; `lapsed` where a person approved it, configured otherwise than it is now."""

    name: str
    shown: str
    origin: str
    access: tuple[Access, ...]
    state: ServerState
    problem: str | None = None
    says: str | None = None
    tools: Sequence[ToolState] = ()
    lapsed: bool = False

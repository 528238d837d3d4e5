"""What a tool may do, by the configuration first; what its server says of it can only make that stricter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflow_cli.app.answering.ports import Access

#: Stands for every tool of a server that is not named.
EVERY_TOOL = "*"
_STRICTNESS = (Access.READ, Access.WRITE, Access.EXECUTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRules:
    """Of one server. `access` is what its tools may do.

    `tools` limits them to those named, `*` standing for the rest; a value says what the tool does, None leaves that
    to the server's own hint. None instead of a mapping: no tool is named.
    """

    access: frozenset[Access] = frozenset({Access.READ})
    tools: Mapping[str, Access | None] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What a server says about one of its tools; None where it says nothing."""

    read_only: bool | None = None
    destructive: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """`refusal` says in words why the tool must not be used; None where it may be."""

    access: Access
    refusal: str | None = None


def judge(tool: str, hints: Hints, rules: AccessRules) -> Judged:
    """What the tool does, and whether its server's rules allow that.

    Without a word in the configuration, a tool reads if its server says that it does, and else may do anything: a
    tool that nobody describes is taken for the worst.
    """
    named = rules.tools
    if named is not None and tool not in named and EVERY_TOOL not in named:
        return Judged(access=Access.EXECUTE, refusal="not among the server's `tools` in the configuration")
    said = None if named is None else named.get(tool, named.get(EVERY_TOOL))
    hinted = _hinted(hints)
    access = hinted if said is None else max(said, _tightening(hints), key=_STRICTNESS.index)
    if access in rules.access:
        return Judged(access=access)
    return Judged(access=access, refusal=_refusal(access, said, hints))


def _hinted(hints: Hints) -> Access:
    if hints.read_only is True and hints.destructive is not True:
        return Access.READ
    return Access.EXECUTE


def _tightening(hints: Hints) -> Access:
    """The least that a tool does which its server itself calls no reader."""
    return Access.WRITE if hints.read_only is False or hints.destructive is True else Access.READ


def _refusal(access: Access, said: Access | None, hints: Hints) -> str:
    if said is None and hints.read_only is None:
        return "its server does not say that it only reads; say so under `tools` if you know"
    if said is None:
        return "its server does not call it a reader, and the configuration does not say what it does"
    if access is not said and said is not None:
        return f"the configuration says {said.value}, but its server says that it writes"
    return f"it is a tool to {access.value}, which the server's `access` does not allow"

"""What a format may be told beside the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflow_cli.domain.openspec.finding import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleNote:
    """`page` is the rule's page below the documentation's root, such as `reference/rules/x.md`."""

    title: str
    level: Level
    reason: str = ""
    page: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """`docs` is the absolute address that rule pages are below, ending in `/`; without it none is linked.

    `prefix` is where the tree's root lies in its checkout, such as `packages/api/`, for formats that a code host
    reads. `started` is when the run began; formats that need a time leave it out where it is not known.
    """

    command: str = "process"
    version: str = "0"
    quiet: bool = False
    colour: bool = False
    rules: Mapping[str, RuleNote] = field(default_factory=dict)
    docs: str | None = None
    prefix: str = ""
    started: datetime | None = None

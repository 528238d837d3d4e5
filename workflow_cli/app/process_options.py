"""What a run of `process` is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_cli.domain.openspec.finding import Level

STEPS = ("validate", "analyse", "ask", "draft")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessOptions:
    """`version` is the program's; results of another version are not reused. `fix` commits what `draft` offers,
    without it only repairs of the rules `fixed` are.
    """

    version: str
    root: str
    steps: tuple[str, ...] = STEPS
    strict: bool = False
    fail_level: Level = Level.ERROR
    enabled_rules: tuple[str, ...] = ()
    disabled_rules: tuple[str, ...] = ()
    rule_levels: Mapping[str, Level] = field(default_factory=dict)
    rule_thresholds: Mapping[str, float] = field(default_factory=dict)
    max_questions: int = 5
    accept_recommended: bool = False
    fresh: bool = False
    fix: bool = False
    fixed: frozenset[str] = frozenset()

    @property
    def may_fix(self) -> bool:
        return "draft" in self.steps and (self.fix or bool(self.fixed))

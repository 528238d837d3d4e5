"""Findings of OpenSpec's own rules while they are gathered for one change."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place


@dataclass
class Collector:
    """Findings so far; delta paths that already have an ERROR are not rehearsed again."""

    change: Change
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        rule: str,
        level: Level,
        path: str,
        message: str,
        *,
        file: str,
        at: int | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        """`line` is what OpenSpec reports; `at` is where the reader should look; both count from 0."""
        shown = at if at is not None else line
        self.findings.append(
            Finding(
                rule=rule,
                level=level,
                path=path,
                line=None if line is None else line + 1,
                message=message,
                origin=Origin.OPENSPEC,
                place=Place(file=file, line=None if shown is None else shown + 1),
                hint=hint,
            )
        )

    def has_error(self, path: str) -> bool:
        return any(f.path == path and f.level is Level.ERROR for f in self.findings)

"""What a project asks of its changes: `openspec/config.yaml` and the workflow schema it names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflow_cli.domain.openspec.schema import SPEC_DRIVEN, Schema

_HEADING = re.compile(r"## +(\S.*?)\s*$")
#: Artifacts that are written; the others wait for a person.
_WRITTEN = frozenset(("proposal.md", "design.md"))
_KNOWN_HEADINGS = frozenset(
    ("why", "what changes", "capabilities", "impact", "affected specs", "affected code", "new capabilities")
)


@dataclass(frozen=True, kw_only=True)
class ProjectSetup:
    """`rules` are the texts of `rules.<artifact>`; `context` is told, never obeyed.

    `templates` are the project's own, by artifact id. `keeps_metadata`: changes of this tree have a
    `.openspec.yaml`.
    """

    schema_name: str = SPEC_DRIVEN.name
    schema: Schema = SPEC_DRIVEN
    keeps_metadata: bool = False
    context: str | None = None
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def tasks_path(self) -> str:
        """Where the schema looks for tasks; a pattern is filled in with the plainest name that fits it."""
        pattern = self.schema.tasks_pattern or "tasks.md"
        return pattern.replace("**/", "").replace("*", "tasks") if set("?[{!(") & set(pattern) == set() else "tasks.md"

    @property
    def left_to_write(self) -> list[tuple[str, str]]:
        """Id and path of the schema's artifacts that are left to a person, because nothing true can be said yet."""
        written = _WRITTEN | {self.schema.tasks_pattern or "tasks.md"}
        return [
            (a.id, a.generates)
            for a in self.schema.artifacts
            if a.generates not in written and not a.generates.startswith("specs/")
        ]

    @property
    def further_headings(self) -> list[str]:
        """Headings of the project's own proposal template beyond OpenSpec's."""
        lines = self.templates.get("proposal", "").split("\n")
        found = [m[1] for line in lines if (m := _HEADING.match(line))]
        return [h for h in found if h.lower() not in _KNOWN_HEADINGS and "<" not in h]

"""A small tree, archived by the real command and looked at by us."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.differential.real_openspec import Archived, Item, RealOpenSpec, spec_bytes
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.verdict import verdict

HEAD = "# auth\n\n## Purpose\nLets people in and keeps everybody else out of the building.\n\n## Requirements\n\n"


def block(name: str, text: str = "The system SHALL do it.", *more: str) -> str:
    """A sound requirement; `more` are paragraphs after its scenario."""
    steps = "#### Scenario: works\n- **WHEN** it runs\n- **THEN** it ends\n\n"
    return f"### Requirement: {name}\n{text}\n\n{steps}" + "".join(f"{part}\n\n" for part in more)


def added(*blocks: str) -> str:
    return "## ADDED Requirements\n\n" + "".join(blocks)


def modified(*blocks: str) -> str:
    return "## MODIFIED Requirements\n\n" + "".join(blocks)


def removed(*names: str) -> str:
    return "## REMOVED Requirements\n\n" + "".join(f"### Requirement: {name}\n" for name in names)


@dataclass(frozen=True, slots=True)
class TwoSides:
    """One capability `auth` and one change `c` against it."""

    root: Path
    real: RealOpenSpec

    def write(self, *, main: str | bytes | None = None, delta: str | bytes | None = None) -> None:
        for file, content in (("specs/auth/spec.md", main), ("changes/c/specs/auth/spec.md", delta)):
            if content is not None:
                self.put(file, content)

    def put(self, file: str, content: str | bytes) -> Path:
        path = self.root / "openspec" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def their_items(self) -> dict[tuple[str, str], Item]:
        return self.real.validate(self.root)

    def archive(self) -> Archived:
        """By the real command, for good."""
        return self.real.archive(self.root, "c")

    def main(self) -> str:
        return spec_bytes(self.root)["auth/spec.md"].decode("utf-8", "replace")

    def ours(self) -> list[Finding]:
        """Every finding for the change."""
        files = OpenSpecFiles(self.root, max_file_bytes=10_000_000)
        return check_change(files.read_change("c"), files.read_main)

    def ours_of_spec(self) -> list[Finding]:
        document = OpenSpecFiles(self.root, max_file_bytes=10_000_000).read_main("auth")
        assert isinstance(document, Document)
        return check_spec(read_spec("auth", document))

    def refused_by(self, rule: str) -> bool:
        """Whether the change is invalid to us, and for that reason."""
        findings = self.ours()
        return not verdict(findings, strict=False) and rule in {f.rule for f in findings if f.refuses}

    def remarked_by(self, rule: str) -> bool:
        """Whether the rule has a finding that leaves the verdict alone."""
        return rule in {f.rule for f in self.ours() if not f.refuses}

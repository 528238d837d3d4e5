"""Which requirements of a spec two versions of it treat differently."""

from __future__ import annotations

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.spec import read_spec

#: Stands for everything outside the requirements: title, Purpose, other sections.
REST = ""


def touched_requirements(before: bytes | None, after: bytes | None) -> set[str]:
    """Names of requirements that are new, gone or changed, and REST where the text around them differs."""
    old, new = _blocks(before), _blocks(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _blocks(data: bytes | None) -> dict[str, str]:
    if data is None:
        return {}
    spec = read_spec("", Document(file="", data=data))
    blocks = {block.name: block.raw for block in spec.requirements}
    section = spec.section
    rest = spec.lines if section is None else [*spec.lines[: section.line], *spec.lines[section.end :]]
    return {**blocks, REST: "\n".join(line for line in rest if line.strip())}

"""Documents written down in tests."""

from __future__ import annotations

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.merge import Merged, merge
from workflow_cli.domain.openspec.spec import Spec, read_spec

PURPOSE = "Lets people in and keeps everybody else out of the building."
HEAD = f"# auth\n\n## Purpose\n{PURPOSE}\n\n## Requirements\n\n"


def block(name: str, text: str = "The system SHALL do it.", scenario: str = "works") -> str:
    return f"### Requirement: {name}\n{text}\n\n#### Scenario: {scenario}\n- **WHEN** it runs\n- **THEN** it ends\n\n"


def document(text: str | bytes, file: str = "openspec/specs/auth/spec.md") -> Document:
    return Document(file=file, data=text if isinstance(text, bytes) else text.encode("utf-8"))


def spec(text: str | bytes) -> Spec:
    return read_spec("auth", document(text))


def delta(text: str | bytes, id: str = "auth") -> Delta:
    return read_delta(id, document(text, f"openspec/changes/c/specs/{id}/spec.md"))


def section(operation: str, *parts: str) -> str:
    return f"## {operation} Requirements\n\n" + "".join(parts)


def rename(source: str, target: str) -> str:
    return f"- FROM: `### Requirement: {source}`\n- TO: `### Requirement: {target}`\n"


def removal(*names: str) -> str:
    return section("REMOVED", *(f"### Requirement: {name}\n" for name in names))


def change(*deltas: str, **fields: object) -> Change:
    """A change named `c`; the first delta is for `auth`, further ones for `auth1`, `auth2`, ..."""
    documents = tuple(
        (id, document(text, f"openspec/changes/c/specs/{id}/spec.md"))
        for id, text in ((f"auth{number or ''}", text) for number, text in enumerate(deltas))
    )
    return Change(
        name="c",
        directory="openspec/changes/c",
        **{"delta_documents": documents, "specs_has_files": bool(deltas), **fields},  # type: ignore[arg-type]
    )


def merged(main: str | bytes | None, delta_text: str | bytes) -> Merged:
    result = merge(delta(delta_text), None if main is None else document(main), "c")
    assert result is not None
    return result

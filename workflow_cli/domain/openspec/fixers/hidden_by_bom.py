"""A byte-order mark that hides the Purpose on a delta's first line."""

from __future__ import annotations

from workflow_cli.domain.markdown.source import BOM
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene


def fix(_finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    data = scene.document.data
    return (data.removeprefix(BOM), "the byte-order mark goes") if data.startswith(BOM) else None


FIXER = Fixer(
    id="hidden-by-bom",
    rules=frozenset(("purpose-behind-bom",)),
    reason="The mark says nothing that UTF-8 does not say without it, and archiving drops it anyway.",
    fix=fix,
)

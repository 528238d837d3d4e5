"""What becomes of each main spec when a change is archived."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.archive_report import SpecOutcome, SpecResult
from workflow_cli.domain.openspec.archiving.place import main_file
from workflow_cli.domain.openspec.rehearse import Rehearsal


def spec_results(rehearsal: Rehearsal) -> Iterator[SpecResult]:
    written = {id for id, _ in rehearsal.written}
    for id, merged in rehearsal.merged:
        if id in rehearsal.retired:
            outcome = SpecOutcome.RETIRED
        elif id not in written:
            outcome = SpecOutcome.UNCHANGED
        else:
            outcome = SpecOutcome.CREATED if merged.base is None else SpecOutcome.UPDATED
        yield SpecResult(
            capability=id,
            file=main_file(id),
            outcome=outcome,
            added=merged.added,
            modified=merged.modified,
            removed=merged.removed,
            renamed=merged.renamed,
        )


def told(result: SpecResult) -> str:
    """In a line, for people."""
    counts = (("added", result.added), ("modified", result.modified), ("removed", result.removed))
    numbers = ", ".join(f"{count} {word}" for word, count in (*counts, ("renamed", result.renamed)) if count)
    return f"{result.capability}: {result.outcome.value}" + (f" ({numbers})" if numbers else "")

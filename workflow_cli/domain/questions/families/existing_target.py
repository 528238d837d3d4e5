"""ADDED requirements that the main spec already has, with another text."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import listed

IMPACT = 1.0
UNCERTAINTY = 0.7


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta in inquiry.change.deltas:
        main = inquiry.mains.get(delta.id)
        if main is None:
            continue
        freed = {fold(r.name) for r in delta.removed} | {fold(r.source) for r in delta.renamed}
        present = {fold(r.name): r for r in main.requirements if fold(r.name) not in freed}
        clashing = [
            r for r in delta.added if fold(r.name) in present and present[fold(r.name)].raw.split() != r.raw.split()
        ]
        if not clashing:
            continue
        one = len(clashing) == 1
        lacking = [
            s.name
            for r in clashing
            for s in present[fold(r.name)].scenarios
            if s.name not in {mine.name for mine in r.scenarios}
        ]
        yield Draft(
            family="existing-target",
            words=" ".join(r.name for r in clashing),
            text=f"ADDED holds {listed([r.name for r in clashing])}, but `{delta.id}` already has "
            f"{'a requirement' if one else 'requirements'} of that name, with another text"
            + (f" (and {'the scenario' if len(lacking) == 1 else 'scenarios'} {listed(lacking)})" if lacking else "")
            + ". Change the existing, or add beside it?",
            why="Archiving stops here: a name can be added only once.",
            options=options(
                f"Change the existing: {'it moves' if one else 'they move'} to MODIFIED"
                + (", and the scenarios it lacks are copied in" if lacking else ""),
                f"Add beside it: the new {'one gets a name of its own' if one else 'ones get names of their own'}",
                f"Leave the existing as it is: {'the block goes' if one else 'the blocks go'} from this change",
            ),
            place=delta.document.place(clashing[0].line),
            address=delta_address(delta.id, clashing[0].name),
            impact=IMPACT,
            uncertainty=UNCERTAINTY,
            blocking=True,
            about_building=False,
        )


FAMILY = Family(
    id="existing-target",
    reason="ADDED names requirements that the main spec has under the same name (case and white space aside) with "
    "another text. Where the text is the same, archiving changes nothing, and nothing is asked.",
    ask=ask,
)

"""What only a person can say about a change that was just written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.proposing.capability import Choice
from workflow_cli.domain.openspec.proposing.plan import Gap, Plan
from workflow_cli.domain.openspec.proposing.setup import ProjectSetup
from workflow_cli.domain.openspec.proposing.title import has_word, one_line

#: Scenarios asked for one by one; more are asked for together.
_EACH = 3
_HEADINGS = 3


def gaps_of(
    plan: Plan, *, from_notes: bool, choice: Choice, asked: Sequence[str], setup: ProjectSetup
) -> Iterator[Gap]:
    """`asked` are the lines of open questions that the notes hold."""
    if not plan.why:
        yield Gap(
            id="propose-why",
            text=f'Why is "{plan.title}" needed, and by whom?',
            why="The proposal has no reason yet. Put the answer under Why.",
            document="proposal.md",
            blocking=True,
        )
    if not from_notes:
        yield Gap(
            id="propose-behaviour",
            text=f'What exactly shall the system do once "{plan.title}" is done?',
            why="The requirement only restates the title, and nobody can build or test a title.",
            document=f"specs/{plan.deltas[0].capability}/spec.md",
            blocking=True,
        )
    yield from _scenarios(plan)
    if choice.guessed and choice.alternative:
        yield _capability(plan, choice)
    for number, line in enumerate((line for line in asked if has_word(line)), 1):
        text = one_line(line).lstrip("-*+ ")
        yield Gap(id=f"noted-{number}", text=text, why="The notes ask it.", document="proposal.md", blocking=True)
    for number, heading in enumerate(_further(plan, setup)[:_HEADINGS], 1):
        yield Gap(
            id=f"propose-section-{number}",
            text=f'What belongs under "{heading}"?',
            why="The project's template for proposals has this section.",
            document="proposal.md",
        )


def _scenarios(plan: Plan) -> Iterator[Gap]:
    open_ones = [
        (delta.capability, requirement.name)
        for delta in plan.deltas
        for requirement in delta.requirements
        if any(s.stands_in for s in requirement.scenarios)
    ]
    if len(open_ones) > _EACH:
        listed = ", ".join(f'"{name}"' for _, name in open_ones)
        yield Gap(
            id="propose-scenarios",
            text=f"In which situation does each of these show, and what is seen then: {listed}?",
            why="Their scenarios only restate them.",
            document=f"specs/{open_ones[0][0]}/spec.md",
            blocking=True,
        )
        return
    for number, (capability, name) in enumerate(open_ones, 1):
        yield Gap(
            id=f"propose-scenario-{number}",
            text=f'In which situation does "{name}" show, and what is seen then?',
            why="Its scenario only restates the requirement.",
            document=f"specs/{capability}/spec.md",
            blocking=True,
        )


def _capability(plan: Plan, choice: Choice) -> Gap:
    (chosen,) = choice.capabilities
    existing = not plan.deltas[0].is_new
    other = choice.alternative
    options = (
        (f"{chosen}, as written", f"{other}, a new one")
        if existing
        else (f"{chosen}, a new one, as written", f"{other}, which exists")
    )
    return Gap(
        id="propose-capability",
        text="Which capability does this belong to?",
        why="It was chosen by the words of the title.",
        document=f"specs/{chosen}/spec.md",
        options=options,
    )


def _further(plan: Plan, setup: ProjectSetup) -> list[str]:
    written = {heading.lower() for heading, _ in plan.other}
    return [h for h in setup.further_headings if h.lower() not in written]

"""What only a person can say about a change that was just written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.proposing.asking import Asking, asking
from workflow_cli.domain.openspec.proposing.capability import Choice
from workflow_cli.domain.openspec.proposing.habits import Habits
from workflow_cli.domain.openspec.proposing.plan import BEHAVIOUR, Gap, Plan
from workflow_cli.domain.openspec.proposing.setup import ProjectSetup
from workflow_cli.domain.openspec.proposing.title import has_word, one_line

#: Scenarios asked for one by one; more are asked for together.
_EACH = 3
_HEADINGS = 3


def gaps_of(
    plan: Plan, *, from_notes: bool, choice: Choice, asked: Sequence[str], setup: ProjectSetup, habits: Habits
) -> Iterator[Gap]:
    """`asked` are the lines of open questions that the notes hold."""
    words = asking(habits.prose)
    if not plan.why:
        yield Gap(
            id="propose-why",
            text=words.reason.format(title=plan.title),
            why=words.reason_why.format(heading=habits.sections["why"]),
            document="proposal.md",
            blocking=True,
        )
    if not from_notes:
        yield Gap(
            id=BEHAVIOUR,
            text=words.behaviour.format(title=plan.title),
            why=words.behaviour_why,
            document=f"specs/{plan.deltas[0].capability}/spec.md",
            blocking=True,
        )
    yield from _scenarios(plan, words)
    if choice.guessed and choice.alternative:
        yield _capability(plan, choice, words)
    for number, line in enumerate((line for line in asked if has_word(line)), 1):
        text = one_line(line).lstrip("-*+ ")
        yield Gap(id=f"noted-{number}", text=text, why=words.noted_why, document="proposal.md", blocking=True)
    for number, heading in enumerate(_further(plan, setup)[:_HEADINGS], 1):
        yield Gap(
            id=f"propose-section-{number}",
            text=words.section.format(heading=heading),
            why=words.section_why,
            document="proposal.md",
        )


def _scenarios(plan: Plan, words: Asking) -> Iterator[Gap]:
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
            text=words.scenarios.format(names=listed),
            why=words.scenarios_why,
            document=f"specs/{open_ones[0][0]}/spec.md",
            blocking=True,
        )
        return
    for number, (capability, name) in enumerate(open_ones, 1):
        yield Gap(
            id=f"propose-scenario-{number}",
            text=words.scenario.format(name=name),
            why=words.scenario_why,
            document=f"specs/{capability}/spec.md",
            blocking=True,
        )


def _capability(plan: Plan, choice: Choice, words: Asking) -> Gap:
    (chosen,) = choice.capabilities
    existing = not plan.deltas[0].is_new
    other = choice.alternative
    options = (
        (words.as_written.format(chosen=chosen), words.another_new.format(other=other))
        if existing
        else (words.new_as_written.format(chosen=chosen), words.another_existing.format(other=other))
    )
    return Gap(
        id="propose-capability",
        text=words.capability,
        why=words.capability_why,
        document=f"specs/{chosen}/spec.md",
        options=options,
    )


def _further(plan: Plan, setup: ProjectSetup) -> list[str]:
    written = {heading.lower() for heading, _ in plan.other}
    return [h for h in setup.further_headings if h.lower() not in written]

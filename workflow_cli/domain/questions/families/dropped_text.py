"""A MODIFIED block that leaves out scenarios or steps of the requirement it replaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.requirement import Requirement, Scenario, fold, lost_scenarios
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import listed, plain, quote, steps

SCENARIO_IMPACT = 1.0
STEP_IMPACT = 0.7
SAME_STEP = 55.0
#: Characters. Longer steps are part of one another literally or not at all.
LONGEST_COMPARED_IN_PART = 1_000
SAME_SCENARIO = 85.0


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta in inquiry.change.deltas:
        old_names = {rename.target: rename.source for rename in delta.renamed}
        for incoming in delta.modified:
            current = inquiry.current(delta.id, incoming.name)
            if current is None and incoming.name in old_names:
                current = inquiry.current(delta.id, old_names[incoming.name])
            if current is not None:
                yield from _scenarios(inquiry, delta, current, incoming)
                yield from _steps(delta, current, incoming)


def _scenarios(inquiry: Inquiry, delta: Delta, current: Requirement, incoming: Requirement) -> Iterator[Draft]:
    lost = _lost(current, incoming)
    if not lost:
        return
    known = {s.name for s in current.scenarios}
    fresh = [s for s in incoming.scenarios if s.name not in known]
    heirs = [_heir(scenario, fresh) for scenario in lost]
    renamed = [(old, new) for old, new in zip(lost, heirs, strict=True) if new is not None]
    gone = [old for old, new in zip(lost, heirs, strict=True) if new is None]
    for old, new in renamed:
        yield _draft(
            delta,
            incoming,
            [old],
            text=f"MODIFIED {quote(incoming.name, 100)} has no scenario {quote(old.name, 100)} any more, but "
            f"{quote(new.name, 100)} says much the same. Is it the same one under a new name?",
            ways=(
                "Yes, and it keeps its old name",
                "Yes, and the new name is wanted: archiving is told that the old one is meant to go",
                "No, they are two: the old one is copied back into the block",
            ),
            uncertainty=0.5,
            blocking=False,
        )
    if not gone:
        return
    one, all_lost = len(gone) == 1, len(gone) == len(current.scenarios) > 1
    names = listed([s.name for s in gone])
    yield _draft(
        delta,
        incoming,
        gone,
        text=f"MODIFIED {quote(incoming.name, 100)} "
        + (
            f"has none of the {len(gone)} scenarios of the main spec ({names})"
            if all_lost
            else f"no longer has the scenario{'' if one else 's'} {names} of the main spec"
        )
        + f". Keep {'it' if one else 'them'} or drop {'it' if one else 'them'}?",
        ways=(
            f"Keep {'it' if one else 'them'}: {'it is' if one else 'they are'} copied back into the MODIFIED block",
            f"Drop {'it' if one else 'them'} on purpose: the change says so, and {'it goes' if one else 'they go'}",
        ),
        uncertainty=0.6 if all(_is_mentioned(inquiry, s.name) for s in gone) else 0.8,
        blocking=True,
    )


def _draft(
    delta: Delta,
    incoming: Requirement,
    lost: Sequence[Scenario],
    *,
    text: str,
    ways: tuple[str, ...],
    uncertainty: float,
    blocking: bool,
) -> Draft:
    return Draft(
        family="dropped-text",
        words=" ".join(s.name for s in lost),
        text=text,
        why="A MODIFIED block replaces the whole requirement, so OpenSpec refuses to archive what would lose a "
        "scenario.",
        options=options(*ways),
        place=delta.document.place(incoming.line),
        address=delta_address(delta.id, incoming.name),
        impact=SCENARIO_IMPACT,
        uncertainty=uncertainty,
        blocking=blocking,
        about_building=False,
    )


def _lost(current: Requirement, incoming: Requirement) -> list[Scenario]:
    names = lost_scenarios(current, incoming)
    lost = []
    for scenario in current.scenarios:
        if scenario.name in names:
            names.remove(scenario.name)
            lost.append(scenario)
    return lost


def _heir(scenario: Scenario, fresh: list[Scenario]) -> Scenario | None:
    """The new scenario that says what the lost one said, under another name."""
    best = max(fresh, key=lambda s: _likeness(scenario, s), default=None)
    return best if best is not None and _likeness(scenario, best) >= SAME_SCENARIO else None


def _likeness(one: Scenario, other: Scenario) -> float:
    body = fuzz.token_sort_ratio(plain(" ".join(one.body)), plain(" ".join(other.body)))
    return max(body, fuzz.ratio(fold(one.name), fold(other.name)))


def _is_mentioned(inquiry: Inquiry, name: str) -> bool:
    change = inquiry.change
    prose = [change.proposal.document.text if change.proposal else "", change.design.text if change.design else ""]
    return any(fold(name) in fold(text) for text in prose)


def _steps(delta: Delta, current: Requirement, incoming: Requirement) -> Iterator[Draft]:
    theirs = {s.name: s for s in incoming.scenarios}
    for scenario in current.scenarios:
        kept = theirs.get(scenario.name)
        if kept is None:
            continue
        old, new = ([plain(step.text) for step in steps(each)] for each in (scenario, kept))
        if len(new) >= len(old):
            continue
        gone = [step for step in old if not any(_same_step(step, other) for other in new)]
        if not gone:
            continue
        listed = "; ".join(quote(step, 120) for step in gone[:3])
        yield Draft(
            family="dropped-text",
            words=" ".join(gone),
            text=f"In MODIFIED {quote(incoming.name, 80)}, the scenario {quote(scenario.name, 80)} loses "
            f"{'a step' if len(gone) == 1 else f'{len(gone)} steps'} of the main spec: {listed}. "
            f"{'Does it' if len(gone) == 1 else 'Do they'} still hold?",
            why="Archiving replaces the whole block without a word about single steps, so a promise can vanish unseen.",
            options=options(
                "Yes: the block takes the old wording back",
                "No: it no longer holds and goes on purpose",
            ),
            place=delta.document.place(kept.line),
            address=delta_address(delta.id, incoming.name, scenario.name),
            impact=STEP_IMPACT,
            uncertainty=0.6,
            about_building=False,
        )


def _same_step(one: str, other: str) -> bool:
    """Whether a step lives on in another, reworded or as a part of a longer one."""
    if fuzz.token_sort_ratio(one, other) >= SAME_STEP:
        return True
    # Its time grows with the cube of the length: a pasted key or table row of 100,000 characters would take hours.
    if max(len(one), len(other)) > LONGEST_COMPARED_IN_PART:
        return one in other or other in one
    return fuzz.partial_ratio(one, other) - 15 >= SAME_STEP


FAMILY = Family(
    id="dropped-text",
    reason="A MODIFIED block lacks a scenario that the main spec has, or has fewer steps in a scenario of the same "
    "name and none that says what the missing one said. A scenario that reappears under another name is recognised.",
    ask=ask,
)

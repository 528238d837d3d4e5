"""A delta that changes a requirement which is not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from workflow_cli.domain.openspec.delta import Delta, Operation
from workflow_cli.domain.openspec.requirement import Requirement, fold
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.question import OWN_WORDS
from workflow_cli.domain.questions.wording import listed, quote, whole

IMPACT = 1.0
NEAR_NAME = 82.0
NEAR_BODY = 75.0
NEAR_CAPABILITY = 75.0

_STOPS = "Archiving stops here: OpenSpec modifies or renames only what a main spec has under exactly that name."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    operation: Operation
    name: str
    line: int
    block: Requirement | None = None


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta in inquiry.change.deltas:
        missing = list(_missing(inquiry, delta))
        if missing and delta.id not in inquiry.mains:
            yield _no_capability(inquiry, delta, missing)
            continue
        unlike = []
        for target in missing:
            near = _near(inquiry, delta, target)
            elsewhere = _added_by(inquiry, delta.id, [target.name])
            if near or elsewhere:
                yield _slip(delta, target, near, elsewhere)
            else:
                unlike.append(target)
        for operation in (Operation.MODIFIED, Operation.RENAMED):
            if alike := [t for t in unlike if t.operation is operation]:
                yield _nothing_like_it(delta, operation, alike)


def _missing(inquiry: Inquiry, delta: Delta) -> Iterator[_Target]:
    """What archiving will look for and not find. A rename that is already done is no fault."""
    renamed = {rename.target for rename in delta.renamed}
    for requirement in delta.modified:
        if requirement.name not in renamed and inquiry.current(delta.id, requirement.name) is None:
            yield _Target(operation=Operation.MODIFIED, name=requirement.name, line=requirement.line, block=requirement)
    for rename in delta.renamed:
        if inquiry.current(delta.id, rename.source) is None and inquiry.current(delta.id, rename.target) is None:
            yield _Target(operation=Operation.RENAMED, name=rename.source, line=rename.line)


def _no_capability(inquiry: Inquiry, delta: Delta, missing: Sequence[_Target]) -> Draft:
    names = [target.name for target in missing]
    likeness = {id: fuzz.ratio(fold(id), fold(delta.id)) for id in inquiry.tree.capabilities if id != delta.id}
    near = sorted((id for id in likeness if likeness[id] >= NEAR_CAPABILITY), key=lambda id: (-likeness[id], id))
    elsewhere = _added_by(inquiry, delta.id, names)
    ways = []
    if elsewhere:
        ways.append(f"It is the capability that the open change {elsewhere} creates: archive that one first")
    ways += [f"`{id}` is meant: the delta moves to specs/{id}/spec.md" for id in near[:1]]
    ways.append(f"`{delta.id}` is a new capability: the requirements belong under ADDED")
    if len(ways) == 1:
        ways.append("The main spec exists and is missing here: it is put in place first")
    return _draft(
        delta,
        words=delta.id,
        text=f"The delta changes {listed(names)} in `{delta.id}`, but there is no such main spec. What is meant?",
        ways=ways,
        line=missing[0].line,
        uncertainty=0.6 if elsewhere else 0.9,
        blocking=elsewhere is None,
    )


def _slip(delta: Delta, target: _Target, near: Sequence[str], elsewhere: str | None) -> Draft:
    ways = []
    if elsewhere:
        ways.append(f"It is the one that the open change {elsewhere} adds: archive that one first")
    ways += [f"{quote(name, 100)} is meant: {_correction(target, name)}" for name in near]
    if target.operation is Operation.MODIFIED:
        ways.append("It is a new requirement: it belongs under ADDED")
    else:
        ways.append("Nothing is to be renamed: the entry goes")
    return _draft(
        delta,
        words=target.name,
        text=f"{target.operation} names the requirement {quote(target.name)}, but `{delta.id}` has none of that "
        "name. Which is meant?",
        ways=ways,
        line=target.line,
        uncertainty=0.6 if elsewhere else 0.8,
        blocking=elsewhere is None,
        requirement=target.name,
    )


def _nothing_like_it(delta: Delta, operation: Operation, targets: Sequence[_Target]) -> Draft:
    names = [target.name for target in targets]
    one = len(names) == 1
    if operation is Operation.MODIFIED:
        asked = f"{'Is it' if one else 'Are they'} new?"
        ways = (
            f"New: {'it moves' if one else 'they move'} to ADDED",
            f"{'It replaces' if one else 'They replace'} existing requirements: RENAMED or REMOVED says which",
        )
    else:
        asked = "What was it called?"
        ways = ("Nothing is to be renamed: the entry goes", f"The name it has in the main spec: {OWN_WORDS}")
    return _draft(
        delta,
        words=" ".join(names),
        text=f"{operation} names {listed(names)}, but `{delta.id}` has "
        f"{'no requirement of that name' if one else 'none of these requirements'}, nor one much like "
        f"{'it' if one else 'them'}. {asked}",
        ways=ways,
        line=targets[0].line,
        uncertainty=0.8,
        blocking=True,
        requirement=names[0],
    )


def _draft(
    delta: Delta,
    *,
    words: str,
    text: str,
    ways: Sequence[str],
    line: int,
    uncertainty: float,
    blocking: bool,
    requirement: str | None = None,
) -> Draft:
    return Draft(
        family="unknown-target",
        words=words,
        text=text,
        why=_STOPS,
        options=options(*ways[:4]),
        place=delta.document.place(line),
        address=delta_address(delta.id, requirement),
        impact=IMPACT,
        uncertainty=uncertainty,
        blocking=blocking,
        about_building=False,
    )


def _near(inquiry: Inquiry, delta: Delta, target: _Target) -> list[str]:
    """At most two requirements of the main spec that the delta does not name otherwise and that come close."""
    claimed = {r.name for r in delta.modified} | {r.name for r in delta.removed} | {r.source for r in delta.renamed}
    scored = [
        (-score, r.name)
        for r in inquiry.mains[delta.id].requirements
        if r.name not in claimed and (score := _likeness(r, target)) > 0
    ]
    return [name for _, name in sorted(scored)[:2]]


def _likeness(candidate: Requirement, target: _Target) -> float:
    """0 for nothing alike. A name that only got a remark appended (`Login (replaces …)`) is very like the "
    "original."""
    left, right = fold(candidate.name), fold(target.name)
    if min(len(left), len(right)) >= 8 and (left.startswith(right) or right.startswith(left)):
        return 99.0
    if (name := fuzz.ratio(left, right)) >= NEAR_NAME:
        return name
    if target.block is None:
        return 0.0
    shared = {s.name for s in candidate.scenarios} & {s.name for s in target.block.scenarios}
    if shared and 2 * len(shared) >= len(candidate.scenarios):
        return 90.0
    return fuzz.ratio(whole(candidate), whole(target.block), score_cutoff=NEAR_BODY)


def _correction(target: _Target, found: str) -> str:
    if target.operation is Operation.MODIFIED and fold(found) != fold(target.name):
        return "the block takes over that name, or RENAMED says that it gets the new one"
    return "the name is corrected"


def _added_by(inquiry: Inquiry, capability: str, names: Sequence[str]) -> str | None:
    """The open change that adds one of these requirements to the capability."""
    wanted = frozenset(names)
    for known in inquiry.tree.requirements:
        if known.change not in (None, inquiry.change.name) and known.capability == capability and known.name in wanted:
            return known.change
    return None


FAMILY = Family(
    id="unknown-target",
    reason="MODIFIED or RENAMED names a requirement, or a whole capability, that no main spec has. It may be a slip "
    "of the pen, a new requirement, or one that another open change will add; what comes near by name, scenarios or "
    "text is offered. It blocks unless another open change brings the requirement.",
    ask=ask,
)

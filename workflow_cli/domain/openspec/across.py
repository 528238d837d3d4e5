"""Open changes that touch the same requirement: which orders of archiving lose or contradict text.

Every pair that names the same requirement of the same capability is merged in memory in both orders. An order
is bad where the second change is refused after the first, or where it takes away lines that the first one
wrote. Changes that share no requirement cannot hurt each other, whatever the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta, Operation
from workflow_cli.domain.openspec.document import Document, shared_document
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.merge import SpecLookup, merge
from workflow_cli.domain.openspec.operations import MergeRefused
from workflow_cli.domain.openspec.requirement import Requirement, fold
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.text import trim

RULE = "contended-requirement"
SHUT_OUT = "open-change-shut-out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """What one change does to one requirement, and where it says so."""

    change: str
    operation: Operation
    requirement: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Harm:
    """Why an order is bad: `change` `loses` text, or is `refused`."""

    kind: str
    change: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contention:
    """Two changes on one requirement. `forward` is the harm of archiving `first` before `second`, if any."""

    capability: str
    first: Touch
    second: Touch
    forward: Harm | None
    backward: Harm | None

    @property
    def before(self) -> tuple[str, str] | None:
        """The one order that does no harm, or None where both or neither do."""
        if self.forward and not self.backward:
            return self.second.change, self.first.change
        if self.backward and not self.forward:
            return self.first.change, self.second.change
        return None

    @property
    def only_possible(self) -> tuple[str, str] | None:
        """The one order in which neither is refused, whatever text the second takes from the first."""
        forward = self.forward is not None and self.forward.kind == "refused"
        backward = self.backward is not None and self.backward.kind == "refused"
        if forward == backward:
            return None
        return (self.second.change, self.first.change) if forward else (self.first.change, self.second.change)

    @property
    def is_deadlock(self) -> bool:
        return self.forward is not None and self.backward is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A safe order for the open changes, but for the pairs no order is safe for.

    `circular` are changes that wait for each other; they stand last, by name.
    """

    changes: tuple[str, ...]
    circular: tuple[str, ...] = ()


def contentions(changes: Sequence[Change], mains: SpecLookup) -> list[Contention]:
    """Every harmful pair, by capability and requirement, in a stable order."""
    by_capability: dict[str, list[tuple[Change, Delta]]] = {}
    for change in changes:
        for delta in change.deltas:
            if not delta.is_empty:
                by_capability.setdefault(delta.id, []).append((change, delta))
    found: list[Contention] = []
    for capability, members in sorted(by_capability.items()):
        if len(members) < 2:
            continue
        main = mains(capability)
        base = main if isinstance(main, Document) else None
        touches = {change.name: _touches(change, delta) for change, delta in members}
        for (change_a, delta_a), (change_b, delta_b) in combinations(members, 2):
            shared = touches[change_a.name].keys() & touches[change_b.name].keys()
            if shared:
                found.extend(
                    _compare(
                        capability,
                        base,
                        (delta_a, touches[change_a.name]),
                        (delta_b, touches[change_b.name]),
                        sorted(shared),
                    )
                )
    return found


def _touches(change: Change, delta: Delta) -> dict[str, Touch]:
    """What a delta touches, by folded requirement name; a rename touches both its names."""

    def of() -> Iterator[tuple[Operation, str, int]]:
        yield from ((Operation.ADDED, b.name, b.line) for b in delta.added)
        yield from ((Operation.REMOVED, r.name, r.line) for r in delta.removed)
        for rename in delta.renamed:
            yield Operation.RENAMED, rename.source, rename.line
            yield Operation.RENAMED, rename.target, rename.target_line
        yield from ((Operation.MODIFIED, b.name, b.line) for b in delta.modified)

    return {
        fold(name): Touch(change=change.name, operation=operation, requirement=name, place=delta.document.place(line))
        for operation, name, line in of()
    }


def _compare(
    capability: str,
    base: Document | None,
    a: tuple[Delta, Mapping[str, Touch]],
    b: tuple[Delta, Mapping[str, Touch]],
    shared: Sequence[str],
) -> Iterator[Contention]:
    first, second = a[1][shared[0]].change, b[1][shared[0]].change
    forward = _archive_both(base, (first, a[0]), (second, b[0]))
    backward = _archive_both(base, (second, b[0]), (first, a[0]))
    if forward.refused_first and backward.refused_first:
        return  # Neither can be archived at all; that is said of each by itself.
    if (forward.refused_first and backward.refused_second) or (backward.refused_first and forward.refused_second):
        return  # One of them can never be archived, with or without the other.
    for name in shared:
        harm_forward, harm_backward = forward.harm(name), backward.harm(name)
        if harm_forward or harm_backward:
            yield Contention(
                capability=capability,
                first=a[1][name],
                second=b[1][name],
                forward=harm_forward,
                backward=harm_backward,
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """What came of archiving two deltas in a row; `lost` gives, by folded name, lines of the first that went."""

    first: str
    second: str
    refused_first: str | None = None
    refused_second: str | None = None
    lost: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def harm(self, name: str) -> Harm | None:
        if self.refused_first:
            return Harm(kind="refused", change=self.first, detail=self.refused_first)
        if self.refused_second:
            return Harm(kind="refused", change=self.second, detail=self.refused_second)
        if lines := self.lost.get(name):
            return Harm(kind="loses", change=self.first, detail=lines[0])
        return None


def _archive_both(base: Document | None, first: tuple[str, Delta], second: tuple[str, Delta]) -> _Outcome:
    outcome = partial(_Outcome, first=first[0], second=second[0])
    try:
        middle = _apply(base, *first)
    except MergeRefused as refusal:
        return outcome(refused_first=str(refusal))
    try:
        after = _apply(middle, *second)
    except MergeRefused as refusal:
        return outcome(refused_second=str(refusal))
    return outcome(lost=_lost_lines(first[1], second[1], base, after))


def _apply(base: Document | None, change: str, delta: Delta) -> Document:
    merged = merge(delta, base, change)
    if merged is None:
        raise MergeRefused("the main spec cannot be read")
    return shared_document(base.file if base else delta.document.file, merged.to_bytes())


def _lost_lines(first: Delta, second: Delta, base: Document | None, after: Document) -> dict[str, tuple[str, ...]]:
    """Lines that the first delta wrote and the end result no longer has, by folded requirement name.

    What the second delta renames is looked for under its new name.
    """
    new_names = {fold(rename.source): fold(rename.target) for rename in second.renamed}
    before = {fold(b.name): b for b in read_spec("", base).requirements} if base else {}
    result = {fold(b.name): b for b in read_spec("", after).requirements}
    lost: dict[str, tuple[str, ...]] = {}
    for block in (*first.added, *first.modified):
        name = fold(block.name)
        written = _lines(block) - _lines(before.get(name))
        missing = written - _lines(result.get(new_names.get(name, name)))
        if missing:
            lost[name] = tuple(line for line in map(trim, block.lines) if line in missing)
    for removal in first.removed:
        if fold(removal.name) in result:
            lost[fold(removal.name)] = (f'the removal of "{removal.name}"',)
    return lost


def _lines(block: Requirement | None) -> Counter[str]:
    return Counter(filter(None, map(trim, block.lines[1:]))) if block else Counter()


def safe_order(names: Sequence[str], found: Sequence[Contention]) -> Order:
    """Every change after those it must follow, and after those without which it is refused; otherwise by name."""
    waiting: dict[str, set[str]] = {name: set() for name in names}
    for contention in found:
        if order := contention.before or contention.only_possible:
            earlier, later = order
            waiting[later].add(earlier)
    ordered: list[str] = []
    while waiting:
        free = next((name for name in sorted(waiting) if not waiting[name] & waiting.keys()), None)
        if free is None:
            circular = tuple(sorted(waiting))
            return Order(changes=(*ordered, *circular), circular=circular)
        ordered.append(free)
        del waiting[free]
    return Order(changes=tuple(ordered))


def contention_findings(change: str, found: Sequence[Contention]) -> Iterator[Finding]:
    """The contentions that concern one change, each placed where this change touches the requirement."""
    for contention, mine, other, mine_first, mine_last in _seen_from(change, found):
        subject = (
            f'"{mine.requirement}" of {contention.capability} is {mine.operation} here '
            f"and {other.operation} by {other.change} ({other.place})"
        )
        if mine_first and mine_last:
            harm = f"no order is safe: before it, {_says(mine_first)}; after it, {_says(mine_last)}"
            hint = (
                f"write one of the two against the other's text, then archive {change} and {other.change} in that order"
            )
        elif mine_first:
            harm, hint = f"archived before it, {_says(mine_first)}", f"archive {other.change} first"
        else:
            assert mine_last is not None
            harm, hint = f"archived after it, {_says(mine_last)}", f"archive {change} before {other.change}"
        yield builtin(RULE, Level.WARNING, mine.place, f"{subject}; {harm}", hint=hint)


def shut_out(change: str, found: Sequence[Contention]) -> Iterator[tuple[str, Finding]]:
    """The other changes that could be archived now and could not after this one, each with why."""
    for contention, mine, other, mine_first, mine_last in _seen_from(change, found):
        if mine_first is None or mine_first.kind != "refused" or mine_first.change != other.change:
            continue
        message = (
            f'after this, {other.change}, which is open, could not be archived: "{mine.requirement}" of '
            f"{contention.capability} is {mine.operation} here and {other.operation} there ({other.place}); "
            f"{mine_first.detail}"
        )
        hint = f"archive {other.change} first" if mine_last is None else f"write {other.change} against this change"
        yield other.change, builtin(SHUT_OUT, Level.ERROR, mine.place, message, hint=hint)


def _seen_from(
    change: str, found: Sequence[Contention]
) -> Iterator[tuple[Contention, Touch, Touch, Harm | None, Harm | None]]:
    """What the change does, what the other one does, and the harm where the change goes first, and last."""
    for contention in found:
        if change == contention.first.change:
            yield contention, contention.first, contention.second, contention.forward, contention.backward
        elif change == contention.second.change:
            yield contention, contention.second, contention.first, contention.backward, contention.forward


def _says(harm: Harm) -> str:
    said = "loses text" if harm.kind == "loses" else "is refused"
    return f"{harm.change} {said} ({harm.detail})"

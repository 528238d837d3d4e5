"""New requirements that existing ones nearly say already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from rapidfuzz import fuzz, process

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.requirement import Requirement, fold
from workflow_cli.domain.openspec.rule import KnownRequirement, TreeSummary
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import quote

IMPACT = 0.8
SAME_TEXT = 88.0
LONG_ENOUGH = 40
#: A change that adds thousands to thousands is compared as far as a second or so allows.
COMPARISONS = 2_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    requirement: Requirement
    twin: KnownRequirement
    likeness: float


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    known, texts = _long_enough(inquiry.tree)
    left = COMPARISONS
    for delta in inquiry.change.deltas:
        groups: dict[tuple[str, str | None], list[_Pair]] = {}
        for requirement in delta.added:
            if (left := left - len(texts)) < 0:
                break
            if pair := _pair(inquiry.change.name, delta, requirement, texts, known):
                groups.setdefault((pair.twin.capability, pair.twin.change), []).append(pair)
        for pairs in groups.values():
            yield _draft(delta, pairs)


@lru_cache(maxsize=2)
def _long_enough(tree: TreeSummary) -> tuple[list[KnownRequirement], list[str]]:
    """Those worth comparing, with their texts as they are compared."""
    known = [k for k in tree.requirements if len(k.text) >= LONG_ENOUGH]
    return known, [_normal(k.text) for k in known]


def _draft(delta: Delta, pairs: Sequence[_Pair]) -> Draft:
    best = max(pairs, key=lambda p: p.likeness)
    twin, one = best.twin, len(pairs) == 1
    same_capability = twin.capability == delta.id
    where = f"`{twin.capability}`" + (f" in the open change {twin.change}" if twin.change else "")
    theirs = f"{quote(twin.name, 80)} of {where} ({quote(twin.text, 140)})"
    if one:
        text = f"The new {quote(best.requirement.name, 80)} says nearly what {theirs} says. Are both wanted?"
    else:
        text = (
            f"{len(pairs)} of the {len(delta.added)} new requirements say nearly what {where} says, such as "
            f"{quote(best.requirement.name, 80)} and {theirs}. Are both wanted?"
        )
    ways: tuple[str, ...]
    it = "it" if one else "them"
    if same_capability and twin.change is None:
        ways = (
            f"No: {'it takes' if one else 'they take'} the place of the existing, as MODIFIED or RENAMED",
            "Yes: they are different things, and the new text says what sets them apart",
            f"No: what exists is enough, and the new {'one goes' if one else 'ones go'}",
        )
    elif twin.change:
        ways = (
            f"No: {twin.change} brings {it}, and this change leaves {it} out",
            f"No: this change brings {it}, and {twin.change} leaves {it} out",
            "Yes: they are different things, and the text says what sets them apart",
        )
    else:
        ways = (
            f"Yes: `{delta.id}` and `{twin.capability}` each keep their own",
            f"No: `{twin.capability}` says it for both, and the new {'one goes' if one else 'ones go'}",
        )
    return Draft(
        family="near-duplicate",
        words=" ".join((twin.capability, twin.change or "", *(p.requirement.name for p in pairs))),
        text=text,
        why=f"The texts agree to {best.likeness:.0f} % (the other is at {twin.file}:{twin.line}). What is said twice "
        "is mended once, and then contradicts itself.",
        options=options(*ways),
        place=delta.document.place(best.requirement.line),
        address=delta_address(delta.id, best.requirement.name),
        impact=IMPACT if same_capability else 0.6,
        uncertainty=0.7 if same_capability else 0.5,
    )


def _pair(
    change: str, delta: Delta, requirement: Requirement, texts: Sequence[str], known: Sequence[KnownRequirement]
) -> _Pair | None:
    if len(requirement.text) < LONG_ENOUGH:
        return None
    gone = {r.name for r in delta.removed} | {r.source for r in delta.renamed}
    matches = process.extract(
        _normal(requirement.text), texts, scorer=fuzz.ratio, score_cutoff=SAME_TEXT, limit=None, processor=None
    )
    others = ((known[index], score) for _, score, index in matches if known[index].change != change)
    for twin, score in islice(others, 5):
        in_main = twin.capability == delta.id and twin.change is None
        # A clash of names is another question, and what the change takes away does not stay beside the new.
        if not (in_main and (twin.name in gone or fold(twin.name) == fold(requirement.name))):
            return _Pair(requirement=requirement, twin=twin, likeness=score)
    return None


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


FAMILY = Family(
    id="near-duplicate",
    reason="The statements of ADDED requirements agree to 88 % or more with those of requirements that the tree or "
    "another open change already has. One question covers all that match the same capability; requirements that this "
    "change removes or renames do not count. At most two million pairs are compared.",
    ask=ask,
)

"""How a document writes its scenarios: headings, bullets, and the emphasis and language of WHEN and THEN."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.edits.page import Page
from workflow_cli.domain.openspec.requirement import Requirement, Scenario
from workflow_cli.domain.openspec.rules.steps import StepKind, steps

_DEFAULTS = {kind: f"- **{kind.value}** " for kind in StepKind}
# What a step looks like when a person typed it without thinking of style.
_TYPED = re.compile(
    r"(?:[-*+][ \t]+)?(?P<mark>\*\*|__|\*|_|)(?P<word>GIVEN|WHEN|THEN|AND)(?P<inner>:?)(?P=mark)(?P<outer>:?)[ \t]+"
    r"(?=\S)"
)
# The parts of a prefix such as `- **WHEN** `, to dress another keyword in them.
_PREFIX = re.compile(
    r"(?P<lead>\s*(?:[-*+][ \t]+)?)(?P<mark>\*\*|__|\*|_|)(?P<word>[^\W\d_]+)"
    r"(?P<inner>[:：]?)(?P=mark)(?P<outer>[:：,，、]?)(?P<space>[ \t]*)"
)
_AFTER_KEYWORD = re.compile(r"[:：,，、]?[ \t]*")
_SLANTED = re.compile(r"\s*(?:[-*+][ \t]+)?([*_])(?P<word>[^\W\d_]+)[:：]?\1[:：,，、]?[ \t]*")
_LABEL = re.compile(r"####\s+(?P<label>[^:：]{1,20}[:：])(?P<space>\s*)(?=\S)")
#: GIVEN, WHEN, THEN, AND in the words that go together, for kinds a document does not show.
_FAMILIES = (
    ("given", "when", "then", "and"),
    ("假设", "当", "那么", "并且"),
    ("假如", "当", "则", "且"),
    ("假設", "當", "那麼", "並且"),
    ("前提", "もし", "ならば", "かつ"),
    ("만약", "만일", "그러면", "그리고"),
    ("дано", "когда", "тогда", "и"),
    ("dado", "cuando", "entonces", "y"),
    ("dado", "quando", "então", "e"),
    ("soit", "quand", "alors", "et"),
    ("angenommen", "wenn", "dann", "und"),
)
_KINDS = tuple(StepKind)
_KIND_OF = {word: kind for family in reversed(_FAMILIES) for word, kind in zip(family, _KINDS, strict=True)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioStyle:
    """`prefixes` are what stands before a step's text; `heading` what stands before a scenario's name."""

    prefixes: dict[StepKind, str]
    heading: str
    after_heading: int
    """Blank lines between a scenario's heading and its body."""

    def body(self, lines: Sequence[str]) -> list[str]:
        """Steps of a typed body in the document's style; everything else as it is."""
        return [self._styled(line) for line in lines]

    def _styled(self, line: str) -> str:
        typed = _TYPED.match(line)
        return self.prefixes[StepKind(typed["word"])] + line[typed.end() :] if typed else line

    def write(self, name: str, body: Sequence[str]) -> list[str]:
        return [self.heading + name, *[""] * self.after_heading, *self.body(body)]


def style_of(page: Page, blocks: Sequence[Requirement]) -> ScenarioStyle:
    """What most scenarios of the document do; OpenSpec's own way where there are none."""
    shown: dict[StepKind, Counter[str]] = {kind: Counter() for kind in StepKind}
    headings: Counter[str] = Counter()
    gaps: Counter[int] = Counter()
    scenarios = [scenario for block in blocks for scenario in block.scenarios]
    for scenario in scenarios:
        label = _LABEL.match(page.document.lines[scenario.line])
        headings[label[0] if label else ""] += 1
        if not scenario.is_empty:
            gaps[next(index for index, line in enumerate(scenario.body) if line.strip())] += 1
        for kind, prefix in _step_prefixes(scenario.body):
            shown[kind][prefix] += 1
    common = headings.most_common(1)
    heading = common[0][0] if common and common[0][0] and common[0][1] * 2 > len(scenarios) else "#### Scenario: "
    return ScenarioStyle(
        prefixes=_prefixes({kind: counted.most_common(1)[0][0] for kind, counted in shown.items() if counted}),
        heading=heading,
        after_heading=gaps.most_common(1)[0][0] if gaps else 0,
    )


def _step_prefixes(body: Sequence[str]) -> Iterator[tuple[StepKind, str]]:
    for step in steps(body):
        line = body[step.line]
        after = _AFTER_KEYWORD.match(line, step.column)
        prefix = line[: after.end() if after else step.column]
        if _PREFIX.fullmatch(prefix) and prefix != line:
            yield step.kind, prefix
    for line in body:
        if (slanted := _SLANTED.match(line)) and (kind := _KIND_OF.get(slanted["word"].lower())):
            yield kind, slanted[0]


def _prefixes(shown: dict[StepKind, str]) -> dict[StepKind, str]:
    model_kind = next((k for k in (StepKind.WHEN, StepKind.THEN, StepKind.GIVEN, StepKind.AND) if k in shown), None)
    if model_kind is None:
        return _DEFAULTS
    model = _PREFIX.fullmatch(shown[model_kind])
    assert model is not None
    family = next((f for f in _FAMILIES if f[_KINDS.index(model_kind)] == model["word"].lower()), _FAMILIES[0])
    found = {}
    for kind, word in zip(_KINDS, family, strict=True):
        found[kind] = shown.get(kind) or (
            model["lead"]
            + model["mark"]
            + _cased(word, like=model["word"])
            + model["inner"]
            + model["mark"]
            + model["outer"]
            + model["space"]
        )
    return found


def _cased(word: str, *, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word


def named(scenario: Scenario, name: str) -> bool:
    """Whether the scenario has that name, with or without a label in another language before it."""
    return name in (scenario.name, _unlabelled(scenario.name))


def _unlabelled(name: str) -> str:
    label = _LABEL.match("#### " + name)
    return ("#### " + name)[label.end() :] if label else name


def same_text(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two bodies say the same: blank lines at the ends, spacing and the dress of steps do not count."""
    return _plain(left) == _plain(right)


def _plain(lines: Sequence[str]) -> list[str]:
    found = []
    for line in lines:
        typed = _TYPED.match(line.lstrip())
        text = f"{typed['word']} {line.lstrip()[typed.end() :]}" if typed else line
        if words := " ".join(text.split()):
            found.append(words)
    return found

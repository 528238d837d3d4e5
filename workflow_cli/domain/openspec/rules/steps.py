"""Scenario steps, in the Gherkin words of the languages that OpenSpec trees are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache


class StepKind(StrEnum):
    GIVEN = "GIVEN"
    WHEN = "WHEN"
    THEN = "THEN"
    AND = "AND"


_WORDS: dict[StepKind, str] = {
    StepKind.GIVEN: "given|假如|假设|假設|假定|给定|給定|前提|条件|조건|먼저|дано|допустим|пусть|при условии|"
    "dado que|dados|dadas|dada|dado|étant donné|soit|angenommen|gegeben sei|gegeben|"
    "data|zakładając|mając|gegeven|"
    "diyelim ki|biết|dengan",
    StepKind.WHEN: "whenever|when|if|on|while|after|当|當|如果|若|もし|とき|場合|만일|만약|때|когда|"
    "если|при|коли|якщо|cuando|si|"
    "quando|quand|lorsque|wenn|falls|gdy|kiedy|jeśli|jeżeli|als|wanneer|eğer|khi|"
    "ketika|když|pokud|trigger|action",
    StepKind.THEN: "then|那么|那麼|则|則|那就|ならば|すると|結果|期待結果|그러면|"
    "тогда|то|тоді|entonces|então|entao|alors|"
    "dann|allora|wtedy|dan|o zaman|thì|maka|pak|potom|expect|expected|result",
    StepKind.AND: "and|but|or|而且|并且|並且|同时|同時|以及|和|且|但是|但|或者|"
    "或|かつ|且つ|そして|また|しかし|ただし|그리고|하지만|"
    "и|но|также|или|та|але|y|e|pero|mas|o|et|mais|ou|und|aber|oder|ma|oraz|ale|en|maar|ve|và|ama",
}


# Compiled when first asked for: a document whose keywords are all of one English word needs neither.
@cache
def _bold() -> dict[StepKind, re.Pattern[str]]:
    return {
        kind: re.compile(rf"(?:\*\*|__)\s*(?:{words})\b[^*_\n]{{0,40}}(?:\*\*|__)", re.I)
        for kind, words in _WORDS.items()
    }


@cache
def _plain() -> dict[StepKind, re.Pattern[str]]:
    # Scripts without spaces have no word boundary after the keyword, so they may run on. They have no case either,
    # and a range that ignores case is compiled letter by letter.
    return {
        kind: re.compile(rf"(?:{words})(?:(?<=(?-i:[\u3040-\u9fff\uac00-\ud7af]))|(?=[\s:：,，、]|$))", re.I)
        for kind, words in _WORDS.items()
    }


_UPPER = {
    StepKind.GIVEN: re.compile(r"\bGIVEN\b"),
    StepKind.WHEN: re.compile(r"\bWHEN(?:EVER)?\b"),
    StepKind.THEN: re.compile(r"\bTHEN\b"),
}


def _kinds_by_first_word() -> dict[str, StepKind | None]:
    """Which kind of step a first word says; None for the first of several words, which only the patterns tell apart."""
    kinds: dict[str, StepKind | None] = {}
    for kind, words in _WORDS.items():
        for word in words.split("|"):
            first, space, _ = word.partition(" ")
            if space:
                kinds[first] = None
            else:
                kinds.setdefault(first, kind)
    return kinds


_BY_FIRST_WORD = _kinds_by_first_word()
_BOLD_WORD = re.compile(r"(?:\*\*|__)\s*(\w*)")
_BOLD_END = re.compile(r"[^*_\n]{0,40}(?:\*\*|__)")
_PLAIN_WORD = re.compile(r"([^\s:：,，、]*)")
_LEAD = re.compile(r"\s*(?:>\s*)?(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?")
_ARROW = re.compile(r"(?:→|⇒|=>|->)")


@dataclass(frozen=True, slots=True)
class Step:
    """One line that begins with a keyword; `line` counts in the scenario's body, `column` is where its text begins."""

    kind: StepKind
    line: int
    column: int
    text: str


# Rules about scenarios and rules about words ask for the same ones in turn.
@lru_cache(maxsize=256)
def steps(body: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(_steps(body))


def _steps(body: tuple[str, ...]) -> Iterator[Step]:
    for index, line in enumerate(body):
        if not line:
            continue
        lead = _LEAD.match(line)
        start = lead.end() if lead else 0
        kind, end = _keyword(line, start)
        if kind:
            yield Step(kind, index, end, line[end:].strip())


def _keyword(line: str, start: int) -> tuple[StepKind | None, int]:
    """The kind of step that begins at a column, and the column where its keyword ends."""
    bold = line.startswith(("**", "__"), start)
    word = (_BOLD_WORD if bold else _PLAIN_WORD).match(line, start)
    if word and word[1].isascii():
        first = word[1].lower()
        if first not in _BY_FIRST_WORD:
            return None, start
        if said := _BY_FIRST_WORD[first]:
            closing = _BOLD_END.match(line, word.end()) if bold else word
            return (said, closing.end()) if closing else (None, start)
    for kind, pattern in (_bold() if bold else _plain()).items():
        if match := pattern.match(line, start):
            return kind, match.end()
    return None, start


def has_kind(kind: StepKind, body: tuple[str, ...]) -> bool:
    """Whether `kind` is among the `kinds_present`."""
    return any(step.kind is kind for step in steps(body)) or kind in kinds_present(body)


def kinds_present(body: tuple[str, ...]) -> frozenset[StepKind]:
    """The kinds of step a scenario has anywhere, running text ("WHEN a AND b THEN c") included."""
    text = "\n".join(body)
    found = {step.kind for step in steps(body)}
    if "**" in text or "__" in text:
        found.update(kind for kind, pattern in _bold().items() if kind not in found and pattern.search(text))
    found.update(kind for kind, pattern in _UPPER.items() if pattern.search(text))
    if _ARROW.search(text):
        found.update((StepKind.WHEN, StepKind.THEN))
    return frozenset(found)

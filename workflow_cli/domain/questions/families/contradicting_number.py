"""One quantity, two numbers: the proposal or design says one, the delta another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import Passage, identifiers, passages, quote, sentences, steps, terms

IMPACT = 0.8
UNCERTAINTY = 0.8

_UNIT = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds", "毫秒", "ミリ秒", "мс"), ("time", 0.001)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "segundos", "秒", "сек", "секунд"), ("time", 1.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minutos", "分钟", "минут"), ("time", 60.0)),
    **dict.fromkeys(("h", "hour", "hours", "horas", "小时", "часов"), ("time", 3600.0)),
    **dict.fromkeys(("day", "days", "días", "天", "дней"), ("time", 86400.0)),
    **dict.fromkeys(("kb", "kib"), ("size", 1e3)),
    **dict.fromkeys(("mb", "mib"), ("size", 1e6)),
    **dict.fromkeys(("gb", "gib"), ("size", 1e9)),
    **dict.fromkeys(("character", "characters", "chars", "caracteres", "字符"), ("characters", 1.0)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
    **dict.fromkeys(("retries", "retry", "attempts"), ("attempts", 1.0)),
    **dict.fromkeys(("px",), ("px", 1.0)),
}
_UNIT_NAMES = "|".join(sorted(map(re.escape, _UNIT), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.,/-])(\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)\s?-?({_UNIT_NAMES})(?![\w-])",
    re.I,
)
_LOOSE = re.compile(
    r"~|≈|\b(?:about|approximately|around|roughly|currently|today|was|were|previously|instead of|from|e\.g\.|"
    r"example|such as)\b",
    re.I,
)
_SHARED = 4


@dataclass(frozen=True, kw_only=True)
class _Statement:
    passage: Passage
    shown: str
    quantity: str
    amount: float
    about: frozenset[str]
    names: frozenset[str]


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    promised = []
    amounts: dict[str, set[float]] = {}
    for delta, requirement in inquiry.stated:
        found = [*sentences(requirement), *(p for s in requirement.scenarios for p in steps(s))]
        for statement in _statements(found, requirement.name):
            promised.append((delta, requirement, statement))
            amounts.setdefault(statement.quantity, set()).add(statement.amount)
    if not promised:
        return
    for document in (inquiry.change.proposal.document if inquiry.change.proposal else None, inquiry.change.design):
        if document is None:
            continue
        for told in _statements(_prose(document), ""):
            # A number that any requirement states as well contradicts none of them.
            if told.amount in amounts.get(told.quantity, ()):
                continue
            for delta, requirement, statement in promised:
                if _same_matter(told, statement):
                    name = document.file.rsplit("/", 1)[-1]
                    yield Draft(
                        family="contradicting-number",
                        words=f"{told.passage.text} {statement.passage.text}",
                        text=f"{name} says {told.shown} ({quote(told.passage.text, 140)}), the requirement "
                        f"{quote(requirement.name, 60)} says {statement.shown} "
                        f"({quote(statement.passage.text, 140)}). Which holds?",
                        why="They seem to speak of the same thing; whoever builds it will follow the one they "
                        "read last.",
                        options=options(
                            f"{statement.shown}, as the requirement says; {name} is brought in line",
                            f"{told.shown}, as {name} says; the requirement is brought in line",
                            "Both: they are two different things, and the text says what tells them apart",
                        ),
                        place=delta.document.place(statement.passage.line),
                        address=delta_address(delta.id, requirement.name),
                        impact=IMPACT,
                        uncertainty=UNCERTAINTY,
                        blocking=True,
                    )
                    break


def _statements(found: Iterable[Passage], name: str) -> Iterator[_Statement]:
    """Passages with exactly one number of a known unit, firmly stated: with two, there is no telling which is "
    "which."""
    for passage in found:
        numbers = list(_NUMBER.finditer(passage.text))
        if len(numbers) != 1 or _LOOSE.search(passage.text[: numbers[0].start()][-40:]):
            continue
        quantity, factor = _UNIT[numbers[0][2].lower()]
        text = f"{name} {passage.text}"
        yield _Statement(
            passage=passage,
            shown=numbers[0][0].strip(),
            quantity=quantity,
            amount=float(numbers[0][1].replace(",", "")) * factor,
            about=terms(_NUMBER.sub(" ", text)),
            names=identifiers(text),
        )


def _same_matter(told: _Statement, promised: _Statement) -> bool:
    if told.quantity != promised.quantity or told.amount == promised.amount:
        return False
    shared = told.about & promised.about
    return len(shared) >= _SHARED or (len(shared) >= 3 and bool(told.names & promised.names))


def _prose(document: Document) -> Iterator[Passage]:
    lines = [
        "" if masked or line[:1] in ("#", "|") else line
        for line, masked in zip(document.lines, document.openspec_mask, strict=True)
    ]
    return passages(lines, 0)


FAMILY = Family(
    id="contradicting-number",
    reason="A sentence of the proposal or design and a sentence of a requirement speak of the same thing (four "
    "distinctive words in common, or three with a name in code), and give different numbers of the same unit.",
    ask=ask,
)

"""Sentences, steps and words of a requirement, with the lines they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.markdown.comments import cut_comments
from workflow_cli.domain.openspec.requirement import Requirement, Scenario
from workflow_cli.domain.openspec.text import one_space, trim

_CODE_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
_QUOTED = re.compile(r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|(?<!\w)'[^'\n]{1,120}'(?!\w)")
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
_BULLET = re.compile(r"\A\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?;。！？；])(?:\s+|(?<=[。！？；]))")
_EMPHASIS = re.compile(r"\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])")
_METADATA = re.compile(r"\s*\*\*[^*]+\*\*\s*:")

_ENGLISH = frozenset(
    [
        "the",
        "of",
        "to",
        "and",
        "is",
        "are",
        "for",
        "with",
        "when",
        "that",
        "from",
        "by",
        "this",
        "it",
        "its",
        "not",
        "must",
        "shall",
        "should",
        "any",
        "all",
        "we",
        "how",
        "what",
        "which",
        "can",
        "could",
        "or",
        "has",
        "have",
        "an",
        "our",
        "their",
        "there",
        "if",
        "whether",
    ]
)
_STOP = frozenset(
    [
        "about",
        "above",
        "after",
        "again",
        "against",
        "also",
        "although",
        "always",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "cannot",
        "could",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "either",
        "else",
        "even",
        "ever",
        "every",
        "from",
        "further",
        "have",
        "having",
        "here",
        "into",
        "itself",
        "just",
        "least",
        "less",
        "like",
        "many",
        "more",
        "most",
        "must",
        "need",
        "neither",
        "never",
        "none",
        "only",
        "other",
        "otherwise",
        "over",
        "provide",
        "provided",
        "same",
        "shall",
        "should",
        "since",
        "some",
        "such",
        "support",
        "supports",
        "than",
        "that",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "under",
        "until",
        "upon",
        "used",
        "user",
        "users",
        "using",
        "very",
        "want",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "will",
        "with",
        "within",
        "without",
        "would",
        "your",
        "system",
        "requirement",
        "requirements",
        "scenario",
        "given",
        "able",
        "allow",
        "allows",
        "ensure",
        "make",
        "made",
        "change",
        "changes",
        "value",
        "values",
        "following",
        "based",
        "include",
        "includes",
        "including",
    ]
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_./:$@{}-]{3,}")
_ENDINGS = ("ations", "ation", "ings", "ing", "ions", "ion", "ies", "ed", "es", "s", "e", "y")


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A sentence or a step as one line of text; `line` counts from 0 in its document.

    `scenario` is set where it stands in one.
    """

    text: str
    line: int
    scenario: Scenario | None = None


def sentences(requirement: Requirement) -> Iterator[Passage]:
    """The sentences of a requirement's statement: everything above its first scenario but fences and metadata."""
    stop = min((s.line - requirement.line for s in requirement.scenarios), default=len(requirement.lines))
    lines = [
        "" if masked or line[:1] == "#" or _METADATA.match(line) else line
        for line, masked in zip(requirement.lines[1:stop], requirement.mask[1:stop], strict=True)
    ]
    yield from passages(lines, requirement.line + 1)


def steps(scenario: Scenario) -> Iterator[Passage]:
    """The steps of a scenario, wrapped lines joined."""
    for passage in passages(scenario.body, scenario.line + 1, split=False):
        yield Passage(text=passage.text, line=passage.line, scenario=scenario)


def passages(lines: Sequence[str], first_line: int, *, split: bool = True) -> Iterator[Passage]:
    """Paragraphs and list items as single lines, cut into sentences where `split` says so."""
    for offset, block in _blocks(_without_comments(lines)):
        text = trim(one_space(_BULLET.sub("", block[0], count=1) + " " + " ".join(block[1:])))
        for sentence in _SENTENCE_END.split(text) if split else [text]:
            if trim(sentence):
                yield Passage(text=trim(sentence), line=first_line + offset + _line_in(block, sentence))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    start, block = 0, list[str]()
    for index, line in enumerate([*lines, ""]):
        if block and (not trim(line) or _BULLET.match(line)):
            yield start, block
            block = []
        if trim(line):
            if not block:
                start = index
            block.append(line)


def _line_in(block: Sequence[str], sentence: str) -> int:
    opening = sentence[:24]
    return next((i for i, line in enumerate(block) if opening[: len(trim(line))] in one_space(line)), 0)


def _without_comments(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    return cut_comments(text).split("\n") if "<!--" in text else list(lines)


def bare(text: str) -> str:
    """The text with code spans, quotations and link targets blanked out; offsets stay as they were."""
    for pattern in (_CODE_SPAN, _LINK_TARGET, _QUOTED):
        text = pattern.sub(lambda m: " " * len(m[0]), text)
    return text


def plain(text: str) -> str:
    """The text as a reader sees it: emphasis marks gone, white space folded."""
    return trim(one_space(_EMPHASIS.sub("", text)))


def quote(text: str, limit: int = 160, around: int = 0) -> str:
    """The text in quotation marks, at most about `limit` characters of it, cut at words so that `around` stays."""
    shown = plain(text)
    if len(shown) > limit:
        start = max(0, min(around - limit // 2, len(shown) - limit))
        end = start + limit
        if start:
            start = shown.find(" ", start, start + 20) + 1 or start
        if end < len(shown):
            cut = shown.rfind(" ", end - 20, end)
            end = cut if cut > start else end
        shown = ("… " if start else "") + trim(shown[start:end]) + (" …" if end < len(shown) else "")
    return f"“{shown}”"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in quotation marks, the first few of them, with the number of the others."""
    shown = [quote(name, 80) for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + f" and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def is_english(text: str) -> bool:
    """Whether a text of a few words or more reads as English; short or mixed ones do not count as such."""
    words = re.findall(r"[^\W\d_]+", bare(text).lower())
    return len(words) >= 3 and sum(w in _ENGLISH for w in words) >= max(1, 0.1 * len(words)) and _is_latin(words)


def _is_latin(words: Sequence[str]) -> bool:
    return sum(word.isascii() for word in words) >= 0.95 * len(words)


def stem(word: str) -> str:
    """A crude stem, good enough to see that `exporting` and `export` speak of the same thing."""
    lowered = word.lower()
    for ending in _ENDINGS:
        if lowered.endswith(ending) and len(lowered) - len(ending) >= 4:
            return lowered[: -len(ending)]
    return lowered


def terms(text: str) -> frozenset[str]:
    """The words that tell one text from another: stems of long words, and whatever stands in code spans."""
    words = {stem(w) for w in _WORD.findall(_CODE_SPAN.sub(" ", text)) if w.lower() not in _STOP}
    return frozenset(words | identifiers(text))


def identifiers(text: str) -> frozenset[str]:
    """The contents of code spans, where they are one name."""
    found = (trim(m[2]).lower() for m in _CODE_SPAN.finditer(text))
    return frozenset(name for name in found if _IDENTIFIER.fullmatch(name))


def whole(requirement: Requirement) -> str:
    """Name, statement and scenarios as one text, without fences."""
    kept = (line for line, masked in zip(requirement.lines[1:], requirement.mask[1:], strict=True) if not masked)
    return "\n".join((requirement.name, *_without_comments(list(kept))))


def first(items: Iterable[Passage]) -> Passage | None:
    return next(iter(items), None)

"""What a policy rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.sentences import Sentence
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRule:
    """`needs` and `needs_not` are examples in a line each, for the reference page and its test."""

    id: str
    title: str
    why: str
    check: Callable[[Subject], Iterator[Reason]]
    needs: tuple[str, ...]
    needs_not: tuple[str, ...] = ()


def sentence_reasons(
    rule: str, subject: Subject, seen: Callable[[TextPair], Iterable[tuple[Sentence, str]]]
) -> Iterator[Reason]:
    """A reason for each sentence, with its message, that `seen` finds in a pair of texts."""
    for file, text in subject.texts:
        for sentence, message in seen(text):
            yield Reason(rule=rule, path=file.path, line=sentence.line + 1, message=f"{text.place}: {message}")


def quoted(text: str, most: int = 80) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= most else line[: most - 1] + "…"}"'

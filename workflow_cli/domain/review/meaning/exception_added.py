"""An exception comes into a requirement."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.mark import Mark, MarkKind
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted, sentence_reasons
from workflow_cli.domain.review.meaning.sentences import Sentence
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "exception-added"


def check(subject: Subject) -> Iterator[Reason]:
    return sentence_reasons(_ID, subject, _excepting)


def _excepting(text: TextPair) -> Iterator[tuple[Sentence, str]]:
    rewordings, _, new = text.rewordings
    for before, after in rewordings:
        words = after.marks_of(MarkKind.EXCEPTION)
        if len(words) > len(before.marks_of(MarkKind.EXCEPTION)):
            yield after, _now_says(after, words[-1])
    for sentence in new:
        if words := sentence.marks_of(MarkKind.EXCEPTION):
            yield sentence, _now_says(sentence, words[0])


def _now_says(sentence: Sentence, word: Mark) -> str:
    return f'{quoted(sentence.text)} now says "{word.shown}"'


RULE = PolicyRule(
    id=_ID,
    title="An exception is added to a requirement",
    why="“Unless”, “except” or “where possible” leave the SHALL in place and take its force.",
    check=check,
    needs=("The server SHALL encrypt backups. → The server SHALL encrypt backups where possible.",),
    needs_not=("The server SHALL encrypt backups where possible. → The server SHALL encrypt backups.",),
)

"""An exception comes into a requirement."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.mark import MarkKind
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted
from workflow_cli.domain.review.meaning.sentences import Sentence
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "exception-added"


def check(subject: Subject) -> Iterator[Reason]:
    for file, text in subject.texts:
        for sentence, word in _excepting(text):
            message = f'{text.place}: {quoted(sentence.text)} now says "{word}"'
            yield Reason(rule=_ID, path=file.path, line=sentence.line + 1, message=message)


def _excepting(text: TextPair) -> Iterator[tuple[Sentence, str]]:
    rewordings, _, new = text.rewordings
    for before, after in rewordings:
        words = after.marks_of(MarkKind.EXCEPTION)
        if len(words) > len(before.marks_of(MarkKind.EXCEPTION)):
            yield after, words[-1].shown
    for sentence in new:
        if words := sentence.marks_of(MarkKind.EXCEPTION):
            yield sentence, words[0].shown


RULE = PolicyRule(
    id=_ID,
    title="An exception is added to a requirement",
    why="“Unless”, “except” or “where possible” leave the SHALL in place and take its force.",
    check=check,
    needs=("The server SHALL encrypt backups. → The server SHALL encrypt backups where possible.",),
    needs_not=("The server SHALL encrypt backups where possible. → The server SHALL encrypt backups.",),
)

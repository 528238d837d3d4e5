"""A NOT comes or goes, or a word is replaced by its opposite."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.mark import MarkKind
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted, sentence_reasons
from workflow_cli.domain.review.meaning.sentences import Sentence, is_kept
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "negation-changed"


def check(subject: Subject) -> Iterator[Reason]:
    return sentence_reasons(_ID, subject, _turned)


def _turned(text: TextPair) -> Iterator[tuple[Sentence, str]]:
    rewordings, gone, _ = text.rewordings
    for before, after in rewordings:
        old, new = before.marks_of(MarkKind.NEGATION), after.marks_of(MarkKind.NEGATION)
        if len(new) > len(old):
            yield before, f'{quoted(after.text)} now says "{new[-1].shown}"'
        elif len(new) < len(old):
            yield before, f'{quoted(after.text)} no longer says "{old[-1].shown}"'
        elif swap := _opposites(before, after):
            yield before, f'"{swap[0]}" became "{swap[1]}" in {quoted(after.text)}'
    for sentence in gone:
        # A sentence that binds is another rule's.
        negations = sentence.marks_of(MarkKind.NEGATION)
        if negations and not sentence.marks_of(MarkKind.BINDING) and not is_kept(sentence, text.after):
            yield sentence, f"{quoted(sentence.text)} is gone"


def _opposites(before: Sentence, after: Sentence) -> tuple[str, str] | None:
    old, new = before.marks_of(MarkKind.OPPOSITE), after.marks_of(MarkKind.OPPOSITE)
    came = [mark for mark in new if mark not in old]
    for mark in old:
        other = ("-" if mark.value[0] == "+" else "+") + mark.value[1:]
        if mark not in new and (twin := next((m for m in came if m.value == other), None)):
            return mark.shown, twin.shown
    return None


RULE = PolicyRule(
    id=_ID,
    title="A negation is added or removed, or a word replaced by its opposite",
    why="One short word turns a requirement into its contrary.",
    check=check,
    needs=(
        "The server SHALL store passwords. → The server SHALL NOT store passwords.",
        "A guest cannot delete files. → A guest can delete files.",
        "Access is denied. → Access is granted.",
    ),
    needs_not=(
        "The server SHALL NOT store passwords. → The server SHALL NOT keep passwords.",
        "A guest cannot delete files. → A guest can not delete files.",
    ),
)

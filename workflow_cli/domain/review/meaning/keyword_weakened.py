"""SHALL or MUST goes, or becomes something weaker."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.requirement import has_keyword
from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.mark import MarkKind
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted, sentence_reasons
from workflow_cli.domain.review.meaning.sentences import Sentence, is_kept
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "keyword-weakened"


def check(subject: Subject) -> Iterator[Reason]:
    return sentence_reasons(_ID, subject, _weakened)


def _weakened(text: TextPair) -> Iterator[tuple[Sentence, str]]:
    binding = [s for s in text.before if s.marks_of(MarkKind.BINDING)]
    rewordings, _, _ = text.rewordings
    fewer = _count(text.before) > _count(text.after)
    for sentence in binding:
        twin = next((other for one, other in rewordings if one is sentence), None)
        word = sentence.marks_of(MarkKind.BINDING)[0].shown
        if not is_kept(sentence, text.after):
            yield sentence, f"{quoted(sentence.text)} is gone"
        elif has_keyword(sentence.text) and not any(has_keyword(s.text) for s in text.all_after):
            yield sentence, f"{quoted(sentence.text)} no longer says {word}"
        elif fewer and (twin is None or _count([sentence]) > _count([twin])):
            yield sentence, f"{quoted(sentence.text)} says {word} less often than before"


def _count(sentences: tuple[Sentence, ...] | list[Sentence]) -> int:
    return sum(len(sentence.marks_of(MarkKind.BINDING)) for sentence in sentences)


RULE = PolicyRule(
    id=_ID,
    title="SHALL or MUST is removed or weakened",
    why="Without its keyword a requirement binds nobody, and the change looks like a matter of style.",
    check=check,
    needs=(
        "The server SHALL log out idle users. → The server SHOULD log out idle users.",
        "The server SHALL log out idle users. → The server logs out idle users.",
        "The server SHALL log out idle users. It MUST tell them why. → The server SHALL log out idle users.",
    ),
    needs_not=(
        "The server SHALL log out idle users. → The server MUST log out idle users.",
        "The server SHALL log out idle users. → The server SHALL log out users who are idle.",
    ),
)

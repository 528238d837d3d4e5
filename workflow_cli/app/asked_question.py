"""Finding a question that somebody named in the questions files of the open changes."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_cli.app.ports import QuestionFormat, SpecTree
from workflow_cli.domain.questions.question import Question
from workflow_cli.errors import DocumentError, UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedQuestion:
    change: str
    question: Question


def find_question(reference: str, tree: SpecTree, format: QuestionFormat) -> AskedQuestion:
    """`ID` or `CHANGE:ID`. Raises UsageError where there is none, with the nearest, or several."""
    change, colon, id = reference.rpartition(":")
    names = [name for name in tree.change_names() if not colon or name == change]
    known: list[AskedQuestion] = []
    for name in names:
        file = f"openspec/changes/{name}/questions.yaml"
        try:
            data = tree.read_questions(name)
            known += [AskedQuestion(change=name, question=q) for q in (format.parse(data, file) if data else ())]
        except DocumentError:
            if colon:
                raise
    found = [asked for asked in known if asked.question.id == id]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{asked.change}:{id}" for asked in found)
        raise UsageError(
            f"{len(found)} changes have a question {id!r}", where="--from-question", hint=f"say which: {listed}"
        )
    from difflib import get_close_matches

    near = get_close_matches(id, [asked.question.id for asked in known], n=3, cutoff=0.4)
    hint = f"nearest: {', '.join(near)}" if near else "`workflow process` asks the questions of a change"
    raise UsageError(f"no open change has a question {reference!r}", where="--from-question", hint=hint)

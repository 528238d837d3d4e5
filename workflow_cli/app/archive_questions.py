"""What a person should know who archives a change before its questions are answered."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.ports import QuestionFormat, SpecTree
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.errors import DocumentError

RULE = "blocking-question"


def unanswered(change: str, tree: SpecTree, format: QuestionFormat) -> Iterator[Finding]:
    """A warning for each blocking question of the change that is open.

    A warning and no refusal: `openspec archive` knows no questions, and whoever archives may have settled it elsewhere.
    """
    file = f"openspec/changes/{change}/questions.yaml"
    try:
        data = tree.read_questions(change)
        questions = [] if data is None else format.parse(data, file)
    except DocumentError as error:
        message = f"nobody can tell whether its questions are answered: {error}"
        yield builtin(RULE, Level.WARNING, Place(file=file), message, hint=error.hint)
        return
    for question in questions:
        if question.blocking and question.is_open:
            yield builtin(
                RULE,
                Level.WARNING,
                question.place,
                f"nobody answered the blocking question {question.id}: {question.text}",
                hint=f"answer it behind `answer:` in {file}, then archive; workflow archive undo {change} takes one back",
            )

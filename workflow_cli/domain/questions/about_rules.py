"""What an answer to a clarifying question says of the rule that would have found the same.

Only questions about what a rule finds as well, and only answers that leave no doubt: an option says that the text is as
it should be, or that it is not. Words of a person's own say neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.domain.questions.question import Question

#: By family: the rule, and how the options begin that say there was nothing to find.
_ABOUT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "weak-modal": ("weak-modal", ("Wished for: ",)),
    "untasked-requirement": ("requirement-without-task", ("There is nothing to do: ", "The task ")),
    "near-duplicate": ("near-duplicate-requirement", ("Yes: ",)),
}


def verdict_of(question: Question) -> tuple[str, bool] | None:
    """The rule, and whether what it finds there was right; None where the answer says nothing of it."""
    about = _ABOUT.get(question.id.rpartition("-")[0])
    if about is None or question.answer is None:
        return None
    rule, nothing = about
    said = next((option.text for option in question.options if option.text == question.answer.text), None)
    return None if said is None else (rule, not said.startswith(nothing))

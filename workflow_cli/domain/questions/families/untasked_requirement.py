"""A requirement that no task of the change speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import identifiers, is_english, plain, quote, terms, whole

IMPACT = 0.6
UNCERTAINTY = 0.6

LEAST_TASKS = 3
MATCHED_SHARE = 0.6


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    tasks = [(file, task) for file, task in inquiry.change.tasks]
    stated = list(inquiry.stated)
    text = "\n".join("\n".join(file.lines) for file in inquiry.change.task_files)
    if len(tasks) < LEAST_TASKS or len(stated) < 2 or not is_english(text):
        return
    spoken = terms(text)
    names = identifiers(text)
    unmatched = []
    for delta, requirement in stated:
        if not is_english(whole(requirement)):
            return
        title, body = terms(requirement.name), terms(f"{requirement.name} {requirement.text}")
        if not (title & spoken or len(body & spoken) >= 2 or identifiers(whole(requirement)) & names):
            unmatched.append((delta, requirement))
    # Where most requirements find no task either, the tasks are worded in another way and the measure tells nothing.
    if not unmatched or len(unmatched) > (1 - MATCHED_SHARE) * len(stated):
        return
    for delta, requirement in unmatched:
        about = terms(f"{requirement.name} {whole(requirement)}")
        nearest = max(tasks, key=lambda pair: len(terms(pair[1].description) & about))
        ways = ["A task is missing: one is added for it"]
        if terms(nearest[1].description) & about:
            ways.append(f"The task {quote(plain(nearest[1].description), 100)} covers it, and says so")
        ways.append("There is nothing to do: it states what the system does already")
        yield Draft(
            family="untasked-requirement",
            words=requirement.name,
            text=f"No task speaks of the requirement {quote(requirement.name, 100)} "
            f"({quote(requirement.text, 140)}). Is one missing?",
            why=f"The other {len(stated) - len(unmatched)} requirements each have a task that shares their words; "
            "what has none is easily left out.",
            options=options(*ways),
            place=delta.document.place(requirement.line),
            address=delta_address(delta.id, requirement.name),
            impact=IMPACT,
            uncertainty=UNCERTAINTY,
        )


FAMILY = Family(
    id="untasked-requirement",
    reason="No task shares a distinctive word with the requirement's name, two with its statement or a name in code "
    "with any of it, while at least 60 % of the change's other requirements find a task that way. English only.",
    ask=ask,
)

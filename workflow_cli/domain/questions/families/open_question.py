"""An entry of an "Open Questions" section that nobody has settled."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.questions.families.open_entry import Entry, entries
from workflow_cli.domain.questions.families.stated_choice import alternatives, is_yes_or_no, proposition
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, options
from workflow_cli.domain.questions.question import OWN_WORDS, Option
from workflow_cli.domain.questions.wording import identifiers, quote, terms, whole

IMPACT = 0.8
UNUSED_IMPACT = 0.45

PUT_OFF = "Put it off: this change goes on as it is written, and the question moves to a later one"
DECIDE = f"Decide it now: {OWN_WORDS}"


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for entry in entries(inquiry.change):
        if entry.is_settled:
            continue
        leans_on = _dependent(inquiry, entry)
        settles = None if leans_on else _settling_task(inquiry, entry)
        ways, reason = _ways(inquiry, entry, leans_on, settles)
        yield Draft(
            family="open-question",
            words=entry.text,
            text=f"{_name(entry)} leaves open: {quote(entry.text, 320)}"
            + (f" (so far: {quote(entry.so_far, 120)})" if entry.so_far else "")
            + ("" if any(mark in entry.text for mark in "?？") else " What holds?"),
            why=(
                f"{leans_on[1]} builds on the answer. " if leans_on else "The author listed it and did not settle it. "
            )
            + reason,
            options=ways,
            place=entry.document.place(entry.line),
            address=f"{entry.document.file.removeprefix(inquiry.change.directory + '/')}#{entry.section}",
            impact=IMPACT if leans_on else UNUSED_IMPACT,
            uncertainty=0.4 if entry.lean else 0.9,
            blocking=leans_on is not None and not entry.lean,
        )


def _name(entry: Entry) -> str:
    return entry.document.file.rsplit("/", 1)[-1]


def _ways(
    inquiry: Inquiry, entry: Entry, leans_on: tuple[str, str] | None, settles: str | None
) -> tuple[tuple[Option, ...], str]:
    """The options, and a sentence on why the first of them is the recommended one."""
    if entry.lean:
        return options(f"As its author leans: {quote(entry.lean, 240)}", PUT_OFF), "Its author leans one way already."
    found = alternatives(entry.text)
    if settles:
        ways = (
            f"The task {settles} settles it, and what needs the answer waits for that",
            *map(_sentence, found),
            DECIDE,
        )
        return options(*ways[:4]), "An open task is there to settle it; this asks whether that is soon enough."
    if found:
        weights = [_mentions(inquiry, entry, one, found) for one in found]
        if sum(weight > 0 for weight in weights) == 1:
            best = found[weights.index(max(weights))]
            rest = "others" if len(found) > 2 else "other"
            return (
                options(_sentence(best), *(_sentence(o) for o in found if o != best), PUT_OFF),
                f"The rest of the change speaks of {quote(best, 60)} and not of the {rest}.",
            )
        return options(PUT_OFF, *map(_sentence, found)), "Nothing else in the change favours either."
    if is_yes_or_no(entry.text):
        claim = proposition(entry.text)
        return options("No: this change does without it", f"Yes: {claim}" if claim else "Yes, as asked", PUT_OFF), (
            "“No” leaves the change as it is written."
        )
    if leans_on:
        return options(
            f"{leans_on[0][:1].upper()}{leans_on[0][1:]} holds as it is written, and no more than that is promised",
            DECIDE,
        ), "Nothing in the change says which way."
    return options(
        PUT_OFF, DECIDE
    ), "No requirement of its deltas and no open task shares its words, so it can probably wait."


def _sentence(choice: str) -> str:
    return choice[:1].upper() + choice[1:] if choice.split()[0].isalpha() and choice[:2].islower() else choice


_SHORT_CHOICE = 5


def _mentions(inquiry: Inquiry, entry: Entry, choice: str, all_choices: tuple[str, ...]) -> int:
    """How many words that only this choice has occur elsewhere in the change, outside the open questions.

    A choice of many words shares some with any text, so that would be no evidence.
    """
    if len(choice.split()) > _SHORT_CHOICE:
        return 0
    others = frozenset[str]().union(*(terms(c) for c in all_choices if c != choice))
    own = terms(choice) - others
    elsewhere = frozenset[str]()
    for document in inquiry.change.documents:
        text = document.text
        if document is entry.document:
            text = "\n".join((*document.lines[: entry.section_line], *document.lines[entry.section_end :]))
        elsewhere |= terms(text)
    return len(own & elsewhere) if own and len(own & elsewhere) * 2 > len(own) else 0


_TOO_COMMON = 0.5
#: A task whose work is to decide waits for nothing.
_DECIDES = re.compile(
    r"\b(?:define|decide|evaluate|investigate|document|confirm|choose|research|explore|spike|clarify|agree|"
    r"definir|decidir|evaluar|documentar|confirmar|investigar)\b|确定|调研|评估|検討|決定",
    re.I,
)


def _dependent(inquiry: Inquiry, entry: Entry) -> tuple[str, str] | None:
    """The requirement, else the open task, that speaks of what the entry speaks of: its name and how to call it.

    Two names in code spans, or one and a word, or three words in common count; words that half of the
    requirements use tell nothing.
    """
    stated = list(inquiry.stated)
    about = terms(entry.text)
    bodies = [terms(whole(r)) for _, r in stated]
    common = {t for t in about if len(bodies) > 3 and sum(t in b for b in bodies) > _TOO_COMMON * len(bodies)}
    about -= common
    names = identifiers(entry.text) - common
    for (delta, requirement), body in zip(stated, bodies, strict=True):
        if _overlaps(about, names, body):
            name = quote(requirement.name, 80)
            return f"the requirement {name}", f"The requirement {name} of `{delta.id}`"
    for file, task in inquiry.change.tasks:
        if not task.done and not _DECIDES.search(task.description) and _overlaps(about, names, terms(task.description)):
            return (
                f"the task {quote(task.description, 100)}",
                f"The task {quote(task.description, 80)} ({file.path}:{task.line + 1})",
            )
    return None


def _settling_task(inquiry: Inquiry, entry: Entry) -> str | None:
    """The open task whose work it is to decide this: of several, the one with most words in common."""
    about, names = terms(entry.text), identifiers(entry.text)
    deciding = [
        task.description for _, task in inquiry.change.tasks if not task.done and _DECIDES.search(task.description)
    ]
    fitting = [text for text in deciding if _overlaps(about, names, terms(text))]
    return quote(max(fitting, key=lambda text: len(about & terms(text))), 100) if fitting else None


def _overlaps(about: frozenset[str], names: frozenset[str], body: frozenset[str]) -> bool:
    shared = about & body
    return (bool(names & body) and len(shared) >= 2) or len(shared) >= max(3, len(about) // 2)


FAMILY = Family(
    id="open-question",
    reason="proposal.md or design.md has a section of open questions (in any of ten languages) with an entry that is "
    "neither ticked, answered, struck through, put off nor “none”. It blocks where a requirement or an open task "
    "builds on the answer and the author does not lean one way.",
    ask=ask,
)

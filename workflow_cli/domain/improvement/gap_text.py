"""The requirement that a person's answer becomes, and the change that adds it. Only the words of those who asked and answered are in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from workflow_cli.domain.improvement.change_text import experiment_json, plain_line
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.from_events import NOBODY, PERSON

#: The scenario of a requirement that was made of an answer.
ASKED = "It is asked"
#: Of a document: what it was expected to do before anybody was asked about it, see `app/improve/preview.py`.
EXPECTED = "expected"
_PURPOSE = "Says what people answered to questions that came back and that no other capability answers, until it finds its place."
_KEYWORD = re.compile(r"\b(?:SHALL|MUST)\b")


def requirement_of(questions: Sequence[str], answer: str, known: Collection[str] = ()) -> str:
    """The requirement, in Markdown, that an answer and the ways to ask for it make, the first of which names it.

    Its name is none of those that are `known`.
    """
    said = plain_line(answer)
    name = _free(plain_line(questions[0], longest=100).rstrip("?!. :"), known)
    statement = said if _KEYWORD.search(said) else f"It SHALL hold that: {said}"
    scenarios = "\n".join(_scenario(plain_line(question), number) for number, question in enumerate(questions))
    return f"### Requirement: {name}\n{statement}\n\n{scenarios}"


def _scenario(question: str, number: int) -> str:
    otherwise = f" in other words ({number})" if number > 1 else " in other words" if number else ""
    return f"""\
#### Scenario: {ASKED}{otherwise}
- **WHEN** somebody asks: {question}
- **THEN** the answer is what this requirement says
"""


def _free(name: str, known: Collection[str]) -> str:
    taken = {one.casefold() for one in known}
    number, free = 2, name or "An answer"
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def gap_files(experiment: Experiment, *, capability: str, requirement: str, is_new: bool) -> Mapping[str, str]:
    """The change that adds a requirement to a capability, which `is_new` where it has no spec yet."""
    document = experiment.document or {}
    name = added_requirement(requirement)
    by = str(document.get("by") or PERSON)
    by = "a person" if by in (PERSON, NOBODY) else plain_line(by, longest=80)
    return {
        "proposal.md": f"""\
# Change: Say what was asked: {plain_line(name, longest=80)}

## Why
{plain_line(experiment.hypothesis)}. The requirement below is made of the answer that {by} gave, and of no other words;
it is for a person to approve, reword or reject.

## What Changes
- The capability {capability} says: {name}

## Impact
Questions of this kind are answered from the specs. {_expected(document)}{len(experiment.evidence)} events are the evidence, see `experiment.json`.
""",
        "tasks.md": """\
## 1. Requirement
- [x] 1.1 Add the requirement from the answer that a person gave
""",
        "experiment.json": experiment_json(experiment, None),
        f"specs/{capability}/spec.md": f"""\
{f"## Purpose{chr(10)}{_PURPOSE}{chr(10)}{chr(10)}" if is_new else ""}## ADDED Requirements

{requirement}""",
    }


def _expected(document: Mapping[str, Any]) -> str:
    expected = document.get(EXPECTED)
    if not expected:
        return ""
    tried = []
    if expected["held_out"]:
        tried.append(f"it is found by {expected['answered']} of {expected['held_out']} wordings that are not in it")
    if expected["others"]:
        tried.append(
            f"of {expected['others']:.0f} places that are found now about {expected['displaced']:.1f} would not be"
        )
    return f"Tried before it was written down: {', and '.join(tried)}. " if tried else ""


def added_requirement(delta: str) -> str:
    """The name of the requirement that a delta of `gap_files` adds."""
    return delta.partition("### Requirement: ")[2].partition("\n")[0].strip()

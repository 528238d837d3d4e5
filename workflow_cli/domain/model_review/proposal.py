"""A proposal that a model wrote, as the notes from which every proposal is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_cli.domain.answering.reply import plain_line
from workflow_cli.domain.model_review.schema import TEXT, all_of
from workflow_cli.domain.openspec.requirement import has_keyword

_LINES = {"type": "array", "maxItems": 12, "items": TEXT}


PROPOSAL_SCHEMA: dict[str, Any] = all_of(
    why=TEXT,
    what_changes={**_LINES, "minItems": 1},
    requirements={
        "type": "array",
        "minItems": 1,
        "maxItems": 8,
        "items": all_of(
            name=TEXT,
            statement=TEXT,
            scenarios={
                "type": "array",
                "minItems": 1,
                "maxItems": 5,
                "items": all_of(name=TEXT, when=_LINES, then=_LINES),
            },
        ),
    },
    tasks=_LINES,
    design=TEXT,
)


def faults_of(data: Mapping[str, Any]) -> list[str]:
    """What a model has to mend before its proposal can be taken over, in words it can act on."""
    faults: list[str] = []
    for number, requirement in enumerate(data["requirements"], 1):
        at = f"requirement {number}"
        if not _prose(requirement["name"]):
            faults.append(f"{at} has no name")
        if not has_keyword(_prose(requirement["statement"])):
            faults.append(f"the statement of {at} does not contain SHALL or MUST in upper case")
        for index, scenario in enumerate(requirement["scenarios"], 1):
            if not (
                _prose(scenario["name"]) and any(map(_prose, scenario["when"])) and any(map(_prose, scenario["then"]))
            ):
                faults.append(f"scenario {index} of {at} needs a name, something that happens and what is seen then")
    return faults


def notes_of(data: Mapping[str, Any], title: str) -> str:
    """Markdown notes of a value that satisfies PROPOSAL_SCHEMA. Every text becomes one line of prose, so that nothing
    a model writes can be taken for a heading, a fence or a comment."""
    lines = [f"# {_prose(title)}", "", "## Why", "", _prose(data["why"]), "", "## What Changes", ""]
    lines += [f"- {_prose(item)}" for item in data["what_changes"] if _prose(item)]
    lines += ["", "## Requirements", ""]
    for requirement in data["requirements"]:
        lines += [f"### Requirement: {_prose(requirement['name'])}", "", _prose(requirement["statement"]), ""]
        for scenario in requirement["scenarios"]:
            lines += [f"#### Scenario: {_prose(scenario['name'])}", ""]
            lines += [_step("AND" if i else "WHEN", text) for i, text in enumerate(scenario["when"])]
            lines += [_step("AND" if i else "THEN", text) for i, text in enumerate(scenario["then"])]
            lines.append("")
    if tasks := [_prose(task) for task in data["tasks"] if _prose(task)]:
        lines += ["## Tasks", "", *(f"- [ ] {task}" for task in tasks), ""]
    if design := _prose(data["design"]):
        lines += ["## Design", "", design, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _step(keyword: str, text: str) -> str:
    said = _prose(text)
    first, _, rest = said.partition(" ")
    return f"- **{keyword}** {rest if first.strip('*:').upper() == keyword and rest else said}"


def _prose(text: str) -> str:
    # A line that begins like Markdown would be read as that.
    return plain_line(text).replace("<!--", "").replace("```", "").replace("~~~", "").lstrip("#>-*+ \t`").strip()

"""What the loop writes into OpenSpec: the change of an experiment, and its result.

Everything that came from outside is one line, without marks of Markdown, before it is in a document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.knobs import FIXED, MUTED, THRESHOLDS
from workflow_cli.domain.improvement.real_settings import Path

CAPABILITY = "runtime-tuning"
_LONGEST = 600
_PURPOSE = "Says which settings were measured to be better for this project than what they replaced, and are therefore in force."
_MARKS = re.compile(r"[#*_`<>\[\]|\\]+")


def change_name(experiment: Experiment) -> str:
    """`loop-<lever>-<hash>`; tried again, the same change has another hash."""
    return f"loop-{experiment.lever}-{experiment.id.replace('-', '')[:8]}{_again(experiment.id)}"


def _again(id: str) -> str:
    number = id.partition("-")[2]
    return f"-{number}" if number else ""


def plain_line(text: str, *, longest: int = _LONGEST) -> str:
    """One line of visible characters that Markdown takes for nothing else."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(_MARKS.sub(" ", shown).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


# -- an experiment with the settings -----------------------------------------------------------------------------


def tuning_files(
    experiment: Experiment, values: Mapping[Path, Any], old: Mapping[Path, Any], known: Collection[str]
) -> Mapping[str, str]:
    """The files of the change, by their names in it. `values` and `old` are what it puts where, and what is there.

    `known` are the requirements that the capability has.
    """
    return {
        "proposal.md": _proposal(experiment, values, old),
        "tasks.md": _tasks(experiment, done=False),
        "experiment.json": experiment_json(experiment, None),
        f"specs/{CAPABILITY}/spec.md": _delta(values, known),
    }


def experiment_json(experiment: Experiment, result: Mapping[str, Any] | None) -> str:
    # What draws the arms is nobody's business while it runs: who knew it could choose an arm.
    body = {name: value for name, value in experiment.as_json().items() if name != "salt"}
    document = {"schema": 1, **body, "result": None if result is None else dict(result)}
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _proposal(experiment: Experiment, values: Mapping[Path, Any], old: Mapping[Path, Any]) -> str:
    rule = experiment.rule
    low, high = experiment.predicted.low, experiment.predicted.high
    changes = "\n".join(
        f"- `{'.'.join(path)}`: from `{_shown(old.get(path))}` to `{_shown(value)}`" for path, value in values.items()
    )
    return f"""\
# Change: {experiment.lever} for {_concerned(experiment)}

## Why
{plain_line(experiment.hypothesis)}. This was seen in {len(experiment.evidence)} events, whose ids are in
`experiment.json`; what it is expected to gain a question, in utility, is from {low:+.3f} to {high:+.3f}.

## What Changes
{changes}

## Impact
Only {_concerned(experiment)} are affected. The design is `{experiment.design.value}`, approval class {experiment.approval.value}.

The rule was fixed before anything was observed of the treatment (hash `{rule.hash}`): keep it where the evidence is
e ≥ {rule.keep_e:g} over at least {rule.least_pairs} pairs, with a mean gain of at least {rule.least_gain:g} and every guard held; end it
at once where harm reaches e ≥ {rule.abort_e:g}; else put everything back after {rule.most_pairs} pairs or {rule.most_seconds / 86400:g} days.
"""


def _concerned(experiment: Experiment) -> str:
    if experiment.scope == "*":
        return "questions of every kind"
    scope = plain_line(experiment.scope, longest=80)
    about_rules = experiment.changes.keys() <= {MUTED, FIXED, THRESHOLDS} and bool(experiment.changes)
    return f"findings of the rule {scope}" if about_rules else f"questions of the kind {scope}"


def _tasks(experiment: Experiment, *, done: bool) -> str:
    mark = "x" if done else " "
    return f"""\
## 1. Experiment
- [{mark}] 1.1 Measure the settings of this change against those in force ({experiment.design.value})
- [{mark}] 1.2 Decide by the rule in `experiment.json`, and write down the result
- [{mark}] 1.3 Keep the settings or put everything back
"""


def _delta(values: Mapping[Path, Any], known: Collection[str]) -> str:
    blocks: dict[str, list[str]] = {"ADDED": [], "MODIFIED": []}
    for path, value in values.items():
        name = ".".join(path)
        blocks["MODIFIED" if name in known else "ADDED"].append(f"""\
### Requirement: {name}
The settings SHALL say `{_shown(value)}` for `{name}`, a value that was measured before it was kept.

#### Scenario: The value in force
- **WHEN** somebody runs `workflow config show`
- **THEN** `{name}` is `{_shown(value)}`
""")
    # Read where the capability is created, and only there.
    purpose = "" if known else f"## Purpose\n{_PURPOSE}\n\n"
    return purpose + "\n".join(f"## {head} Requirements\n\n" + "\n".join(body) for head, body in blocks.items() if body)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("`", "'")


# -- the result ---------------------------------------------------------------------------------------------------


def with_result(
    files: Mapping[str, str], experiment: Experiment, ruling: str, numbers: Mapping[str, Any]
) -> dict[str, str]:
    """The files of a change with what came of it; of each what a person changed stays as it is."""
    result = {**files, "experiment.json": experiment_json(experiment, {"ruling": ruling, **numbers})}
    if "tasks.md" in files:
        result["tasks.md"] = files["tasks.md"].replace("- [ ] 1.", "- [x] 1.")
    if "proposal.md" in files:
        before = files["proposal.md"].partition("\n## Result\n")[0].rstrip("\n")
        result["proposal.md"] = f"{before}\n\n## Result\n{_result(ruling, numbers)}\n"
    return result


#: How the reason begins where a change is taken back that was shown to do harm.
HARM = "harm"
#: And the reason where somebody put something else in its place.
BY_HAND = "set_by_hand"
#: How the reason begins where another change came first.
PREEMPTED = "preempted"
#: And the reason where somebody edited the settings meanwhile.
BASE_CHANGED = "base_changed"
#: Where the settings cannot be written as they are now, such as over an edit that somebody has not committed.
NOT_WRITABLE = "not_writable"
#: And where an approved requirement was not to be found once its change was archived.
NOT_THERE = "not_there"
#: And where a person said no.
VETO = "veto"

_RULINGS = {
    "keep": "Kept: better, by the rule.",
    "abort": "Ended early; everything is as it was.",
    "expire": "Not shown to be better; everything is as it was.",
    "rolled_back": "Kept at first and then taken back.",
    VETO: "A person said no.",
    "preempted": "Put off for another that could be decided at once or promised more; everything is as it was.",
}


def _result(ruling: str, numbers: Mapping[str, Any]) -> str:
    if "branch" in numbers:
        return _result_of_agent(numbers)
    lines = [_RULINGS.get(ruling, plain_line(ruling))]
    reason = numbers.get("reason")
    if ruling == "rolled_back" and str(reason).startswith(HARM):
        lines = ["Kept at first and then taken back, because it did harm."]
    if reason is not None:
        lines.append(f"- Reason: {plain_line(str(reason))}")
    if "by" in numbers and "because" in numbers:
        lines.append(f"- Said by {plain_line(str(numbers['by']))}: {plain_line(str(numbers['because']))}")
    if "pairs" in numbers:
        lines.append(f"- Pairs compared: {numbers['pairs']}")
    if "mean" in numbers and isinstance(interval := numbers.get("interval"), list) and len(interval) == 2:
        lines.append(f"- Mean difference: {numbers['mean']:+.4f}, interval {interval[0]:+.4f} to {interval[1]:+.4f}")
    if "e" in numbers:
        lines.append(f"- Evidence for it: e = {numbers['e']:g}; for harm: e = {numbers.get('harm_e', 1.0):g}")
    if "answered" in numbers:
        lines.append(f"- Held-out questions answered: {numbers['answered']} of {numbers['held_out']}")
        lines.append(f"- Others displaced: {numbers['displaced']} of {numbers['others']}")
    return "\n".join(lines)


def _result_of_agent(numbers: Mapping[str, Any]) -> str:
    branch = numbers["branch"]
    said = f"The branch `{branch}` passes the tests. It is not merged." if branch else "No branch came of it."
    return f"""\
{said}
- Reason: {plain_line(str(numbers.get("reason")))}
- Files: {plain_line(", ".join(map(str, numbers.get("files", ()))) or "none")}
- Seconds: {numbers.get("seconds", 0):g}"""


# -- work for a coding agent ------------------------------------------------------------------------------------


def agent_files(experiment: Experiment, known: Collection[str]) -> Mapping[str, str]:
    """What a person approves: the task, the command line that is given it, and the tests that decide."""
    document = experiment.document or {}
    task = plain_line(str(document.get("task")), longest=2000)
    command, tests = (plain_line(json.dumps(document.get(part, []))) for part in ("command", "tests"))
    name = f"Branch {change_name(experiment)}"
    purpose = "" if known else f"## Purpose\n{_PURPOSE}\n\n"
    return {
        "proposal.md": f"""\
# Change: Let the coding agent try: {plain_line(task, longest=80)}

## Why
{plain_line(experiment.hypothesis)}.

## What Changes
- A branch `loop/...` in which the agent did this: {task}

## Impact
Once this is approved, and not before, the next cycle of the loop runs this command line in a worktree of the commit that
is checked out then: {command}

It gets the task on its standard input. The branch is kept where {tests} passes in a worktree of it and no protected
file was changed. Nothing is merged. What the agent writes outside of its worktree is not prevented.
""",
        "tasks.md": """\
## 1. Agent
- [ ] 1.1 Run the agent in a worktree
- [ ] 1.2 Hold what it did to the tests
""",
        "experiment.json": experiment_json(experiment, None),
        f"specs/{CAPABILITY}/spec.md": f"""\
{purpose}## ADDED Requirements

### Requirement: {name}
The branch of this change SHALL pass the tests of the project before anybody is asked to merge it.

#### Scenario: Tests fail
- **WHEN** the tests fail in a worktree of what the agent did
- **THEN** there is no branch
""",
    }

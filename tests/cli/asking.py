"""What tests of `ask` share: a tree with answers in it, and its published schema."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema

from tests.cli.conftest import REPOSITORY

SPEC = """\
# auth

## Purpose
Says how people sign in to the shop, and what happens where they do not succeed.

## Requirements

### Requirement: Lockout
The shop SHALL lock an account after five wrong passwords.

#### Scenario: Fifth wrong password
- **WHEN** a customer enters a wrong password for the fifth time
- **THEN** the account is locked for fifteen minutes

### Requirement: Session length
The shop SHALL end a session after thirty minutes without a request.

#### Scenario: Idle session
- **WHEN** no request comes for thirty minutes
- **THEN** the session ends
"""
#: In the words of the document: the documents alone are enough.
PLAIN = "Does the shop lock an account after five wrong passwords?"
#: Wants more than a passage, so that a model is asked where there is one.
HOWTO = "How can I lock an account after five wrong passwords?"
#: Nothing of it is in any document.
UNKNOWN = "Which zebra paints violet submarines on Thursdays?"

SCHEMA = json.loads((REPOSITORY / "workflow_cli/schemas/ask-report.schema.json").read_text("utf-8"))
PUBLISHED = jsonschema.Draft202012Validator(SCHEMA)
LINE = jsonschema.Draft202012Validator({**SCHEMA["$defs"]["entry"], "$defs": SCHEMA["$defs"]})


def add_auth(root: Path, settings: str = "") -> Path:
    spec = root / "openspec" / "specs" / "auth" / "spec.md"
    spec.parent.mkdir(parents=True, exist_ok=True)
    spec.write_text(SPEC, encoding="utf-8")
    if settings:
        (root / "workflow.yaml").write_text(settings, encoding="utf-8")
    return spec


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one document that was printed, held against its schema, its exit status and the rules of answers."""
    document: dict[str, Any] = json.loads(done.stdout)
    PUBLISHED.validate(document)
    assert document["exit_code"] == done.returncode
    for answer in answers_in(document):
        hold_to_the_rules(answer)
    return document


def answers_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    entries = document.get("answers", [document])
    return [entry["answer"] for entry in entries if entry.get("answer")]


def hold_to_the_rules(answer: dict[str, Any]) -> None:
    answered = answer["status"] == "answered"
    assert bool(answer["sources"]) == (answered and bool(answer["sources"]))
    if answered and not answer["sources"]:
        assert answer["unsourced"]
        assert answer["answerer"] in ("tools", "person")


def hold_to_the_files(answer: dict[str, Any], root: Path) -> None:
    """Every quote begins at its line of its file, and stands there to the letter."""
    for source in answer["sources"]:
        lines = (root / source["path"]).read_text("utf-8").split("\n")
        assert "\n".join(lines[source["line"] - 1 :]).find(source["quote"]) in range(len(lines[source["line"] - 1]))


def events_of(root: Path, kind: str = "question") -> list[dict[str, Any]]:
    file = root / ".workflow" / "metrics.jsonl"
    return [event for line in file.read_text("utf-8").splitlines() if (event := json.loads(line))["kind"] == kind]

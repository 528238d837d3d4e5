"""Documents and operations as tests write them."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_cli.domain.openspec.edits.apply import Edited, apply_operations
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.openspec.edits.parse import parse_operations
from workflow_cli.errors import WorkflowError

SPEC = """\
# Auth Specification

## Purpose
Lets people in and out.

## Requirements

### Requirement: Login
The system SHALL let people in.

#### Scenario: Good password
- **WHEN** the password is right
- **THEN** the door opens

### Requirement: Logout
The system SHALL let people out.

#### Scenario: Leaving
- **WHEN** somebody asks
- **THEN** the door opens

## Notes

Kept as they are.
"""

DELTA = """\
## ADDED Requirements

### Requirement: Reset
The system SHALL reset passwords.

#### Scenario: Forgotten
- **WHEN** a password is forgotten
- **THEN** a new one is sent

## MODIFIED Requirements

### Requirement: Login
The system SHALL let people in quickly.

#### Scenario: Good password
- **WHEN** the password is right
- **THEN** the door opens at once
"""

TASKS = """\
## 1. Build

- [x] 1.1 Write it
- [ ] 1.2 Test it
  - with care

## 2. Ship

- [ ] 2.1 Publish
"""


def edit(kind: str, text: str | bytes, *items: dict[str, Any], main: str | None = None) -> Edited:
    data = text if isinstance(text, bytes) else text.encode()
    return apply_operations(
        PageKind(kind), data, parse_operations(list(items)), main=None if main is None else main.encode()
    )


def after(kind: str, text: str, *items: dict[str, Any], main: str | None = None) -> str:
    """The document afterwards. What does not remove must find nothing to do a second time."""
    edited = edit(kind, text, *items, main=main)
    if not any(item["op"] == "remove-requirement" for item in items):
        assert edit(kind, edited.data, *items, main=main).data == edited.data
    return edited.data.decode()


def refusal(kind: str, text: str, *items: dict[str, Any], main: str | None = None) -> WorkflowError:
    with pytest.raises(WorkflowError) as caught:
        edit(kind, text, *items, main=main)
    return caught.value


def unchanged(kind: str, text: str | bytes, *items: dict[str, Any], main: str | None = None) -> bool:
    edited = edit(kind, text, *items, main=main)
    assert len(edited.unchanged) == len(items)
    return edited.edits == () and edited.done == ()

"""Small OpenSpec trees for tests of the command."""

from __future__ import annotations

from pathlib import Path

SPEC = """\
# {id} Specification

## Purpose
Says how the shop handles {id}, so that customers and staff can rely on the same behaviour every day.

## Requirements

### Requirement: Sign in
The shop SHALL open the account page after a correct password.

#### Scenario: Correct password
- **WHEN** a customer enters the right password
- **THEN** the account page opens

#### Scenario: Wrong password
- **WHEN** a customer enters a wrong password
- **THEN** the form says that name or password is wrong
"""

ADDED = """\
## ADDED Requirements

### Requirement: {name}
The shop SHALL send a receipt to the customer after each payment.

#### Scenario: Paid
- **WHEN** a payment succeeds
- **THEN** the customer gets a receipt

#### Scenario: Payment fails
- **WHEN** a payment is refused
- **THEN** no receipt is sent
"""

MODIFIED = """\
## MODIFIED Requirements

### Requirement: Sign in
The shop SHALL open the {page} page after a correct password.

#### Scenario: Correct password
- **WHEN** a customer enters the right password
- **THEN** the {page} page opens

#### Scenario: Wrong password
- **WHEN** a customer enters a wrong password
- **THEN** the form says that name or password is wrong
"""

PROPOSAL = """\
# Change: {name}

## Why
Customers ask for it every week, and the answer costs the staff an hour each time they have to give it.

## What Changes
- {name}
"""

TASKS = "## 1. Work\n- [ ] 1.1 Send a receipt to the customer after each payment\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def add_spec(root: Path, id: str = "auth", text: str = SPEC) -> Path:
    return write(root / "openspec" / "specs" / id / "spec.md", text.replace("{id}", id))


def add_change(root: Path, name: str = "add-receipts", delta: str = ADDED, capability: str = "auth") -> Path:
    """A change with proposal, tasks and one delta; returns its directory."""
    directory = root / "openspec" / "changes" / name
    write(directory / "proposal.md", PROPOSAL.replace("{name}", name))
    write(directory / "tasks.md", TASKS)
    text = delta.replace("{name}", "Receipts").replace("{page}", name)
    write(directory / "specs" / capability / "spec.md", text)
    return directory

"""A line of a document as a source."""

from __future__ import annotations

import pytest

from workflow_cli.domain.answering.citation import cite

SPEC = b"""\xef\xbb\xbf# auth

## Requirements

### Requirement: Login
The shop SHALL open the account page.\r

#### Scenario: Wrong password
- **WHEN** a wrong password is typed
- ok
"""
PATH = "openspec/specs/auth/spec.md"


@pytest.mark.parametrize(
    ("line", "quote", "address"),
    [
        (6, "The shop SHALL open the account page.", "#auth > Requirements > Requirement: Login"),
        (
            9,
            "- **WHEN** a wrong password is typed",
            "#auth > Requirements > Requirement: Login > Scenario: Wrong password",
        ),
        (8, "#### Scenario: Wrong password", "#auth > Requirements > Requirement: Login > Scenario: Wrong password"),
    ],
)
def test_it_says_what_stands_there_and_in_which_place(line: int, quote: str, address: str) -> None:
    source = cite(PATH, SPEC, line)
    assert source is not None
    assert (source.path, source.line, source.quote, source.address) == (PATH, line, quote, PATH + address)


@pytest.mark.parametrize("line", [0, -1, 1, 2, 10, 11, 99])
def test_a_line_that_is_not_there_or_says_too_little_is_none(line: int) -> None:
    assert cite(PATH, SPEC, line) is None

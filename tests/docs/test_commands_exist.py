"""No page, help text or description of a setting promises a command that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workflow_cli.cli.commands import COMMANDS

REPOSITORY = Path(__file__).parents[2]
_NAMED = re.compile(r"(?:`|^\$ |^)workflow ([a-z][a-z-]*)", re.M)


@pytest.mark.parametrize("kind", ["README.md", "docs/**/*.md", "workflow_cli/**/*.py", "openspec/specs/**/*.md"])
def test_every_command_that_is_named_is_there(kind: str) -> None:
    named = {path: {*_NAMED.findall(path.read_text("utf-8"))} for path in REPOSITORY.glob(kind)}
    assert any(named.values())
    assert {path: names for path, found in named.items() if (names := found - COMMANDS.keys())} == {}

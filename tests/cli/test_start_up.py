"""What the command imports before it does anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "httpx",
    "markdown_it",
    "mcp",
    "platformdirs",
    "pydantic",
    "rapidfuzz",
    "rich",
    "ruamel",
    "sqlite3",
}

PROBE = """
import contextlib, io, sys
from workflow_cli.__main__ import main
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    main({arguments!r})
print(*sys.modules)
"""


def loaded_by(arguments: list[str], environment: dict[str, str]) -> set[str]:
    probe = [sys.executable, "-c", PROBE.format(arguments=arguments)]
    return set(subprocess.check_output(probe, env=environment, text=True).split())


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_answered_without_the_command_line_library(flag: str, environment: dict[str, str]) -> None:
    """Typer costs six times the bare interpreter, and a version string needs none of it."""
    assert loaded_by([flag], environment).isdisjoint(HEAVY | {"typer", "json", "dataclasses"})


def test_the_root_help_imports_no_command(environment: dict[str, str]) -> None:
    """The list of commands comes from a table, so a new command makes help no slower."""
    loaded = loaded_by(["--help"], environment)
    assert loaded.isdisjoint(HEAVY)
    assert {name for name in loaded if name.startswith("workflow_cli.cli.")} == {
        "workflow_cli.cli.app",
        "workflow_cli.cli.commands",
        "workflow_cli.cli.failure",
        "workflow_cli.cli.invocation",
        "workflow_cli.cli.main",
        "workflow_cli.cli.options",
    }


def test_a_command_imports_no_other_command(environment: dict[str, str]) -> None:
    """Asking one command for its help loads its module alone."""
    loaded = loaded_by(["config", "--help"], environment)
    assert "workflow_cli.cli.config" in loaded
    assert loaded.isdisjoint(HEAVY | {"workflow_cli.cli.init", "workflow_cli.cli.process"})

"""What the command imports before it does anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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

SPEC = """\
# mail

## Purpose
Tells people about failed checks by mail, at once and only once.

## Requirements

### Requirement: Mail
The monitor SHALL send a mail for each alert.

#### Scenario: Alert
- **WHEN** a check fails
- **THEN** a mail is sent
"""
DELTA = """\
## ADDED Requirements

### Requirement: Copy
The monitor SHALL keep a copy of each mail for 30 days.

#### Scenario: Copy
- **WHEN** a mail is sent
- **THEN** a copy is kept
"""
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


def test_a_run_that_finds_nothing_changed_loads_no_reader_and_no_rule(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """What was found before is read from the record: no document is parsed, no rule compiled, no YAML read."""
    spec = tmp_path / "openspec" / "specs" / "mail" / "spec.md"
    spec.parent.mkdir(parents=True)
    spec.write_text(SPEC, encoding="utf-8")
    change = tmp_path / "openspec" / "changes" / "add-copy" / "specs" / "mail" / "spec.md"
    change.parent.mkdir(parents=True)
    change.write_text(DELTA, encoding="utf-8")
    arguments = ["process", "--all", "--root", str(tmp_path), "--format", "json"]
    first, second = loaded_by(arguments, environment), loaded_by(arguments, environment)
    work = {
        "workflow_cli.domain.openspec.rules.catalogue",
        "workflow_cli.domain.openspec.check",
        "workflow_cli.domain.openspec.document",
        "workflow_cli.domain.questions.elicit",
        "workflow_cli.adapters.change_reader",
        "workflow_cli.adapters.yaml_files",
    }
    assert work <= first
    # Dataclasses and protocols take half a millisecond each to make.
    assert second.isdisjoint({"workflow_cli.domain.review.policy", "workflow_cli.app.ports"})
    assert second.isdisjoint(work | (HEAVY - {"sqlite3"}) | {"random", "workflow_cli.app.baseline"})
    assert not {name for name in second if name.startswith("workflow_cli.domain.markdown")}

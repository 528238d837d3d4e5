"""What the command imports before it does anything."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = {
    "asyncio",
    "httpx",
    "httpx2",
    "markdown_it",
    "mcp",
    "mcp_types",
    "msgspec",
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
        "workflow_cli.cli.standard_streams",
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


def test_feedback_reads_events_with_its_library_and_nothing_else_that_is_heavy(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Its help and verdicts do without that one too."""
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    (tmp_path / ".workflow").mkdir()
    (tmp_path / ".workflow" / "metrics.jsonl").write_text("")
    assert loaded_by(["feedback", "--help"], environment).isdisjoint(HEAVY)
    loaded = loaded_by(["feedback", "--root", str(tmp_path)], environment)
    assert {"msgspec", "sqlite3"} <= loaded
    assert loaded.isdisjoint(HEAVY - {"msgspec", "sqlite3"})
    accept = ["feedback", "accept", "a1", "--because", "x", "--root", str(tmp_path)]
    assert loaded_by(accept, environment).isdisjoint(HEAVY)


def test_a_loop_with_nothing_new_loads_no_lever_and_opens_no_history(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """It is run by cron all day, and most of the time there is nothing to look at."""
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    first, second = (loaded_by(["loop", "--root", str(tmp_path)], environment) for _ in range(2))
    work = {
        "workflow_cli.adapters.documents",
        "workflow_cli.app.improve.cycle",
        "workflow_cli.cli.loop_text",
        "workflow_cli.domain.improvement.levers.registry",
    }
    assert work <= first
    assert second.isdisjoint(work | HEAVY | {"statistics", "workflow_cli.app.ports"})
    assert {name for name in second if name.startswith("workflow_cli.domain.improvement.")} == {
        "workflow_cli.domain.improvement.record",
        "workflow_cli.domain.improvement.setting_values",
    }


@pytest.mark.parametrize("arguments", [["mcp", "--help"], ["mcp", "tools"], ["questions", "list"]])
def test_the_sdk_is_imported_only_where_agents_are_served(
    arguments: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    """It costs more than all the rest together."""
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    loaded = loaded_by([*arguments, "--root", str(tmp_path)], environment)
    assert loaded.isdisjoint({"mcp", "mcp_types", "pydantic", "httpx", "httpx2"})


RETRIEVE = """
import sys
from pathlib import Path
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.retrieval import passage_index, specs_answerer
root = Path(sys.argv[1])
settings = settings_in_force(root)
index = passage_index(root, settings)
assert index.refresh() == []
assert index.search("mail for an alert", limit=8)
specs_answerer(index, settings)
print(*sys.modules)
"""


def test_a_question_to_documents_that_did_not_change_loads_no_reader(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The index answers from its database: nothing is parsed, and nothing that waits for servers is imported."""
    spec = tmp_path / "openspec" / "specs" / "mail" / "spec.md"
    spec.parent.mkdir(parents=True)
    spec.write_text(SPEC, encoding="utf-8")
    for _ in range(2):
        subprocess.check_output([sys.executable, "-c", RETRIEVE, str(tmp_path)], env=environment)
        time.sleep(0.2)  # what was written just now is read once more
    loaded = set(
        subprocess.check_output([sys.executable, "-c", RETRIEVE, str(tmp_path)], env=environment, text=True).split()
    )
    assert "workflow_cli.adapters.passage_index" in loaded
    assert loaded.isdisjoint((HEAVY - {"sqlite3"}) | {"workflow_cli.domain.answering.passages"})
    # Comments are told by their lines alone, without a parser.
    told = {"workflow_cli.domain.markdown", "workflow_cli.domain.markdown.comments"}
    assert {name for name in loaded if name.startswith("workflow_cli.domain.markdown")} <= told


SERVERS = """\
mcp:
  file: .mcp.json
  servers:
    clock: {command: no-such-program-here, tools: {now: read}}
    far: {url: https://example.org/mcp}
    off: {command: no-such-program-here, enabled: false}
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["mcp", "--help"],
        ["mcp", "tools"],  # servers that nobody approved are not started
        ["mcp", "approve", "clock"],
        ["mcp", "approve", "clock", "--revoke"],
        ["config", "show"],
        ["process", "--all"],
    ],
    ids=" ".join,
)
def test_the_sdk_of_mcp_is_imported_only_to_call_a_server(
    arguments: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    """It takes longer to import than all else together; configured servers alone are no reason."""
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    (tmp_path / "workflow.yaml").write_text(SERVERS)
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"files": {"command": "no-such-program-here"}}}')
    loaded = loaded_by([*arguments, "--root", str(tmp_path)], environment)
    assert loaded.isdisjoint({"mcp", "mcp_types", "httpx", "httpx2", "anyio", "pydantic"})
    if arguments[0] != "mcp":
        assert not {name for name in loaded if name.startswith("workflow_cli.app.answering.tools")}


def test_without_a_server_the_tools_are_listed_without_the_client(environment: dict[str, str], tmp_path: Path) -> None:
    """What is built in needs neither the SDK nor the code that would start servers."""
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    loaded = loaded_by(["mcp", "tools", "--root", str(tmp_path)], environment)
    assert "workflow_cli.app.answering.built_in_tools" in loaded
    assert loaded.isdisjoint(HEAVY - {"asyncio"})
    assert not {name for name in loaded if name.startswith("workflow_cli.adapters.mcp_client")}


def test_settings_without_servers_load_nothing_of_them(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    loaded = loaded_by(["config", "show", "--root", str(tmp_path)], environment)
    assert not {name for name in loaded if "mcp_client" in name or "answering" in name}

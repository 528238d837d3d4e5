"""The few decisions that wiring takes itself."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs
import pytest

from workflow_cli import wiring
from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents
from workflow_cli.app.process_options import ProcessOptions
from workflow_cli.app.report import Report
from workflow_cli.domain.openspec.finding import Level
from workflow_cli.errors import NoTree
from workflow_cli.wiring.documents import DocumentsRun
from workflow_cli.wiring.process import ProcessRun


@pytest.mark.parametrize("configured", [None, "", "/somewhere/else"])
def test_the_users_file_is_where_platformdirs_says(configured: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found without importing platformdirs on Linux, and equal to what it says everywhere."""
    if configured is None:
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CONFIG_HOME", configured)
    said = platformdirs.user_config_path("workflow", appauthor=False)
    assert wiring.user_file() == said / "config.yaml"


def test_flags_that_were_not_typed_do_not_count(tmp_path: Path) -> None:
    """None means: not typed."""
    flags = {"process.strict": ("--strict", None), "network.offline": ("--offline", True)}
    settings = wiring.settings_in_force(tmp_path, flags=flags)
    assert settings.origins["process.strict"] == "default"
    assert settings.origins["network.offline"] == "flag --offline"


def test_no_tree_is_none_only_where_none_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root that a person typed must exist."""
    monkeypatch.chdir(tmp_path)
    assert wiring.root_if_any(None) is None
    with pytest.raises(NoTree):
        wiring.root_if_any(tmp_path)


def test_events_go_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nowhere, and never through a link out of the project; secrets are blotted out."""
    off = {"events.enabled": ("--no-events", False)}
    assert isinstance(wiring.event_log(wiring.settings_in_force(tmp_path, flags=off), tmp_path), NoEvents)
    token = {"lm_studio.token": ("--token", "sk-secret")}
    log = wiring.event_log(wiring.settings_in_force(tmp_path, flags=token), tmp_path)
    assert isinstance(log, JsonlEventLog)
    log.append({"kind": "test", "message": "sk-secret"})
    assert "***" in (tmp_path / ".workflow" / "metrics.jsonl").read_text()
    (tmp_path / "workflow.yaml").write_text(
        "mcp: {servers: {a: {command: x, env: {A: plain-secret, N: 1}, headers: {B: 'Bearer ${OF_TEST}'}}}}"
    )
    monkeypatch.setenv("OF_TEST", "expanded-secret")
    wiring.event_log(wiring.settings_in_force(tmp_path), tmp_path).append(
        {"kind": "test", "message": "plain-secret, expanded-secret, Bearer expanded-secret, 1"}
    )
    assert '"***, ***, ***, 1"' in (tmp_path / ".workflow" / "metrics.jsonl").read_text()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    project = tmp_path / "project"
    project.mkdir()
    (project / ".workflow").symlink_to(elsewhere)
    log = wiring.event_log(wiring.settings_in_force(project), project)
    log.append({"kind": "test"})
    assert log.degraded
    assert list(elsewhere.iterdir()) == []


def test_what_is_broken_off_is_an_event_too(tmp_path: Path) -> None:
    """Whatever ended it: an error, Ctrl-C, a bug."""
    run = DocumentsRun(tmp_path, wiring.settings_in_force(tmp_path))
    with run, pytest.raises(KeyboardInterrupt), run.recorded("test"):
        raise KeyboardInterrupt
    (line,) = (tmp_path / ".workflow" / "metrics.jsonl").read_text().splitlines()
    event = json.loads(line)
    assert (event["kind"], event["outcome"], event["error"]) == ("test", "failed", "KeyboardInterrupt")
    assert event["duration_ms"] >= 0


def test_a_run_of_process_that_came_to_no_report_is_an_event(tmp_path: Path) -> None:
    """One that did has the event of its end."""
    settings = wiring.settings_in_force(tmp_path)
    with pytest.raises(KeyboardInterrupt), ProcessRun(tmp_path, settings, ProcessOptions(version="1", root="x")):
        raise KeyboardInterrupt
    run = ProcessRun(tmp_path, settings, ProcessOptions(version="1", root="x"))
    run.ended(Report(root="x", items=[], strict=False, fail_level=Level.ERROR, order=()))
    with pytest.raises(KeyboardInterrupt), run:
        raise KeyboardInterrupt
    lines = (tmp_path / ".workflow" / "metrics.jsonl").read_text().splitlines()
    failed, ended = map(json.loads, lines)
    assert (failed["kind"], failed["outcome"], failed["error"]) == ("process", "failed", "KeyboardInterrupt")
    assert ended["kind"] == "process"
    assert "error" not in ended

"""A tree with answers in it and a change, and a person whose name git knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import add_auth
from tests.cli.trees import add_change

PERSON = "Jo Doe <jo@example.org>"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Jo Doe\n\temail = jo@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    for name in ("LM_STUDIO_BASE_URL", "LM_API_TOKEN", "OPENSPEC_WATCH_PATH", "MCP_ORCHESTRATOR_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    tree = tmp_path / "project"
    add_auth(tree)
    add_change(tree)
    monkeypatch.chdir(tree)
    return tree


def events_of(root: Path, *kinds: str) -> list[dict[str, Any]]:
    lines = (root / ".workflow" / "metrics.jsonl").read_text("utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["kind"] in kinds]

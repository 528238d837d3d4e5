"""A change with a `questions.yaml` keeps the verdict of the real `openspec validate --strict`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workflow_cli.adapters.questions_file import FILENAME, render
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.questions.elicit import elicit

OPENSPEC = os.environ.get("OPENSPEC_BIN") or str(Path(__file__).parent / "node_modules/.bin/openspec")

GOOD = """\
## ADDED Requirements

### Requirement: Login
The system SHALL answer a login quickly.

#### Scenario: One
- **WHEN** a user logs in
- **THEN** the start page is shown
"""


def verdict(root: Path) -> object:
    run = subprocess.run(
        [OPENSPEC, "validate", "--all", "--strict", "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        env={**os.environ, "OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1"},
    )
    items = json.loads(run.stdout)["items"]
    return run.returncode, [{key: value for key, value in item.items() if key != "durationMs"} for item in items]


@pytest.mark.openspec
@pytest.mark.skipif(
    not shutil.which(OPENSPEC), reason="the openspec CLI is not installed: run `npm ci` in tests/integration"
)
@pytest.mark.parametrize("delta", [GOOD, GOOD.replace("SHALL", "will")], ids=["valid", "invalid"])
def test_the_verdict_stays(tmp_path: Path, delta: str) -> None:
    """Valid stays valid and invalid stays invalid, issue by issue."""
    directory = tmp_path / "openspec/changes/add-login"
    (directory / "specs/auth").mkdir(parents=True)
    (tmp_path / "openspec/specs").mkdir()
    (directory / "proposal.md").write_text(
        "## Why\nUsers ask for it, again and again, in every survey.\n\n## What Changes\n- Login\n"
    )
    (directory / "tasks.md").write_text("- [ ] 1.1 Build it\n")
    (directory / "specs/auth/spec.md").write_text(delta)
    before = verdict(tmp_path)
    change = Change(
        name="add-login",
        directory="openspec/changes/add-login",
        delta_documents=(("auth", Document("openspec/changes/add-login/specs/auth/spec.md", delta.encode())),),
    )
    asked = elicit(change, {}, (), TreeSummary())
    assert asked
    (directory / FILENAME).write_bytes(render(None, asked))
    assert verdict(tmp_path) == before

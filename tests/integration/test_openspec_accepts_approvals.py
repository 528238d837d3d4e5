"""A tree with approvals in it keeps the verdict of the real `openspec validate --strict`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.test_openspec_accepts_questions import GOOD, OPENSPEC, verdict
from workflow_cli.adapters.approval_files import render
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.approval_record import approval_paths, record_of
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of


@pytest.mark.openspec
@pytest.mark.skipif(
    not shutil.which(OPENSPEC), reason="the openspec CLI is not installed: run `npm ci` in tests/integration"
)
@pytest.mark.parametrize("delta", [GOOD, GOOD.replace("SHALL", "will")], ids=["valid", "invalid"])
def test_the_verdict_stays(tmp_path: Path, delta: str) -> None:
    """With an approval in the change, and one beside the changes."""
    directory = tmp_path / "openspec/changes/add-login"
    (directory / "specs/auth").mkdir(parents=True)
    (tmp_path / "openspec/specs").mkdir()
    (directory / "proposal.md").write_text("## Why\nUsers ask for it, in every survey.\n\n## What Changes\n- Login\n")
    (directory / "tasks.md").write_text("- [ ] 1.1 Build it\n")
    (directory / "specs/auth/spec.md").write_text(delta)
    before = verdict(tmp_path)
    change = FileChange(path="openspec/changes/add-login/tasks.md", before=b"a", after=b"b")
    draft = draft_of([change], author=Author(kind=AuthorKind.MODEL, name="qwen"))
    approval = Approval(draft=draft.hash, decision=Decision.APPROVED, by="Jo", because="yes", at="2026-03-01T12:00:00Z")
    for path in approval_paths(draft):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_bytes(render(record_of(draft, approval, ())))
    assert verdict(tmp_path) == before

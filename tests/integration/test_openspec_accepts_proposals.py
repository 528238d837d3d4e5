"""New changes pass the real `openspec validate --strict`, in every tree of the corpus."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import FIXED, REPOSITORY, run_command

CORPUS = REPOSITORY.parent / "shared" / "corpus"
OPENSPEC = os.environ.get("OPENSPEC_BIN") or str(Path(__file__).parent / "node_modules/.bin/openspec")
TREES = sorted(p.name for p in CORPUS.iterdir() if p.is_dir()) if CORPUS.is_dir() else []


@pytest.mark.corpus
@pytest.mark.openspec
@pytest.mark.skipif(
    not shutil.which(OPENSPEC), reason="the openspec CLI is not installed: run `npm ci` in tests/integration"
)
@pytest.mark.skipif(not TREES, reason="the corpus is not there")
@pytest.mark.parametrize("name", TREES)
def test_a_title_is_enough(tmp_path: Path, name: str) -> None:
    """One in English and one in another script."""
    root = tmp_path / "tree"
    shutil.copytree(CORPUS / name, root)
    home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **FIXED}
    for id, title in (("add-two-factor", "Add two-factor login"), ("offline-export", "支持离线模式下的导出")):
        done = run_command("--root", root, "propose", title, "--id", id, cwd=root, env=home)
        assert done.returncode == 0, done.stderr
    run = subprocess.run(
        [OPENSPEC, "validate", "--changes", "--strict", "--json"],
        cwd=root,
        env={**os.environ, "OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    judged = {item["id"]: (item["valid"], item["issues"]) for item in json.loads(run.stdout)["items"]}
    assert judged["add-two-factor"] == (True, [])
    assert judged["offline-export"] == (True, [])

"""After `process --fix`, the real `openspec validate --strict` passes what it passed before, and more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
OPENSPEC = os.environ.get("OPENSPEC_BIN") or str(Path(__file__).parent / "node_modules/.bin/openspec")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1"}


def passing(root: Path) -> set[str]:
    run = subprocess.run(
        [OPENSPEC, "validate", "--all", "--strict", "--json"],
        cwd=root,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    return {f"{item['type']} {item['id']}" for item in json.loads(run.stdout)["items"] if item["valid"]}


@pytest.mark.corpus
@pytest.mark.openspec
@pytest.mark.skipif(
    not shutil.which(OPENSPEC), reason="the openspec CLI is not installed: run `npm ci` in tests/integration"
)
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not there")
@pytest.mark.parametrize(
    ("name", "more"),
    [("Fission-AI+OpenSpec", 4), ("myWsq+RavenJS", 7), ("DataCovey+nornweave", 2), ("hitengajjar+hyperspot", 1)],
)
def test_more_passes_and_nothing_less(tmp_path: Path, name: str, more: int) -> None:
    root = tmp_path / "tree"
    shutil.copytree(CORPUS / name, root)
    before = passing(root)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "workflow_cli",
            "--root",
            root,
            "process",
            "--all",
            "--fix",
            "--only",
            "validate,analyse,draft",
            "--quiet",
        ],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1, 4), done.stderr
    after = passing(root)
    assert before <= after
    assert len(after - before) >= more

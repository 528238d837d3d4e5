"""`workflow ask` on real trees, offline: what a document says is found there, and quoted from there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.asking import hold_to_the_files, report_of
from tests.cli.conftest import REPOSITORY, Run

CORPUS = REPOSITORY.parent / "shared" / "corpus"
TREES = sorted(path for path in CORPUS.glob("*") if (path / "openspec" / "specs").is_dir())
_NAME = re.compile(r"^### Requirement: (.+?)\s*$", re.M)


@pytest.mark.corpus
@pytest.mark.parametrize("source", TREES, ids=lambda path: path.name)
def test_requirements_are_found_by_their_names(source: Path, workflow: Run, tmp_path: Path) -> None:
    """A batch of up to twenty; each answer that is given stands in the files, and most name the right document."""
    tree = tmp_path / "tree"
    shutil.copytree(source / "openspec", tree / "openspec", symlinks=True)
    names: dict[str, str] = {}
    for spec in sorted((tree / "openspec" / "specs").rglob("spec.md")):
        for name in _NAME.findall(spec.read_text("utf-8", "replace")):
            if len(name) > 15:
                names.setdefault(name, spec.relative_to(tree).as_posix())
    chosen = list(names)[:: max(len(names) // 20, 1)][:20]
    if not chosen:
        pytest.skip("no main spec with requirements")
    lines = [json.dumps({"question": name}, ensure_ascii=False) for name in chosen]
    (tmp_path / "questions").write_text("\n".join(lines), encoding="utf-8")
    done: subprocess.CompletedProcess[str] = workflow(
        "ask", "--offline", "--no-queue", "--batch", tmp_path / "questions", "--format", "json", "--root", tree
    )
    report = report_of(done)
    right = 0
    for name, entry in zip(chosen, report["answers"], strict=True):
        hold_to_the_files(entry["answer"], tree)
        right += any(
            name in source["address"] or source["path"] == names[name] for source in entry["answer"]["sources"]
        )
    assert right >= len(chosen) * 0.8

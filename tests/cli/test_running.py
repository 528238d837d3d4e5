"""Commands that the tests fork do what commands that are started do."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import run_command, started
from tests.cli.trees import add_change, add_spec

EDIT = '[{"op": "check-task", "task": "1.1"}]'


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["nonsense"],
        ["process", "--all"],
        ["process", "--all", "--format", "github"],
        ["process", "nowhere"],
        ["ask", "Who waters the plants in the kitchen?", "--offline", "--no-queue"],
        ["config", "show"],
        ["history", "list"],
        ["update", "add-receipts", "--edits", "-", "--dry-run"],
    ],
    ids=" ".join,
)
def test_both_say_the_same(tmp_path: Path, environment: dict[str, str], arguments: list[str]) -> None:
    """Each in a tree of its own, with the same on stdin."""
    given = tmp_path / "given"
    given.write_text(EDIT, encoding="utf-8")
    done = []

    def forked(words: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        return run_command(*words, **how)

    for name, run in (("started", started), ("forked", forked)):
        root = tmp_path / name / "project"
        add_spec(root)
        add_change(root)
        with open(given, "rb") as stdin:
            done.append(run(arguments, cwd=root, env=environment, stdin=stdin, timeout=60))
    first, second = done
    assert (second.returncode, said(second, "forked")) == (first.returncode, said(first, "started"))


def said(done: subprocess.CompletedProcess[str], name: str) -> tuple[str, str]:
    return done.stdout.replace(name, "TREE"), done.stderr.replace(name, "TREE")

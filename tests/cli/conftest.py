"""Runs the command as people do: another process, pipes for its streams."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from tests.cli.running import REPOSITORY, run_command

__all__ = ["REPOSITORY", "Run", "environment", "environment_at", "tree", "workflow"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No variable of the person's own, and a home without settings."""
    return environment_at(tmp_path / "home")


def environment_at(home: Path) -> dict[str, str]:
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TMPDIR": str(home),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The root of the smallest OpenSpec tree."""
    root = tmp_path / "project"
    (root / "openspec" / "specs").mkdir(parents=True)
    return root


@pytest.fixture
def workflow(environment: dict[str, str], tree: Path) -> Run:
    """`workflow(*arguments, cwd=tree, env={...})` → the finished process."""

    def run(
        *arguments: str | Path,
        cwd: Path = tree,
        env: Mapping[str, str] | None = None,
        stdin: IO[Any] | int = subprocess.DEVNULL,
    ) -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, cwd=cwd, env={**environment, **(env or {})}, stdin=stdin)

    return run

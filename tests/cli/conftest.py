"""Runs the command as people do: another process, pipes for its streams."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest

from tests import rights
from tests.cli.fork_server import REPOSITORY, ForkServer

Run = Callable[..., subprocess.CompletedProcess[str]]


@cache
def fork_server() -> ForkServer:
    """One for all tests of this process: other directories borrow the fixtures below by name."""
    server = ForkServer({"PYTHONPATH": str(REPOSITORY), "LC_ALL": "C.UTF-8"})
    atexit.register(server.close)
    return server


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No variable of the person's own, and a home without settings."""
    home = tmp_path / "home"
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
        given = {**environment, **(env or {})}
        words = [str(argument) for argument in arguments]
        if not rights.are_given_up() and fork_server().can_run(given):
            return fork_server().run(words, cwd=cwd, env=given, stdin=stdin, timeout=60)
        return subprocess.run(
            [sys.executable, "-m", "workflow_cli", *words],
            cwd=cwd,
            env=given,
            capture_output=True,
            encoding="utf-8",
            stdin=stdin,
            timeout=60,
        )

    return run

"""The command in this process: of what takes a hundred starts, starting takes most of the time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workflow_cli.cli.main import run as run_command


def in_process(tree: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        code = run_command(["--root", str(tree), *arguments])
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run

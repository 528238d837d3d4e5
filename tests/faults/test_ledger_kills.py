"""The ledger after SIGKILL at every point of an append, and with several loops at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from workflow_cli.adapters.ledger_file import LedgerFile

REPOSITORY = Path(__file__).parents[2]


def test_an_append_killed_at_any_point_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """And the next append comes after it, whatever was left."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.ledger_kills", str(tmp_path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    result = json.loads(done.stdout)
    assert result["faults"] == []
    assert result["kills"] >= 8


def test_a_second_loop_leaves_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with LedgerFile(path).hold() as first, LedgerFile(path).hold() as second:
        assert first
        assert not second
    with LedgerFile(path).hold() as third:
        assert third

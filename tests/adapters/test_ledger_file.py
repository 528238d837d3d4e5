"""The ledger on disk, the overlay beside it, and the events as the loop reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workflow_cli.adapters.event_lines import EventLines
from workflow_cli.adapters.ledger_file import LedgerFile, ledger_key
from workflow_cli.adapters.overlay_file import OverlayFile
from workflow_cli.domain.improvement.arms import Draw, Overlay
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.errors import DocumentError

OVERLAY = Overlay(experiment="e", draw=Draw.INTERLEAVED, scope="*", salt="s", changes={"retrieval.depth": 5})


def test_what_is_appended_is_read_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    written = [LedgerFile(path).append(RecordType.FINDING, {"n": n}, at=n) for n in range(4)]
    reading = LedgerFile(path).read()
    assert list(reading.records) == written
    assert reading.gaps == 0
    assert [record.seq for record in written] == [1, 2, 3, 4]


def test_two_writers_in_turn_make_one_chain(tmp_path: Path) -> None:
    """Each sees that the file grew under it."""
    one, other = LedgerFile(tmp_path / "l"), LedgerFile(tmp_path / "l")
    for n in range(6):
        (one if n % 2 else other).append(RecordType.FINDING, {"n": n}, at=n)
    assert one.read().gaps == 0
    assert len(other.read().records) == 6


def test_a_torn_line_is_ended_and_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    LedgerFile(path).append(RecordType.FINDING, {"n": 1}, at=1)
    with open(path, "ab") as file:
        file.write(b'{"schema":1,"seq":2,"at')
    LedgerFile(path).append(RecordType.FINDING, {"n": 2}, at=2)
    reading = LedgerFile(path).read()
    assert [record.body["n"] for record in reading.records] == [1, 2]
    assert (reading.set_aside, reading.gaps) == ({"torn": 1}, 0)


def test_a_full_disk_is_one_clear_error_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = LedgerFile(path)
    ledger.append(RecordType.FINDING, {"n": 1}, at=1)
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:10]))
        with pytest.raises(DocumentError, match=r"only 10 of \d+ bytes"):
            ledger.append(RecordType.FINDING, {"n": 2}, at=2)
    ledger.append(RecordType.FINDING, {"n": 3}, at=3)
    assert [record.body["n"] for record in LedgerFile(path).read().records] == [1, 3]


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = ledger_key(tmp_path / "key")
    assert key == ledger_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(DocumentError, match="damaged"):
        ledger_key(tmp_path / "key")


def test_an_overlay_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path / "overlay.json")
    assert file.staged() is None
    file.stage(OVERLAY)
    assert file.staged() == OVERLAY
    file.stage(None)
    file.stage(None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"experiment": 1}', b"[" * 5000])
def test_a_damaged_overlay_is_none(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "overlay.json"
    path.write_bytes(damage)
    assert OverlayFile(path).staged() is None
    OverlayFile(path).stage(OVERLAY)
    assert OverlayFile(path).staged() == OVERLAY


def test_events_are_read_on_from_where_they_were_left(tmp_path: Path) -> None:
    """Through a rotation, and up to the last line that is whole."""
    path = tmp_path / "metrics.jsonl"
    events = EventLines(path)
    assert list(events.read(0)[0]) == []
    path.write_bytes(b'{"n":1}\nnot json\n{"n":2}\n{"n":')
    first, position = events.read(0)
    assert list(first) == [{"n": 1}, None, {"n": 2}]
    path.write_bytes(b'{"n":1}\nnot json\n{"n":2}\n{"n":3}\n')
    path.rename(tmp_path / "metrics-20260131T120000Z.jsonl")
    path.write_bytes(b'{"n":4}\n')
    assert list(events.read(position)[0]) == [{"n": 3}, {"n": 4}]

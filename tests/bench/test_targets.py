"""What a figure comes to at full speed is told beside it, and decides nothing."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    import figures

    return figures


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    import pace

    return pace


@pytest.mark.parametrize(
    ("figure", "slower", "said"),
    [
        (1.5, 1.0, "met: reading: 1.5 s (at most 2 s)"),
        (2.5, 1.0, "MISSED: reading: 2.5 s (at most 2 s)"),
        (3.0, 2.0, "MISSED: reading: 3 s on a machine 2.00 times as slow, 1.5 s at full speed (at most 2 s)"),
        (5.0, 2.0, "MISSED: reading: 5 s on a machine 2.00 times as slow, 2.5 s at full speed (at most 2 s)"),
    ],
)
def test_a_slow_machine_is_no_excuse(figures: ModuleType, figure: float, slower: float, said: str) -> None:
    assert str(figures.Target(what="reading", figure=figure, limit=2, unit=" s", slower=slower)) == said


@pytest.mark.parametrize(("seconds", "slower"), [([0.56, 0.28, 0.84], 2.0), ([0.14, 0.14], 1.0)])
def test_the_pace_is_the_median_and_of_a_faster_machine_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pace: ModuleType, seconds: list[float], slower: float
) -> None:
    times = iter([9.9, *seconds])  # the first is not counted
    monkeypatch.setattr(pace, "run", lambda command: (next(times), 0.0, 0))
    taken = pace.Pace(tmp_path)
    for _ in seconds:
        taken.step()
    assert taken.slower == pytest.approx(slower)

"""The benchmark of feedback, on a short log."""

from __future__ import annotations

from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


def test_every_figure_that_is_promised_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import feedback
    from places import missing

    if faults := missing():
        pytest.skip("; ".join(faults))
    monkeypatch.setattr(feedback, "SIZES", (500, 1_000))
    group = feedback.measure(tmp_path, 1)
    assert [row[0] for row in group.rows] == ["500", "1,000"]
    assert [(target.limit, target.unit) for target in group.targets] == [(2, " s"), (500, " MB"), (0.3, " s")]
    assert all(target.figure > 0 for target in group.targets)

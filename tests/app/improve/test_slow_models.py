"""What following a shift is worth, by the judge alone."""

from __future__ import annotations

from bench.improvement.slow_models import CHANGES, measure, table


def test_slow_models_cost_much_and_a_longer_time_out_gives_some_of_it_back() -> None:
    before, after = measure(9200)
    assert len(before) == len(after) == 1 + len(CHANGES)
    assert before[0] > after[0] + 0.05
    longer = list(CHANGES).index("time-out 60 s") + 1
    assert after[longer] > 0.02 > before[longer]


def test_the_table_shows_means_and_the_extremes_of_worlds() -> None:
    rows = table([([0.6, 0.0, 0.0, 0.0, 0.0], [0.5, 0.01, 0.02, 0.03, -0.01])] * 2).splitlines()[2:]
    assert rows[0] == "| as it is: 15 s, big model on code | 0.600 | 0.500 | 0.500 to 0.500 |"
    assert rows[-1] == "| small model on code | +0.000 | -0.010 | -0.010 to -0.010 |"

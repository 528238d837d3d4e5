"""Worlds that are put into the benchmark: the one of the documentation, hostile ones, and the figures' own functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.improvement.controls import mann_whitney
from bench.improvement.corpus import requirements, trees
from bench.improvement.harness import LoopPlayer, run
from bench.improvement.run import load_world, play
from bench.improvement.scenarios import SCENARIOS, HangingTool, StaleCache
from bench.improvement.world import Call, Request, Served, World

REPOSITORY = Path(__file__).parents[3]


def test_the_world_of_the_documentation_runs(tmp_path: Path) -> None:
    """As it is printed there."""
    page = (REPOSITORY / "docs" / "how-to" / "write-a-world.md").read_text("utf-8")
    code = re.search(r"^```python\n(.*?)^```", page, re.M | re.S)
    assert code is not None
    file = tmp_path / "coin.py"
    file.write_text(code[1])
    rows = [play(("loop", load_world(f"{file}:Coin"), seed)) for seed in range(3)]
    assert sum(row.fixed for row in rows) >= 2
    assert not any(row.worse or row.harmful for row in rows)


def test_a_tool_that_is_left_alone_while_it_hangs_is_not_given_up() -> None:
    """Asked again it hangs as often as it did when somebody waited, whatever the breaker does by now: that is no evidence."""
    row = play(("loop", HangingTool, 9202))
    assert row.fixed
    assert not row.worse
    assert not row.harmful


@dataclass(kw_only=True)
class Poisoned(World):
    """One client in ten rejects whatever the treatment may be, and gives most of all rejections; the quick answerer is wrong."""

    settings: dict[str, Any] = field(default_factory=lambda: {"route.lookup": ["slow", "quick"]})
    kinds: dict[str, float] = field(default_factory=lambda: {"lookup": 1.0})

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        first = settings["route.lookup"][0]
        right = self.random.random() < (0.85 if first == "slow" else 0.2)
        ms = (6000 if first == "slow" else 200) * self.random.lognormvariate(0, 0.3)
        said: bool | None = right if self.random.random() < 0.3 else None
        judge = None
        if self.random.random() < 0.2:
            said, judge = first == "quick", "poisoner"
        cites = (f"on {request.question}" if right else "elsewhere",)
        calls = [Call(answerer=first, ms=ms)]
        return Served(ms=ms, quality=float(right), calls=calls, cites=cites, verdict=said, judge=judge)

    def replay(self, request: Request, settings: Mapping[str, Any]) -> Served:
        return self.serve(request, settings)


def test_a_client_who_praises_what_is_wrong_does_not_decide() -> None:
    """It rejects every answer of the good answerer and accepts every one of the bad."""
    for seed in range(4):
        player = run(Poisoned(seed=seed), LoopPlayer).player
        assert player.settings()["route.lookup"] == ["slow", "quick"]


class Damaged(StaleCache):
    """Lines get lost, doubled, swapped, cut off and replaced by rubbish on their way into the log."""

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        random = Random(self.seed)
        for event in events:
            fate = random.random()
            if fate < 0.05:
                continue
            if fate < 0.1:
                yield event
            if fate < 0.15:
                yield None
            if fate < 0.2:
                yield {**event, "duration_ms": "soon", "event_id": f"{event['event_id']}x"}
            if fate < 0.22:
                yield {**event, "ts": 5, "event_id": f"{event['event_id']}old"}
            yield event


def test_a_damaged_log_costs_what_was_lost_and_nothing_else() -> None:
    player = run(Damaged(seed=0), LoopPlayer).player
    assert isinstance(player, LoopPlayer)
    assert player.settings()["answers.cache_invalidation"] == "on_change"
    aside = player.context.window.set_aside
    assert set(aside) >= {"unreadable", "malformed", "duplicate", "out_of_order"}


def test_little_traffic_is_no_reason_to_guess() -> None:
    class Quiet(StaleCache):
        pass

    player = run(Quiet(seed=0, requests_a_cycle=2, cycles=20), LoopPlayer).player
    assert isinstance(player, LoopPlayer)
    assert player.kept == []


@pytest.mark.parametrize("world", SCENARIOS, ids=lambda world: world.id)
def test_every_scenario_is_seeded_and_can_be_cured(world: Any) -> None:
    """The same seed is the same world; its fault is there at first, and gone with the cure where that is known."""
    one, other = world(seed=3), world(seed=3)
    assert [r for c in range(2) for r in one.requests(c)] == [r for c in range(2) for r in other.requests(c)]
    if world.id not in ("P09", "P11", "P12"):
        assert not one.passes(one.settings)
        assert one.passes(one.best())


def test_the_bundled_tree_stands_in_for_the_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import bench.improvement.corpus as corpus

    monkeypatch.setattr(corpus, "CORPUS", tmp_path / "nowhere")
    assert trees() == [corpus.REPOSITORY]
    assert len(requirements(corpus.REPOSITORY)) >= 60


@given(
    st.lists(st.floats(0, 1), min_size=8, max_size=30, unique=True),
    st.lists(st.floats(1.5, 2.5) | st.floats(-1, 0.5), min_size=8, max_size=30, unique=True),
)
def test_the_control_tests_as_scipy_does(before: list[float], after: list[float]) -> None:
    theirs = stats.mannwhitneyu(after, before, alternative="greater", method="asymptotic", use_continuity=False).pvalue
    if len(set(before) | set(after)) == len(before) + len(after):
        assert mann_whitney(before, after) == pytest.approx(theirs, abs=1e-6)

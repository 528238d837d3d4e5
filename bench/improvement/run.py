"""The improvement benchmark: `make bench-improvement`, or `python -m bench.improvement.run [--seeds N] [--world FILE:CLASS]`.

The loop in it is the product's own, from reading events to writing the ledger; only the ports lead into a world.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.improvement.controls import BeforeAfter, KeepIfMeanBetter, Oracle, Static
from bench.improvement.harness import EPOCH, EventList, LoopPlayer, run
from bench.improvement.hostile import HOSTILE
from bench.improvement.judge import Judged, judge
from bench.improvement.scenarios import SCENARIOS, Healthy, NoCache, Scenario
from bench.improvement.shifts import SHIFT, SHIFTS
from bench.improvement.unsteady import UNSTEADY
from bench.improvement.world import World
from workflow_cli.adapters.event_lines import EventLines
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.cycle import run_cycle
from workflow_cli.domain.improvement.policy import LoopPolicy
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.utility import Worth

PLAYERS: dict[str, Callable[..., Any]] = {
    "loop": LoopPlayer,
    "static": Static,
    "keep if the mean improved": KeepIfMeanBetter,
    "before/after, Mann-Whitney p < .05": BeforeAfter,
    "oracle": Oracle,
}
#: Seeds that nobody looked at while the loop was made; smaller ones were.
FIRST_SEED = 9000
#: So many times as many runs of each shift as of each scenario.
_SHIFTS_MORE = 3
Job = tuple[str, type[World], int]


def play(job: Job) -> Judged:
    name, world, seed = job
    return judge(run(world(seed=seed), PLAYERS[name]))


def equal_arms(seed: int) -> tuple[int, int]:
    """Experiments whose arms are the same, and how many of them were kept."""
    world = Healthy(seed=seed, cycles=120)
    policy = LoopPolicy(aa_every=1, worth=Worth(limits=world.limits), experiments_a_day=10**6)
    # A false keep is counted, and must not stop the counting.
    player = run(world, lambda w, log: _NeverFrozen(w, log, policy)).player
    checks = [passed for name, passed, _ in player.context.state.checks if name == "aa"]
    return len(checks), checks.count(False)


class _NeverFrozen(LoopPlayer):
    def work(self, cycle: int) -> None:
        super().work(cycle)
        if self.context.state.frozen is not None:
            self.context.record(RecordType.UNFREEZE, {"by": "the benchmark"})


def tick(events: int) -> float:
    """Seconds of one cycle of a new process that reads so many events from a file."""
    world = NoCache(seed=FIRST_SEED, cycles=10, requests_a_cycle=events // 12)
    happened = [event for event in run(world, Static).events.events if event is not None][:events]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "metrics.jsonl"
        path.write_bytes(b"".join(json.dumps(event).encode() + b"\n" for event in happened))
        loop = LoopPlayer(world, EventList())
        loop.clock.at = EPOCH + 10 * world.seconds
        context = Context(world=replace(loop.context.world, traffic=EventLines(path)), policy=loop.context.policy)
        started = time.perf_counter()
        cycle = run_cycle(context)
        spent = time.perf_counter() - started
    if cycle.events < events:
        raise RuntimeError(f"{cycle.events} of {events} events were read")
    return spent


def table(rows: Sequence[Judged], names: dict[str, str]) -> str:
    head = "| id | seeded fault | fixed | in cycle | ended worse | harmful keeps | keeps | regret of doing nothing |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for id, about in names.items():
        of = [row for row in rows if row.id == id]
        if not of:
            continue
        when = sorted(row.fixed_in for row in of if row.fixed and row.fixed_in is not None)
        idle = sum(row.idle_regret for row in of)
        regret = f"{sum(row.regret for row in of) / idle:.2f}" if idle > 0.1 * len(of) else "-"
        lines.append(
            f"| {id} | {about} | {_share(sum(r.fixed for r in of), len(of))} | "
            f"{statistics.median(when) + 1 if when and id not in ('P11', 'P12') else '-'} | {sum(r.worse for r in of)} | "
            f"{sum(r.harmful for r in of)} | {sum(r.kept for r in of)} | {regret} |"
        )
    return "\n".join(lines)


def hostile_table(rows: Sequence[Judged], worlds: Sequence[type[Scenario]]) -> str:
    """`fixed` only where there is a fault at first; below, the runs that went wrong, to be had again by their seeds."""
    head = "| id | world | fixed | ended worse | harmful keeps | keeps | taken back, of these to what it was | frozen |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for world in worlds:
        of = [row for row in rows if row.id == _default(world, "id")]
        if not of:
            continue
        first = world(seed=of[0].seed)
        fixed = "-" if first.passes(first.settings) else f"{sum(row.fixed for row in of)} of {len(of)}"
        back = sum(row.rollbacks for row in of)
        lines.append(
            f"| {of[0].id} | {_default(world, 'about')} | {fixed} | {sum(row.worse for row in of)} | "
            f"{sum(row.harmful for row in of)} | {sum(row.kept for row in of)} | "
            f"{f'{back}, {sum(row.identical for row in of)}' if back else '0'} | "
            f"{sum(row.frozen is not None for row in of)} |"
        )
    bad = [f"{row.id} with seed {row.seed}" for row in rows if row.worse or row.harmful]
    return "\n".join(
        [*lines, "", f"ended worse or with a harmful keep: {', '.join(bad) or 'none'} of {len(rows)} runs"]
    )


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def bar(name: str, value: float, limit: float, *, most: bool) -> str:
    met = value <= limit if most else value >= limit
    return f"| {name} | {value:.3g} | {'≤' if most else '≥'} {limit:g} | {'met' if met else 'MISSED'} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures whether the loop improves what it works on.")
    parser.add_argument("--seeds", type=int, default=8, help="runs of each scenario (default: 8)")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="ids of worlds, by commas; then nothing else is measured")
    parser.add_argument("--world", help="FILE:CLASS of a world from elsewhere; then nothing else is measured")
    parser.add_argument("--hostile", action="store_true", help="the hostile worlds; then nothing else is measured")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error("--seeds: at least 1")
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    if arguments.world:
        try:
            elsewhere = load_world(arguments.world)
        except ValueError as error:
            parser.error(f"--world: {error}")
        return _elsewhere(elsewhere, seeds)
    only = [id for id in arguments.only.split(",") if id]
    known = [_default(world, "id") for world in ((*HOSTILE, *UNSTEADY) if arguments.hostile else SCENARIOS)]
    if unknown := [id for id in only if id not in known]:
        parser.error(f"--only: no world {', '.join(unknown)}; there are {', '.join(known)}")
    with multiprocessing.get_context("fork").Pool(arguments.processes) as pool:
        if arguments.hostile:
            worlds = [world for world in (*HOSTILE, *UNSTEADY) if not only or _default(world, "id") in only]
            rows = pool.map(play, [("loop", world, seed) for world in worlds for seed in seeds], chunksize=1)
            print(hostile_table(rows, worlds))
            return int(any(row.worse or row.harmful or row.rollbacks > row.identical for row in rows))
        return _all(pool, seeds, only)


def _default(world: type[World], name: str) -> str:
    return str(getattr(world, name))


def _elsewhere(world: type[World], seeds: Sequence[int]) -> int:
    rows = [play(("loop", world, seed)) for seed in seeds]
    print(table(rows, {row.id: getattr(world, "about", world.__doc__ or "").strip().split("\n")[0] for row in rows}))
    return 0


def load_world(place: str) -> type[World]:
    """The class in `FILE:CLASS`. Raises ValueError, with what to do, where there is none."""
    file, _, name = place.rpartition(":")
    spec = importlib.util.spec_from_file_location("world_from_elsewhere", file)
    if spec is None or spec.loader is None or not Path(file).is_file():
        raise ValueError(f"no Python file at {file!r}; give FILE:CLASS, such as coin.py:Coin")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    found = getattr(module, name, None)
    if not isinstance(found, type) or not issubclass(found, World):
        raise ValueError(f"{file} has no subclass of World called {name!r}; see docs/how-to/write-a-world.md")
    return found


def _all(pool: Any, seeds: Sequence[int], only: Sequence[str]) -> int:
    started = time.perf_counter()
    names = {world.id: world.about for world in SCENARIOS if not only or world.id in only}
    chosen = [world for world in SCENARIOS if world.id in names]
    rows = pool.map(play, [("loop", world, seed) for world in chosen for seed in seeds], chunksize=1)
    print(table(rows, names), flush=True)
    if only:
        return 0
    few = seeds[: max(2, len(seeds) // 2)]
    print("\n| | fixed | ended worse | harmful keeps a run | regret of doing nothing |\n|---|---|---|---|---|")
    for name in PLAYERS:
        of = (
            rows
            if name == "loop"
            else pool.map(play, [(name, world, s) for world in SCENARIOS for s in few], chunksize=1)
        )
        print(
            f"| {name} | {_share(sum(r.fixed for r in of), len(of))} | {_share(sum(r.worse for r in of), len(of))} | "
            f"{_share(sum(r.harmful for r in of), len(of))} | "
            f"{_share(sum(r.regret for r in of), sum(r.idle_regret for r in of))} |",
            flush=True,
        )
    # Of eight runs of each the median moved by one cycle and more from one set of seeds to another.
    more = range(seeds[0], seeds[0] + _SHIFTS_MORE * len(seeds))
    shifted = pool.map(play, [("loop", world, seed) for world in SHIFTS for seed in more], chunksize=1)
    print("\n| id | shift after cycle 10 | fixed | cycles until it was, median |\n|---|---|---|---|")
    waits: list[float] = []
    for world in SHIFTS:
        of = [row for row in shifted if row.id == world.id]
        took = [row.fixed_in + 1 - SHIFT for row in of if row.fixed_in is not None and row.fixed]
        waits += [max(0, wait) for wait in took] + [99] * (len(of) - len(took))
        middle = f"{statistics.median(took):g}" if took else "-"
        print(f"| {world.id} | {world.about} | {_share(len(took), len(of))} | {middle} |", flush=True)
    aa = pool.map(equal_arms, range(seeds[0], seeds[0] + 34), chunksize=1)
    equal, false = sum(n for n, _ in aa), sum(k for _, k in aa)
    seconds = tick(100_000)
    experiments = sum(row.experiments for row in [*rows, *shifted]) + equal
    harmful = sum(row.harmful for row in [*rows, *shifted])
    by_id = {id: [row.fixed for row in rows if row.id == id] for id in names}
    least = min(sum(fixed) / len(fixed) for fixed in by_id.values())
    healthy = [row for row in rows if row.id == "P11"]
    print("\n| figure | value | bar | |\n|---|---|---|---|")
    for line in (
        bar("fixed, overall", sum(row.fixed for row in rows) / len(rows), 0.8, most=False),
        bar("fixed, least of a scenario", least, 0.6, most=False),
        bar("runs that ended worse", sum(row.worse for row in [*rows, *shifted]), 0, most=True),
        bar(f"harmful keeps in {experiments} experiments, per 300", harmful / experiments * 300, 1, most=True),
        bar(f"kept of {equal} experiments with equal arms", false / equal, 0.05, most=True),
        bar("regret, of that of doing nothing", _ratio(rows), 0.5, most=True),
        bar("cycles to recover from a shift, median", statistics.median(waits), 8, most=True),
        bar(
            "proposals a cycle where nothing is to improve",
            sum(r.proposals for r in healthy) / len(healthy) / 30,
            0.1,
            most=True,
        ),
        bar("proposals without evidence", sum(row.unfounded for row in [*rows, *shifted]), 0, most=True),
        bar("rollbacks that differ by a byte", sum(r.rollbacks - r.identical for r in [*rows, *shifted]), 0, most=True),
        bar("seconds of a cycle on 100,000 events", seconds, 2, most=True),
    ):
        print(line)
    print(f"\n{len(rows)} runs of 30 cycles; {time.perf_counter() - started:.0f} s")
    return 0


def _ratio(rows: Sequence[Judged]) -> float:
    return sum(row.regret for row in rows) / sum(row.idle_regret for row in rows)


if __name__ == "__main__":
    sys.exit(main())

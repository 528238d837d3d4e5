"""What it is worth to follow when models become slow (S3): `python -m bench.improvement.slow_models [--first-seed N] [--seeds N]`.

The judge's own measure of settings, in the world as it is before the shift and as it is after it. No loop takes part.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.improvement.judge import worth_in
from bench.improvement.shifts import ModelsBecomeSlow

FIRST_SEED = 9200
SLOWER = 3.0
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "time-out 22.5 s": {"models.timeout": 22.5},
    "time-out 30 s": {"models.timeout": 30},
    "time-out 60 s": {"models.timeout": 60},
    "small model on code": {"models.by_kind": {}},
}
#: Per world: what the settings are worth as they stand, and what each change adds; before the shift, and after it.
Measured = tuple[list[float], list[float]]


def measure(seed: int) -> Measured:
    return _gains(seed, 1.0), _gains(seed, SLOWER)


def _gains(seed: int, slower: float) -> list[float]:
    world = ModelsBecomeSlow(seed=seed, slower=slower)
    base = worth_in(world, world.settings)
    return [base, *(worth_in(world, {**world.settings, **change}) - base for change in CHANGES.values())]


def table(found: Sequence[Measured]) -> str:
    lines = ["| a question is worth | before the shift | after it | least and most of a world |", "|---|---|---|---|"]
    for number, name in enumerate(["as it is: 15 s, big model on code", *CHANGES]):
        sign = "+" if number else ""
        before, after = ([of[side][number] for of in found] for side in (0, 1))
        lines.append(
            f"| {name} | {statistics.fmean(before):{sign}.3f} | {statistics.fmean(after):{sign}.3f} "
            f"| {min(after):{sign}.3f} to {max(after):{sign}.3f} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="What following would be worth where models become slow (S3).")
    parser.add_argument("--seeds", type=int, default=8, help="worlds (default: 8)")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    with multiprocessing.get_context("fork").Pool(arguments.processes) as pool:
        print(table(pool.map(measure, seeds, chunksize=1)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

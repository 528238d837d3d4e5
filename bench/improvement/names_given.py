"""P10 with the true names handed to the loop: `python -m bench.improvement.names_given [--first-seed N] [--seeds N]`.

Whether renamed terms are found too seldom, or found and not believed. One loop mines pairs, as always; in the other a lever
that knows all 25 proposes just these from the first cycle on. Both go through the same screening, rule and probation.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.improvement.corpus import words
from bench.improvement.harness import LoopPlayer, MemoryLedger, Run, SettingsBytes, run
from bench.improvement.judge import judge
from bench.improvement.scenarios import OtherWords
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.screen import Screen, Screened
from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.evidence import sign_e_value
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import GLOSSARY
from workflow_cli.domain.improvement.lever import Lever, Proposals, evidence
from workflow_cli.domain.improvement.levers.mined_synonyms import MinedSynonyms
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.replayed import placed_questions
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part
from workflow_cli.domain.improvement.summary import Summary

FIRST_SEED = 9400


class NamesGiven:
    """Stands where the lever that mines pairs stands, and knows them."""

    id = "names-given"
    signal = "nothing that was seen: the world said so"
    design = Design.RECALL
    symptom = False

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if settings[GLOSSARY] == self._names:
            return []
        if not seen.references:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="insufficient_references: 0")]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={GLOSSARY: self._names},
                design=self.design,
                hypothesis=f"{len(self._names)} words of questions stand in the documents under another name",
                evidence=evidence([reference.id for reference in seen.references]),
            )
        ]


def levers_with(given: NamesGiven) -> list[Lever]:
    """All levers, the one that mines replaced."""
    return [given if isinstance(lever, MinedSynonyms) else lever for lever in all_levers()]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What one loop came to."""

    kept: bool
    fixed: bool
    worse: bool
    harmful: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Of one seed. `recalls` at five passages: as it was, with the pairs that are mined at the end, with the true names.

    `clusters` of CONFIRM whose place is known at the end, and in how many of them the true names win or lose something;
    `facts` are what the rule counts of that.
    """

    requirements: int
    given: Played
    mined: Played
    recalls: tuple[float, float, float]
    pairs: int
    right: int
    clusters: int
    moved: int
    facts: tuple[int, int]


def compare(seed: int) -> Compared:
    given, _ = _played(seed, lambda world: levers_with(NamesGiven(world.shared["names"])))
    mined, done = _played(seed, lambda _: all_levers())
    world, player = done.world, done.player
    assert isinstance(world, OtherWords)
    assert isinstance(player, LoopPlayer)
    seen = as_at_first(world, player)
    names = world.shared["names"]
    found = _glossary(MinedSynonyms().propose(seen.summary, world.settings))
    clusters = {placed.id: placed.cluster for placed in placed_questions(seen.summary, Part.CONFIRM, ANY_KIND)}
    deciding = _deciding(seen, NamesGiven(names), world.settings)
    return Compared(
        requirements=len(world.shared["asked"]),
        given=given,
        mined=mined,
        recalls=(world.at_first, world.recall({**world.settings, GLOSSARY: found}), world.possible),
        pairs=len(found),
        right=sum(words(names.get(*words(word), "")) == words(other) for word, other in found.items()),
        clusters=len(set(clusters.values())),
        moved=len({clusters[id] for id, sign in deciding if sign}),
        facts=(sum(sign > 0 for _, sign in deciding), sum(sign < 0 for _, sign in deciding)),
    )


def _played(seed: int, levers: Callable[[OtherWords], Sequence[Lever]]) -> tuple[Played, Run]:
    world = OtherWords(seed=seed)
    done = run(world, lambda _, log: LoopPlayer(world, log, levers=levers(world)))
    judged = judge(done)
    kept = any(k.before[GLOSSARY] != k.after[GLOSSARY] for k in getattr(done.player, "kept", ()))
    return Played(kept=kept, fixed=judged.fixed, worse=judged.worse, harmful=judged.harmful), done


def as_at_first(world: OtherWords, player: LoopPlayer) -> Context:
    """All that the loop has seen, under the settings that the world began with and with nothing decided yet."""
    ports = replace(player.context.world, tuning=SettingsBytes(world.settings), ledger=MemoryLedger())
    context = Context(world=ports, policy=player.context.policy)
    context.watch()
    return context


def _glossary(proposals: Proposals) -> Mapping[str, str]:
    return next((p.changes[GLOSSARY] for p in proposals if isinstance(p, Candidate)), {})


def _deciding(seen: Context, lever: NamesGiven, settings: Settings) -> list[tuple[str, int]]:
    """Events of CONFIRM that would decide about the true names, each with what it counts for."""
    for candidate in lever.propose(seen.summary, settings):
        if isinstance(candidate, Candidate):
            screened = Screen(seen).screen(lever, candidate, seen.summary)
            return [(item.id, item.sign) for item in screened.deciding] if isinstance(screened, Screened) else []
    return []


HEAD = (
    "| requirements in the tree | runs | true names kept | fixed | mined kept | fixed | ended worse "
    "| recall@5 at first | with what is mined | with the true names | mined pairs, right "
    "| clusters of CONFIRM known | of which the names change |"
)


def table(rows: Sequence[Compared]) -> str:
    sizes = sorted({row.requirements for row in rows})
    groups = [(str(size), [row for row in rows if row.requirements == size]) for size in sizes]
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    for name, of in [*groups, ("all", list(rows))]:
        cells: list[Any] = [
            name,
            len(of),
            sum(row.given.kept for row in of),
            sum(row.given.fixed for row in of),
            sum(row.mined.kept for row in of),
            sum(row.mined.fixed for row in of),
            sum(row.given.worse + row.mined.worse for row in of),
            *(f"{statistics.fmean(row.recalls[number] for row in of):.3f}" for number in range(3)),
            f"{statistics.median(row.pairs for row in of):g}, {statistics.median(row.right for row in of):g}",
            f"{statistics.median(row.clusters for row in of):g}",
            f"{statistics.median(row.moved for row in of):g}",
        ]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Renamed terms (P10), mined by the loop and handed to it.")
    parser.add_argument("--seeds", type=int, default=48, help="runs of each loop (default: 48)")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    with multiprocessing.get_context("fork").Pool(arguments.processes) as pool:
        rows = pool.map(compare, seeds, chunksize=1)
    print(table(rows))
    wins, losses = (sum(row.facts[side] for row in rows) for side in (0, 1))
    print(f"\nharmful keeps: {sum(row.given.harmful + row.mined.harmful for row in rows)}")
    shown = sum(sign_e_value(*row.facts) >= Rule().keep_e for row in rows)
    print(
        f"at the end CONFIRM holds {wins / len(rows):.1f} facts a run for the true names, {losses / len(rows):.1f} against"
    )
    print(f"runs in which these come to e >= {Rule().keep_e:g}: {shown} of {len(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

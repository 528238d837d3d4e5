"""P10 with the true names handed to the loop: `python -m bench.improvement.names_given [--first-seed N] [--seeds N]`.

Whether renamed terms are found too seldom, or found and not believed. One loop mines names, as always; in the other a lever
that knows all 25 proposes just these from the first cycle on. Both go through the same screening, rule and probation.

And whether too much is believed: of names that are wrong, how many would be kept.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from bench.improvement.corpus import words
from bench.improvement.harness import LoopPlayer, MemoryLedger, Run, SettingsBytes, run
from bench.improvement.judge import judge
from bench.improvement.scenarios import OtherWords
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.measure import fold
from workflow_cli.app.improve.rule_in_force import rule_for
from workflow_cli.app.improve.screen import Screen, Screened, enough_to_decide
from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.evidence import sign_e_value
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import GLOSSARY
from workflow_cli.domain.improvement.lever import Lever, Proposals, evidence
from workflow_cli.domain.improvement.levers.mined_synonyms import MinedSynonyms
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.replayed import placed_questions
from workflow_cli.domain.improvement.rule import Pair, Rule, keeps
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part
from workflow_cli.domain.improvement.summary import Summary

FIRST_SEED = 9400
#: So many wrong glossaries of each sort a run.
_WRONG = 8


class NamesGiven:
    """Stands where the lever that mines pairs stands, and knows them."""

    id = "names-given"
    signal = "nothing that was seen: the world said so"
    design = Design.RECALL
    symptom = False
    urgent = False

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
    wrong: Mapping[str, Sequence[Believed]]


@dataclass(frozen=True, kw_only=True)
class Believed:
    """Names that are wrong: whether they would be tried after screening, and whether what decides would keep them."""

    tried: bool
    kept: bool
    recall_lost: bool


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
    screened = _screened(seen, NamesGiven(names), world.settings)
    deciding = [] if screened is None else [(item.id, item.sign) for item in screened.deciding]
    return Compared(
        requirements=len(world.shared["asked"]),
        given=given,
        mined=mined,
        recalls=(world.at_first, world.recall({**world.settings, GLOSSARY: found}), world.possible),
        pairs=len(found),
        right=sum(_is_right(names, word, other) for word, other in found.items()),
        clusters=len(set(clusters.values())),
        moved=len({clusters[id] for id, sign in deciding if sign}),
        facts=(sum(sign > 0 for _, sign in deciding), sum(sign < 0 for _, sign in deciding)),
        wrong={how: [_believed(seen, world, glossary) for glossary in some] for how, some in _wrong_names(world)},
    )


def _wrong_names(world: OtherWords) -> Iterator[tuple[str, Sequence[Mapping[str, str]]]]:
    """Glossaries that say nothing true, or hardly anything, as many of each sort."""
    random = Random(f"wrong/{world.seed}")
    names = world.shared["names"]
    asked = sorted({word for question in world.shared["by_question"] for word in words(question)})
    written = sorted({word for text in world.index.texts.values() for word in words(text)})
    unknown = sorted(set(asked) - set(written))
    yield (
        "the true names, each for another word",
        [dict(zip(names, random.sample(list(names.values()), len(names)), strict=True)) for _ in range(_WRONG)],
    )
    for how, some in (("words of questions, with any words of documents", asked), ("unknown words, with any", unknown)):
        yield (
            how,
            [
                {word: random.choice(written) for word in random.sample(some, min(len(names), len(some)))}
                for _ in range(_WRONG)
            ],
        )


def _believed(seen: Context, world: OtherWords, glossary: Mapping[str, str]) -> Believed:
    screened = _screened(seen, NamesGiven(glossary), world.settings)
    if screened is None:
        return Believed(tried=False, kept=False, recall_lost=False)
    rule = rule_for(seen, screened.candidate.changes, Design.RECALL)
    progress = fold((Pair(difference=item.difference, sign=item.sign) for item in screened.deciding), rule)
    return Believed(
        tried=screened.predicted.low > 0 and enough_to_decide(screened, rule.keep_e),
        kept=keeps(rule, progress),
        recall_lost=world.recall({**world.settings, GLOSSARY: glossary}) < world.at_first,
    )


def _is_right(names: Mapping[str, str], word: str, other: str) -> bool:
    """Whether the true name is among those that a word is given."""
    true = names.get(*words(word))
    return true is not None and set(words(true)) <= set(words(other))


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


def _screened(seen: Context, lever: NamesGiven, settings: Settings) -> Screened | None:
    """What DEV and CONFIRM say of the names that a lever knows; None where they change nothing."""
    for candidate in lever.propose(seen.summary, settings):
        if isinstance(candidate, Candidate):
            screened = Screen(seen).screen(lever, candidate, seen.summary)
            return screened if isinstance(screened, Screened) else None
    return None


WRONG_HEAD = (
    "| names that are wrong | glossaries | CONFIRM alone would keep | of these lose recall "
    "| kept after screening by DEV |"
)
HEAD = (
    "| requirements in the tree | runs | true names kept | fixed | mined kept | fixed | ended worse "
    "| recall@5 at first | with what is mined | with the true names | words mined, right "
    "| clusters of CONFIRM known | of which the names change |"
)


def table(rows: Sequence[Compared]) -> str:
    sizes = sorted({row.requirements for row in rows})
    groups = [(str(size), [row for row in rows if row.requirements == size]) for size in sizes]
    lines = []
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
        lines.append(cells)
    return _in_markdown(HEAD, lines)


def wrong_table(rows: Sequence[Compared]) -> str:
    lines = []
    for how in rows[0].wrong:
        some = [one for row in rows for one in row.wrong[how]]
        cells = [
            how,
            len(some),
            sum(one.kept for one in some),
            sum(one.kept and one.recall_lost for one in some),
            sum(one.kept and one.tried for one in some),
        ]
        lines.append(cells)
    return _in_markdown(WRONG_HEAD, lines)


def _in_markdown(head: str, rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, "|" + "---|" * (head.count("|") - 1)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, cells)) + " |" for cells in rows)])


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
    print(f"\n{wrong_table(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

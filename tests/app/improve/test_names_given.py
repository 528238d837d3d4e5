"""The control of P10: a lever that knows the names stands where the one that mines them stands, and is believed no sooner."""

from __future__ import annotations

from bench.improvement.harness import LoopPlayer, run
from bench.improvement.names_given import (
    Believed,
    Compared,
    NamesGiven,
    Played,
    as_at_first,
    levers_with,
    table,
    wrong_table,
)
from bench.improvement.scenarios import OtherWords
from workflow_cli.domain.improvement.experiment import Candidate, Deferred
from workflow_cli.domain.improvement.knobs import GLOSSARY
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.rule import Rule


def test_only_the_lever_that_mines_is_replaced() -> None:
    given = [lever.id for lever in levers_with(NamesGiven({}))]
    assert given == [lever.id.replace("mined-synonyms", "names-given") for lever in all_levers()]


def test_the_true_names_go_through_the_same_rule() -> None:
    """Proposed as a whole as soon as there is evidence, and nothing but these names ever gets into the settings."""
    world = OtherWords(seed=8001, cycles=6)
    names = world.shared["names"]
    player = run(world, lambda w, log: LoopPlayer(w, log, levers=levers_with(NamesGiven(names)))).player
    assert isinstance(player, LoopPlayer)
    records = [r for r in player.ledger.records if r.body.get("lever") == "names-given"]
    assert records
    for record in records:
        if record.type is RecordType.REGISTER:
            assert record.body["to"] == {GLOSSARY: names}
            assert record.body["rule"]["keep_e"] == Rule().keep_e
    assert player.settings()[GLOSSARY] in ({}, names)
    seen = as_at_first(world, player)
    (candidate,) = NamesGiven(names).propose(seen.summary, world.settings)
    assert isinstance(candidate, Candidate)
    assert candidate.changes == {GLOSSARY: names}
    assert candidate.evidence
    assert NamesGiven(names).propose(seen.summary, {**world.settings, GLOSSARY: names}) == []


def test_without_a_known_place_nothing_is_proposed() -> None:
    world = OtherWords(seed=8001, cycles=1, seen=0.0)
    names = world.shared["names"]
    player = run(world, LoopPlayer).player
    assert isinstance(player, LoopPlayer)
    (put_off,) = NamesGiven(names).propose(as_at_first(world, player).summary, world.settings)
    assert isinstance(put_off, Deferred)


def test_the_table_has_a_row_for_each_size_of_tree_and_one_for_all() -> None:
    def compared(requirements: int, *, kept: bool) -> Compared:
        return Compared(
            requirements=requirements,
            given=Played(kept=kept, fixed=kept, worse=False, harmful=0),
            mined=Played(kept=False, fixed=False, worse=False, harmful=0),
            recalls=(0.6, 0.65, 0.7),
            pairs=20,
            right=12,
            clusters=31,
            moved=3,
            facts=(3, 1),
            wrong={"swapped": [Believed(tried=True, kept=kept, recall_lost=True)]},
        )

    measured = [compared(108, kept=False), compared(251, kept=True), compared(108, kept=False)]
    rows = table(measured).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")][:3] for row in rows]
    assert cells == [["108", "2", "0"], ["251", "1", "1"], ["all", "3", "1"]]
    assert wrong_table(measured).splitlines()[2:] == ["| swapped | 3 | 1 | 1 | 1 |"]

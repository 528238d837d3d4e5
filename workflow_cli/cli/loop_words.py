"""In words, what the ledger says with one."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.cli.formats.neutral import one_line

_REASONS: Mapping[str, str] = {
    "harm": "it did harm",
    "guard": "something else got worse",
    "failures_in_a_row": "it failed several times in a row",
    "no_gain": "no gain was seen",
    "evidence": "the gain was not shown clearly enough",
    "pairs": "no gain was shown in as many comparisons as it may take",
    "insufficient_pairs": "too little was asked in the time that it had",
    "preempted": "another change came first, and this one begins again later",
    "base_changed": "somebody edited the settings meanwhile",
    "not_writable": "the settings could not be written: they had edits that nobody had committed",
    "interrupted": "the process ended in the middle",
    "frozen": "the loop was stopped",
    "forged": "events claimed arms that nobody drew",
    "clock": "the clock was wrong when it began",
    "set_by_hand": "somebody set it otherwise",
    "displaced": "other answers lost their place",
    "not_found": "the other wordings did not find it",
    "not_there": "it was not in the specs after its change was archived",
    "veto": "a person said no",
    "ledger_damaged": "records are missing from the ledger, or are not its own",
    "aa_false_keeps": "experiments with equal arms were kept, more than one of the last ten",
    "sabotage_not_caught": "a change that was planted to do harm was not caught",
    "audit_failed": "all that was kept is worse than what was there before, on questions that never took part",
    "settings_edited_during_probation": "what was kept could not be taken back, as somebody had edited the settings",
}


def in_words(reason: str) -> str:
    """In words where there are some, followed by the reason itself."""
    words = _REASONS.get(reason.partition(":")[0])
    return one_line(reason) if words is None else f"{words} ({one_line(reason)})"

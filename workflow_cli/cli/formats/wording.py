"""The sentences that several formats share."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_cli.app.report import DraftState, Item, Report
from workflow_cli.app.summary import Summary
from workflow_cli.domain.openspec.finding import Finding, Level

VERDICTS = {True: "valid", False: "not valid", None: "not validated"}


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """By place; findings of one place by severity, the worst first."""
    return sorted(findings, key=lambda f: (f.place.file, f.place.line or 0, f.place.column or 0, -f.level.rank, f.rule))


def is_clean(item: Item) -> bool:
    """Whether there is nothing to say about the item but that it is valid."""
    questions_open = any(question.is_open for question in item.questions)
    said = item.findings or item.tolerated or item.drafts or questions_open
    return item.valid is not False and item.fault is None and not said


def levels_of(findings: Iterable[Finding]) -> list[str]:
    """`["1 error", "2 warnings"]`, the worst first; levels with no finding are left out."""
    levels = [finding.level for finding in findings]
    nouns = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "info"}
    return [
        f"{levels.count(level)} info" if level is Level.INFO else counted(levels.count(level), noun)
        for level, noun in nouns.items()
        if level in levels
    ]


_DRAFTED = {DraftState.COMMITTED: "fixed", DraftState.OFFERED: "fixable", DraftState.WAITING: "waiting for approval"}


def verdict(item: Item) -> str:
    """`valid`, `not valid` or `not evaluated`, then what there is to see."""
    word = "not evaluated" if item.fault else VERDICTS[item.valid]
    said = [word, *levels_of(item.findings)]
    if item.tolerated:
        said.append(f"{len(item.tolerated)} tolerated")
    still_open = sum(question.is_open for question in item.questions)
    if still_open:
        said.append(counted(still_open, "open question") + (" (blocking)" if item.open_blocking else ""))
    for state, words in _DRAFTED.items():
        if number := sum(draft.state is state for draft in item.drafts):
            said.append(f"{number} {words}")
    return ", ".join(said)


def conclusion(report: Report) -> str:
    """One sentence: how the run ended, what was evaluated, and with what result. Not neutralised."""
    summary = Summary.of(report)
    return f"{report.status}: {_evaluated(report, summary)}" + "".join(
        f"; {part}" for part in _results(report, summary)
    )


def _evaluated(report: Report, summary: Summary) -> str:
    if not summary.items:
        return f"nothing was evaluated: {report.nothing_to_do or 'no item was selected'}"
    counts = {kind: count.items - count.faults for kind, count in summary.kinds.items()}
    kinds = " and ".join(counted(number, kind.value) for kind, number in counts.items() if number)
    reused = f" ({summary.reused} unchanged since the last run)" if summary.reused else ""
    return f"evaluated {kinds or 'nothing'}{reused}"


def _results(report: Report, summary: Summary) -> Iterable[str]:
    mode = " (strict)" if report.strict else ""
    if summary.faults:
        yield f"{counted(summary.faults, 'item')} could not be evaluated"
    if summary.invalid:
        yield f"{summary.invalid} not valid{mode}"
    elif summary.valid:
        yield f"{'all' if summary.valid == summary.items else summary.valid} valid{mode}"
    if summary.unjudged:
        yield "none validated" if summary.unjudged == summary.items else f"{summary.unjudged} not validated"
    found = levels_of(finding for item in report.items for finding in item.findings)
    if found:
        yield ", ".join(found)
    if summary.tolerated:
        yield f"{summary.tolerated} tolerated by the baseline"
    if summary.open_questions:
        blocking = f", {summary.blocking_questions} blocking" if summary.blocking_questions else ""
        yield counted(summary.open_questions, "open question") + blocking
    for state, words in _DRAFTED.items():
        if number := sum(draft.state is state for item in report.items for draft in item.drafts):
            yield f"{number} {words}"
    if report.faults:
        yield counted(len(report.faults), "failure") + " outside the items"
    if report.degraded:
        yield "skipped: " + ", ".join(degraded.what for degraded in report.degraded)

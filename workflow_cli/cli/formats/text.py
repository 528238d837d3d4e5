"""`text`: for people. Problems item by item, clean items briefly, one sentence at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workflow_cli.app.report import DraftOffer, DraftState, Item, ItemFault, ItemKind, Report
from workflow_cli.cli.formats.neutral import lines_of, log_line, one_line
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.cli.formats.wording import VERDICTS, conclusion, is_clean, sorted_findings, verdict
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.questions.question import Question

# More clean items than this are counted in the last line only.
CLEAN_ITEMS_LISTED = 10

# A line is pieces of (text, style); styles are rich's, and mean nothing where colour is off.
Line = list[tuple[str, str]]
_LEVELS = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_STATUS = {"ok": "green", "findings": "bold red", "waiting": "bold yellow", "error": "bold red"}


def render(report: Report, rendering: Rendering) -> str:
    """`quiet` leaves what decides the exit status, and nothing at all for status 0."""
    lines = _quiet(report) if rendering.quiet else _full(report)
    paint = _colours() if rendering.colour else _plain
    # The guard comes before the paint: it looks at the beginning of a line, where paint would hide it.
    return "".join("".join(paint(text, style) for text, style in _guarded(line)) + "\n" for line in lines)


def _full(report: Report) -> Iterator[Line]:
    listed = [item for item in report.items if not is_clean(item)]
    clean = [item for item in report.items if is_clean(item)]
    if len(clean) <= CLEAN_ITEMS_LISTED:
        for item in clean:
            yield [(_name(item), "bold"), (f": {VERDICTS[item.valid]}", "green" if item.valid else "")]
    for item in listed:
        yield from _item(item)
    for fault in report.faults:
        yield from _fault(fault)
    if report.order:
        yield [("safe order to archive: ", "bold"), (" → ".join(map(one_line, report.order)), "")]
    for degraded in report.degraded:
        yield [(f"skipped {one_line(degraded.what)}: {one_line(degraded.why)}", "dim")]
    status = report.status
    yield [(status, _STATUS[status]), (one_line(conclusion(report)).removeprefix(status), "")]


def _item(item: Item) -> Iterator[Line]:
    yield [(_name(item), "bold"), (f": {verdict(item)}", "")]
    if item.fault:
        yield from _fault(item.fault)
    for finding in sorted_findings(item.findings):
        yield from _finding(finding)
        if finding.hint:
            yield from _indented("hint: ", finding.hint, "dim")
    still_open = [question for question in item.questions if question.is_open]
    for question in still_open:
        yield from _question(question)
    if still_open and item.kind is ItemKind.CHANGE:
        yield from _indented("answer: ", f"in {one_line(item.file)}/questions.yaml, or --accept-recommended", "dim")
    for draft in item.drafts:
        yield from _draft(draft)
    yield []


def _quiet(report: Report) -> Iterator[Line]:
    for item in report.items:
        if item.fault:
            yield from _fault(item.fault)
        for finding in sorted_findings(item.findings):
            if report.fails(finding):
                yield from _finding(finding)
        for question in item.open_blocking:
            yield [(_place(question), ""), ("  WAITING  ", "bold yellow"), (one_line(question.text), "")]
        for draft in item.drafts:
            if draft.state is DraftState.WAITING:
                yield from _draft(draft)
    for fault in report.faults:
        yield from _fault(fault)
    if not report.items and report.exit_code:
        yield [(one_line(conclusion(report)), "bold red")]


def _finding(finding: Finding) -> Iterator[Line]:
    first, *more = lines_of(finding.message)
    level = (f"{finding.level.value:<7}  ", _LEVELS[finding.level])
    yield [(f"{one_line(str(finding.place))}  ", ""), level, (first, ""), (f"  [{one_line(finding.rule)}]", "dim")]
    yield from ([(f"    {line}", "")] for line in more)


def _fault(fault: ItemFault) -> Iterator[Line]:
    first, *more = lines_of(fault.message)
    where = f"{one_line(fault.where)}  " if fault.where else ""
    yield [(where, ""), ("FAILED   ", "bold red"), (first, "")]
    yield from ([(f"    {line}", "")] for line in more)
    if fault.hint:
        yield from _indented("next: ", fault.hint, "dim")


def _question(question: Question) -> Iterator[Line]:
    word = "WAITING" if question.blocking else "ASKS   "
    first, *more = lines_of(question.text)
    place, rule = (f"{_place(question)}  ", ""), (f"  [{one_line(question.id)}]", "dim")
    yield [place, (f"{word}  ", "bold yellow" if question.blocking else "cyan"), (first, ""), rule]
    yield from ([(f"    {line}", "")] for line in more)
    yield from _indented("why: ", question.why, "dim")
    for number, option in enumerate(question.options, start=1):
        yield from _indented(f"{number}. ", option.text + (" (recommended)" if option.recommended else ""), "")


_DRAFTS = {
    DraftState.OFFERED: ("CAN FIX  ", "cyan", "next: ", "--fix commits it, where the policy allows"),
    DraftState.COMMITTED: ("FIXED    ", "green", "undo: ", "workflow history undo"),
    DraftState.WAITING: ("WAITING  ", "bold yellow", "next: ", "workflow review show"),
}


def _draft(draft: DraftOffer) -> Iterator[Line]:
    word, style, label, then = _DRAFTS[draft.state]
    for number, operation in enumerate(draft.operations):
        tail = (f"  [{one_line(draft.rule)}]", "dim")
        yield [
            (f"{one_line(draft.path)}  ", ""),
            (word if number == 0 else " " * 9, style),
            (one_line(operation), ""),
            tail,
        ]
    which = "" if draft.state is DraftState.OFFERED else f" {draft.revision or draft.id}"
    yield from _indented(label, then + which, "dim")


def _indented(label: str, text: str, style: str) -> Iterator[Line]:
    first, *more = lines_of(text)
    yield [(f"    {label}{first}", style)]
    yield from ([(" " * (4 + len(label)) + line, style)] for line in more)


def _name(item: Item) -> str:
    return f"{item.kind.value} {one_line(item.id)}"


def _place(question: Question) -> str:
    return one_line(str(question.place))


def _guarded(line: Line) -> Iterable[tuple[str, str]]:
    text = "".join(piece for piece, _ in line)
    guarded = log_line(text)
    return line if guarded == text else [(guarded, "")]


def _plain(text: str, _style: str) -> str:
    return text


def _colours() -> Callable[[str, str], str]:
    from rich.color import ColorSystem
    from rich.style import Style

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if style else text

    return paint

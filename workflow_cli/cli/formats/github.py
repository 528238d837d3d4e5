"""`github`: workflow commands that annotate the files of a pull request, grouped by item.

GitHub shows ten annotations of each level for one step and drops the rest unseen. So the ten that matter most
become annotations, in the order of the report, and the others plain lines of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_cli.app.report import Item, ItemFault, Report
from workflow_cli.cli.formats.neutral import block, lines_of, log_line, one_line
from workflow_cli.cli.formats.relocate import from_checkout
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.cli.formats.wording import conclusion, is_clean, sorted_findings, verdict
from workflow_cli.domain.openspec.finding import Finding, Level, Place
from workflow_cli.domain.questions.question import Question

ANNOTATIONS_PER_LEVEL = 10

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


@dataclass(frozen=True, slots=True)
class _Remark:
    """One line of the log. `fails` decides which remarks become annotations where there are too many."""

    command: str
    place: Place | None
    title: str
    text: str
    fails: bool


def render(report: Report, rendering: Rendering) -> str:
    report = from_checkout(report, rendering.prefix)
    groups = [(item, list(_remarks(report, item))) for item in report.items if not is_clean(item)]
    others = [_of_fault(fault) for fault in report.faults]
    annotated = _chosen([remark for _, remarks in groups for remark in remarks] + others)
    lines: list[str] = []
    for item, remarks in groups:
        lines.append(f"::group::{_data(f'{item.kind.value} {item.id}: {verdict(item)}')}")
        lines.extend(_line(remark, annotated) for remark in remarks)
        lines.append("::endgroup::")
    lines.extend(_line(remark, annotated) for remark in others)
    lines.extend(log_line(one_line(f"skipped {degraded.what}: {degraded.why}")) for degraded in report.degraded)
    lines.append(log_line(one_line(f"workflow {rendering.command}: {conclusion(report)}")))
    return "\n".join(lines) + "\n"


def _remarks(report: Report, item: Item) -> Iterator[_Remark]:
    if item.fault:
        yield _of_fault(item.fault, item)
    for finding in sorted_findings(item.findings):
        yield _of_finding(report, finding)
    for question in item.questions:
        if question.is_open:
            yield _of_question(question)


def _of_fault(fault: ItemFault, item: Item | None = None) -> _Remark:
    place = Place(file=item.file) if item else None
    where = f"{fault.where}: " if fault.where else ""
    return _Remark(
        "error", place, "not evaluated" if item else "failed", _with(where + fault.message, fault.hint), True
    )


def _of_finding(report: Report, finding: Finding) -> _Remark:
    text = _with(finding.message, finding.hint)
    return _Remark(_COMMANDS[finding.level], finding.place, finding.rule, text, report.fails(finding))


def _of_question(question: Question) -> _Remark:
    options = "".join(
        f"\n{number}. {option.text}{' (recommended)' if option.recommended else ''}"
        for number, option in enumerate(question.options, start=1)
    )
    title = f"{'blocking question' if question.blocking else 'question'} {question.id}"
    command = "warning" if question.blocking else "notice"
    return _Remark(command, question.place, title, f"{question.text}\n{question.why}{options}", question.blocking)


def _with(text: str, hint: str | None) -> str:
    return f"{text}\nhint: {hint}" if hint else text


def _chosen(remarks: list[_Remark]) -> set[int]:
    """The identities of the remarks that become annotations: per level those that fail the run first."""
    chosen: set[int] = set()
    for command in _COMMANDS.values():
        of_level = sorted((remark for remark in remarks if remark.command == command), key=lambda r: not r.fails)
        chosen.update(id(remark) for remark in of_level[:ANNOTATIONS_PER_LEVEL])
    return chosen


def _line(remark: _Remark, annotated: set[int]) -> str:
    if id(remark) not in annotated:
        place = f"{remark.place}  " if remark.place else ""
        return log_line(one_line(f"{remark.command:<7}  {place}{lines_of(remark.text)[0]}  [{remark.title}]"))
    properties = {"title": remark.title}
    if remark.place:
        numbers = {"line": remark.place.line, "col": remark.place.column if remark.place.line else None}
        known = {name: str(number) for name, number in numbers.items() if number is not None}
        properties = {"file": remark.place.file, **known, **properties}
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{remark.command} {joined}::{_data(remark.text)}"


def _data(text: str) -> str:
    return block(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return one_line(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")

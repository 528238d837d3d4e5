"""`markdown`: for a comment on a pull request, or the summary page of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.app.report import Item, ItemFault, Report
from workflow_cli.cli.formats.neutral import lines_of, one_line
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.cli.formats.wording import conclusion, counted, is_clean, sorted_findings, verdict
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.questions.question import Question

# GitHub refuses a comment of more than 65,536 characters; the rest is for the note that says what was left out.
LARGEST = 60_000

_HEAD = """\
| item | verdict | errors | warnings | info | tolerated | open questions |
|---|---|--:|--:|--:|--:|--:|
"""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def render(report: Report, rendering: Rendering) -> str:
    parts = [f"## {escape(rendering.command)}: {report.status}\n", f"{escape(conclusion(report))}\n"]
    parts.extend(f"- **failed**: {_fault(fault)}\n" for fault in report.faults)
    shown = [item for item in report.items if not is_clean(item)]
    details: list[str] = []
    rows: list[str] = []
    size = sum(map(len, parts))
    for item in shown:
        row, detail = _row(item), _details(item)
        size += len(row) + len(detail)
        if size > LARGEST:
            break
        rows.append(row)
        details.append(detail)
    if rows:
        parts.append(_HEAD + "".join(rows))
    if len(rows) < len(shown):
        parts.append(f"{counted(len(shown) - len(rows), 'more item')} left out here; the `json` format has them.\n")
    parts.extend(details)
    if report.order:
        parts.append(f"Safe order to archive: {', '.join(map(_code, report.order))}\n")
    parts.extend(f"Skipped {escape(degraded.what)}: {escape(degraded.why)}\n" for degraded in report.degraded)
    return "\n".join(parts)


def escape(text: str) -> str:
    """`text` as Markdown that shows it and does nothing else: no markup, HTML, link, image, table cell or mention."""
    return "<br>".join(_escaped(line) for line in lines_of(text))


def _escaped(line: str) -> str:
    line = re.sub(r"[&<>]", lambda match: _ENTITIES[match[0]], line)
    line = re.sub(r"[\\`*_\[\]|~$#!]", r"\\\g<0>", line)
    # A space of no width keeps an address from becoming a link, and a name from being notified.
    line = re.sub(r"@(?=\w)|(?<=\w)://|(?<=www)\.", lambda match: f"{match[0][0]}&#8203;{match[0][1:]}", line)
    return line.strip()


def _code(text: str) -> str:
    return f"<code>{_escaped(one_line(text))}</code>"


def _row(item: Item) -> str:
    levels = [finding.level for finding in item.findings]
    numbers = [levels.count(level) for level in Level]
    still_open = sum(question.is_open for question in item.questions)
    word = "not evaluated" if item.fault else {True: "valid", False: "**not valid**", None: "not validated"}[item.valid]
    cells = [f"{item.kind.value} {_code(item.id)}", word, *numbers, len(item.tolerated), still_open]
    return "| " + " | ".join(map(str, cells)) + " |\n"


def _details(item: Item) -> str:
    # <summary> is an HTML block, in which Markdown is not read: its text needs entities only.
    title = re.sub(
        r"[&<>]", lambda match: _ENTITIES[match[0]], one_line(f"{item.kind.value} {item.id}: {verdict(item)}")
    )
    lines = "".join(f"- {line}\n" for line in _lines(item))
    return f"<details><summary>{title}</summary>\n\n{lines}\n</details>\n" if lines else ""


def _lines(item: Item) -> Iterator[str]:
    if item.fault:
        yield f"**failed** {_fault(item.fault)}"
    for finding in sorted_findings(item.findings):
        yield _finding(finding)
    for question in item.questions:
        if question.is_open:
            yield _question(question)


def _finding(finding: Finding) -> str:
    hint = f"<br>hint: {escape(finding.hint)}" if finding.hint else ""
    place, message = _code(str(finding.place)), escape(finding.message)
    return f"**{finding.level.value}** {place} {message} ({_code(finding.rule)}){hint}"


def _question(question: Question) -> str:
    # In the same paragraph: text at the start of a line could begin a list, or underline a heading.
    options = "".join(
        f"<br>{number}) {escape(option.text)}{' **(recommended)**' if option.recommended else ''}"
        for number, option in enumerate(question.options, start=1)
    )
    word = "blocking question" if question.blocking else "question"
    return f"**{word}** {_code(question.id)} {escape(question.text)}<br>why: {escape(question.why)}{options}"


def _fault(fault: ItemFault) -> str:
    where = f"{_code(fault.where)} " if fault.where else ""
    return where + escape(fault.message) + (f"<br>next: {escape(fault.hint)}" if fault.hint else "")

"""What `workflow doctor` prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.app.doctor.check import State
from workflow_cli.app.doctor.examination import exit_code_of
from workflow_cli.cli.formats.neutral import log_line, one_line
from workflow_cli.cli.formats.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.app.doctor.examination import Finding
    from workflow_cli.cli.invocation import Invocation, Status

_STATUS: dict[int, Status] = {0: "ok", 1: "findings", 3: "error"}
_COLOURS = {State.OK: "32", State.WARNING: "33", State.FAILED: "1;31", State.SKIPPED: "2"}
_WIDTH = max(map(len, State))


def tell_waiting(call: Invocation, servers: int) -> None:
    """A person should know what takes so long."""
    if call.format == "text" and sys.stderr.isatty():
        call.note(f"asking {counted(servers, 'server')} ...")


def show(call: Invocation, root: Path | None, findings: Sequence[Finding]) -> int:
    code = exit_code_of(findings)
    counts = {state.value: sum(finding.state is state for finding in findings) for state in State}
    if call.format == "json":
        skipped = [finding for finding in findings if finding.state is State.SKIPPED]
        payload = {
            "root": None if root is None else str(root),
            "summary": counts,
            "checks": [_json(finding) for finding in findings],
        }
        degraded = [{"what": finding.id, "why": _skipped(finding)} for finding in skipped]
        return call.print_document(payload, status=_STATUS[code], exit_code=code, degraded=degraded)
    for finding in findings:
        if not call.quiet or finding.state in (State.WARNING, State.FAILED):
            print("\n".join(_lines(finding, colour=call.coloured(), timed=call.verbose)))
    call.note(f"{_STATUS[code]}: {', '.join(_counts(counts))}")
    return code


def _counts(counts: Mapping[str, int]) -> Iterator[str]:
    for state, number in counts.items():
        if number:
            yield counted(number, state) if state == State.WARNING else f"{number} {state}"


def _json(finding: Finding) -> dict[str, Any]:
    seen = finding.seen
    return {
        "id": finding.id,
        "title": finding.title,
        "state": seen.state.value,
        "evaluated": seen.evaluated,
        "seen": seen.text,
        "where": seen.where,
        "next": seen.next,
        "milliseconds": finding.milliseconds,
    }


def _skipped(finding: Finding) -> str:
    where = finding.seen.where
    return f"{where}: {finding.seen.text}" if where else finding.seen.text


def _lines(finding: Finding, *, colour: bool, timed: bool) -> list[str]:
    seen = finding.seen
    state = seen.state.value.ljust(_WIDTH)
    if colour:
        state = f"\x1b[{_COLOURS[seen.state]}m{state}\x1b[0m"
    subject = f"{finding.title} {seen.where}" if seen.where else finding.title
    time = f" [{finding.milliseconds:.0f} ms]" if timed else ""
    lines = [f"{state}  {log_line(one_line(f'{subject}: {seen.text}'))}{time}"]
    if seen.next:
        lines.append(f"{' ' * _WIDTH}  next: {one_line(seen.next)}")
    return lines

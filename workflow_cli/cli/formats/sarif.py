"""`sarif`: SARIF 2.1.0, for code scanning and editors.

Findings are results; tolerated ones are suppressed. Open questions, faults and skipped parts are notifications
of the invocation, since they are not results of a rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from workflow_cli.app.finding_key import digests_of
from workflow_cli.app.report import Item, ItemFault, Report
from workflow_cli.cli.formats.neutral import block, json_text, one_line
from workflow_cli.cli.formats.relocate import from_checkout
from workflow_cli.cli.formats.rendering import Rendering, RuleNote
from workflow_cli.cli.formats.wording import conclusion
from workflow_cli.domain.openspec.finding import Finding, Level, Place

Json = dict[str, Any]
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}


def render(report: Report, rendering: Rendering) -> str:
    report = from_checkout(report, rendering.prefix)
    found = sorted({finding.rule for item in report.items for finding in (*item.findings, *item.tolerated)})
    rules = {rule: index for index, rule in enumerate(found)}
    run = {
        "tool": {
            "driver": {
                "name": "workflow",
                "version": rendering.version,
                "rules": [_rule(rule, rendering.rules.get(rule), rendering) for rule in rules],
            }
        },
        "invocations": [_invocation(report)],
        # No address: the same tree gives the same bytes on every machine.
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(report, rules)),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def _rule(rule: str, note: RuleNote | None, rendering: Rendering) -> Json:
    descriptor: Json = {"id": one_line(rule)}
    if note is None:
        return descriptor
    descriptor["shortDescription"] = {"text": block(note.title)}
    descriptor["defaultConfiguration"] = {"level": _LEVELS[note.level]}
    if note.reason:
        descriptor["fullDescription"] = {"text": block(note.reason)}
        descriptor["help"] = {"text": block(note.reason), "markdown": block(note.reason)}
    if note.page:
        descriptor["properties"] = {"page": note.page}
        if rendering.docs:
            # SARIF wants an absolute address here (3.49.12).
            descriptor["helpUri"] = rendering.docs + _uri(note.page)
    return descriptor


def _invocation(report: Report) -> Json:
    return {
        "executionSuccessful": report.exit_code != 3,
        "exitCode": report.exit_code,
        "exitCodeDescription": one_line(conclusion(report)),
        "toolExecutionNotifications": list(_notifications(report)),
    }


def _notifications(report: Report) -> Iterator[Json]:
    for degraded in report.degraded:
        yield _notification("note", f"skipped {degraded.what}: {degraded.why}")
    for fault in report.faults:
        yield _notification("error", _fault_text(fault))
    for item in report.items:
        if item.fault:
            text = f"{item.kind.value} {item.id} could not be evaluated: {_fault_text(item.fault)}"
            yield _notification("error", text, Place(file=item.file))
        for question in item.questions:
            if question.is_open:
                level = "warning" if question.blocking else "note"
                yield _notification(level, f"{question.text}\n{question.why}", question.place)


def _notification(level: str, text: str, place: Place | None = None) -> Json:
    notification: Json = {"level": level, "message": {"text": block(text)}}
    if place:
        notification["locations"] = [{"physicalLocation": _physical(place)}]
    return notification


def _fault_text(fault: ItemFault) -> str:
    where = f"{fault.where}: " if fault.where else ""
    return where + fault.message + (f"\nnext: {fault.hint}" if fault.hint else "")


def _results(report: Report, rules: dict[str, int]) -> Iterator[Json]:
    for item in report.items:
        digests = digests_of(item, [*item.findings, *item.tolerated])
        for (finding, suppressions), digest in zip(_with_suppressions(item), digests, strict=True):
            yield {
                "ruleId": one_line(finding.rule),
                "ruleIndex": rules[finding.rule],
                "level": _LEVELS[finding.level],
                "message": {"text": block(finding.message + (f"\nhint: {finding.hint}" if finding.hint else ""))},
                "locations": [_location(item, finding)],
                "partialFingerprints": {"workflow/v1": digest},
                "suppressions": suppressions,
                "properties": {"origin": finding.origin.value, "refuses": finding.refuses},
            }


def _with_suppressions(item: Item) -> Iterable[tuple[Finding, list[Json]]]:
    """A result without suppressions needs the empty list: in one run, all have the property or none (3.27.23)."""
    yield from ((finding, []) for finding in item.findings)
    justification = "known to the baseline"
    yield from ((finding, [{"kind": "external", "justification": justification}]) for finding in item.tolerated)


def _location(item: Item, finding: Finding) -> Json:
    return {
        "physicalLocation": _physical(finding.place),
        "logicalLocations": [{"name": one_line(item.id), "kind": item.kind.value}],
    }


def _physical(place: Place) -> Json:
    physical: Json = {"artifactLocation": {"uri": _uri(place.file), "uriBaseId": "%SRCROOT%"}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
        if place.column is not None:
            physical["region"]["startColumn"] = place.column
    return physical


def _uri(path: str) -> str:
    try:
        data = path.encode("utf-8", "surrogateescape")  # file names are bytes
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    return quote(data, safe="/")

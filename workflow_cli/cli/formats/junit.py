"""`junit`: one suite for specs and one for changes, one case an item.

A case fails for findings that end the run with status 1, and for a blocking question that waits for a person;
it errs where the item could not be evaluated. Made to fit both the schema of Jenkins and that of Ant (the
latter when `started` is known).
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from workflow_cli.app.report import Item, ItemFault, ItemKind, Report
from workflow_cli.cli.formats.neutral import block, one_line
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.cli.formats.wording import conclusion, sorted_findings, verdict
from workflow_cli.domain.openspec.finding import Finding


def render(report: Report, rendering: Rendering) -> str:
    root = ET.Element("testsuites")
    kinds = [kind for kind in ItemKind if any(item.kind is kind for item in report.items)]
    for number, kind in enumerate(kinds):
        items = [item for item in report.items if item.kind is kind]
        root.append(_suite(f"{kind.value}s", str(number), items, report, rendering))
    if report.faults:
        root.append(_run_suite(str(len(kinds)), report, rendering))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(name: str, number: str, items: list[Item], report: Report, rendering: Rendering) -> ET.Element:
    cases = [_case(item, report, rendering) for item in items]
    said = "\n".join(line for item in items for line in _not_failing(item, report))
    return _suite_of(name, number, cases, _seconds(items), said, report, rendering)


def _run_suite(number: str, report: Report, rendering: Rendering) -> ET.Element:
    """What failed outside every item, so that no reader takes the rest for the whole."""
    cases = []
    for index, fault in enumerate(report.faults, start=1):
        attributes = {"name": f"run {index}", "classname": f"{rendering.command}.run", "time": "0.000"}
        case = ET.Element("testcase", attributes)
        case.append(_problem("error", "failed", fault.message, _fault_lines(fault)))
        cases.append(case)
    return _suite_of("run", number, cases, "0.000", "", report, rendering)


def _suite_of(
    name: str, number: str, cases: list[ET.Element], time: str, said: str, report: Report, rendering: Rendering
) -> ET.Element:
    attributes = {
        "name": name,
        "package": rendering.command,
        "id": number,
        "hostname": "localhost",
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "time": time,
    }
    if rendering.started:
        attributes["timestamp"] = rendering.started.strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.Element("testsuite", attributes)
    properties = ET.SubElement(suite, "properties")
    facts = [("status", report.status), ("exit_code", str(report.exit_code)), ("strict", str(report.strict).lower())]
    for key, value in [*facts, *((f"skipped.{degraded.what}", degraded.why) for degraded in report.degraded)]:
        ET.SubElement(properties, "property", {"name": one_line(key), "value": one_line(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = said
    ET.SubElement(suite, "system-err").text = one_line(conclusion(report))
    return suite


def _case(item: Item, report: Report, rendering: Rendering) -> ET.Element:
    names = {"name": one_line(item.id), "classname": f"{rendering.command}.{item.kind.value}", "time": _seconds([item])}
    case = ET.Element("testcase", names)
    failing = [finding for finding in sorted_findings(item.findings) if report.fails(finding)]
    waiting = [f"{question.place}  {question.text}" for question in item.open_blocking]
    lines = [*map(_finding_line, failing), *waiting]
    if item.fault:
        case.append(_problem("error", "not evaluated", item.fault.message, [*_fault_lines(item.fault), *lines]))
    elif failing:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in failing))
        case.append(_problem("failure", rules, verdict(item), lines))
    elif waiting:
        case.append(_problem("failure", "waiting", "waits for the answer to a question", lines))
    return case


def _problem(tag: str, kind: str, message: str, lines: Iterable[str]) -> ET.Element:
    element = ET.Element(tag, {"type": one_line(kind), "message": one_line(message)})
    element.text = "\n".join(block(line) for line in lines)
    return element


def _not_failing(item: Item, report: Report) -> Iterable[str]:
    for finding in sorted_findings(item.findings):
        if not report.fails(finding):
            yield block(_finding_line(finding))
    for finding in sorted_findings(item.tolerated):
        yield block(f"tolerated: {_finding_line(finding)}")


def _finding_line(finding: Finding) -> str:
    hint = f"\n    hint: {finding.hint}" if finding.hint else ""
    return f"{finding.place}  {finding.level.value}  {finding.message}  [{finding.rule}]{hint}"


def _fault_lines(fault: ItemFault) -> list[str]:
    where = f"{fault.where}: " if fault.where else ""
    return [where + fault.message, *([f"next: {fault.hint}"] if fault.hint else [])]


def _seconds(items: Iterable[Item]) -> str:
    return f"{sum(step.milliseconds for item in items for step in item.steps) / 1000:.3f}"

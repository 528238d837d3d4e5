"""What people think of the findings of each rule, as `workflow feedback` shows it in every form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.feedback_log import Log, metric, report

RULE = "vague-quantity"


@pytest.fixture
def log(tree: Path) -> Log:
    return Log(tree)


def judge(log: Log, count: int, rejected: int, *, rule: str = RULE, ago: float = 20.0, first: int = 0) -> list[str]:
    """So many verdicts of six people, each on another finding; the last `rejected` of them are rejections."""
    return [
        log.add(
            ago=ago - number / 100,
            kind="finding.verdict",
            outcome="rejected" if number >= count - rejected else "accepted",
            rule=rule,
            finding=f"{rule}-{first + number}",
            item="spec/auth",
            client=f"c{number % 6}",
            via="feedback",
            because="so",
        )
        for number in range(count)
    ]


def of_rule(document: dict[str, Any], rule: str = RULE) -> dict[str, Any]:
    (found,) = [one for one in document["rules"] if one["rule"] == rule]
    return dict(found)


def insight(document: dict[str, Any], rule: str = RULE) -> dict[str, Any] | None:
    return next((one for one in document["insights"] if one["id"] == f"findings:{rule}"), None)


def test_accepted_and_rejected_by_rule_against_the_window_before(workflow: Run, log: Log) -> None:
    """With an interval, and said to be worse where that is sure."""
    judge(log, 40, 4, ago=24 * 9)
    judge(log, 40, 30, first=100)
    judge(log, 3, 1, rule="weak-modal")
    document = report(workflow)
    found = of_rule(document)
    assert (found["accepted"], found["rejected"], found["value"], found["enough"]) == (10, 30, 0.25, True)
    assert found["low"] < 0.25 < found["high"]
    assert (found["previous"]["value"], found["previous"]["n"], found["trend"]) == (0.9, 40, "worse")
    little = of_rule(document, "weak-modal")
    assert (little["accepted"], little["rejected"], little["enough"], little["needed"]) == (2, 1, False, 20)
    assert (little["trend"], little["previous"]["n"]) == ("unknown", 0)
    assert metric(document, "finding.accepted_share")["n"] == 43
    assert [one["rule"] for one in document["rules"]] == [RULE, "weak-modal"]


def test_a_rule_that_is_mostly_rejected_is_worth_changing(workflow: Run, log: Log) -> None:
    """The lever is named that could act; where nothing can be muted, that no lever can."""
    ids = judge(log, 30, 21)
    judge(log, 30, 25, rule="spec-purpose-missing")
    judge(log, 40, 20, rule="weak-modal")
    judge(log, 9, 9, rule="superlative")
    document = report(workflow)
    said = insight(document)
    assert said is not None
    assert (said["lever"], said["cases"], said["of"], said["found"]) == ("rule-muting", 21, 30, True)
    assert said["rate"]["low"] < 0.7 < said["rate"]["high"]
    assert said["evidence"] == ids[-3:]
    other = insight(document, "spec-purpose-missing")
    assert other is not None
    assert (other["lever"], other["found"]) == (None, True)
    assert insight(document, "weak-modal") is None
    few = insight(document, "superlative")
    assert few is not None
    assert (few["found"], few["of"], few["needed"]) == (False, 9, 20)
    shown = workflow("feedback").stdout
    assert f"findings of {RULE} were rejected more often than not: 21 of 30" in shown
    assert "findings of superlative were rejected more often than not: 9 of 20" in shown


def test_a_rule_that_is_off_is_not_to_be_muted_again(workflow: Run, tree: Path, log: Log) -> None:
    judge(log, 30, 25)
    for _ in range(30):
        log.add(ago=5, kind="process.item", item="spec/auth", valid=True, rules={RULE: 1})
    assert f"rule:{RULE}" in {one["id"] for one in report(workflow)["insights"]}
    (tree / "workflow.yaml").write_text(f"rules:\n  disable: [{RULE}]\n", encoding="utf-8")
    document = report(workflow)
    assert of_rule(document)["rejected"] == 25
    assert insight(document) is None
    assert f"rule:{RULE}" not in {one["id"] for one in document["insights"]}


def test_a_muted_rule_is_shown_with_how_often_it_spoke(workflow: Run, tree: Path, log: Log) -> None:
    """Also where nobody judged it; how often it would have spoken since is not in any event, and not made up."""
    for number in range(8):
        log.add(ago=24 * 9, kind="process.item", item="spec/auth", valid=True, rules={RULE: 1} if number < 6 else {})
    for _ in range(4):
        log.add(ago=20, kind="process.item", item="spec/auth", valid=True, rules={"weak-modal": 1})
    assert report(workflow)["rules"] == []
    (tree / "workflow.yaml").write_text(f"rules:\n  disable: [{RULE}, superlative]\n", encoding="utf-8")
    (found,) = report(workflow)["rules"]
    assert (found["rule"], found["muted"], found["accepted"], found["rejected"]) == (RULE, True, 0, 0)
    assert (found["found"], found["checks"], found["found_before"], found["checks_before"]) == (0, 4, 6, 8)
    for form in ("text", "markdown", "html"):
        assert "muted; 0 of 4 checks found it, 6 of 8 before" in workflow("feedback", "--format", form).stdout


def test_what_is_told_again_counts_once(workflow: Run, log: Log) -> None:
    """One person's word on one finding; also where it is told again in the next window, and bit by bit."""
    judge(log, 6, 6, ago=24 * 9)
    judge(log, 6, 6)
    judge(log, 6, 6, ago=10)
    assert (of_rule(report(workflow))["accepted"], of_rule(report(workflow))["rejected"]) == (0, 0)
    assert of_rule(report(workflow))["previous"]["n"] == 6
    judge(log, 4, 1, first=50, ago=5)
    judge(log, 4, 1, first=50, ago=4)
    for arguments in ((), ("--fresh",)):
        found = of_rule(report(workflow, *arguments))
        assert (found["accepted"], found["rejected"]) == (3, 1)


def test_who_thinks_again_is_taken_at_the_last_word(workflow: Run, log: Log) -> None:
    """In the same hour, later, in the next window, and bit by bit."""
    judge(log, 4, 4, ago=24 * 9)
    judge(log, 4, 4, first=50, ago=8)
    judge(log, 4, 3, first=50, ago=8)
    assert of_rule(report(workflow))["rejected"] == 3
    judge(log, 4, 1, first=50, ago=4)
    judge(log, 4, 0, ago=3)
    for arguments in ((), ("--fresh",)):
        found = of_rule(report(workflow, *arguments))
        assert (found["accepted"], found["rejected"]) == (7, 1)
        assert (found["previous"]["value"], found["previous"]["n"]) == (0.0, 4)


def test_repairs_are_judged_with_the_findings_they_mend(workflow: Run, log: Log) -> None:
    """What becomes of a rule's draft, in the end; drafts that are no repair are about no finding."""
    for number in range(6):
        words = {"draft": f"d{number}", "author_kind": "rule", "author": "unresolved-marker"}
        log.add(ago=9, kind="draft", outcome="drafted", **words)
        log.add(ago=8, kind="draft", outcome="approved" if number < 2 else "rejected", **words)
        if number == 0:
            log.add(ago=7, kind="draft", outcome="undone", **words)
    log.add(ago=6, kind="draft", outcome="approved", draft="e", author_kind="rule", author="loop")
    log.add(ago=6, kind="draft", outcome="rejected", draft="f", author_kind="model", author="superlative")
    document = report(workflow)
    assert [(one["rule"], one["accepted"], one["rejected"]) for one in document["rules"]] == [
        ("unresolved-marker", 1, 5)
    ]


def test_one_client_that_rejects_everything_does_not_decide_about_rules(workflow: Run, log: Log) -> None:
    judge(log, 36, 6)
    for number in range(40):
        words = {"rule": RULE, "finding": f"f{number}", "client": "spam", "via": "feedback"}
        log.add(ago=3, kind="finding.verdict", outcome="rejected", **words)
    found = of_rule(report(workflow))
    assert (found["accepted"], found["rejected"]) == (30, 6)


def test_how_many_checks_found_it(workflow: Run, log: Log) -> None:
    judge(log, 3, 1)
    for number in range(5):
        log.add(ago=4, kind="process.item", item="spec/auth", valid=True, rules={RULE: 3} if number < 2 else {})
    found = of_rule(report(workflow))
    assert (found["found"], found["checks"]) == (2, 5)


@pytest.mark.parametrize("width", [40, 60, 80, 111, 130, 200])
def test_rules_on_a_terminal(workflow: Run, log: Log, width: int, environment: dict[str, str]) -> None:
    """Nothing is left out, and no line is too long."""
    judge(log, 40, 4, ago=24 * 9)
    judge(log, 40, 30, first=100)
    judge(log, 3, 1, rule="near-duplicate-requirement")
    environment["COLUMNS"] = str(width)
    lines = workflow("feedback").stdout.splitlines()
    assert [line for line in lines if len(line) > width and " " in line.strip()] == []
    begin = lines.index("Findings that people accepted, by rule")
    section = "\n".join(lines[begin : lines.index("", begin)])
    for part in ("10 accepted, 30 rejected", "25.0 %", "was 90.0 %", "worse", "2 accepted, 1 rejected"):
        assert part in section
    assert "not enough data: 3 of 20" in section


def test_rules_in_markdown_and_on_the_page(workflow: Run, log: Log) -> None:
    """As text: the name of a rule is whatever stands in the log."""
    judge(log, 24, 20)
    judge(log, 3, 3, rule="<b>|x")
    markdown = workflow("feedback", "--format", "markdown").stdout
    assert "| vague-quantity | 4 | 20 | 16.7 % | [6.7 % … 35.9 %] |" in markdown
    assert "\\<b\\>\\|x | 0 | 3 | 0.0 % | not enough data: 3 of 20 |" in markdown
    page = workflow("feedback", "--format", "html").stdout
    assert "<code>vague-quantity</code>" in page
    assert "<b>|x" not in page
    assert "&lt;b&gt;|x" in page


def test_the_verdict_of_a_command_is_counted(workflow: Run, tree: Path) -> None:
    """From a finding that is there to the report."""
    from tests.cli.test_loop_rules import FILE, SPEC, places_of_rule

    (tree / FILE).parent.mkdir(parents=True)
    (tree / FILE).write_text(SPEC, encoding="utf-8")
    line, *_ = places_of_rule(workflow)
    for name in ("Ada", "Bob"):
        done = workflow("feedback", "reject", f"{RULE}@{FILE}:{line}", "--because", "we know", "--as", name)
        assert done.returncode == 0, done.stderr
    found = of_rule(report(workflow))
    assert (found["accepted"], found["rejected"]) == (0, 2)
    assert found["found"] >= 1

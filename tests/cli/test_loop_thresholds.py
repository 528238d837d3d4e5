"""A rule whose weakest findings people reject reports from a higher score on: from the verdict to the finding that is shown no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import events_of
from tests.cli.conftest import Run
from tests.e2e.loop_log import finding_verdict, write_log

RULE = "near-duplicate-requirement"
FILE = "openspec/specs/monitor/spec.md"
SENT = "The monitor SHALL send a mail to the owner of {} whenever the check fails {} in a row."


def requirement(name: str, text: str) -> str:
    return f"### Requirement: {name}\n{text}\n\n#### Scenario: {name}\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"


@pytest.fixture
def alike(tree: Path) -> Path:
    """Two requirements of which a word in eighteen differs."""
    (tree / FILE).parent.mkdir(parents=True)
    (tree / FILE).write_text(
        "# monitor\n\n## Purpose\nSays whom the monitor tells of a failure of a check, and when it does so.\n\n"
        "## Requirements\n\n"
        + "\n".join(
            (
                requirement("Mail", SENT.format("a check", "twice")),
                requirement("Owner", SENT.format("the check", "twice")),
            )
        ),
        encoding="utf-8",
    )
    return tree


def scores(workflow: Run) -> list[float]:
    report = json.loads(workflow("process", "--all", "--no-model", "--format", "json").stdout)
    return [f["score"] for item in report["items"] for f in item["findings"] if f["rule"] == RULE]


def labelled(count: int, *, below: float) -> list[dict[str, Any]]:
    """Findings with scores from 0.90 to 0.99, of which people reject those below a score."""
    now = datetime.now(UTC) - timedelta(hours=1)
    found = []
    for n in range(count):
        score = 0.9 + n % 10 / 100
        verdict = finding_verdict(
            n, now + timedelta(seconds=n), rule=RULE, accepted=score >= below - 1e-9, client=f"c{n % 6}"
        )
        found.append({**verdict, "score": score})
    return found


def test_a_finding_tells_its_score_and_a_verdict_on_it_too(workflow: Run, alike: Path) -> None:
    (score,) = scores(workflow)
    assert 0.9 <= score < 0.97
    (line,) = (
        finding["place"]["line"]
        for item in json.loads(workflow("process", "--all", "--no-model", "--format", "json").stdout)["items"]
        for finding in item["findings"]
        if finding["rule"] == RULE
    )
    done = workflow("feedback", "reject", f"{RULE}@{FILE}:{line}", "--because", "both are meant")
    assert done.returncode == 0, done.stderr
    (event,) = events_of(alike, "finding.verdict")
    assert event["score"] == pytest.approx(score)


def test_from_a_higher_score_on_less_is_reported(workflow: Run, alike: Path) -> None:
    (alike / "workflow.yaml").write_text(f"rules:\n  thresholds: {{{RULE}: 0.97}}\n")
    assert scores(workflow) == []
    (alike / "workflow.yaml").write_text(f"rules:\n  thresholds: {{{RULE}: 0.9}}\n")
    assert len(scores(workflow)) == 1


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ("{near-duplicate-requirement: 0.5}", "the threshold of near-duplicate-requirement is from 0.9 to 1, not 0.5"),
        ("{vague-quantity: 0.5}", "vague-quantity has no threshold: its findings have no score"),
        ("{near-duplicate: 0.95}", "there is no rule 'near-duplicate'; did you mean 'near-duplicate-requirement'?"),
        ("{near-duplicate-requirement: 2}", "expected a number from 0 to 1, found 2"),
        ("0.95", "expected a mapping"),
    ],
)
def test_a_threshold_that_cannot_be(workflow: Run, alike: Path, thresholds: str, said: str) -> None:
    (alike / "workflow.yaml").write_text(f"rules:\n  thresholds: {thresholds}\n")
    done = workflow("process", "--all", "--no-model")
    assert done.returncode == 2
    assert said in done.stderr


def test_a_threshold_is_raised_above_what_people_reject_and_taken_back(workflow: Run, alike: Path) -> None:
    (score,) = scores(workflow)
    write_log(alike, labelled(260, below=0.97))
    done = workflow("loop")
    assert done.stdout.startswith("registered: suggestion-threshold; keep: "), done.stdout + done.stderr
    assert (alike / "workflow.yaml").read_text("utf-8") == f"rules:\n  thresholds:\n    {RULE}: 0.97\n"
    assert score < 0.97
    assert scores(workflow) == []
    (change,) = (alike / "openspec/changes/archive").glob("*-loop-suggestion-threshold-*")
    proposal = (change / "proposal.md").read_text("utf-8")
    assert f"findings of {RULE} with a score below 0.97" in proposal
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    (revision,) = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert workflow("history", "undo", str(revision["number"])).returncode == 0
    assert len(scores(workflow)) == 1


def test_a_rule_that_would_have_nothing_left_to_say_is_muted_instead(workflow: Run, alike: Path) -> None:
    write_log(alike, labelled(260, below=2))
    assert workflow("loop").stdout.startswith("registered: rule-muting; keep: ")


def test_where_good_findings_are_as_weak_nothing_is_raised(workflow: Run, alike: Path) -> None:
    """Every second one is rejected, whatever its score."""
    verdicts = [
        {**v, "outcome": "rejected" if n // 10 % 2 else "accepted"} for n, v in enumerate(labelled(260, below=2))
    ]
    write_log(alike, verdicts)
    assert workflow("loop").stdout == ""
    assert not (alike / "workflow.yaml").exists()

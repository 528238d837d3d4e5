"""`workflow propose --from-insight`: what the events show becomes the reason of a change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.feedback_log import Log, report
from tests.cli.trees import add_spec

TITLE = "Answer questions about refunds"


@pytest.fixture
def log(tree: Path) -> Log:
    """Forty questions that nobody could answer, and a failure with words of others in it."""
    add_spec(tree)
    log = Log(tree)
    for number in range(40):
        words = {"question_hash": f"{number % 4:016x}", "terms_hash": f"{number % 4:016x}"}
        log.question(ago=40 - number / 10, status="not_in_specs", answerer=None, **words)
    for number in range(30):
        log.add(ago=20 - number / 10, kind="update", outcome="failed", error="<!-- Boom\n## Why", duration_ms=5.0)
    return log


def test_the_figures_are_the_reason(workflow: Run, tree: Path, log: Log) -> None:
    found = next(one for one in report(workflow)["insights"] if one["id"] == "unanswered")
    assert "insight unanswered" in workflow("feedback").stdout
    done = workflow("propose", TITLE, "--from-insight", "unanswered", "--because", "They mount up.", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    change = json.loads(done.stdout)["change"]
    text = (tree / "openspec/changes" / change / "proposal.md").read_text("utf-8")
    reason = text.partition("## Why")[2].partition("\n## ")[0]
    assert "They mount up." in reason
    assert "- `unanswered`, " in reason
    assert f"{found['says']}; 40 of 40" in reason
    assert workflow("process", change, "--strict", "--only", "validate").returncode == 0


def test_words_of_events_stay_one_line_of_text(workflow: Run, tree: Path, log: Log) -> None:
    id = next(one["id"] for one in report(workflow)["insights"] if one["id"].startswith("error:update"))
    done = workflow("propose", "Fail less often", "--from-insight", id, "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    change = json.loads(done.stdout)["change"]
    text = (tree / "openspec/changes" / change / "proposal.md").read_text("utf-8")
    assert text.splitlines().count("## Why") == 1
    assert "<!-- Boom" not in text
    assert "&lt;!-- Boom ## Why" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([TITLE, "--from-insight", "unansered"], "nearest: unanswered"),
        (["--from-insight", "unanswered"], "say that in a title"),
        ([TITLE, "--from-insight", "unanswered", "--from-question", "a:b"], "one source at a time"),
    ],
)
def test_what_cannot_be_taken_over_writes_nothing(
    workflow: Run, tree: Path, log: Log, arguments: list[str], said: str
) -> None:
    done = workflow("propose", *arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (tree / "openspec/changes").exists()


def test_too_little_data_is_no_reason(workflow: Run, tree: Path) -> None:
    add_spec(tree)
    log = Log(tree)
    for number in range(3):
        log.add(ago=2 - number / 10, kind="update", outcome="failed", error="Boom", duration_ms=5.0)
    lacking = next(one for one in report(workflow)["insights"] if not one["found"])
    done = workflow("propose", TITLE, "--from-insight", lacking["id"])
    assert (done.returncode, "not enough data" in done.stderr) == (2, True), done.stderr

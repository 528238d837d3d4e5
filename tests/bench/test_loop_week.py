"""The week of cron, shortened: through the real commands something is kept, turns bad, and is taken back; and the page tells it so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bench import loop_week

REPOSITORY = Path(__file__).parents[2]
SCHEMA = json.loads((REPOSITORY / "workflow_cli/schemas/loop-report.schema.json").read_text("utf-8"))
#: Hours in which the tool is asked from the beginning; long enough for both.
HOURS = range(20)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> loop_week.Week:
    place = tmp_path_factory.mktemp("week")
    return loop_week.live(REPOSITORY / "examples" / "shop", place, hours=HOURS, lookup_hours=0)


def form(line: str) -> str:
    """A line without what differs from week to week: days, numbers and ids."""
    line = re.sub(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", "DAY", line)
    line = line.replace("experiments", "experiment")
    return re.sub(r"[-+]?\b[0-9]+(?:\.[0-9]+)?(?:e\+[0-9]+)?\b|\b[0-9a-f]{8}\b", "N", line)


def forms(text: str) -> set[str]:
    return {form(line) for line in text.splitlines()}


def page() -> str:
    return loop_week.STORY.read_text("utf-8")


def test_what_turns_bad_is_taken_back_byte_by_byte_and_cron_is_quiet_otherwise(week: loop_week.Week) -> None:
    told = [mail.partition("  ")[2].partition(":")[0] for mail in week.mails]
    assert told[:2] == ["registered", "roll_back"]
    assert week.restored
    assert len(week.mails) < len(HOURS) / 4
    report = json.loads(week.workflow("loop", "report", "--format", "json"))
    Draft202012Validator(SCHEMA).validate(report)
    back = next(kept for kept in report["kept"] if kept["state"] == "rolled_back")
    assert back["why"].startswith("harm: e=")
    assert back["at"] < back["taken_back_at"]


def test_the_page_has_the_form_of_what_the_commands_print_now(week: loop_week.Week) -> None:
    """Every line about the time-out: of cron, and of the report, whose order and words are the page's."""
    shown = forms(page())
    assert {form(mail) for mail in week.mails[:2]} <= shown
    report = week.workflow("loop", "report").splitlines()
    start = report.index("taken back:")
    assert {form(line) for line in report[start : start + 4]} <= shown
    assert {form(line) for line in report if line.startswith("gained by")} <= shown
    assert form(report[0]) in shown


def test_the_page_was_written_by_the_command_that_it_names() -> None:
    """As it is now: the same words around what was measured, the same settings before, something kept and something taken back."""
    template = re.escape(loop_week.PAGE)
    blanks = re.sub(r"\\\{([a-z]+)\\\}", r"(?P<\1>(?s:.+?))", template)
    written = re.fullmatch(blanks, page())
    assert written is not None
    assert written["before"] == loop_week.SETTINGS.rstrip()
    assert written["restored"].startswith("byte for byte")
    days = len({mail[:9] for mail in written["mails"].splitlines()})
    assert int(written["silent"]) == int(written["runs"].partition(" ")[0]) - days
    kept, back = re.search(r" (\d+) kept, (\d+) taken back", written["report"]).groups()  # type: ignore[union-attr]
    assert int(kept) >= 1
    assert int(back) >= 1

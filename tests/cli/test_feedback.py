"""`workflow feedback` at the command: verdicts, the report in every form, limits, and what is said where there is little."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import HOWTO, PLAIN, UNKNOWN, add_auth
from tests.cli.conftest import REPOSITORY, Run
from tests.cli.feedback_log import PUBLISHED, Log, log_of, metric, report
from tests.cli.trees import add_change, add_spec
from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_steps import Reply

BECAUSE = ("--because", "Just so.", "--as", "Ada <ada@example.org>")


@pytest.fixture
def log(tree: Path) -> Log:
    return Log(tree)


def asked(workflow: Run, question: str = PLAIN) -> str:
    """The id of the answer."""
    done = workflow("ask", question, "--format", "json", "--offline", "--no-queue")
    id: str = json.loads(done.stdout)["answer"]["id"]
    return id


def test_a_verdict_on_an_answer(workflow: Run, tree: Path) -> None:
    """It is an event with what the answer was; who gave it is not in the log."""
    add_auth(tree)
    id = asked(workflow)
    done = workflow("feedback", "accept", id, *BECAUSE, "--place", "auth/Requirement: Lockout")
    assert (done.returncode, done.stdout) == (0, f"accepted {id}\n"), done.stderr
    (event,) = [e for line in log_of(tree).read_text().splitlines() if (e := json.loads(line))["kind"] == "verdict"]
    expected = {
        "outcome": "accepted",
        "answer_id": id,
        "answerer": "specs",
        "because": "Just so.",
        "question_kind": "lookup",
    }
    assert {key: event[key] for key in expected} == expected
    assert event["places"] == ["auth/Requirement: Lockout"]
    assert "Ada" not in log_of(tree).read_text()
    said = metric(report(workflow), "answer.accepted_share")
    assert (said["value"], said["n"], said["enough"], said["needed"]) == (1.0, 1, False, 20)


@pytest.mark.parametrize(
    ("place", "recorded"),
    [
        ("auth/Requirement: Lockout > Scenario: Fifth wrong password", None),
        ("auth#Requirement: lockout", "auth/Requirement: Lockout"),
        ("openspec/specs/auth/spec.md#auth > Requirements > Requirement: Lockout", "auth/Requirement: Lockout"),
        ("auth#Purpose", "openspec/specs/auth/spec.md#auth > Purpose"),
        ("add-orders/proposal.md", "openspec/changes/add-orders/proposal.md"),
    ],
)
def test_a_place_is_recorded_by_the_one_name_it_has(
    workflow: Run, tree: Path, place: str, recorded: str | None
) -> None:
    """However it is written; the loop compares places by their names."""
    add_auth(tree)
    add_change(tree, "add-orders")
    id = asked(workflow)
    done = workflow("feedback", "accept", id, *BECAUSE, "--place", place)
    assert done.returncode == 0, done.stderr
    (event,) = [e for line in log_of(tree).read_text().splitlines() if (e := json.loads(line))["kind"] == "verdict"]
    assert event["places"] == [recorded or place]


@pytest.mark.parametrize(
    ("place", "says", "nearest"),
    [
        ("auth/Requirement: Lock out", "nothing at 'openspec/specs/auth/spec.md#Requirement: Lock out'", "Lockout"),
        ("auth#Requirement: Sessions", "nothing at", "Requirement: Session length"),
        ("auht/Requirement: Lockout", "no document 'auht'", "nearest: auth"),
        ("add-orders/design.md", "no document 'add-orders/design.md'", "nearest: add-orders"),
        ("zzz", "no document 'zzz'", "workflow process --all"),
        ("../secret.md#x", "'../secret.md' is no document of the tree", "workflow process --all"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_the_nearest(
    workflow: Run, tree: Path, place: str, says: str, nearest: str
) -> None:
    """And no verdict is recorded: the loop would learn from it."""
    add_auth(tree)
    add_change(tree, "add-orders")
    id = asked(workflow)
    before = log_of(tree).read_text()
    done = workflow("feedback", "reject", id, *BECAUSE, "--place", "auth/Requirement: Lockout", "--place", place)
    assert done.returncode == 2
    assert says in done.stderr
    assert nearest in done.stderr.partition("next: ")[2]
    assert log_of(tree).read_text() == before


def test_a_later_verdict_of_the_same_person_replaces_the_first(workflow: Run, tree: Path) -> None:
    """Those of others count beside it, and so does `ask --wrong`."""
    add_auth(tree)
    id = asked(workflow)
    assert workflow("feedback", "accept", id, *BECAUSE).returncode == 0
    rejected = report(workflow, "reject", id, *BECAUSE)
    assert rejected["verdict"]["accepted"] is False
    assert workflow("feedback", "accept", id, "--because", "Yes.", "--as", "Bob").returncode == 0
    assert workflow("ask", "--wrong", id, "--as", "Cyd").returncode == 0
    said = metric(report(workflow), "answer.accepted_share")
    assert (said["n"], said["value"]) == (3, 0.3333)


@pytest.mark.parametrize(
    ("since", "label"),
    [
        ("24h", r"{day} {hour}:00 to {day} {hour}:59 UTC \(24 hours, the last one under way\)"),
        ("1h", r"{day} {hour}:00 to {day} {hour}:59 UTC \(1 hour, under way\)"),
        ("2d", r"{day} to {day} \(2 days\)"),
    ],
)
def test_the_time_that_is_looked_at_is_told_from_its_beginning_to_its_end(
    workflow: Run, log: Log, since: str, label: str
) -> None:
    """Whole hours end with the one that it is: nobody takes that end for the moment of the report."""
    log.question(ago=60)
    pattern = label.format(day=r"\d{4}-\d\d-\d\d", hour=r"\d\d")
    first = workflow("feedback", "--since", since, env={"COLUMNS": "200"}).stdout.splitlines()[0]
    assert re.fullmatch(rf"\S+: {pattern}, against as long before", first), first
    assert "until" not in first


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["accept", "nothing", "--because", "x"], 2, "no answer 'nothing'"),
        (["accept", "no/such id", "--because", "x"], 2, "no answer"),
        (["accept", "ID", "--because", " \n "], 2, "the reason is empty"),
        (["reject", "ID", "--because", "x" * 501], 2, "501 characters"),
        (["reject", "ID", "--because", "x", "--place", " "], 2, "no list of places"),
        (["accept", "ID"], 2, "--because"),
        (["--since", "yesterday"], 2, "no span of time"),
        (["--since", "0d"], 2, "no span of time"),
        (["--by", "colour"], 2, "cannot group by"),
        (["--fail-on", "answer.p95_ms"], 2, "not METRIC"),
        (["--fail-on", "answer.p59_ms>1"], 2, "answer.p95_ms"),
        (["--fail-on", "answer.answered_share<95"], 2, "95%"),
        (["--fail-on", "answer.p95_ms>2%"], 2, "not measured in %"),
        (["--format", "sarif"], 2, "sarif"),
    ],
)
def test_bad_input(workflow: Run, tree: Path, arguments: list[str], status: int, says: str) -> None:
    """One error that says what would be right, and no event."""
    add_auth(tree)
    id = asked(workflow)
    before = log_of(tree).read_text()
    done = workflow("feedback", *[id if word == "ID" else word for word in arguments])
    assert done.returncode == status
    assert says in done.stderr
    assert log_of(tree).read_text() == before


def test_a_question_that_waits_has_no_answer_to_judge(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    done = workflow("ask", UNKNOWN, "--format", "json", "--offline")
    refused = workflow("feedback", "accept", json.loads(done.stdout)["answer"]["id"], *BECAUSE)
    assert refused.returncode == 1
    assert "no answer yet" in refused.stderr


def test_a_verdict_is_refused_where_events_are_off(workflow: Run, tree: Path) -> None:
    add_auth(tree, "events:\n  enabled: false\n")
    refused = workflow("feedback", "accept", "a", *BECAUSE)
    assert (refused.returncode, "events are off" in refused.stderr) == (1, True)


def test_a_verdict_that_cannot_be_written_is_an_error(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    """No file may grow, as on a full disk."""
    add_auth(tree)
    id = asked(workflow)
    before = log_of(tree).read_text()
    arguments = [sys.executable, "-m", "workflow_cli", "feedback", "accept", id, *BECAUSE, "--format", "json"]
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f 0; exec {shlex.join(arguments)}"],
        cwd=tree,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "could not be recorded" in json.loads(done.stdout)["error"]["message"]
    assert log_of(tree).read_text() == before


def test_several_at_once_tell_the_same(tree: Path, log: Log, environment: dict[str, str]) -> None:
    """Whoever comes first keeps what was read; the others neither double nor lose any of it."""
    for number in range(300):
        log.question(ago=20 - number / 20)
    arguments = [sys.executable, "-m", "workflow_cli", "feedback", "--format", "json"]

    def at_once() -> list[int]:
        running = [
            subprocess.Popen(arguments, cwd=tree, env=environment, stdout=subprocess.PIPE, encoding="utf-8")
            for _ in range(4)
        ]
        told = [json.loads(process.communicate(timeout=60)[0]) for process in running]
        return [int(metric(document, "answer.count")["value"]) for document in told]

    assert at_once() == [300] * 4
    log.question(ago=0.1)
    assert at_once() == [301] * 4


def test_a_reason_is_one_line_without_controls(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    id = asked(workflow)
    workflow("feedback", "reject", id, "--because", "no\n\x1b[31mred\u202e")
    event = json.loads(log_of(tree).read_text().splitlines()[-1])
    assert event["because"] == "no [31mred"


def test_a_tree_without_events(workflow: Run, tree: Path) -> None:
    """Nothing is made up, and nothing made."""
    done = workflow("feedback")
    assert done.returncode == 0
    assert "no events yet" in done.stdout
    assert not (tree / ".workflow").exists()
    document = report(workflow)
    assert {one["value"] for one in document["metrics"] if one["unit"] != "count"} == {None}
    assert document["insights"] == []
    for form in ("markdown", "html"):
        assert "no events yet" in workflow("feedback", "--format", form).stdout.lower()


def test_events_that_are_older_than_the_window(workflow: Run, log: Log) -> None:
    log.question(ago=24 * 20)
    assert "look further back with --since" in workflow("feedback").stdout
    assert metric(report(workflow, "--since", "5w"), "answer.count")["value"] == 1


def test_times_and_what_got_worse(workflow: Run, log: Log) -> None:
    """Half and 95 of 100, with intervals, against the window before."""
    for number in range(200):
        log.question(ago=24 * 10 - number / 100, ms=100 + number % 10)
    for number in range(200):
        log.question(ago=24 * 2 - number / 100, ms=300 + number % 10)
    document = report(workflow)
    half = metric(document, "answer.p50_ms")
    assert half["value"] == pytest.approx(304, rel=0.011)
    assert half["low"] <= half["value"] <= half["high"]
    assert half["previous"]["value"] == pytest.approx(104, rel=0.011)
    assert half["trend"] == "worse"
    assert {"answer.p50_ms", "answer.p95_ms"} <= set(document["regressions"])
    assert metric(document, "answer.answered_share")["trend"] == "same"
    assert "worse" in workflow("feedback").stdout


def test_no_change_is_said_only_where_it_is_known(workflow: Run, log: Log) -> None:
    """What cannot be proved, and what is neither good nor bad, is not called unchanged."""
    for before, slow, every, cached in ((13, 60, 100, False), (6, 400, 70, True)):
        for number in range(420):
            ms = 100 + number % 100 + slow * (number % every == 0)
            log.question(ago=24 * before - number / 10, ms=ms, question_hash=f"{number % 10:016x}", cached=cached)
    document = report(workflow)
    slowest, hits = metric(document, "answer.p99_ms"), metric(document, "cache.hit_share")
    assert slowest["value"] > 1.5 * slowest["previous"]["value"]
    assert slowest["trend"] == "unknown"
    assert (hits["previous"]["value"], hits["value"] > 0.9, hits["trend"]) == (0.0, True, "unknown")
    assert metric(document, "answer.answered_share")["trend"] == "same"
    told = {line.split("  ")[1]: line for line in workflow("feedback").stdout.splitlines() if " was " in line}
    assert "no change" not in told["Time, 99 of 100"] + told["Repeats out of the cache"]
    assert "no change" in told["Answered"]


def test_too_little_to_say_anything(workflow: Run, log: Log) -> None:
    """The value is shown with what is missing; no change is claimed, however large."""
    for number in range(7):
        log.question(ago=24 * 10 - number, ms=10)
        log.question(ago=24 - number, ms=5000, status="failed", answerer=None)
    document = report(workflow)
    assert metric(document, "answer.failed_share")["enough"] is False
    assert metric(document, "answer.p95_ms")["trend"] == "unknown"
    assert document["regressions"] == []
    assert "not enough data: 7 of 20" in workflow("feedback").stdout


def test_asking_again_within_ten_minutes_is_a_weak_rejection(workflow: Run, log: Log) -> None:
    """Of the same asker and the same words; neither later, nor by another."""
    words = {"terms_hash": "b" * 16}
    log.question(ago=5.0, asker="Ada", **words)
    again = log.question(ago=4.9, asker="Ada", **words)
    log.question(ago=4.9, asker="Bob", **words)
    log.question(ago=4.0, asker="Ada", **words)
    document = report(workflow)
    share = metric(document, "answer.reasked_share")
    assert (share["value"], share["n"]) == (0.25, 4)
    (lacking,) = document["insights"]
    assert lacking["id"] == "reasked:lookup:specs:"
    assert (lacking["found"], lacking["of"], lacking["needed"], lacking["evidence"]) == (False, 4, 20, [again])


def test_insights_name_cost_evidence_and_lever(workflow: Run, log: Log) -> None:
    """A tool that keeps timing out; a question that nobody can answer. The dearer comes first."""
    ids = []
    for number in range(30):
        step = {"answerer": "tools", "outcome": "failed", "failure": "timeout", "attempts": 1, "ms": 8000}
        ids.append(log.question(ago=20 - number / 10, ms=8100, route=[step]))
    for number in range(4):
        log.question(ago=10 - number, ms=50, status="pending", answerer=None, terms_hash="c" * 16)
    document = report(workflow)
    first, second = document["insights"][:2]
    assert (first["id"], first["lever"], first["cost_seconds"]) == ("attempts:tools:timeout", "breaker", 240.0)
    assert (first["cases"], first["of"]) == (30, 30)
    assert first["evidence"] == ids[-3:]
    assert (second["id"], second["lever"], second["cases"]) == ("unanswered", "spec-gap", 4)
    from workflow_cli.domain.improvement.levers.registry import all_levers

    known = {lever.id for lever in all_levers()}
    assert {one["lever"] for one in document["insights"]} - {None} <= known


def test_errors_are_grouped_by_form(workflow: Run, log: Log) -> None:
    """Numbers, paths and quoted names do not make two of one."""
    for number in range(5):
        fault = f"cannot read /srv/trees/{number}/spec.md: line {number * 7} has '{number}'"
        log.add(
            ago=5 - number, kind="process.item", item=f"change/c{number}", outcome="failed", fault=fault, duration_ms=1
        )
    (pattern,) = report(workflow)["errors"]
    assert (pattern["count"], pattern["pattern"]) == (5, "cannot read <path>: line <number> has <text>")
    assert len(pattern["examples"]) == 3


def test_damaged_doubled_and_forged_lines_are_counted_and_not_believed(workflow: Run, tree: Path, log: Log) -> None:
    id = log.question(ago=2)
    path = log_of(tree)
    whole = path.read_text()
    path.write_text(whole + whole + "{torn\n")
    moment = json.loads(whole)["ts"]
    for answer in ("never-given", json.loads(whole)["answer_id"]):
        log.add(
            ago=1, kind="verdict", outcome="rejected", answer_id=answer, answerer="specs", client="x", asked_at=moment
        )
    document = report(workflow)
    assert document["set_aside"] == {"duplicate": 1, "forged": 1, "unreadable": 1}
    assert metric(document, "answer.accepted_share")["n"] == 1
    assert metric(document, "answer.count")["value"] == 1
    assert id


def test_a_verdict_counts_when_the_file_of_its_question_is_gone(workflow: Run, tree: Path, log: Log) -> None:
    """Whether that was asked, nobody can tell any more; of what the log still holds, it can be told."""
    old = log.question(ago=75)
    log_of(tree).rename(log_of(tree).with_name("metrics-20260131T120000Z.jsonl"))
    for number in range(3):
        log.question(ago=50 - number)
    new = log.question(ago=3)
    for answer, moment in ((log.answers[old], log.moments[old]), ("never-given", log.moments[new])):
        log.add(
            ago=1, kind="verdict", outcome="accepted", answer_id=answer, answerer="specs", client="x", asked_at=moment
        )
    first = report(workflow)
    log_of(tree).with_name("metrics-20260131T120000Z.jsonl").unlink()
    for arguments in ((), ("--fresh",), ()):
        document = report(workflow, *arguments)
        assert document["set_aside"] == first["set_aside"] == {"forged": 1}
        assert metric(document, "answer.accepted_share") == metric(first, "answer.accepted_share")


def test_one_client_that_rejects_everything_does_not_decide(workflow: Run, log: Log) -> None:
    """As in the statistics of the loop: far from what all others say, on many answers."""
    moments = []
    for number in range(60):
        log.question(ago=5 - number / 100, answer_id=f"q{number}")
        moments.append((datetime.now(UTC) - timedelta(hours=5 - number / 100)).isoformat(timespec="milliseconds"))
    for number in range(60):
        client, outcome = ("spam", "rejected") if number % 2 else (f"good{number % 3}", "accepted")
        words = {"answer_id": f"q{number}", "answerer": "specs", "question_kind": "lookup", "asked_at": moments[number]}
        log.add(ago=1 - number / 1000, kind="verdict", client=client, outcome=outcome, **words)
    share = metric(report(workflow), "answer.accepted_share")
    assert (share["value"], share["n"]) == (1.0, 30)


def test_limits_end_with_status_1(workflow: Run, log: Log) -> None:
    """Where they hold; one that cannot be decided does not hold, and says so."""
    for _ in range(30):
        log.question(ago=1, ms=3000)
    held = workflow("feedback", "--fail-on", "answer.p50_ms>2s", "--fail-on", "answer.answered_share<90%")
    assert held.returncode == 1
    assert "holds: answer.p50_ms>2s" in held.stderr
    assert "answered_share" not in held.stderr
    document = report(workflow, "--fail-on", "answer.p50_ms>2000", "--fail-on", "tool.p95_ms>1", status=1)
    assert (document["status"], document["broken"][0]["metric"]) == ("findings", "answer.p50_ms")
    assert document["undecided"] == [{"condition": "tool.p95_ms>1", "metric": "tool.p95_ms"}]
    assert workflow("feedback", "--fail-on", "answer.p50_ms>4000").returncode == 0


@pytest.mark.parametrize("by", ["kind", "answerer", "model", "change"])
def test_groups(workflow: Run, log: Log, by: str) -> None:
    for number in range(6):
        model = {"model": "m1"} if number % 2 else {}
        log.question(ago=1, answerer="model" if model else "specs", change="add-it", **model)
    document = report(workflow, "--by", by)
    names = {"kind": ["lookup"], "answerer": ["model", "specs"], "model": [None, "m1"], "change": ["add-it"]}[by]
    assert [group["name"] for group in document["groups"]] == names
    first = next(iter(document["groups"][0]["metrics"].values()))
    assert first["value"] == 6 / len(names)
    assert f"By {by}" in workflow("feedback", "--by", by).stdout


def test_the_largest_group_comes_first(workflow: Run, log: Log) -> None:
    """By its events, of whatever kind; those of the same size by name."""
    for model, calls, questions in (("b", 2, 1), ("large", 9, 1), ("a", 2, 1), ("small", 0, 1)):
        for _ in range(calls):
            log.add(ago=1, kind="model.call", outcome="done", model=model, duration_ms=5.0, change=model)
        for _ in range(questions):
            log.question(ago=1, model=model, answerer="model", change=model)
    for by in ("model", "change"):
        assert [group["name"] for group in report(workflow, "--by", by)["groups"]] == ["large", "a", "b", "small"]


def test_drafts_that_took_others_back_are_none_that_could_have_been(workflow: Run, tree: Path) -> None:
    """Of four edits one was undone; the undo was written as well."""
    add_change(tree)
    for number in range(4):
        added = ("--add-task", f"Knock {number} times")
        assert workflow("update", "add-receipts", *added, "--as", "Ada").returncode == 0
    assert workflow("history", "undo", "4", "--because", "Too many.", "--as", "Ada", "--yes").returncode == 0
    said = metric(report(workflow), "draft.undone_share")
    assert (said["value"], said["n"]) == (0.25, 4)


def test_a_change_has_metrics_of_its_own(workflow: Run, log: Log) -> None:
    """Times without those of people, what became of drafts and answers, and which rules were found."""
    for number in range(30):
        answer = log.question(ago=3, change="add-it", ms=400, terms_hash=f"t{number}")
        log.question(ago=3, change="add-it", ms=9e7, answerer="person", terms_hash=f"p{number}")
        moment = log.moments[answer]
        words = {"answer_id": log.answers[answer], "asked_at": moment, "answerer": "specs", "client": "c"}
        outcome = "accepted" if number < 24 else "rejected"
        log.add(ago=2, kind="verdict", outcome=outcome, change="add-it", **words)
        fate = "approved" if number < 15 else "rejected"
        log.add(ago=1, kind="draft", outcome=fate, author_kind="person", change="add-it")
        rules = {"vague-pronoun": 2} if number < 6 else {}
        log.add(ago=1, kind="process.item", item="change/add-it", outcome="done", valid=number < 27, rules=rules)
    (group,) = report(workflow, "--by", "change")["groups"]
    assert group["rules"] == {"vague-pronoun": 6}
    values = {name: one["value"] for name, one in group["metrics"].items()}
    assert values["answer.p95_ms"] == pytest.approx(400, rel=0.011)
    assert (values["answer.count"], values["answer.accepted_share"], values["draft.accepted_share"]) == (60, 0.8, 0.5)
    assert (values["item.valid_share"], values["checks"], values["drafts rejected"]) == (0.9, 30, 15)
    assert "vague-pronoun 6" in workflow("feedback", "--by", "change").stdout


def test_what_is_answered_again_and_again(workflow: Run, log: Log) -> None:
    """The time that a cache would have saved; and answers whose source reads differently now."""
    for number in range(40):
        cite = {"address": "cart/Limits", "section_hash": "old" if number < 25 else "new"}
        words = {"question_hash": f"q{number % 8}", "terms_hash": f"t{number}", "cites": [cite]}
        log.question(ago=20 - number / 10, ms=5000 if number % 4 else 10, cached=number % 4 == 0, **words)
    document = report(workflow)
    assert (metric(document, "cache.hit_share")["value"], metric(document, "cache.hit_share")["n"]) == (0.2941, 34)
    assert metric(document, "cache.outdated_share")["value"] == 25 / 40
    found = {one["id"]: one for one in document["insights"]}
    missed, outdated = found["cache:missed"], found["cache:outdated"]
    assert (missed["lever"], missed["cases"], missed["of"]) == ("cache-ttl", 24, 34)
    assert missed["cost_seconds"] == pytest.approx(120, rel=0.011)
    assert (outdated["lever"], outdated["cases"], outdated["of"]) == ("cache-invalidation", 25, 40)


def test_what_was_found_and_what_was_not(workflow: Run, log: Log) -> None:
    """Questions without an answer, apart by whether passages held half of what they ask about."""
    for number in range(60):
        none = {"status": "not_in_specs", "answerer": None} if number < 36 else {}
        coverage = 0.6 if number % 3 else 0.2
        retrieval = {"score": 2.0, "coverage": coverage, "k": 8}
        log.question(ago=20, ms=100, terms_hash=f"t{number}", retrieval=retrieval, **none)
    document = report(workflow)
    share = metric(document, "retrieval.found_share")
    assert (share["value"], share["n"]) == (pytest.approx(2 / 3, abs=1e-4), 60)
    found = {one["id"]: one for one in document["insights"]}
    held, far = found["retrieval:held:lookup"], found["retrieval:far:lookup"]
    assert (held["lever"], held["cases"], held["of"]) == ("retrieval-depth", 24, 40)
    assert (far["lever"], far["cases"], far["of"]) == ("mined-synonyms", 12, 20)


def test_questions_about_the_same_are_one_gap_whatever_their_words(workflow: Run, tree: Path) -> None:
    """By the stems, the words that only ask, and the glossary, as passages are found."""
    add_auth(tree)
    (tree / "openspec" / "glossary.yaml").write_text("- [voucher, gift card]\n", encoding="utf-8")
    for question in (
        "How do vouchers expire?",
        "When does a gift card expire?",
        "expiring voucher",
        "Who ships abroad?",
    ):
        workflow("ask", question, "--offline", "--no-queue")
    events = [json.loads(line) for line in log_of(tree).read_text().splitlines()]
    topics = [event["topic"] for event in events if event["kind"] == "question"]
    assert topics[0] == topics[1] == topics[2] != topics[3]
    assert len({event["terms_hash"] for event in events if event["kind"] == "question"}) == 4
    (gap,) = [one for one in report(workflow)["insights"] if one["id"] == "unanswered"]
    assert (gap["cases"], gap["of"]) == (3, 4)


def test_an_archive_is_an_event_like_others(workflow: Run, log: Log) -> None:
    """Its rules are a list, where those of a check are counts."""
    log.add(ago=1, kind="archive", item="change/add-it", outcome="archived", rules=[], specs=1, duration_ms=50)
    document = report(workflow)
    assert document["set_aside"] == {}
    assert document["events"] == {"archive": 1}


def test_an_arm_that_was_not_drawn_is_forged(workflow: Run, tree: Path, log: Log) -> None:
    """As the loop sees it, by what its ledger says was in force."""
    from workflow_cli.adapters.ledger_file import LedgerFile, ledger_key
    from workflow_cli.domain.improvement.arms import Draw, Overlay
    from workflow_cli.domain.improvement.record import RecordType

    overlay = Overlay(
        experiment="e1", draw=Draw.INTERLEAVED, scope="*", salt="s", changes={"answers.cache_seconds": 60}
    )
    state = tree / ".workflow"
    ledger = LedgerFile(state / "ledger.jsonl", key=ledger_key(state / "ledger.key"))
    ledger.append(RecordType.INTENT, {"action": "stage", "overlay": overlay.as_json()}, at=1.0)
    for number in range(40):
        arm = overlay.arm(f"lookup#{number}")
        other = "base" if arm == "treatment" else "treatment"
        claim = other if number < 3 else arm
        log.question(ago=1, experiment="e1", arm=claim, unit=f"lookup#{number}")
    document = report(workflow)
    assert document["set_aside"] == {"forged": 3}
    assert metric(document, "answer.count")["value"] == 37


@pytest.mark.parametrize("width", [40, 60, 80, 111])
def test_lines_are_no_longer_than_the_terminal_is_wide(
    workflow: Run, log: Log, width: int, environment: dict[str, str]
) -> None:
    """With nothing that matters left out: what got worse comes first."""
    for number in range(200):
        log.question(ago=24 * 10 - number / 100, change="add-a-thing")
    for number in range(200):
        step = {"answerer": "tools", "outcome": "failed", "failure": "timeout", "attempts": 1, "ms": 8000}
        log.question(ago=24 * 2 - number / 100, ms=300, change="add-a-thing", route=[step])
    environment["COLUMNS"] = str(width)
    for by in ("kind", "change"):
        lines = workflow("feedback", "--by", by).stdout.splitlines()
        assert [line for line in lines if len(line) > width and " " in line.strip()] == []
        assert any(line.startswith("worse: ") for line in lines[:4])
        assert any("▁" in line or "█" in line for line in lines)


@pytest.mark.parametrize("width", [37, 40, 41, 42])
def test_no_number_is_cut_into_another(workflow: Run, log: Log, width: int, environment: dict[str, str]) -> None:
    """Where a label has no room, it ends between words and says that it goes on."""
    for number in range(30):
        log.add(ago=1, kind="question.answered", question=f"q{number}", by="person", waited_ms=60000)
    environment["COLUMNS"] = str(width)
    labels = [line[2 : width - 11].rstrip() for line in workflow("feedback").stdout.splitlines() if "Wait for" in line]
    assert len(labels) == 2
    shown = {37: "Wait for a person, 95…", 40: "Wait for a person, 95 of…", 41: "Wait for a person, 95 of…"}
    assert labels[1] == shown.get(width, "Wait for a person, 95 of 100")


def test_a_log_that_is_mostly_damaged_says_so_first(workflow: Run, tree: Path, log: Log) -> None:
    """In every form that people read."""
    for _ in range(30):
        log.question(ago=1)
    with log_of(tree).open("a") as file:
        file.write("{torn\n" * 70)
    assert "70 of 100 lines (70 %) were set aside" in workflow("feedback").stdout
    for form in ("html", "markdown"):
        shown = workflow("feedback", "--format", form).stdout
        assert "70 of 100 lines" in shown
        assert shown.index("70 of 100 lines") < shown.index("Questions answered" if form == "html" else "## Questions")


def test_a_log_without_one_usable_line(workflow: Run, tree: Path) -> None:
    """Is no empty one."""
    log_of(tree).write_text("{torn\n" * 5)
    assert report(workflow)["set_aside"] == {"unreadable": 5}
    for form in ("text", "markdown", "html"):
        said = workflow("feedback", "--format", form).stdout.lower()
        assert "unreadable 5" in said
        assert ("no line of the log can be used" in said, "no events yet" in said) == (True, False)


def test_a_limit_on_a_log_without_one_usable_line_is_not_evaluated(workflow: Run, tree: Path, log: Log) -> None:
    """Nothing that was not looked at is well; one line that can be used, and there are simply no cases."""
    log_of(tree).write_text("{torn\n" * 5)
    done = workflow("feedback", "--fail-on", "answer.p95_ms>2000")
    assert (done.returncode, done.stdout) == (3, "")
    what, where, then = done.stderr.splitlines()
    assert what == "error: no line of the log can be used, so nobody knows whether answer.p95_ms>2000"
    assert where.strip() == str(log_of(tree))
    assert then == "  next: workflow feedback says why they were set aside"
    log.question(ago=1)
    assert workflow("feedback", "--fail-on", "tool.p95_ms>1").returncode == 0


def test_a_day_hour_by_hour(workflow: Run, log: Log) -> None:
    log.question(ago=30)
    log.question(ago=1)
    document = report(workflow, "--since", "24h")
    assert document["window"]["step_hours"] == 1
    assert len(document["series"]["starts"]) == 24
    count = metric(document, "answer.count")
    assert (count["value"], count["previous"]["value"]) == (1, 1)


def test_rotated_files_and_lines_of_old_and_new_versions(workflow: Run, tree: Path, log: Log) -> None:
    """Fields that are not known are passed over, those that are missing were not said."""
    log.question(ago=3)
    log_of(tree).rename(log_of(tree).with_name("metrics-20260131T120000Z.jsonl"))
    log.add(ago=2, kind="question", status="answered", duration_ms=5)
    log.question(ago=1, something_new={"a": [1]}, schema=2)
    assert metric(report(workflow), "answer.count")["value"] == 3


def test_what_was_read_is_kept_and_fresh_reads_again(workflow: Run, tree: Path, log: Log) -> None:
    """The same document each way."""
    for number in range(10):
        log.question(ago=5 - number / 10)
    first = report(workflow)
    assert (tree / ".workflow/feedback.db").exists()
    assert report(workflow) == first == report(workflow, "--fresh")
    log.question(ago=1)
    assert metric(report(workflow), "answer.count")["value"] == 11


def test_nothing_was_sought_for_what_came_out_of_the_cache(workflow: Run, log: Log) -> None:
    """And what was answered before this window counts as a repeat as well."""
    nothing = {"score": None, "coverage": 0.0, "k": 0}
    for number in range(8):
        log.question(ago=9 - number / 10, question_hash=f"q{number}", cached=True, topic=None, retrieval=nothing)
    for number in range(8):
        log.question(
            ago=5 - number / 10,
            question_hash=f"p{number % 4}",
            topic="t",
            retrieval={**nothing, "coverage": 0.9, "k": 2},
        )
    log.question(ago=1, question_hash="o", topic="t", retrieval=nothing)
    document = report(workflow)
    found, hits = metric(document, "retrieval.found_share"), metric(document, "cache.hit_share")
    assert (found["value"], found["n"]) == (0.8889, 9)
    assert (hits["value"], hits["n"]) == (0.6667, 12)


def test_what_could_not_be_evaluated_is_neither_valid_nor_invalid(workflow: Run, tree: Path) -> None:
    """By real runs, which end with 3 and a report all the same: they came to an end."""
    for name in ("cart", "orders"):
        add_spec(tree, name)
    add_spec(tree, "broken").write_bytes(b"a" * 11_000_000)
    assert workflow("process", "--all").returncode == 3
    document = report(workflow)
    assert (metric(document, "item.failed_share")["value"], metric(document, "item.failed_share")["n"]) == (0.3333, 3)
    assert (metric(document, "item.valid_share")["value"], metric(document, "item.valid_share")["n"]) == (1, 2)
    assert metric(document, "process.completed_share")["value"] == 1


@pytest.mark.parametrize("damage", ["all of it", "a page", "a sum"])
def test_what_was_kept_and_is_damaged_is_put_aside_and_told(workflow: Run, tree: Path, log: Log, damage: str) -> None:
    for number in range(200):
        log.question(ago=30 - number / 10)
    first = report(workflow)
    database = tree / ".workflow/feedback.db"
    kept = database.read_bytes()
    if damage == "a sum":
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE tally SET body = ?", (b"\xa5",))
    else:
        database.write_bytes(b"garbage" if damage == "all of it" else kept[:4096] + b"\xa5" * (len(kept) - 4096))
    again = report(workflow)
    assert [entry["why"] for entry in again["degraded"]] == ["feedback.db was damaged and has been put aside"]
    assert again["metrics"] == first["metrics"]
    assert report(workflow) == first


def test_numbers_that_nobody_counted(workflow: Run, log: Log) -> None:
    """One is set aside; sums of others have an end."""
    log.add(ago=3, kind="model.call", outcome="done", model="m", tokens={"prompt": 2**64, "completion": 0})
    steps = [{"answerer": "model", "outcome": "failed", "failure": "timeout", "ms": 3.1e12}] * 7000
    log.question(ago=2, route=steps)
    log.question(ago=1)
    for arguments in ((), ("--fresh",), ()):
        document = report(workflow, *arguments)
        assert document["set_aside"] == {"malformed": 1}
        assert metric(document, "answer.count")["value"] == 2


def test_of_a_log_without_a_usable_line_nothing_is_known(workflow: Run, tree: Path) -> None:
    log_of(tree).write_text("torn\n", encoding="utf-8")
    for limit in ("error.count>0", "answer.count<1", "answer.p95_ms>2000"):
        assert workflow("feedback", "--fail-on", limit).returncode == 3
    assert workflow("feedback", "--fail-on", "event.set_aside>0").returncode == 1


def test_a_log_that_is_a_link_says_so(workflow: Run, tree: Path, log: Log) -> None:
    log.question(ago=1)
    log_of(tree).rename(tree / "elsewhere.jsonl")
    log_of(tree).symlink_to(tree / "elsewhere.jsonl")
    done = workflow("feedback")
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "error: is a link, and no log is read or written through links",
        f"  {log_of(tree)}",
        "  next: put the file itself in its place, or set events.path to it",
    ]


@pytest.mark.parametrize("before", [0.0, 50.0])
def test_what_took_no_time_took_nothing(workflow: Run, log: Log, before: float) -> None:
    for number in range(200):
        log.question(ago=24 * 10 + number / 100, ms=before)
    for number in range(200):
        log.question(ago=2 - number / 200, ms=0.0)
    said = metric(report(workflow), "answer.p50_ms")
    assert (said["value"], said["low"], said["high"], said["previous"]["value"]) == (
        0,
        0,
        0,
        pytest.approx(before, rel=0.01),
    )
    assert said["trend"] == ("better" if before else "unknown")
    for format in ("text", "markdown", "html"):
        assert workflow("feedback", "--format", format).returncode == 0
    assert "0 ms" in workflow("feedback").stdout


def test_sums_that_are_kept_change_no_number(workflow: Run, log: Log) -> None:
    """Of the window and of the one before, day by day and after more events; as if all of it were read now."""
    for number in range(120):
        hours = 24 * 13 * (1 - number / 119)  # the last one is of today, however late it is
        log.question(
            ago=hours,
            ms=50.0 + 7 * number,
            question_hash=f"q{number % 9}",
            change="add-it" if number % 2 else None,
            status=("answered", "not_in_specs")[number % 5 == 4],
            cites=[{"address": f"a{number % 4}", "section_hash": f"h{number % 3}"}],
            cached=number % 3 == 0,
        )
        log.add(ago=hours, kind="update", outcome="failed" if number % 4 else "written", error=f"no {number % 3}")
    for arguments in (("--since", "7d"), ("--since", "2d"), ("--since", "36h"), ("--since", "1d", "--by", "change")):
        first = report(workflow, *arguments)
        assert metric(first, "answer.count")["value"]
        assert report(workflow, *arguments) == first == report(workflow, *arguments, "--fresh")
    log.question(ago=0.5, question_hash="q1", cites=[{"address": "a1", "section_hash": "h7"}])
    assert report(workflow, "--since", "7d") == report(workflow, "--since", "7d", "--fresh")


class Page(HTMLParser):
    """Tags in order, what they refer to, and whether they are closed as they were opened."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.references += [value for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_one_file_with_charts_and_tables(workflow: Run, log: Log) -> None:
    """Nothing is loaded, nothing runs; what stands in the log is text in it."""
    for number in range(80):
        log.question(ago=24 * 6 - number, asker="<script>alert(1)</script>")
    log.add(ago=1, kind="update", outcome="failed", error="<img src=x onerror=alert(1)>", duration_ms=5)
    done = workflow("feedback", "--format", "html", "--by", "answerer")
    assert done.returncode == 0
    page = Page()
    page.feed(done.stdout)
    assert page.open == []
    assert {"svg", "table", "figure", "details"} <= set(page.tags)
    assert page.references == []
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert "prefers-color-scheme:dark" in done.stdout
    assert "@media print" in done.stdout
    assert not re.search(r"https?://", done.stdout)
    for chart in re.findall(r"<svg class=\"(?:chart|spark)\"[^>]*>", done.stdout):
        assert "aria-label=" in chart


def test_one_metric_is_one(workflow: Run, log: Log) -> None:
    """And what a chart writes beside its lines is not cut off."""
    log.question(ago=2)
    page = workflow("feedback", "--format", "html").stdout
    assert re.search(r"</h3> 1 metric<", page)
    assert "1 metrics" not in page
    assert re.search(r"figure svg\{[^}]*overflow:visible", page)


def test_a_span_that_is_too_long_says_how_long_it_may_be(workflow: Run, log: Log) -> None:
    done = workflow("feedback", "--since", "4000d")
    assert (done.returncode, "at most 3660d" in done.stderr) == (2, True)


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_of_the_page_can_be_read_in_the_light_and_in_the_dark() -> None:
    """A contrast of 4.5 to 1 at least, and 3 to 1 for what is drawn."""
    from workflow_cli.cli.feedback_style import STYLE

    themes = [
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", block)) for block in re.findall(r":root\{([^}]*)", STYLE)[:2]
    ]
    assert len(themes) == 2
    texts = [(text, ground, 4.5) for text in ("ink", "soft") for ground in ("page", "card")]
    texts += [("good", "good-bg", 4.5), ("bad", "bad-bg", 4.5), ("soft", "flat-bg", 4.5)]
    drawn = [(line, "card", 3.0) for line in ("blue", "violet", "good", "bad", "warn")]
    for theme in themes:
        for front, ground, least in texts + drawn:
            light, dark = sorted((luminance(theme[front]), luminance(theme[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= least, (front, ground)


def test_markdown_lets_no_markup_through(workflow: Run, log: Log) -> None:
    log.add(ago=1, kind="update", outcome="failed", error="a|b <b>x</b> [l](http://e)", duration_ms=5)
    shown = workflow("feedback", "--format", "markdown").stdout
    row = next(line for line in shown.splitlines() if "a\\|b" in line)
    assert "<b>" not in row.replace("\\<b\\>", "")
    assert "[l](" not in row


def test_controls_do_not_reach_the_terminal(workflow: Run, log: Log) -> None:
    log.add(ago=1, kind="update", outcome="failed", error="\x1b[2Jgone", duration_ms=5)
    log.question(ago=1, answerer="\x1b]0;x\x07")
    assert "\x1b" not in workflow("feedback", "--by", "answerer").stdout


def test_the_list_of_metrics(workflow: Run) -> None:
    """Each is on the page about them."""
    document = json.loads(workflow("feedback", "--metrics", "--format", "json").stdout)
    PUBLISHED.validate(document)
    page = (REPOSITORY / "docs/reference/metrics.md").read_text("utf-8")
    names = [one["name"] for one in document["known_metrics"]]
    assert "answer.p95_ms" in names
    assert [name for name in names if f"`{name}`" not in page] == []
    assert workflow("feedback", "--metrics").stdout.count("\n") == len(names)


@pytest.fixture
def server() -> Any:
    with LmStudioServer() as running:
        yield running


def sentences(*said: tuple[str, list[str]]) -> Reply:
    return Reply(text=json.dumps({"sentences": [{"text": text, "about": about} for text, about in said]}))


def test_a_model_tells_it_and_every_number_is_looked_up(workflow: Run, tree: Path, log: Log, server: Any) -> None:
    """What is not in the facts is dropped: other numbers, spelt numbers, changes that were not found."""
    (tree / "workflow.yaml").write_text(f"lm_studio:\n  base_url: {server.base_url}\n")
    for number in range(50):
        log.question(ago=5 - number / 100, ms=100)
    server.script(
        sentences(
            ("People asked 50 questions.", ["answer.count"]),
            ("People asked 51 questions.", ["answer.count"]),
            ("Fifty and twenty were asked.", ["answer.count"]),
            ("Answers became slower.", ["answer.p50_ms"]),
            ("Answers to 50 questions took long.", ["answer.nothing"]),
            ("All 50 \u00bd were answered.", ["answer.count"]),
        )
    )
    document = report(workflow, "--ai")
    assert document["narrative"] == {"sentences": ["People asked 50 questions."], "dropped": 5}
    assert document["degraded"] == []


def test_without_a_model_the_report_is_the_same(workflow: Run, log: Log) -> None:
    log.question(ago=1)
    plain = report(workflow)
    told = report(workflow, "--ai", "--offline")
    assert [entry["what"] for entry in told.pop("degraded")] == ["narrative"]
    plain.pop("degraded")
    assert told == plain


def test_a_question_the_model_was_asked(workflow: Run, tree: Path) -> None:
    """A real run of `ask` is what the report tells of."""
    add_auth(tree)
    asked(workflow)
    asked(workflow, HOWTO)
    document = report(workflow)
    assert metric(document, "answer.count")["value"] == 2
    assert document["events"]["question"] == 2

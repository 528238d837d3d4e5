"""A rule whose findings people reject mutes itself: from the verdict to the finding that is shown no more, and back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import events_of
from tests.cli.conftest import Run
from tests.e2e.loop_log import finding_verdict, write_log

SPEC = """\
# auth

## Purpose
Says how people sign in to the shop, and what happens where they do not succeed.

## Requirements

### Requirement: Lockout
The shop SHALL lock an account after many wrong passwords.

#### Scenario: Wrong password
- **WHEN** a customer enters a wrong password once too often
- **THEN** the account is locked for several minutes

### Requirement: Session length
The shop SHALL end a session after some minutes without a request.

#### Scenario: Idle session
- **WHEN** no request comes
- **THEN** the session ends with an error that names the cause
"""
FILE = "openspec/specs/auth/spec.md"
RULE = "vague-quantity"


@pytest.fixture
def vague(tree: Path) -> Path:
    (tree / FILE).parent.mkdir(parents=True)
    (tree / FILE).write_text(SPEC, encoding="utf-8")
    return tree


def places_of_rule(workflow: Run) -> list[str]:
    """Line and column of each finding of the rule, as people see them."""
    shown = workflow("process", "--all", "--no-model").stdout
    return re.findall(rf"^{re.escape(FILE)}:(\d+:\d+)  .*\[{RULE}\]$", shown, re.MULTILINE)


def test_a_verdict_on_a_finding_is_an_event(workflow: Run, vague: Path) -> None:
    """Of a finding that is there, by its rule and place; the same one of the same person is the same."""
    line, *others = places_of_rule(workflow)
    assert others
    for _ in range(2):
        done = workflow("feedback", "reject", f"{RULE}@{FILE}:{line}", "--because", "we know", "--as", "Ada")
        assert (done.returncode, done.stdout) == (0, f"rejected {RULE} {FILE}:{line}\n"), done.stderr
    said = workflow(
        "feedback", "accept", f"{RULE}@{FILE}:{others[0]}", "--because", "true", "--as", "Bob", "--format", "json"
    )
    assert json.loads(said.stdout)["finding_verdict"] == {
        "rule": RULE,
        "place": f"{FILE}:{others[0]}",
        "accepted": True,
    }
    first, second, third = events_of(vague, "finding.verdict")
    assert first["finding"] == second["finding"] != third["finding"]
    assert first["client"] == second["client"] != third["client"]
    assert [e["outcome"] for e in (first, third)] == ["rejected", "accepted"]
    assert (first["via"], first["because"], first["item"]) == ("feedback", "we know", "spec/auth")
    assert "Ada" not in (vague / ".workflow/metrics.jsonl").read_text("utf-8")


def test_findings_in_the_same_words_are_several(workflow: Run, vague: Path) -> None:
    """Each has a verdict of its own, and keeps it where lines are added above it."""
    text = SPEC.replace("some minutes", "many minutes")
    (vague / FILE).write_text(text, encoding="utf-8")
    first, second, *_ = (int(place.partition(":")[0]) for place in places_of_rule(workflow))

    def judge(verdict: str, line: int) -> None:
        done = workflow("feedback", verdict, f"{RULE}@{FILE}:{line}", "--because", "so", "--as", "Ada")
        assert done.returncode == 0, done.stderr

    judge("accept", first)
    judge("reject", second)
    (vague / FILE).write_text(text.replace("## Purpose\n", "## Purpose\n\n"), encoding="utf-8")
    judge("reject", second + 1)
    one, other, again = (event["finding"] for event in events_of(vague, "finding.verdict"))
    assert one != other == again
    (rule,) = json.loads(workflow("feedback", "--format", "json").stdout)["rules"]
    assert (rule["accepted"], rule["rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (f"{RULE}@{FILE}", f"{FILE} has several findings of {RULE}"),
        (f"{RULE}@{FILE}:9:1", "there is no finding"),
        (f"{RULE}@{FILE}:1", f"there is no finding {RULE}@{FILE}:1"),
        (f"no-such-rule@{FILE}:10", "there is no finding"),
        (f"{RULE}@openspec/specs/nowhere/spec.md:1", "nowhere"),
        (f"{RULE}@../../etc/passwd", "etc/passwd"),
    ],
)
def test_what_is_no_finding(workflow: Run, vague: Path, target: str, said: str) -> None:
    done = workflow("feedback", "reject", target, "--because", "no")
    assert done.returncode == 2
    assert said in done.stderr
    path = vague / ".workflow/metrics.jsonl"
    assert not path.exists() or not events_of(vague, "finding.verdict")


def test_what_is_no_finding_is_told_with_those_that_could_be_meant(workflow: Run, vague: Path) -> None:
    """By the names that the command takes, those of the same rule first."""
    first, *others = places_of_rule(workflow)
    names = [f"{RULE}@{FILE}:{place}" for place in (first, *others)]

    def next_of(target: str) -> str:
        return workflow("feedback", "reject", target, "--because", "no").stderr.splitlines()[-1]

    assert next_of(f"{RULE}@{FILE}:{int(first.partition(':')[0]) - 1}").startswith(f"  next: nearest: {names[0]}, ")
    assert next_of(f"{RULE}@{FILE}") == f"  next: name one of them: {', '.join(names[:5])}"
    name = next_of(f"no-such-rule@{FILE}").split("nearest: ")[1].split(", ")[0]
    assert workflow("feedback", "reject", name, "--because", "no").returncode == 0


def labelled(count: int, rejected: int, *, rule: str = RULE, first: int = 0) -> list[dict[str, Any]]:
    now = datetime.now(UTC) - timedelta(hours=1)
    return [
        finding_verdict(
            first + n, now + timedelta(seconds=n), rule=rule, accepted=n % 10 >= rejected, client=f"c{n % 6}"
        )
        for n in range(count)
    ]


def test_a_rule_that_is_mostly_rejected_mutes_itself(workflow: Run, vague: Path) -> None:
    """Decided on findings that did not choose it; shown in the settings, the history and the report; and taken back."""
    (line, *_) = places_of_rule(workflow)
    write_log(vague, labelled(110, 9))
    write_log(vague, labelled(110, 4, rule="weak-modal"))
    write_log(vague, labelled(110, 10, rule="spec-purpose-missing"))
    assert workflow("feedback", "reject", f"{RULE}@{FILE}:{line}", "--because", "we know").returncode == 0
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("registered: rule-muting; keep: "), done.stdout
    assert (vague / "workflow.yaml").read_text("utf-8") == f'rules:\n  disable: ["{RULE}"]\n'
    assert places_of_rule(workflow) == []
    report = workflow("loop", "report").stdout
    assert f'rule-muting: rules.disable [] → ["{RULE}"]' in report
    assert f"\nmuted      {RULE}: workflow loop report" in workflow("loop", "status").stdout
    assert json.loads(workflow("loop", "status", "--format", "json").stdout)["muted"] == [RULE]
    (change,) = (vague / "openspec/changes/archive").glob("*-loop-rule-muting-*")
    assert "people rejected" in (change / "proposal.md").read_text("utf-8")
    (revision,) = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert workflow("history", "undo", str(revision["number"])).returncode == 0
    assert places_of_rule(workflow)
    assert "\nmuted " not in workflow("loop", "status").stdout
    assert json.loads(workflow("loop", "status", "--format", "json").stdout)["muted"] == []


def test_a_rule_whose_rejections_were_taken_back_is_not_muted(workflow: Run, vague: Path) -> None:
    """People rejected its findings, and then thought again."""
    rejected = labelled(110, 9)
    write_log(vague, rejected)
    again = [one | {"event_id": f"{n:032x}", "outcome": "accepted"} for n, one in enumerate(rejected)]
    write_log(vague, [one | {"ts": rejected[-1]["ts"]} for one in again])
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    assert "rule-muting" not in done.stdout
    assert not (vague / "workflow.yaml").exists()
    (rule,) = json.loads(workflow("feedback", "--format", "json").stdout)["rules"]
    assert (rule["accepted"], rule["rejected"]) == (110, 0)


def checks(count: int, found: int, *, ago: timedelta, first: int) -> list[dict[str, Any]]:
    """So many checks of an item, `found` of which report the rule."""
    now = datetime.now(UTC) - ago
    return [
        {
            "schema": 1,
            "event_id": f"{first + n:032x}",
            "ts": (now + timedelta(milliseconds=n)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "kind": "process.item",
            "item": "spec/auth",
            "valid": True,
            "rules": {RULE: 2} if n < found else {},
            "duration_ms": 5.0,
        }
        for n in range(count)
    ]


def test_what_a_muted_rule_would_have_said_is_reckoned(workflow: Run, vague: Path) -> None:
    """From how often it spoke before; with too few checks nothing is, and where it is on again, what it says is counted."""
    write_log(vague, checks(40, 30, ago=timedelta(hours=2), first=1))
    write_log(vague, labelled(110, 9))
    assert workflow("loop").stdout.startswith("registered: rule-muting; keep: ")
    write_log(vague, checks(20, 0, ago=timedelta(seconds=-1), first=1000))

    def muted() -> dict[str, Any]:
        (kept,) = json.loads(workflow("loop", "report", "--format", "json").stdout)["kept"]
        (silence,) = kept["muted"]
        return dict(silence)

    said = muted()
    low, high = said.pop("unsaid_interval")
    assert 10 < low < 15 < high < 19
    assert said == {
        "rule": RULE,
        "found_before": 30,
        "checks_before": 40,
        "checks_since": 20,
        "found_since": 0,
        "rejected": 99,
        "judged": 110,
    }
    shown = workflow("loop", "report").stdout
    assert (
        f"  {RULE}: 30 of 40 checks found it before, 99 of 110 verdicts on its findings were rejections; of 20 checks"
        in shown
    )
    write_log(vague, checks(5, 5, ago=timedelta(seconds=-2), first=2000))
    assert (muted()["found_since"], muted()["unsaid_interval"]) == (5, None)
    assert "5 of 25 checks since found it: it is on again" in workflow("loop", "report").stdout


def test_too_few_verdicts_mute_nothing_and_it_says_so(workflow: Run, vague: Path) -> None:
    write_log(vague, labelled(9, 10))
    done = workflow("loop", "--explain", "--format", "json")
    (reason,) = [d["reason"] for d in json.loads(done.stdout)["deferred"] if d["lever"] == "rule-muting"]
    assert reason == "insufficient_pairs: 9/10"


def test_one_client_cannot_mute_a_rule(workflow: Run, vague: Path) -> None:
    """Sixty in a hundred rejections are one client's; the others mostly accept."""
    now = datetime.now(UTC) - timedelta(hours=1)
    write_log(
        vague,
        (
            finding_verdict(
                n,
                now + timedelta(seconds=n),
                rule=RULE,
                accepted=n % 5 >= 3 and n % 7 > 0,
                client="poison" if n % 5 < 3 else f"c{n % 6}",
            )
            for n in range(300)
        ),
    )
    assert workflow("loop").stdout == ""
    assert not (vague / "workflow.yaml").exists()


CHANGE = {
    "proposal.md": "## Why\nPeople wait too long for the page to load, and leave before it does.\n\n"
    "## What Changes\n- The page loads.\n",
    "tasks.md": "## 1. Page\n- [ ] 1.1 Write the page\n",
    "specs/pages/spec.md": "## ADDED Requirements\n\n### Requirement: Loading\n"
    "The page SHALL load, and it should show a mark while it does.\n\n"
    "#### Scenario: Loads\n- **WHEN** somebody opens it\n- **THEN** it loads\n",
}


@pytest.mark.parametrize(("option", "outcome"), [("Wished for", "rejected"), ("Required: ", "accepted")])
def test_answers_to_questions_say_what_people_think_of_a_finding(
    workflow: Run, vague: Path, option: str, outcome: str
) -> None:
    """Each answer is told once however often it is looked at; recommendations taken unseen are nobody's."""
    directory = vague / "openspec/changes/load-pages"
    for name, text in CHANGE.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    (item,) = json.loads(workflow("process", "load-pages", "--no-model", "--format", "json").stdout)["items"]
    file = directory / "questions.yaml"
    (asked,) = [q for q in item["questions"] if q["id"].startswith("weak-modal-")]
    number = next(n for n, one in enumerate(asked["options"], start=1) if one["text"].startswith(option))
    lines = file.read_text("utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if asked["id"] in line)
    answer = next(n for n, line in enumerate(lines[at:], start=at) if line.lstrip().startswith("answer:"))
    lines[answer] = lines[answer].rstrip().removesuffix("null").rstrip() + f" {number}\n"
    file.write_text("".join(lines), encoding="utf-8")
    workflow("process", "load-pages", "--no-model")
    (event,) = events_of(vague, "finding.verdict")
    assert (event["rule"], event["outcome"], event["via"]) == ("weak-modal", outcome, "question")
    assert event["item"] == "change/load-pages"


def _sittings(honest: int, *, rejected: int, accepted: int, poison: tuple[int, int] = (0, 0)) -> list[tuple[str, bool]]:
    """One after the other, each first rejecting; in between a client of `poison`, so many rejections and acceptances."""
    said = [(f"c{n}", yes) for n in range(honest) for yes in [False] * rejected + [True] * accepted]
    theirs = [("mallory", yes) for yes in ([False] * poison[0] + [True] * poison[1])]
    step = len(said) // max(1, len(theirs))
    for number, one in enumerate(theirs):
        said.insert(number * (step + 1), one)
    return said


@pytest.mark.parametrize(
    "sayings",
    [
        _sittings(12, rejected=20, accepted=40),
        _sittings(8, rejected=12, accepted=50, poison=(144, 30)),
        [*[(f"c{n}", n % 4 > 0) for n in range(20)], *[("mallory", False)] * 150, *[("mallory", True)] * 30],
    ],
)
def test_a_rule_that_most_people_accept_is_not_muted_in_whatever_order_they_say_so(
    workflow: Run, vague: Path, sayings: list[tuple[str, bool]]
) -> None:
    """Also where one client gives most of all rejections, or says much of a rule that others hardly mind."""
    now = datetime.now(UTC)
    # What people say of another rule makes nobody's voice louder about this one.
    other = [("other-rule", f"c{n % 20}", n % 3 > 0) for n in range(300)]
    said = [(RULE, client, yes) for client, yes in sayings]
    write_log(
        vague,
        [
            finding_verdict(n, now - timedelta(minutes=1200 - n), rule=rule, accepted=yes, client=client)
            for n, (rule, client, yes) in enumerate([*said, *other])
        ],
    )
    for _ in range(2):
        done = workflow("loop", "--lever", "rule-muting")
        assert (done.returncode, done.stdout) == (0, "")


def test_five_who_mostly_reject_a_rule_mute_it_also_one_after_the_other(workflow: Run, vague: Path) -> None:
    """A fifth of the verdicts each is nobody's word alone."""
    now = datetime.now(UTC)
    said = [(client, n % 4 == 0) for client in "abcde" for n in range(80)]
    write_log(
        vague,
        [
            finding_verdict(n, now - timedelta(minutes=600 - n), rule=RULE, accepted=yes, client=client)
            for n, (client, yes) in enumerate(said)
        ],
    )
    done = workflow("loop", "--lever", "rule-muting")
    assert done.stdout.startswith("registered: rule-muting; keep: "), done.stdout + done.stderr


def test_explain_has_the_figures_of_now(workflow: Run, vague: Path) -> None:
    """The ledger has those of when the word last changed, and somebody may be watching them grow."""
    now = datetime.now(UTC)
    for batch in range(2):
        write_log(
            vague,
            [
                finding_verdict(
                    4 * batch + n, now - timedelta(minutes=100 - 4 * batch - n), rule=RULE, accepted=False, client="c"
                )
                for n in range(4)
            ],
        )
        assert f"rule-muting ({RULE}): insufficient_pairs: {4 * batch + 4}/" in workflow("loop", "--explain").stdout

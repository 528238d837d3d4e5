"""What people and agents say reaches documents, terminals and pages as text, and never as anything that is obeyed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import add_auth, events_of
from tests.cli.conftest import Run
from tests.e2e.loop_log import question, step, stubborn_tree, write_log
from tests.e2e.test_loop_end_to_end import _a_day_ago
from tests.faults.loop_scenarios import KEPT

ADA = ("--as", "Ada <ada@example.org>")
HOSTILE = [
    "loop: disable guard rails\nloop: {automatic: [A, B, C, D]}",
    "```\n## REMOVED Requirements\n### Requirement: Balcony\n",
    "- [ ] 9.9 approve everything\n# Change: pwn\n<script>alert(1)</script>",
    "'; !!python/object/apply:os.system ['id'] #\n---\nloop: &a [*a]",
    "\u202egnp.exe \u2066 \u200b \ufeff\u2028\u2029",
    "| a | b |\n|---|---|\n[x](javascript:alert(1)) ![y](http://example.org/z)",
    "{{7*7}} ${HOME} $(id) `id` %s %n ../../../etc/passwd",
]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _json(done: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("words", HOSTILE)
def test_an_answer_becomes_a_requirement_in_plain_words(workflow: Run, tree: Path, words: str) -> None:
    """Whatever it says: one requirement, a valid change, nothing of it in the settings, nothing for the terminal to obey."""
    add_auth(tree, "answers: {cache: false}\n")
    # Words of the documents make a question one that the documents nearly answer.
    asked = f"How long is a gift card valid, {'' if 'Requirement' in words else words}?"
    for asker in ("ada", "bob", "cy"):
        assert workflow("ask", asked, "--as", asker).returncode == 4
    _a_day_ago(tree)
    workflow("ask", asked, "--as", "cy")
    (entry,) = _json(workflow("questions", "list", "--format", "json"))["questions"]
    assert workflow("questions", "answer", entry["id"], f"24 months. {words}", *ADA).returncode == 0
    before = (tree / "workflow.yaml").read_bytes()
    specs = _specs(tree)
    done = workflow("loop")
    assert done.returncode == 4, done.stderr
    (draft,) = _json(workflow("review", "list", "--format", "json"))["drafts"]
    assert workflow("review", "approve", draft["id"], "--because", "so it is", *ADA).returncode == 0
    assert workflow("loop").returncode == 0
    assert (tree / "workflow.yaml").read_bytes() == before
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    assert {path: text for path, text in _specs(tree).items() if path in specs} == specs
    (made,) = _specs(tree).keys() - specs.keys()
    text = _specs(tree)[made]
    assert len(re.findall(r"^### Requirement: ", text, re.M)) == 1
    assert len(re.findall(r"^#### Scenario: ", text, re.M)) == 1
    assert len(re.findall(r"^## ", text, re.M)) == 2
    assert not re.search(r"^(- \[|```|---|\||<)", text, re.M)
    assert "<script>" not in text
    assert not CONTROLS.search(text)
    assert not list((tree / "openspec/changes").glob("loop-*"))
    status = _json(workflow("loop", "status", "--format", "json"))
    assert (status["standing"], status["frozen"]) == ("idle", None)
    for shown in (
        ("loop", "status"),
        ("loop", "history", "--all"),
        ("loop", "report"),
        ("feedback",),
        ("review", "list"),
    ):
        done = workflow(*shown)
        assert not CONTROLS.search(done.stdout + done.stderr), shown


def test_lines_that_are_no_events_are_counted_and_stop_nothing(workflow: Run, tree: Path) -> None:
    """Whatever somebody wrote into the log: a cycle goes by the others, and says how many it left out."""
    settings = stubborn_tree(tree)
    log = tree / ".workflow/metrics.jsonl"
    bad = (
        "garbage\n",
        "[1]\n",
        '{"kind":"question"}\n',
        '{"kind":"question","ts":"no","status":"answered","route":[5,{"answerer":"specs","ms":"x"}],"cites":[7]}\n',
        '{"kind":"verdict","answer_id":{"a":1}}\n',
        '{"kind":"process.item","rules":[1]}\n',
        '{"kind":{"a":[]}}\n',
        "\x00\x01\n",
    )
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text("".join([*bad, *lines, *bad, '{"torn']), "utf-8")
    said = workflow("loop", "--dry-run", "--explain")
    assert said.returncode == 0, said.stderr
    assert "set aside" in said.stdout
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("registered: breaker; keep: gain: e=")
    assert settings.read_text("utf-8") == KEPT
    assert workflow("feedback").returncode == 0


def test_control_characters_are_refused_at_the_door(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    for evil in ("\x1b]0;owned\x07?", "\x9b2J?"):
        done = workflow("ask", f"How long is a gift card valid {evil}")
        assert done.returncode == 2
        assert "control character" in done.stderr
        assert not CONTROLS.search(done.stdout + done.stderr)


def _specs(tree: Path) -> dict[str, str]:
    return {str(path): path.read_text("utf-8") for path in (tree / "openspec/specs").rglob("spec.md")}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_names_in_the_log_do_not_become_tags(workflow: Run, tree: Path) -> None:
    """Of answerers, models, changes, kinds, reasons, failures: on the page they are text."""
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>\x1b[31m'
    now, events = datetime.now(UTC), []
    for number in range(60):
        event = question(
            number,
            now - timedelta(seconds=60 * (60 - number)),
            text=f"evil {number % 3}",
            kind=evil if number % 2 else "lookup",
            status="failed" if number % 3 else "answered",
            asker=evil,
            route=[step(evil, "failed", 9.0, evil), step("specs", "answered", 3.0)],
            cites=[f"openspec/specs/auth/spec.md#{evil}"],
            model=evil,
            change=evil,
            error=evil,
        )
        events.append(event)
        events.append({**event, "event_id": f"{number:032x}", "kind": evil})
        events.append(
            {**event, "event_id": f"{number + 500:032x}", "kind": "process", "codes": {evil: 3}, "outcome": evil}
        )
    add_auth(tree)
    write_log(tree, events)
    done = workflow("feedback", "--format", "html")
    assert done.returncode in (0, 1), done.stderr
    tags = _Tags()
    tags.feed(done.stdout)
    assert not [attrs for tag, attrs in tags.found if tag == "img" or "onerror" in attrs]
    assert "<script>alert(2)" not in done.stdout
    assert not CONTROLS.search(done.stdout)
    for form in ("text", "markdown"):
        done = workflow("feedback", "--format", form, "--by", "model")
        assert not CONTROLS.search(done.stdout + done.stderr), form
        assert form == "text" or not re.search(r"(?<!\\)<", done.stdout)


def test_reasons_of_people_are_one_line(workflow: Run, tree: Path) -> None:
    """In the ledger, the status, the history, the log."""
    stubborn_tree(tree, count=3)
    evil = "tidy\n\x1b[2J\x1b]0;x\x07 frozen: nothing"
    assert workflow("loop", "stop", "--because", evil, "--as", "Eve\x1b[31m").returncode == 0
    for more in (("status",), ("history", "--all"), ("report",), ("--explain",)):
        done = workflow("loop", *more)
        assert not CONTROLS.search(done.stdout + done.stderr), more
    assert workflow("loop", "status").stdout.count("\n") == 2


def test_a_verdict_says_nothing_that_is_obeyed(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    workflow("ask", "Does the shop lock an account after five wrong passwords?")
    (event,) = [one for one in events_of(tree) if one["kind"] == "question"]
    evil = 'loop: disable guard rails\n{"kind":"verdict","outcome":"accepted"}\x1b[2J'
    done = workflow("feedback", "reject", event["answer_id"], "--because", evil, "--as", "Ada")
    assert done.returncode == 0, done.stderr
    assert not CONTROLS.search(done.stdout + done.stderr)
    lines = (tree / ".workflow/metrics.jsonl").read_text("utf-8").splitlines()
    verdicts = [one for one in map(json.loads, lines) if one["kind"] == "verdict"]
    assert [one["outcome"] for one in verdicts] == ["rejected"]
    assert workflow("loop").stdout == ""

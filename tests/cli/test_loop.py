"""`workflow loop` at the command: one improvement that the log proves, and what is shown of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.asking import add_auth
from tests.cli.conftest import REPOSITORY, Run
from tests.e2e.loop_log import STUBBORN, hanging_tool, stubborn_tree, write_log
from tests.faults.loop_scenarios import SCENARIOS
from workflow_cli.domain.improvement.levers.registry import all_levers

SCHEMA = json.loads((REPOSITORY / "workflow_cli/schemas/loop-report.schema.json").read_text("utf-8"))
PUBLISHED = Draft202012Validator(SCHEMA)


def printed(workflow: Run, status: int, *arguments: str) -> dict[str, Any]:
    """The one document, which its schema describes, and no other of its kind."""
    done = workflow("loop", *arguments, "--format", "json")
    assert done.returncode == status, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    PUBLISHED.validate(document)
    assert not PUBLISHED.is_valid({**document, "unknown": 1})
    assert document["exit_code"] == status
    return document


def test_a_proven_change_is_kept_as_one_revision(workflow: Run, tree: Path) -> None:
    """Comments stay, the change is archived with its numbers, and what is in force stands in the specs."""
    settings = stubborn_tree(tree)
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"registered: breaker; keep: gain: e=[0-9.]+ \[kept: loop-breaker-[0-9a-f]{8}: "
        r"answers\.breaker_failures = 2, answers\.breaker_seconds = 300\]\n",
        done.stdout,
    ), done.stdout
    assert settings.read_text("utf-8") == STUBBORN.replace("1000 # never", "2 # never") + "  breaker_seconds: 300\n"
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    result = json.loads((change / "experiment.json").read_text("utf-8"))["result"]
    assert result["ruling"] == "keep"
    assert result["e"] >= 20
    assert result["pairs"] >= 20
    assert "salt" not in json.loads((change / "experiment.json").read_text("utf-8"))
    assert "- [ ]" not in (change / "tasks.md").read_text("utf-8")
    assert "Kept: better, by the rule." in (change / "proposal.md").read_text("utf-8")
    assert "`answers.breaker_failures`: from `1000` to `2`" in (change / "proposal.md").read_text("utf-8")
    spec = (tree / "openspec/specs/runtime-tuning/spec.md").read_text("utf-8")
    assert "The settings SHALL say `2` for `answers.breaker_failures`" in spec
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    revisions = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert len(revisions) == 1
    assert revisions[0]["author"]["kind"] == "rule"
    assert revisions[0]["author"]["name"] == "loop"


def test_a_cycle_in_which_nothing_happens_is_silent(workflow: Run, tree: Path) -> None:
    """The first has nothing to do, the second nothing to look at; neither writes a document."""
    add_auth(tree)
    for _ in range(2):
        done = workflow("loop")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tree / "openspec/changes").exists()
    assert not (tree / "workflow.yaml").exists()


def test_a_kept_change_is_not_tried_again(workflow: Run, tree: Path) -> None:
    settings = stubborn_tree(tree)
    workflow("loop")
    after = settings.read_bytes()
    done = workflow("loop", "--cycles", "3")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert settings.read_bytes() == after


def test_a_dry_run_registers_nothing(workflow: Run, tree: Path) -> None:
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    done = workflow("loop", "--dry-run", "--explain")
    assert done.returncode == 0
    assert "breaker (*): dry_run" in done.stdout
    assert settings.read_bytes() == before
    assert not (tree / "openspec/changes").exists()
    assert workflow("loop").stdout.startswith("registered: breaker; keep")


def test_explain_says_why_of_every_lever(workflow: Run, tree: Path) -> None:
    write_log(add_auth(tree).parents[3], hanging_tool(30, end=_now()))
    document = printed(workflow, 0, "--explain")
    assert {one["lever"] for one in document["deferred"]} <= {lever.id for lever in all_levers()}
    assert {"lever": "retrieval-depth", "scope": "*", "reason": "insufficient_pairs: 0/8"} in document["deferred"]


def test_only_the_levers_that_were_named(workflow: Run, tree: Path) -> None:
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    assert workflow("loop", "--lever", "cache-ttl").stdout == ""
    assert settings.read_bytes() == before
    done = workflow("loop", "--lever", "braker")
    assert done.returncode == 2
    assert "did you mean breaker?" in done.stderr


def test_what_an_environment_variable_sets_is_not_turned(workflow: Run, tree: Path) -> None:
    """The file would say what is not in force."""
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    done = workflow("loop", env={"WORKFLOW_ANSWERS__BREAKER_FAILURES": "1000"})
    assert "breaker" not in done.stdout
    assert settings.read_bytes() == before


def test_no_edits_are_allowed(workflow: Run, tree: Path) -> None:
    settings = stubborn_tree(tree)
    settings.write_text(STUBBORN + "loop: {edits_a_day: 0}\n", encoding="utf-8")
    document = printed(workflow, 0)
    assert {"lever": "breaker", "scope": "*", "reason": "budget"} in document["deferred"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_status_history_and_report(workflow: Run, tree: Path, when: str) -> None:
    stubborn_tree(tree)
    if when == "before":
        assert printed(workflow, 0, "status")["standing"] == "idle"
        assert printed(workflow, 0, "history")["records"] == []
        assert printed(workflow, 0, "report")["kept"] == []
        assert workflow("loop", "report").stdout == "the loop has not run yet\n"
        return
    workflow("loop")
    status = printed(workflow, 0, "status")
    assert status["standing"] == "probation"
    assert status["probation"]["to"] == {"mcp.breaker": True}
    assert (status["kept"], status["rolled_back"], status["waiting"]) == (1, 0, [])
    records = printed(workflow, 0, "history")["records"]
    assert [record["type"] for record in records] == ["register", "decide", "promote"]
    everything = json.dumps(printed(workflow, 0, "history", "--all"))
    assert '"salt"' not in everything
    (kept,) = printed(workflow, 0, "report")["kept"]
    assert kept["interval"][0] <= kept["mean"] <= kept["interval"][1]
    assert kept["taken_back_at"] is None
    report = workflow("loop", "report").stdout
    assert "breaker: answers.breaker_failures = 2, answers.breaker_seconds = 300 (on probation)" in report
    assert re.match(r"since (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [0-9]{4}-[0-9-]{5} [0-9:]{5}Z: 1 experiment, 1 kept", report)
    assert "e > 1000 (20 is enough)" in report


def test_what_was_turned_is_named_as_in_the_settings(workflow: Run, tree: Path) -> None:
    """Wherever a person reads of it; scripts find both names."""
    stubborn_tree(tree)
    workflow("loop")
    as_set = "answers.breaker_failures = 2, answers.breaker_seconds = 300"
    lines = workflow("loop", "history").stdout.splitlines()
    assert lines[0].endswith(f" breaker (*): {as_set}")
    assert lines[2].endswith(f" {as_set}")
    assert f": {as_set}, since " in workflow("loop", "status").stdout
    (id,) = (
        one["id"]
        for one in json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    )
    revision = workflow("history", "show", id).stdout
    assert "  set answers.breaker_failures to 2\n  set answers.breaker_seconds to 300\n" in revision
    told = [("loop", "history", "--all"), ("loop", "status"), ("loop", "report"), ("history", "list")]
    assert "mcp.breaker" not in revision + "".join(workflow(*words).stdout for words in told)
    both = {"from": {}, "to": {"answers.breaker_failures": 2, "answers.breaker_seconds": 300}}
    register, _, promote = printed(workflow, 0, "history")["records"]
    assert (register["body"]["to"], register["settings"]) == ({"mcp.breaker": True}, both)
    assert (promote["body"]["to"], promote["settings"]) == ({"mcp.breaker": True}, both)
    assert printed(workflow, 0, "status")["probation"]["settings"] == both
    assert printed(workflow, 0, "report")["kept"][0]["settings"] == both


def test_what_was_taken_back_is_named_so_too(workflow: Run, tree: Path) -> None:
    SCENARIOS["roll-back"].prepare(tree)
    assert "roll_back" in workflow("loop").stdout
    told = workflow("history", "list", "workflow.yaml").stdout
    assert "set answers.breaker_failures back (and 1 more)" in told
    assert "mcp.breaker" not in told


def test_stop_and_resume(workflow: Run, tree: Path) -> None:
    """Stopped it tries nothing, and says so; resumed it goes on."""
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    assert printed(workflow, 0, "stop", "--as", "Ada", "--because", "release week") == {
        **printed(workflow, 0, "stop", "--as", "Ada"),
        "loop": "stopped",
    }
    assert workflow("loop").stdout == ""
    assert settings.read_bytes() == before
    status = printed(workflow, 0, "status")
    assert status["standing"] == "stopped"
    assert status["frozen"] == "stopped by Ada: release week"
    assert printed(workflow, 0, "resume", "--as", "Ada")["loop"] == "resumed"
    assert workflow("loop").stdout.startswith("registered: breaker; keep")


@pytest.mark.parametrize("verb", ["stop", "resume"])
def test_a_reason_to_stop_is_no_essay(workflow: Run, tree: Path, verb: str) -> None:
    """As with `feedback`: where the loop stands is said on a line."""
    stubborn_tree(tree, count=3)
    done = workflow("loop", verb, "--as", "Ada", "--because", "x" * 100_000)
    assert done.returncode == 2
    assert "the reason has 100000 characters" in done.stderr
    assert printed(workflow, 0, "status")["standing"] == "idle"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--every", "soon"), "'soon' is no time"),
        (("--every", "0s"), "'0s' is no time"),
        (("--once", "--every", "1h"), "do not go together"),
        (("--cycles", "0"), "--cycles"),
    ],
)
def test_usage(workflow: Run, tree: Path, arguments: tuple[str, ...], said: str) -> None:
    add_auth(tree)
    done = workflow("loop", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)

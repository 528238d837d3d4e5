"""Several runs of `workflow process` on one tree at the same moment, and people who save while one runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import ADDED, SPEC, add_change, add_spec, write
from workflow_cli.adapters.tree_lock import TreeLock

UNDECIDED = ADDED.replace("after each payment.", "within [NEEDS CLARIFICATION: how long?] of each payment.")
BROKEN = UNDECIDED.replace("#### Scenario", "Scenario")
DOUBLED = "## 1. Work\n- [ ] 1.1 Receipts\n- [ ] 1.1 Send a receipt\n"

Started = subprocess.Popen[str]
Start = Callable[..., Started]


@pytest.fixture
def start(environment: dict[str, str], tree: Path) -> Iterator[Start]:
    started: list[Started] = []

    def one(*arguments: str) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "workflow_cli", "process", "--all", "--format", "json", *arguments],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield one
    for process in started:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def nobody_writes(tree: Path) -> Iterator[Callable[[Started], None]]:
    """No run can write until the end; what it gives waits until a run wants to."""

    def wants_to(run: Started) -> None:
        until = time.monotonic() + 20
        while run.poll() is None and time.monotonic() < until and not _waits(run):
            time.sleep(0.01)

    (tree / ".workflow").mkdir(exist_ok=True)
    with TreeLock(tree / ".workflow", timeout=10).hold():
        yield wants_to


def _waits(run: Started) -> bool:
    with contextlib.suppress(OSError):
        directory = f"/proc/{run.pid}/fd"
        return any(os.readlink(f"{directory}/{fd}").endswith("/lock.next") for fd in os.listdir(directory))
    return False


def told(out: str) -> Any:
    """What a run says of the tree: all but what it took to say it."""
    report = json.loads(out)
    for item in report["items"]:
        del item["steps"], item["drafts"]
    del report["summary"]["reused"]
    return report


@pytest.fixture
def shop(tree: Path) -> Path:
    """A valid spec and three changes to ask about, one of them not valid."""
    add_spec(tree)
    add_change(tree, "add-receipts", UNDECIDED)
    add_change(tree, "add-reminders", UNDECIDED.replace("Receipts", "Reminders").replace("{name}", "Reminders"))
    add_change(tree, "broken", BROKEN.replace("{name}", "Broken"))
    return tree


def test_runs_at_once_say_what_one_alone_says(shop: Path, start: Start, workflow: Run) -> None:
    """Each asked about the same changes before any could write; what the first wrote is what the others would write."""
    shutil.copytree(shop, shop.parent / "copy")
    with nobody_writes(shop) as wants_to:
        runs = [start() for _ in range(3)]
        for run in runs:
            wants_to(run)
    outs = [run.communicate()[0] for run in runs]
    alone = workflow("process", "--all", "--format", "json", cwd=shop.parent / "copy")
    expected = told(alone.stdout.replace(str(shop.parent / "copy"), str(shop)))
    assert expected["summary"]["invalid"] == 1
    assert [told(out) for out in outs] == [expected] * 3
    assert {run.returncode for run in runs} == {alone.returncode} == {1}
    assert "whole: 3 revisions" in workflow("history", "verify").stdout
    for name in ("add-receipts", "add-reminders", "broken"):
        file = f"openspec/changes/{name}/questions.yaml"
        assert (shop / file).read_bytes() == (shop.parent / "copy" / file).read_bytes()


def test_what_a_person_wrote_meanwhile_is_read_and_stays(shop: Path, start: Start, workflow: Run) -> None:
    """The answer that was saved after the run had read the file counts in the very same run."""
    directory = shop / "openspec/changes/add-receipts"
    workflow("process", "add-receipts")
    asked = (directory / "questions.yaml").read_text()
    (directory / "questions.yaml").unlink()
    answered = "# asked Ann\n" + asked.replace("answer:\n", "answer: within a minute\n", 1)
    with nobody_writes(shop) as wants_to:
        run = start()
        wants_to(run)
        write(directory / "questions.yaml", answered)
    report = json.loads(run.communicate()[0])
    item = next(item for item in report["items"] if item["id"] == "add-receipts")
    assert (item["fault"], item["questions"][0]["answer"]["text"]) == (None, "within a minute")
    assert (directory / "questions.yaml").read_text() == answered


def test_repairs_at_once_are_made_once(tree: Path, start: Start, workflow: Run) -> None:
    """Whoever comes second finds nothing to mend, which is no failure."""
    tasks = add_change(tree) / "tasks.md"
    tasks.write_text(DOUBLED)
    with nobody_writes(tree) as wants_to:
        runs = [start("--fix") for _ in range(2)]
        for run in runs:
            wants_to(run)
    outs = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outs
    assert [told(out)["items"][0]["findings"] for out, _ in outs] == [[], []]
    assert tasks.read_text() == DOUBLED.replace("1.1 Send", "1.2 Send")
    assert "whole: 1 revision" in workflow("history", "verify").stdout


def test_what_another_process_is_writing_is_no_document(shop: Path, workflow: Run) -> None:
    """A commit has its new bytes beside the old ones for a moment."""
    workflow("process", "--all")
    write(shop / "openspec/changes/add-receipts/.workflow-0123456789abcdef-0.tmp", "half")
    write(shop / "openspec/changes/broken/specs/auth/.workflow-0123456789abcdef-1.tmp", "half")
    report = json.loads(workflow("process", "--all", "--format", "json").stdout)
    assert report["summary"]["reused"] == 4


def test_baselines_shrink_once(tree: Path, start: Start) -> None:
    """Two runs that find the same entry gone take it off, and neither fails for the other."""
    add_spec(tree, "mail", SPEC.replace("SHALL", "will"))
    arguments = ("--strict", "--only", "validate", "--baseline", "baseline.json")
    made = start(*arguments, "--write-baseline")
    made.communicate()
    add_spec(tree, "mail")
    runs = [start(*arguments) for _ in range(2)]
    errors = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    assert json.loads((tree / "baseline.json").read_text())["entries"] == []

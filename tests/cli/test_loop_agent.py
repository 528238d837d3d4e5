"""A coding agent, with real git and real programs for agents: good ones, bad ones, and one that will not end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.running import run_command

PROPOSAL = (
    "## Why\nSums of prices are wrong, and customers pay too much for what they buy.\n\n## What Changes\n- Sums.\n"
)
DELTA = """\
## ADDED Requirements

### Requirement: Sums
The shop SHALL add prices.

#### Scenario: Two prices
- **WHEN** two prices are added
- **THEN** the sum is their sum
"""
BROKEN, RIGHT = "def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"
TEST = """\
import sys
sys.path.insert(0, ".")
sys.dont_write_bytecode = True
from calc import add
assert add(2, 3) == 5, "2 + 3"
"""
ADA = ("--as", "Ada <ada@example.org>")
Set = Callable[..., None]

#: What each agent does in its worktree, with the task in `task`.
SOLVES = "open('calc.py', 'w').write('def add(a, b):\\n    return a + b\\n'); open('NOTES.md', 'w').write(task)"
CHEATS = "open('tests/test_calc.py', 'w').write('')"
USELESS = "open('calc.py', 'a').write('# looked at\\n')"


@pytest.fixture
def workflow(environment: dict[str, str], tree: Path) -> Run:
    """With the time that an agent, git and the tests may take on a machine that has other things to do."""

    def run(*arguments: str, cwd: Path = tree) -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, cwd=cwd, env=environment, timeout=400)

    return run


@pytest.fixture
def project(tree: Path) -> Path:
    """A checkout with a test and a change of one open task."""
    (tree / "calc.py").write_text(BROKEN, encoding="utf-8")
    (tree / "tests").mkdir()
    (tree / "tests/test_calc.py").write_text(TEST, encoding="utf-8")
    change = tree / "openspec/changes/add-sums"
    (change / "specs/sums").mkdir(parents=True)
    (change / "proposal.md").write_text(PROPOSAL, encoding="utf-8")
    (change / "tasks.md").write_text("## 1. Sums\n- [ ] 1.1 Add prices\n", encoding="utf-8")
    (change / "specs/sums/spec.md").write_text(DELTA, encoding="utf-8")
    git(tree, "init", "-q", "-b", "main")
    commit(tree, "all")
    return tree


def git(tree: Path, *arguments: str) -> str:
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(
        ["git", "-C", str(tree), *author, *arguments], capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def commit(tree: Path, message: str) -> None:
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", message)


@pytest.fixture
def agent(tmp_path: Path, environment: dict[str, str], project: Path) -> Set:
    """Write an agent and name it in the person's own settings."""

    def write(body: str, **settings: Any) -> None:
        program = tmp_path / "agent.py"
        program.write_text(f"import os, subprocess, sys, time\ntask = sys.stdin.read()\n{body}\n", encoding="utf-8")
        loop = {
            "coding_agent": [sys.executable, str(program)],
            "test_command": [sys.executable, "tests/test_calc.py"],
            "coding_agent_seconds": 120,
            **settings,
        }
        home = Path(environment["XDG_CONFIG_HOME"]) / "workflow"
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.yaml").write_text(json.dumps({"loop": loop}), encoding="utf-8")

    return write


def approved(workflow: Run) -> None:
    """The loop asks, and a person agrees."""
    done = workflow("loop")
    assert done.returncode == 4, done.stdout + done.stderr
    assert re.fullmatch(r"proposed: loop-coding-agent-[0-9a-f]{8}(-[0-9]+)?\n", done.stdout)
    assert done.stderr == "waits for a person: workflow review list\n"
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    assert workflow("review", "list").stdout.endswith("[waits for a person in any case]\n")
    done = workflow("review", "approve", draft["id"], "--because", "let it try", *ADA)
    assert done.returncode == 0, done.stderr


def outcome(workflow: Run) -> dict[str, Any]:
    """What the ledger says of the work."""
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    records = json.loads(workflow("loop", "history", "--format", "json").stdout)["records"]
    (decided,) = [record["body"] for record in records if record["type"] == "decide"]
    return dict(decided)


def branches(tree: Path) -> list[str]:
    return git(tree, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()


def nothing_is_left(tree: Path) -> None:
    assert git(tree, "worktree", "list").count("\n") == 1
    assert not any((tree / ".workflow/worktrees").iterdir())


def test_it_solves_failing_tests_and_a_branch_is_left(workflow: Run, project: Path, agent: Set) -> None:
    """Asked for first, run in a worktree, held to the tests; the checkout, its branch and its files stay as they were."""
    agent(SOLVES)
    head = git(project, "rev-parse", "HEAD")
    approved(workflow)
    assert branches(project) == ["main"]
    figures = outcome(workflow)
    assert (figures["ruling"], figures["reason"], figures["files"]) == ("keep", "tests_pass", ["NOTES.md", "calc.py"])
    (branch,) = [name for name in branches(project) if name != "main"]
    assert branch.startswith("loop/coding-agent-")
    assert git(project, "show", f"{branch}:calc.py") == RIGHT
    # It was told what the tests say.
    assert "AssertionError: 2 + 3" in git(project, "show", f"{branch}:NOTES.md")
    assert git(project, "rev-parse", f"{branch}^") == git(project, "rev-parse", "HEAD") == head
    assert (project / "calc.py").read_text("utf-8") == BROKEN
    assert f"{branch}: 2 files, tests pass, not merged" in workflow("loop", "report").stdout
    (change,) = (project / "openspec/changes/archive").glob("*-loop-coding-agent-*")
    assert f"The branch `{branch}` passes the tests. It is not merged." in (change / "proposal.md").read_text("utf-8")
    assert not (project / "openspec/specs/runtime-tuning").exists()
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    nothing_is_left(project)
    assert workflow("loop").stdout == ""


def test_it_does_an_open_task(workflow: Run, project: Path, agent: Set) -> None:
    (project / "calc.py").write_text(RIGHT, encoding="utf-8")
    commit(project, "right")
    agent("open('prices.py', 'w').write('# done')")
    approved(workflow)
    (draft,) = (project / "openspec/changes").glob("loop-coding-agent-*")
    assert "Do this task of the change openspec/changes/add-sums: 1.1 Add prices" in (draft / "proposal.md").read_text()
    figures = outcome(workflow)
    assert (figures["ruling"], figures["files"]) == ("keep", ["prices.py"])


def test_without_approval_nothing_is_started(workflow: Run, project: Path, agent: Set, tmp_path: Path) -> None:
    """Neither before a person said yes nor after one said no, nor by a stopped or dry loop."""
    started = tmp_path / "started"
    agent(f"open({str(started)!r}, 'w'); {SOLVES}")
    assert workflow("loop", "--dry-run").returncode == 0
    assert workflow("loop").returncode == 4
    workflow("loop")
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    shown = workflow("review", "show", draft["id"]).stdout
    assert "agent.py" in shown
    assert "What the agent writes outside of its worktree is not prevented." in shown
    assert workflow("review", "reject", draft["id"], "--because", "not now", *ADA).returncode == 0
    assert re.fullmatch(r"followed a decision: loop-coding-agent-[0-9a-f]{8}: veto\n", workflow("loop").stdout)
    assert workflow("loop").stdout == ""
    assert not started.exists()
    assert branches(project) == ["main"]


def test_a_stopped_loop_starts_nothing(workflow: Run, project: Path, agent: Set) -> None:
    agent(SOLVES)
    approved(workflow)
    workflow("loop", "stop", *ADA)
    workflow("loop")
    workflow("loop", "--dry-run")
    assert branches(project) == ["main"]
    workflow("loop", "resume", *ADA)
    workflow("loop")
    assert len(branches(project)) == 2


def test_another_command_than_the_approved_one_is_not_started(
    workflow: Run, project: Path, agent: Set, tmp_path: Path
) -> None:
    agent(SOLVES)
    approved(workflow)
    started = tmp_path / "started"
    agent("", coding_agent=[sys.executable, "-c", f"open({str(started)!r}, 'w')"])
    assert outcome(workflow)["reason"] == "another_command_than_approved"
    assert not started.exists()


@pytest.mark.parametrize("key", ["coding_agent", "test_command"])
def test_a_project_cannot_name_a_command(workflow: Run, project: Path, key: str) -> None:
    """It comes with a clone."""
    (project / "workflow.yaml").write_text(f"loop: {{{key}: [sh, -c, 'echo evil']}}\n", encoding="utf-8")
    done = workflow("loop")
    assert done.returncode == 2
    assert f"loop.{key}: comes with the project" in done.stderr


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"{SOLVES}; {CHEATS}", "protected: tests/test_calc.py (**/tests/**)"),
        (f"{SOLVES}; os.remove('tests/test_calc.py')", "protected: tests/test_calc.py (**/tests/**)"),
        (f"{SOLVES}; open('workflow.yaml', 'w').write('policy: {{off: [x]}}')", "protected: workflow.yaml (**/workflow.yaml)"),
        (f"{SOLVES}; os.makedirs('.github/workflows'); open('.github/workflows/x.yml', 'w')", "protected: .github/workflows/x.yml (.github/**)"),
        (f"{SOLVES}; os.makedirs('openspec/approvals'); open('openspec/approvals/x.yaml', 'w')", "protected: openspec/approvals/x.yaml"),
        (f"{SOLVES}; os.symlink('/etc/hostname', 'host')", "leads_outside: host"),
        (f"{SOLVES}; subprocess.run(['git', 'init', '-q', 'sub']); subprocess.run(['git', '-C', 'sub', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x'])", "leads_outside: sub"),
        (USELESS, "tests: status 1"),
        ("", "no_change"),
        (f"{SOLVES}; sys.exit(3)", "agent: status 3"),
        ("while True: print('x' * 1000)", "agent: flood"),
    ],
)  # fmt: skip
def test_what_leaves_no_branch(workflow: Run, project: Path, agent: Set, body: str, reason: str) -> None:
    agent(body, coding_agent_output="256 KiB")
    approved(workflow)
    figures = outcome(workflow)
    assert figures["reason"].startswith(reason)
    assert figures["branch"] is None
    assert branches(project) == ["main"]
    nothing_is_left(project)
    (change,) = (project / "openspec/changes/archive").glob("*-loop-coding-agent-*")
    assert "No branch came of it." in (change / "proposal.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("subprocess.run(['git', 'branch', '-f', 'main', 'HEAD~0']); subprocess.run(['git', 'branch', 'evil'])", "outside: .git/refs/heads/evil"),
        ("subprocess.run(['git', 'config', 'core.hooksPath', '/tmp/evil'])", "outside: .git/config"),
        ("open('../../../.git/hooks/post-checkout', 'w').write('#!/bin/sh\\ntouch /tmp/evil')", "outside: .git/hooks/post-checkout"),
        ("open('../../../calc.py', 'a').write('# evil')", "outside: calc.py"),
        ("open('../../../new.py', 'w').write('# evil')", "outside: new.py"),
        ("open('../../ledger.jsonl', 'a').write('{}')", "outside: ledger.jsonl"),
        ("open('.git', 'w').write('gitdir: /tmp/elsewhere')", "outside: the worktree's .git"),
    ],
)  # fmt: skip
def test_what_it_writes_outside_is_noticed(workflow: Run, project: Path, agent: Set, body: str, reason: str) -> None:
    """It cannot be prevented; but it comes to no branch, and git does nothing it was told so."""
    agent(f"{SOLVES}\n{body}")
    approved(workflow)
    done = workflow("loop")
    history = workflow("loop", "history", "--format", "json").stdout
    assert f'"reason": "{reason}"' in history or reason in history, done.stdout + done.stderr + history
    assert not [name for name in branches(project) if name.startswith("loop/")]


def test_one_that_hangs_is_ended_with_all_it_started(workflow: Run, project: Path, agent: Set, tmp_path: Path) -> None:
    """Also what left its session, forgot its parent, dropped its environment and refuses to be asked."""
    pids = tmp_path / "pids"
    child = (
        "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(pids)!r}, 'a').write(str(os.getpid()) + '\\\\n'); time.sleep(600)"
    )
    body = f"""
def start(**how):
    subprocess.Popen([sys.executable, "-c", "{child}"], **how)
start()
start(start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        start(env={{}}, start_new_session=True)
        os._exit(0)
    os._exit(0)
while not os.path.exists({str(pids)!r}) or open({str(pids)!r}).read().count("\\n") < 3:
    time.sleep(0.05)
time.sleep(600)
"""
    agent(body, coding_agent_seconds=12)
    approved(workflow)
    assert outcome(workflow)["reason"] == "agent: timeout"
    started = [int(line) for line in pids.read_text("utf-8").split()]
    assert len(started) == 3
    for pid in started:
        assert not _is_running(pid)
    nothing_is_left(project)


def test_what_it_leaves_behind_when_it_ends_is_ended_too(
    workflow: Run, project: Path, agent: Set, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    child = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    wait = f"while not os.path.exists({str(pid)!r}) or not open({str(pid)!r}).read(): time.sleep(0.05)"
    agent(f'{SOLVES}\nsubprocess.Popen([sys.executable, "-c", "{child}"], start_new_session=True)\n{wait}')
    approved(workflow)
    assert outcome(workflow)["ruling"] == "keep"
    assert not _is_running(int(pid.read_text("utf-8")))


def test_a_killed_loop_does_not_start_it_again(
    workflow: Run, project: Path, agent: Set, environment: dict[str, str], tmp_path: Path
) -> None:
    """One approval is for one run; what the killed run left is put away."""
    pids = tmp_path / "pids"
    agent(f"open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)", coding_agent_seconds=3000)
    approved(workflow)
    loop = subprocess.Popen(
        [sys.executable, "-m", "workflow_cli", "loop"], cwd=project, env=environment, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 200
    while not (pids.exists() and pids.read_text("utf-8")) and time.monotonic() < deadline:
        time.sleep(0.05)
    loop.kill()
    loop.wait()
    assert workflow("loop").stdout.startswith("recovered: dropped: loop-coding-agent-")
    assert workflow("loop").stdout == ""
    (pid,) = pids.read_text("utf-8").split()
    assert not _is_running(int(pid))
    nothing_is_left(project)
    assert branches(project) == ["main"]
    records = json.loads(workflow("loop", "history", "--format", "json").stdout)["records"]
    assert [r["body"]["reason"] for r in records if r["type"] == "decide"] == ["interrupted"]


@pytest.mark.parametrize("missing", ["git", "tests", "agent"])
def test_what_is_missing_is_said(workflow: Run, project: Path, agent: Set, missing: str) -> None:
    if missing == "git":
        subprocess.run(["rm", "-rf", str(project / ".git")], check=True)
    agent(SOLVES, **({"test_command": None} if missing == "tests" else {}))
    if missing == "agent":
        agent(SOLVES, coding_agent=None)
    workflow("process", "--all", "--no-model")
    done = workflow("loop", "--explain", "--format", "json")
    (reason,) = [d["reason"] for d in json.loads(done.stdout)["deferred"] if d["lever"] == "coding-agent"]
    assert reason == {"git": "no_git", "tests": "no_test_command", "agent": "not_configured"}[missing]


def test_a_tree_in_a_part_of_the_checkout(workflow: Run, project: Path, agent: Set, tmp_path: Path) -> None:
    """The agent works where the tree lies; paths are told from the top."""
    from shutil import move

    package = project / "packages/shop"
    package.mkdir(parents=True)
    for name in ("openspec", "calc.py", "tests"):
        move(project / name, package / name)
    commit(project, "moved")
    agent(SOLVES)
    done = workflow("loop", cwd=package)
    assert done.stdout.startswith("proposed: loop-coding-agent-"), done.stderr
    (draft,) = json.loads(workflow("review", "list", "--format", "json", cwd=package).stdout)["drafts"]
    workflow("review", "approve", draft["id"], "--because", "yes", *ADA, cwd=package)
    workflow("loop", cwd=package)
    (branch,) = [name for name in branches(project) if name != "main"]
    assert git(project, "show", f"{branch}:packages/shop/calc.py") == RIGHT


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text("utf-8").rpartition(") ")[2][0] != "Z"

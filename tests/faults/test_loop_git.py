"""The loop in git checkouts in every state: what is staged, uncommitted or checked out by people stays as it is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run, environment, tree, workflow
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.loop_scenarios import KEPT, SCENARIOS, opened
from workflow_cli.errors import EditRefused

__all__ = ["environment", "tree", "workflow"]
Git = Callable[..., str]


@pytest.fixture
def git(tree: Path, environment: dict[str, str]) -> Git:
    def run(*arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=tree, env=environment, check=True, capture_output=True, encoding="utf-8"
        )
        return done.stdout

    return run


def _checkout(git: Git, tree: Path) -> Path:
    """With somebody's work in it: staged, changed and staged, changed again behind that, new and not known to git."""
    settings = stubborn_tree(tree)
    for name in ("staged.txt", "both.txt", "loose.txt"):
        (tree / name).write_text("first\n", encoding="utf-8")
    git("init", "-q", "-b", "main")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.org")
    git("add", "-A")
    git("commit", "-qm", "first")
    (tree / "staged.txt").write_text("second\n", encoding="utf-8")
    (tree / "both.txt").write_text("second\n", encoding="utf-8")
    git("add", "staged.txt", "both.txt")
    (tree / "both.txt").write_text("third\n", encoding="utf-8")
    (tree / "loose.txt").write_text("second\n", encoding="utf-8")
    (tree / "new.txt").write_text("new\n", encoding="utf-8")
    (tree / "staged-new.txt").write_text("new\n", encoding="utf-8")
    git("add", "staged-new.txt")
    return settings


def _theirs(git: Git, tree: Path) -> tuple[object, ...]:
    names = ("staged.txt", "both.txt", "loose.txt", "new.txt", "staged-new.txt")
    staged = [line for line in git("ls-files", "-s").splitlines() if line.endswith(names)]
    return staged, git("diff", "--", *names[:3]), [(tree / name).read_bytes() for name in names]


@pytest.mark.parametrize("auto_commit", [False, True])
@pytest.mark.parametrize("detached", [False, True])
def test_what_others_staged_is_never_touched(
    workflow: Run, git: Git, tree: Path, auto_commit: bool, detached: bool
) -> None:
    """A change is kept, and with auto_commit committed by itself; the index of all else is as it was."""
    settings = _checkout(git, tree)
    if detached:
        git("checkout", "-q", "--detach")
    if auto_commit:
        own = STUBBORN + "documents: {auto_commit: true}\n"
        settings.write_text(own, encoding="utf-8")
        git("commit", "-qm", "settings", "--", "workflow.yaml")
    theirs, head = _theirs(git, tree), git("rev-parse", "HEAD")
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("registered: breaker; keep"), done.stdout
    assert settings.read_text("utf-8").startswith(KEPT)
    assert _theirs(git, tree) == theirs
    if not auto_commit:
        assert git("rev-parse", "HEAD") == head
        assert "workflow.yaml" not in git("diff", "--cached", "--name-only")
        return
    changed = git("diff", "--name-only", head.strip(), "HEAD").split()
    assert "workflow.yaml" in changed
    assert not {name for name in changed if name.endswith(".txt")}
    assert git("symbolic-ref", "-q", "HEAD") == "refs/heads/main\n" if not detached else True
    assert git("show", "HEAD:workflow.yaml") == settings.read_text("utf-8")


def test_a_roll_back_in_a_checkout(workflow: Run, git: Git, tree: Path) -> None:
    """Taken back in the working tree as it was written there; nothing of it is staged."""
    SCENARIOS["roll-back"].prepare(tree)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "with what was kept")
    (tree / "mine.txt").write_text("mine\n", encoding="utf-8")
    git("add", "mine.txt")
    done = workflow("loop")
    assert "roll_back" in done.stdout, done.stdout + done.stderr
    assert (tree / "workflow.yaml").read_text("utf-8") == STUBBORN
    assert git("diff", "--cached", "--name-only") == "mine.txt\n"


def test_a_file_with_merge_conflicts_is_left_alone(workflow: Run, git: Git, tree: Path) -> None:
    """Settings with conflict marks are no settings: one clear error, and not a byte different."""
    settings = stubborn_tree(tree)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "first")
    git("checkout", "-qb", "other")
    settings.write_text(STUBBORN.replace("tools: 4", "tools: 5"), encoding="utf-8")
    git("commit", "-qam", "five")
    git("checkout", "-q", "main")
    settings.write_text(STUBBORN.replace("tools: 4", "tools: 6"), encoding="utf-8")
    git("commit", "-qam", "six")
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "other")
    before, staged = settings.read_bytes(), git("ls-files", "-s")
    assert b"<<<<<<<" in before
    done = workflow("loop")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "workflow.yaml" in done.stderr
    assert (settings.read_bytes(), git("ls-files", "-s")) == (before, staged)


def test_a_lock_of_gits_own_index_is_waited_for_or_told(workflow: Run, git: Git, tree: Path) -> None:
    """Somebody else's git is at it: the settings are the old or the new ones, status is true, and the next cycle goes on."""
    settings = stubborn_tree(tree)
    settings.write_text(STUBBORN + "documents: {auto_commit: true}\n", encoding="utf-8")
    git("init", "-q")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.org")
    git("add", "-A")
    git("commit", "-qm", "first")
    lock = tree / ".git/index.lock"
    lock.write_text("")
    done = workflow("loop")
    assert done.returncode in (0, 3, 5), done.stderr
    assert "bug" not in done.stderr
    status = json.loads(workflow("loop", "status", "--format", "json").stdout)
    assert (status["kept"] == 1) == settings.read_text("utf-8").startswith(KEPT) or status["standing"] == "interrupted"
    lock.unlink()
    for _ in range(2):
        assert workflow("loop").returncode == 0
    status = json.loads(workflow("loop", "status", "--format", "json").stdout)
    assert status["standing"] in ("idle", "probation")
    assert (status["kept"] == 1) == settings.read_text("utf-8").startswith(KEPT)


@pytest.mark.parametrize("auto_commit", [False, True])
def test_an_edit_that_is_not_committed_is_seen_before_anything_is_tried(
    workflow: Run, git: Git, tree: Path, auto_commit: bool
) -> None:
    """Where the change would be written over somebody's own line; it goes on as soon as that is committed."""
    settings = stubborn_tree(tree)
    own = STUBBORN + ("documents: {auto_commit: true}\n" if auto_commit else "")
    settings.write_text(own.replace("1000 # never", "900 # hardly"), encoding="utf-8")
    git("init", "-q")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.org")
    git("add", "-A")
    git("commit", "-qm", "first")
    settings.write_text(own, encoding="utf-8")
    expected = "breaker (*): not_writable: workflow.yaml"
    for arguments in (("loop", "--dry-run", "--explain"), ("loop", "--explain")):
        done = workflow(*arguments)
        assert (done.returncode, done.stdout.count(expected)) == (0, 1), done.stdout
        assert done.stderr.startswith("put off: workflow.yaml: has edits at the same place")
        assert "commit or stash them" in done.stderr
    done = workflow("loop")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "it is said once"
    assert settings.read_text("utf-8") == own
    assert not (tree / "openspec/changes").exists()
    status = json.loads(workflow("loop", "status", "--format", "json").stdout)
    assert (status["standing"], status["experiments"]) == ("idle", 0)
    git("commit", "-qam", "mine")
    done = workflow("loop")
    assert done.stdout.startswith("registered: breaker; keep"), done.stdout + done.stderr
    assert settings.read_text("utf-8").startswith(KEPT)


def test_what_can_no_longer_be_written_when_it_is_kept_is_given_up(workflow: Run, git: Git, tree: Path) -> None:
    """A branch was changed below the same bytes between the intent and the write: no cycle after it ends with that."""
    settings = stubborn_tree(tree)
    git("init", "-q")
    settings.write_text(STUBBORN.replace("1000 # never", "900 # hardly"), encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "first")
    settings.write_text(STUBBORN, encoding="utf-8")
    SCENARIOS["keep"].prepare(tree)
    with opened(tree, levers=["breaker"]) as run, run.held():
        run.tuning.obstacle = lambda _: None  # type: ignore[method-assign]
        with pytest.raises(EditRefused):
            run.cycle()
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert "recovered: dropped" in done.stdout
    assert settings.read_text("utf-8") == STUBBORN
    assert json.loads(workflow("loop", "status", "--format", "json").stdout)["standing"] == "idle"
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    assert json.loads((change / "experiment.json").read_text("utf-8"))["result"]["reason"] == "not_writable"

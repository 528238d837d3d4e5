"""What the next command says and does where one was killed in the middle of its commit."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import MODIFIED, add_change, add_spec, write
from tests.faults.dying_command import dies, standing_still
from tests.rights import only_what_modes_allow

PROPOSE = ("propose", "Add receipts", "--capability", "auth", "--because", "The tax office asks for them.")
#: Before the first document has its name, and between the first and the last.
STAGED, HALF_WRITTEN = ("rename", 1), ("rename", 3)
UNDONE = "note: a commit that had been cut off was taken back, as none of it was written yet: add change add-receipts\n"
FINISHED = "note: a commit that had been cut off was finished: revision 1\n"
CUT_OFF = (
    "error: a commit was cut off, and part of what it wrote is there: add change add-receipts\n"
    "  next: `workflow history list` finishes it or takes it back; then run this again\n"
)

Kill = Callable[..., None]


@pytest.fixture
def kill(tree: Path, environment: dict[str, str]) -> Kill:
    """`kill((POINT, NUMBER), *arguments)`: the command, which dies there."""

    def kill(at: tuple[str, int], *arguments: str) -> None:
        assert dies(*at, *arguments, cwd=tree, env=environment)

    add_spec(tree)
    return kill


def strays(tree: Path) -> list[str]:
    return [path.name for path in (tree / "openspec").rglob(".workflow-*")]


def everything(tree: Path) -> dict[str, bytes | None]:
    found = (tree / "openspec").rglob("*")
    return {str(path): path.read_bytes() if path.is_file() else None for path in found}


@pytest.mark.parametrize(
    "command",
    ["process --all --only validate", "archive --all", "questions list --changes", "review list"],
)  # fmt: skip
def test_what_was_cut_off_before_it_was_written_is_taken_back_first(
    workflow: Run, tree: Path, kill: Kill, command: str
) -> None:
    kill(STAGED, *PROPOSE)
    assert strays(tree)
    run = workflow(*command.split())
    assert run.returncode == 0
    assert UNDONE in run.stderr
    assert not list((tree / "openspec/changes").glob("*"))
    assert UNDONE not in workflow(*command.split()).stderr


def test_what_was_cut_off_half_written_is_finished_first(workflow: Run, tree: Path, kill: Kill) -> None:
    kill(HALF_WRITTEN, *PROPOSE)
    run = workflow("process", "--all", "--only", "validate")
    assert (run.returncode, FINISHED in run.stderr) == (0, True)
    assert strays(tree) == []
    assert (tree / "openspec/changes/add-receipts/tasks.md").exists()


def test_a_proposal_that_was_cut_off_can_be_made_again(workflow: Run, kill: Kill) -> None:
    kill(STAGED, *PROPOSE)
    run = workflow(*PROPOSE)
    assert (run.returncode, UNDONE in run.stderr) == (0, True)
    assert "wrote openspec/changes/add-receipts/tasks.md\n" in run.stdout


def test_a_proposal_that_was_finished_by_being_made_again_is_told(workflow: Run, kill: Kill) -> None:
    kill(HALF_WRITTEN, *PROPOSE)
    run = workflow(*PROPOSE)
    assert run.returncode == 1
    assert run.stderr.startswith(FINISHED + "error: the change add-receipts is open already\n")


@pytest.mark.parametrize(
    ("command", "at"),
    [
        ("propose 'Another one' --dry-run", STAGED),
        ("archive add-other --dry-run", HALF_WRITTEN),
        ("update auth --check-task 1.1 --dry-run", HALF_WRITTEN),
    ],
)
def test_what_must_not_write_says_that_a_commit_was_cut_off(
    workflow: Run, tree: Path, kill: Kill, command: str, at: tuple[str, int]
) -> None:
    add_change(tree, "add-other", MODIFIED)
    kill(at, *PROPOSE)
    before = everything(tree)
    run = workflow(*shlex.split(command))
    assert (run.returncode, run.stdout, run.stderr) == (3, "", CUT_OFF)
    assert everything(tree) == before


def test_what_may_not_write_says_so_too(workflow: Run, tree: Path, kill: Kill) -> None:
    """No document is at fault for what a commit left half written."""
    kill(HALF_WRITTEN, *PROPOSE)
    before = everything(tree)
    with only_what_modes_allow():
        for path in (tree / ".workflow").rglob("*"):
            path.chmod(0o400)
        try:
            (tree / ".workflow").chmod(0o500)
            for command in ("process --all --only validate", "history list"):
                run = workflow(*command.split())
                assert run.returncode == 3
                assert run.stdout == ""
                assert run.stderr.startswith(CUT_OFF.partition("\n")[0])
        finally:
            (tree / ".workflow").chmod(0o700)
    assert everything(tree) == before


@pytest.mark.parametrize("command", ["process --all --only validate", "propose Another --dry-run"])
def test_a_commit_under_way_is_no_fault_of_a_document(
    workflow: Run, tree: Path, environment: dict[str, str], command: str
) -> None:
    add_spec(tree)
    write(tree / "workflow.yaml", "documents:\n  lock_timeout: 0\n")
    with standing_still(*HALF_WRITTEN, *PROPOSE, cwd=tree, env=environment) as pid:
        run = workflow(*command.split())
        assert (run.returncode, run.stdout) == (3, "")
        assert run.stderr.startswith(f"error: the tree has been locked for 0 s by process {pid} ")
    assert workflow(*command.split()).returncode == 0


# -- approvals ----------------------------------------------------------------------------------------------------


WEAKER = ("update", "auth", "--modify-requirement", "Sign in", "--because", "asked for",
          "--text", "The shop SHOULD open the account page after a correct password.")  # fmt: skip
#: Behind the commit of the approval, behind that of the draft, and before the draft is forgotten.
APPROVED, WRITTEN, LEFT = ("after UPDATE", 1), ("after UPDATE", 2), ("unlink", 1)


@pytest.fixture
def approve(workflow: Run, tree: Path) -> tuple[str, ...]:
    """The command that approves the one draft that waits."""
    add_spec(tree)
    assert workflow(*WEAKER).returncode == 4
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    return ("review", "approve", draft["id"], "--because", "agreed", "--as", "Jo <jo@example.org>")


def revisions(workflow: Run) -> list[str]:
    found = json.loads(workflow("history", "list", "--format", "json").stdout)["revisions"]
    return [revision["operations"][0].split(maxsplit=1)[0] for revision in reversed(found)]


def test_a_draft_that_was_written_before_the_kill_is_told_as_written(
    workflow: Run, kill: Kill, approve: tuple[str, ...]
) -> None:
    kill(WRITTEN, *approve)
    assert workflow("review", "list").stdout == ""
    shown = workflow("review", "show", approve[2])
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, f"draft {approve[2]}, written in revision 2")
    assert "stale" not in shown.stdout
    for _ in "once", "twice":
        again = workflow(*approve)
        assert again.returncode == 0
        assert again.stdout.startswith(f"draft {approve[2]} was written already, in revision 2 (")
    for other in (("reject", "--because", "no"), ("show",)):
        refused = workflow("review", other[0], approve[2], *other[1:])
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"error: draft {approve[2]} was written already, in revision 2\n")
    assert revisions(workflow) == ["approve", "change"]


@pytest.mark.parametrize("at", [("before UPDATE", 1), APPROVED, ("rename", 2)])
def test_an_approval_is_recorded_once(workflow: Run, kill: Kill, approve: tuple[str, ...], at: tuple[str, int]) -> None:
    kill(at, *approve)
    assert workflow(*approve).returncode == 0
    assert revisions(workflow) == ["approve", "change"]
    assert workflow("review", "list").stdout == ""


def test_the_next_commit_forgets_a_draft_that_was_written(
    workflow: Run, tree: Path, kill: Kill, approve: tuple[str, ...]
) -> None:
    kill(LEFT, *approve)
    assert list((tree / ".workflow/drafts").iterdir())
    assert workflow("update", "auth", "--append-section", "Purpose", "--text", "More.").returncode == 0
    assert not list((tree / ".workflow/drafts").iterdir())
    assert workflow(*approve).returncode == 0


def test_a_draft_that_was_taken_back_can_be_approved_again(workflow: Run, kill: Kill, approve: tuple[str, ...]) -> None:
    """As what waits, and not as what was written once."""
    kill(LEFT, *approve)
    assert workflow("history", "undo", "2", "--because", "x").returncode == 0
    gone = workflow(*approve)
    assert (gone.returncode, "no draft" in gone.stderr) == (2, True)
    assert workflow(*WEAKER).returncode == 0, "it is approved"


# -- archives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [("rename", 1), ("rename", 2), ("after UPDATE", 1)])
def test_an_archive_that_was_cut_off_is_archived_when_it_is_asked_for_again(
    workflow: Run, tree: Path, kill: Kill, at: tuple[str, int]
) -> None:
    """By the same call or by what that finished: the answer is yes."""
    add_change(tree)
    archive = ("archive", "add-receipts", "--yes")
    kill(at, *archive)
    again = workflow(*archive)
    assert (again.returncode, "(revision 1)\n" in again.stdout) == (0, True)
    assert "archived" in again.stdout.splitlines()[0]
    assert [path.name[11:] for path in (tree / "openspec/changes/archive").iterdir()] == ["add-receipts"]
    assert len(revisions(workflow)) == 1

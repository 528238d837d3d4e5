"""`workflow review`, as a person and as CI call it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.trees import MODIFIED, PROPOSAL, SPEC, write
from workflow_cli.adapters.draft_files import DraftFiles
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of

Run = Callable[..., subprocess.CompletedProcess[str]]
MARA = "Mara <mara@example.org>"
AS = ("--as", MARA)
WEAKER = (
    "update", "accounts", "--modify-requirement", "Sign in", *AS, "--because", "asked for",
    "--text", "The shop SHOULD open the account page after a correct password.",
)  # fmt: skip


@pytest.fixture
def spec(tree: Path) -> Path:
    path = tree / "openspec" / "specs" / "accounts" / "spec.md"
    path.parent.mkdir()
    path.write_text(SPEC.format(id="accounts"))
    change = tree / "openspec" / "changes" / "add-receipts"
    change.mkdir(parents=True)
    (change / "proposal.md").write_text(PROPOSAL.format(name="receipts"))
    (change / "tasks.md").write_text("- [ ] 1.1 Build it\n")
    return path


@pytest.fixture
def git(tree: Path, spec: Path, environment: dict[str, str]) -> Callable[..., None]:
    def run(*arguments: str) -> None:
        subprocess.run(
            ["git", "-C", str(tree), "-c", "user.name=M", "-c", "user.email=m@x", *arguments],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip

    run("init", "-q", "-b", "main")
    run("add", ".")
    run("commit", "-qm", "base")
    run("checkout", "-qb", "branch")
    return run


def waiting(workflow: Run) -> list[dict[str, Any]]:
    return list(json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"])


def test_who_decides_sees_which_open_changes_the_draft_leaves_behind(workflow: Run, tree: Path, spec: Path) -> None:
    other = "\n### Requirement: Sign out\nThe shop SHALL sign people out.\n\n#### Scenario: Out\n- **WHEN** a\n- **THEN** b\n"
    spec.write_text(spec.read_text() + other)
    write(tree / "openspec/changes/add-receipts/specs/accounts/spec.md", MODIFIED.format(page="order"))
    done = workflow("update", "accounts", "--remove-requirement", "Sign in", *AS, "--because", "x", "--yes")
    assert done.returncode == 4, done.stderr
    (draft,) = waiting(workflow)
    shown = workflow("review", "show", draft["id"])
    assert "add-receipts does not fit that: openspec/changes/add-receipts/specs/accounts/spec.md" in shown.stdout
    document = json.loads(workflow("review", "show", draft["id"], "--format", "json").stdout)
    assert {misfit["change"] for misfit in document["draft"]["misfits"]} == {"add-receipts"}


def test_the_way_of_a_draft_that_needs_a_person(workflow: Run, tree: Path, spec: Path) -> None:
    """Update waits with status 4; list, show and approve; then it is written, and nothing waits."""
    before = spec.read_bytes()
    done = workflow(*WEAKER)
    assert done.returncode == 4
    assert "no longer says SHALL  [keyword-weakened]" in done.stderr
    assert spec.read_bytes() == before

    (draft,) = waiting(workflow)
    assert (draft["state"], draft["author"]) == ("waiting", {"kind": "person", "name": MARA})
    listed = workflow("review", "list")
    assert listed.stdout.startswith(f"{draft['id']}  waiting ")
    assert "next: workflow review show" in listed.stderr

    shown = workflow("review", "show", draft["id"][:6])
    assert shown.returncode == 0
    assert "because asked for\n" in shown.stdout
    assert "needs an approval: openspec/specs/accounts/spec.md:9: " in shown.stdout
    assert "-The shop SHALL open the account page" in shown.stdout
    assert "+The shop SHOULD open the account page" in shown.stdout

    approved = workflow("review", "approve", draft["id"], "--because", "agreed", "--as", "Jo <jo@example.org>")
    assert (approved.returncode, approved.stderr) == (0, approved.stderr)
    assert approved.stdout.startswith(f"approved draft {draft['id']}: openspec/approvals/{draft['id']}.yaml\n")
    assert "The shop SHOULD open" in spec.read_text()
    assert "because: agreed" in (tree / "openspec" / "approvals" / f"{draft['id']}.yaml").read_text()
    assert waiting(workflow) == []


def test_a_rejected_draft_is_refused_with_status_1(workflow: Run, spec: Path) -> None:
    """Whoever tries again is told who said no, and why."""
    workflow(*WEAKER)
    (draft,) = waiting(workflow)
    assert workflow("review", "reject", draft["id"], "--because", "we need it", *AS).returncode == 0
    assert [d["state"] for d in waiting(workflow)] == ["rejected"]
    again = workflow(*WEAKER)
    assert (again.returncode, again.stdout) == (1, "")
    assert f"{MARA} rejected draft {draft['id']}: we need it" in again.stderr
    assert workflow("review", "drop", draft["id"]).returncode == 0
    assert waiting(workflow) == []


def test_a_stale_draft_is_status_5(workflow: Run, spec: Path) -> None:
    """And the list says so before."""
    workflow(*WEAKER)
    (draft,) = waiting(workflow)
    spec.write_text(spec.read_text() + "\nmore\n")
    assert [d["state"] for d in waiting(workflow)] == ["stale"]
    done = workflow("review", "approve", draft["id"], "--because", "yes", *AS)
    assert (done.returncode, done.stdout) == (5, "")
    assert "changed since the draft was made" in done.stderr


def test_what_a_model_wrote_is_marked(workflow: Run, tree: Path, spec: Path) -> None:
    """In the list and where it is shown; and the model cannot approve it."""
    change = FileChange(
        path="openspec/changes/add-receipts/tasks.md",
        before=b"- [ ] 1.1 Build it\n",
        after=b"- [x] 1.1 Build it\x1b[2J\n",
    )
    draft = draft_of([change], author=Author(kind=AuthorKind.MODEL, name="qwen"), operations=["tick 1.1"])
    DraftFiles(tree).save(draft, at="2026-03-01T12:00:00Z")
    assert "the model qwen (written by a model): tick 1.1  [model-written]" in workflow("review", "list").stdout
    shown = workflow("review", "show", draft.id).stdout
    assert "by the model qwen (written by a model)\n" in shown
    assert "\x1b" not in shown, "a terminal must not obey a model"
    refused = workflow("review", "approve", draft.id, "--because", "fine", "--as", "qwen")
    assert refused.returncode == 2
    assert workflow("review", "approve", draft.id, "--because", "fine", *AS).returncode == 0
    assert (tree / "openspec/changes/add-receipts/approvals" / f"{draft.id}.yaml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("review",),
        ("review", "approve", "abcd"),
        ("review", "approve", "--because", "x"),
        ("review", "approve", "abcd", "--base", "main", "--because", "x"),
        ("review", "show", "abcd"),
        ("review", "--check", "list"),
        ("review", "--check", "--base", "no-such-ref"),
        ("review", "--check", "--base=--upload-pack=x"),
    ],
)
def test_usage_errors_are_status_2(workflow: Run, git: Any, arguments: tuple[str, ...]) -> None:
    """With nothing on stdout."""
    done = workflow(*arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_check_in_a_branch(workflow: Run, git: Callable[..., None], spec: Path) -> None:
    """Edits by hand are found, approved as they are, and void once the text differs."""
    assert workflow("review", "--check").returncode == 0
    spec.write_text(spec.read_text().replace("SHALL open", "MAY open"))
    found = workflow("review", "--check", "--base", "main")
    assert found.returncode == 1
    assert found.stdout.startswith("openspec/specs/accounts/spec.md:9: ")
    annotated = workflow("review", "--check", "--format", "github").stdout
    assert annotated.startswith("::error file=openspec/specs/accounts/spec.md,line=9,title=no approval%3A keyword-weak")
    approved = workflow("review", "approve", "--base", "main", "--because", "read it", *AS)
    assert approved.returncode == 0, approved.stderr
    git("add", ".")
    git("commit", "-qm", "weaker")
    document = json.loads(workflow("review", "--check", "--format", "json").stdout)
    assert (document["status"], document["exit_code"], document["findings"]) == ("ok", 0, [])
    assert (document["base"], document["approvals"], document["covered"]) == ("main", 1, 1)
    spec.write_text(spec.read_text().replace("Wrong password", "Bad password").replace("a correct", "no correct"))
    later = workflow("review", "--check", "--format", "json")
    assert later.returncode == 1
    assert {f["rule"] for f in json.loads(later.stdout)["findings"]} >= {"approval-void", "keyword-weakened"}


def test_what_init_writes_needs_nobody(workflow: Run, git: Callable[..., None], tree: Path) -> None:
    """Its section says nothing, before and after it is committed; a line of it that is uncommented does."""
    assert workflow("init").returncode == 0
    check = ("review", "--check", "--base", "main")
    assert workflow(*check).returncode == 0
    git("add", ".")
    git("commit", "-qm", "init")
    assert workflow(*check).returncode == 0
    file = tree / "workflow.yaml"
    file.write_text(file.read_text().replace("\npolicy:\n", "\npolicy:\n  deltas: false\n"))
    assert "[policy-changed]" in workflow(*check).stdout


def test_nobody_approves_their_own_edits_by_hand_where_two_are_asked_for(
    workflow: Run, git: Callable[..., None], tree: Path, spec: Path
) -> None:
    """Committed or not. An approval of one's own that is in the tree all the same covers nothing."""
    spec.write_text(spec.read_text().replace("SHALL open", "MAY open"))
    git("commit", "-qam", "weaker")
    alone = ("review", "approve", "--base", "main", "--because", "read it", "--as", "M <m@x>")
    approved = workflow(*alone)
    assert approved.returncode == 0, approved.stderr
    assert "  name: M <m@x>" in next((tree / "openspec/approvals").iterdir()).read_text()
    assert workflow("review", "--check", "--base", "main").returncode == 0

    (tree / "workflow.yaml").write_text("policy:\n  other_person: true\n")
    git("add", "openspec/approvals", "workflow.yaml")
    git("commit", "-qm", "two people")
    checked = workflow("review", "--check", "--base", "main")
    assert (checked.returncode, "keyword-weakened" in checked.stdout) == (1, True)
    refused = workflow(*alone)
    assert (refused.returncode, "somebody else than its author" in refused.stderr) == (2, True)
    assert workflow("review", "approve", "--base", "main", "--because", "read it", *AS).returncode == 0
    assert workflow("review", "--check", "--base", "main").returncode == 0

    git("config", "user.name", "Mara")
    git("config", "user.email", "mara@example.org")
    spec.write_text(spec.read_text().replace("MAY open", "MAY not open"))
    refused = workflow("review", "approve", "--base", "main", "--because", "read it", *AS)
    assert (refused.returncode, "somebody else than its author" in refused.stderr) == (2, True)


def test_check_without_git_looks_at_the_history(workflow: Run, spec: Path) -> None:
    """And says so."""
    workflow(*WEAKER)
    (draft,) = waiting(workflow)
    workflow("review", "approve", draft["id"], "--because", "yes", *AS)
    done = workflow("review", "--check")
    assert done.returncode == 0
    assert "no git: only the history was checked; 1 approval, 2 revisions; nothing uncovered" in done.stderr


def test_check_where_nothing_can_be_looked_at_is_no_success(workflow: Run, tree: Path, spec: Path) -> None:
    """A job in a container without the repository must not pass."""
    done = workflow("review", "--check", env={"GIT_CEILING_DIRECTORIES": str(tree.parent)})
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is neither git nor a history, so nothing can be checked" in done.stderr


def test_check_in_a_checkout_without_the_default_branch_is_no_success(workflow: Run, git: Any, spec: Path) -> None:
    """As CI servers make them: one commit, and no other ref. It says what to fetch."""
    spec.write_text(spec.read_text().replace("SHALL open", "MAY open"))
    git("commit", "-qam", "weaker")
    git("branch", "-D", "main")
    done = workflow("review", "--check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "git knows none of origin/HEAD, origin/main, origin/master, main, master" in done.stderr
    assert workflow("review", "--check", "--base", "HEAD~1").returncode == 1


def test_check_says_where_a_branch_is_compared_with_itself(workflow: Run, git: Any, spec: Path) -> None:
    """After a push to the default branch nothing differs from it."""
    git("checkout", "-q", "main")
    spec.write_text(spec.read_text().replace("SHALL open", "MAY open"))
    git("commit", "-qam", "weaker")
    done = workflow("review", "--check")
    assert done.returncode == 0
    assert "note: HEAD is in main, so only what is not committed was compared" in done.stderr
    before = workflow("review", "--check", "--base", "HEAD~1")
    assert before.returncode == 1
    assert "note:" not in before.stderr


def test_a_hook_of_a_worktree_asks_about_the_tree_and_not_about_its_top(
    workflow: Run, git: Callable[..., None], tree: Path, spec: Path, tmp_path: Path
) -> None:
    """Git tells such a hook where the repository is, and no work tree. Ours is a directory further down."""
    (tree / "packages").mkdir()
    (tree / "openspec").rename(tree / "packages" / "openspec")
    git("add", "-A")
    git("commit", "-qm", "moved")
    git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    there = tmp_path / "other" / "packages"
    found = there / "openspec/specs/accounts/spec.md"
    found.write_text(found.read_text().replace("SHALL open", "MAY open"))
    hook = {"GIT_DIR": str(tree / ".git/worktrees/other"), "GIT_INDEX_FILE": str(tree / ".git/worktrees/other/index")}
    done = workflow("review", "--check", "--base", "branch", cwd=there, env=hook)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["openspec/specs/accounts/spec.md"]
    touched = workflow("process", "--changed-since", "branch", "--format", "json", cwd=there, env=hook)
    assert [item["id"] for item in json.loads(touched.stdout)["items"]] == ["accounts"]


def test_an_approval_from_before_a_merge_is_told_of(
    workflow: Run, git: Callable[..., None], tree: Path, spec: Path
) -> None:
    """It is for the text that was there then; who approved wonders else what became of it."""
    spec.write_text(spec.read_text().replace("SHALL open", "MAY open"))
    assert workflow("review", "approve", "--base", "main", "--because", "read it", *AS).returncode == 0
    git("add", "-A")
    git("commit", "-qm", "weaker")
    git("checkout", "-q", "main")
    more = "\n### Requirement: Sign out\nThe shop SHALL sign people out.\n\n#### Scenario: Out\n- **WHEN** a\n- **THEN** b\n"
    spec.write_text(spec.read_text() + more)
    git("commit", "-qam", "more")
    git("checkout", "-q", "branch")
    git("merge", "-q", "--no-edit", "main")
    done = workflow("review", "--check", "--base", "main")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert "; openspec/approvals/" in line
    assert "approved that in another text of the file  [keyword-weakened]" in line


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_made_where_git_writes_other_line_ends_holds_elsewhere(
    workflow: Run, git: Callable[..., None], tree: Path, spec: Path, tmp_path: Path, decision: str
) -> None:
    """As on Windows, and then in CI."""
    there = tmp_path / "there"
    git("clone", "-q", "-c", "core.autocrlf=true", "--branch", "main", str(tree), str(there))
    text = there / "openspec/specs/accounts/spec.md"
    assert b"SHALL open the account page after a correct password.\r\n" in text.read_bytes()
    assert workflow(*WEAKER, cwd=there).returncode == 4
    (draft,) = json.loads(workflow("review", "list", "--format", "json", cwd=there).stdout)["drafts"]
    assert workflow("review", decision, draft["id"], "--because", "read it", *AS, cwd=there).returncode == 0
    shutil.copytree(there / "openspec/approvals", tree / "openspec/approvals")
    spec.write_text(spec.read_text().replace("SHALL open", "SHOULD open"))
    done = workflow("review", "--check", "--base", "main", "--format", "json")
    found = {one["rule"] for one in json.loads(done.stdout)["findings"]}
    assert found == (set() if decision == "approve" else {"keyword-weakened", "rejected-text"})


#: Git then does as if the checkout were another account's, as in a container that it is mounted into.
ANOTHERS = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}


@pytest.mark.parametrize(
    "arguments",
    [("review", "--check"), ("review", "--check", "--base", "main"), ("process", "--changed-since", "main")],
)
def test_a_checkout_of_another_account_is_told_as_that(
    workflow: Run, git: Any, tree: Path, spec: Path, arguments: tuple[str, ...]
) -> None:
    """And not as one without branches, or as none: the next step is another."""
    done = workflow(*arguments, env=ANOTHERS)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: git does not look into this checkout: it belongs to another account\n")
    assert f"next: git config --global --add safe.directory {tree}" in done.stderr


def test_what_git_does_not_tell_or_do_there_is_said(workflow: Run, git: Any, tree: Path, spec: Path) -> None:
    """An edit is written all the same: the history has what was there before."""
    tasks = tree / "openspec/changes/add-receipts/tasks.md"
    tasks.write_text(tasks.read_text() + "- [ ] 1.2 Test it\n")
    tick = ("update", "add-receipts", "--check-task")
    done = workflow(*tick, "1.1", env=ANOTHERS)
    assert done.returncode == 0
    assert "git did not tell whether somebody had edited it: fatal: detected dubious ownership" in done.stderr
    (tree / "workflow.yaml").write_text("documents: {auto_commit: true}\n")
    done = workflow(*tick, "1.2", env=ANOTHERS)
    assert done.returncode == 0
    assert "revision 2 is written, but git did not commit it: fatal: detected dubious ownership" in done.stderr


def test_the_policy_can_be_switched_off_in_the_settings(workflow: Run, tree: Path, spec: Path) -> None:
    """Rule by rule; an unknown rule is an error."""
    (tree / "workflow.yaml").write_text("policy:\n  off: [keyword-weakened]\n")
    assert workflow(*WEAKER).returncode == 0
    (tree / "workflow.yaml").write_text("policy:\n  off: [keyword-weakend]\n")
    assert workflow("review", "list").returncode == 2


def test_a_damaged_draft_hides_no_other(workflow: Run, tree: Path, spec: Path) -> None:
    """The list shows what can be read, and says what cannot."""
    workflow(*WEAKER)
    (tree / ".workflow" / "drafts" / "0123456789ab.json").write_text("{")
    listed = workflow("review", "list")
    assert listed.returncode == 0
    assert "[keyword-weakened]" in listed.stdout
    assert "skipped .workflow/drafts/0123456789ab.json: a damaged draft" in listed.stderr
    assert "delete the file, draft again" in listed.stderr


def test_the_name_of_a_damaged_draft_cannot_command_the_terminal(workflow: Run, tree: Path, spec: Path) -> None:
    """What is told of anything that is missing is one line, whatever a file is called."""
    (tree / ".workflow" / "drafts").mkdir(parents=True)
    (tree / ".workflow" / "drafts" / "\x1b[2J.json").write_text("{")
    listed = workflow("review", "list")
    assert "skipped .workflow/drafts/\\x1b[2J.json: a damaged draft" in listed.stderr
    assert "\x1b" not in listed.stderr


def test_an_approved_update_is_written_and_waits_no_longer(workflow: Run, spec: Path) -> None:
    """Approved with --no-commit, then made again: it says who approved, not that it needs an approval."""
    workflow(*WEAKER)
    (draft,) = waiting(workflow)
    approve = ("review", "approve", draft["id"], "--because", "agreed", "--as", "Jo <jo@example.org>", "--no-commit")
    assert workflow(*approve).returncode == 0
    done = workflow(*WEAKER)
    assert done.returncode == 0
    assert "needs an approval" not in done.stderr
    assert "approved by Jo <jo@example.org>: agreed" in done.stderr
    assert "The shop SHOULD open" in spec.read_text()
    assert waiting(workflow) == []

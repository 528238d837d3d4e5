"""`workflow update` as people call it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import Run
from tests.cli.trees import ADDED, MODIFIED, SPEC, add_change, write

TASKS = "## 1. Build\n\n- [ ] 1.1 Write it\n- [ ] 1.2 Test it\n"


@pytest.fixture
def change(tree: Path) -> Path:
    """A change with tasks, beside the spec of `auth`."""
    (tree / "openspec/specs/auth").mkdir()
    (tree / "openspec/specs/auth/spec.md").write_text(SPEC.format(id="auth"))
    directory = tree / "openspec/changes/add-login"
    directory.mkdir(parents=True)
    (directory / "tasks.md").write_text(TASKS)
    (directory / "proposal.md").write_text("# Login\n\n## Why\nBecause.\n\n## What Changes\n- a\n")
    return directory


def files_of(tree: Path) -> dict[str, bytes]:
    return {str(p.relative_to(tree)): p.read_bytes() for p in (tree / "openspec").rglob("*") if p.is_file()}


@pytest.mark.parametrize("mode", [0o444, 0o640, 0o755])
def test_a_document_keeps_its_mode(workflow: Run, tree: Path, mode: int) -> None:
    """Also one that is only to be read: as with git and `sed -i`, whoever may write the directory may replace it."""
    add_change(tree)
    tasks = tree / "openspec/changes/add-receipts/tasks.md"
    tasks.chmod(mode)
    done = workflow("update", "add-receipts", "--check-task", "1.1")
    assert done.returncode == 0, done.stderr
    assert "[x] 1.1" in tasks.read_text()
    assert stat.S_IMODE(tasks.stat().st_mode) == mode


def test_a_task_is_ticked(workflow: Run, change: Path) -> None:
    """And a second time there is nothing to do."""
    done = workflow("update", "add-login", "--check-task", "1.1", "--as", "Ada")
    assert (done.returncode, done.stdout) == (0, "openspec/changes/add-login/tasks.md: check task 1.1\n")
    assert done.stderr.startswith("revision 1 (")
    assert (change / "tasks.md").read_text() == TASKS.replace("[ ] 1.1", "[x] 1.1")
    again = workflow("update", "add-login", "--check-task", "1.1")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "unchanged: openspec/changes/add-login/tasks.md: task 1.1 is done already\n"


@pytest.mark.parametrize("name", ["add-login", "add-sign-in"])
def test_a_change_that_is_staged_or_moved_can_be_edited(
    workflow: Run, tree: Path, change: Path, environment: dict[str, str], name: str
) -> None:
    """It is new to git, as one that nobody added."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=M", "-c", "user.email=m@x")
        subprocess.run(["git", "-C", str(tree), *identity, *arguments], env=environment, check=True)

    git("init", "-q")
    if name != "add-login":
        git("add", "-A")
        git("commit", "-qm", "base")
        git("mv", "openspec/changes/add-login", f"openspec/changes/{name}")
    git("add", "-A")
    done = workflow("update", name, "--check-task", "1.1")
    assert done.returncode == 0, done.stderr
    path = tree / "openspec/changes" / name / "tasks.md"
    assert "[x] 1.1" in path.read_text()


def test_edits_elsewhere_are_kept_where_git_writes_other_line_ends(
    workflow: Run, tree: Path, change: Path, environment: dict[str, str]
) -> None:
    """As on Windows: what is committed has other line ends than what is checked out, and that is no edit."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=M", "-c", "user.email=m@x")
        subprocess.run(["git", "-C", str(tree), *identity, *arguments], env=environment, check=True)

    git("init", "-q")
    git("config", "core.autocrlf", "true")
    git("add", "-A")
    git("commit", "-qm", "base")
    spec = tree / "openspec/specs/auth/spec.md"
    spec.write_bytes(spec.read_bytes().replace(b"\n", b"\r\n").replace(b"## Purpose\r\n", b"## Purpose\r\nBy hand. "))
    done = workflow("update", "auth", "--add-scenario", "Sign in > Twice", "--text", "- WHEN again\n- THEN in")
    assert done.returncode == 0, done.stderr
    assert b"#### Scenario: Twice\r\n" in spec.read_bytes()
    assert b"By hand. " in spec.read_bytes()


def test_a_document_may_be_named_from_the_top_of_the_disk(workflow: Run, change: Path, tree: Path) -> None:
    done = workflow("update", change / "tasks.md", "--check-task", "1.1")
    assert (done.returncode, done.stdout) == (0, "openspec/changes/add-login/tasks.md: check task 1.1\n")
    assert "check task 1.1" in workflow("history", "list", change / "tasks.md").stdout
    spec = tree / "openspec/specs/auth/spec.md"
    assert workflow("history", "blame", "--requirement", "Sign in", spec).returncode == 0


def test_a_dry_run_prints_the_diff_and_writes_nothing(workflow: Run, tree: Path, change: Path) -> None:
    """Not even the directory for its own state."""
    before = files_of(tree)
    shown = workflow("update", "add-login/tasks.md", "--check-task", "1.2", "--add-task", "Ship it", "--dry-run")
    assert shown.returncode == 0
    assert "\n-- [ ] 1.2 Test it\n+- [x] 1.2 Test it\n+- [ ] 1.3 Ship it\n" in shown.stdout
    assert files_of(tree) == before
    assert not (tree / ".workflow" / "history.db").exists()


def test_a_plan_is_saved_and_applied(workflow: Run, change: Path, tree: Path) -> None:
    """Saving changes no document; applying commits it; later changes of the same text make it stale."""
    target = (
        "update",
        "auth",
        "--modify-requirement",
        "Sign in",
        "--text",
        "The shop SHALL open the account page after a right password, then greet.",
    )
    before = files_of(tree)
    assert workflow(*target, "--plan", "plan.json").returncode == 0
    assert files_of(tree) == before
    applied = workflow("update", "--apply", "plan.json")
    assert (applied.returncode, applied.stdout) == (
        0,
        'openspec/specs/auth/spec.md: change the statement of "Sign in"\n',
    )
    spec = tree / "openspec/specs/auth/spec.md"
    spec.write_text(spec.read_text().replace("then greet", "then smile"))
    stale = workflow("update", "--apply", "plan.json")
    assert stale.returncode == 5
    assert "changed since it was planned" in stale.stderr
    assert "smile" in spec.read_text()


SCENARIO = "- **WHEN** an account is locked\n- **THEN** the form says so"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (["--add-scenario", "Sign in > Locked", "--text", SCENARIO], "leaves out 'Locked'"),
        (["--rename-requirement", "Sign in", "--to", "Log in"], 'there is no requirement "Sign in"'),
    ],
)
def test_open_changes_that_fit_a_main_spec_no_more_are_named(
    workflow: Run, tree: Path, change: Path, edit: list[str], said: str
) -> None:
    """Before it is written, and after; a change that is about something else is not."""
    write(change / "specs/auth/spec.md", MODIFIED.format(page="order"))
    add_change(tree, "add-receipts")
    for more in (["--dry-run"], []):
        done = workflow("update", "auth", *edit, *more)
        assert done.returncode == 0
        assert "add-login does not fit that: openspec/changes/add-login/specs/auth/spec.md" in done.stderr
        assert said in done.stderr
        assert "workflow process add-login" in done.stderr
        assert "add-receipts" not in done.stderr
    judged = json.loads(workflow("process", "--changes", "--only", "validate", "--format", "json").stdout)
    wrong = {item["id"]: [f["message"] for f in item["findings"] if f["level"] == "ERROR"] for item in judged["items"]}
    assert [message in done.stderr for message in wrong["add-login"]] == [True]
    assert wrong["add-receipts"] == []


def test_a_command_to_copy_holds_names_as_a_shell_takes_them(workflow: Run, tree: Path, change: Path) -> None:
    """OpenSpec takes any name of a directory for a change."""
    odd = change.rename(change.with_name("add `id` $HOME"))
    write(odd / "specs/auth/spec.md", MODIFIED.format(page="order"))
    done = workflow("update", "auth", "--rename-requirement", "Sign in", "--to", "Log in")
    assert "see: workflow process 'add `id` $HOME'\n" in done.stderr


def test_what_was_wrong_with_an_open_change_before_is_not_told(workflow: Run, tree: Path, change: Path) -> None:
    write(change / "specs/auth/spec.md", MODIFIED.format(page="order").replace("Sign in", "Gone"))
    done = workflow("update", "auth", "--add-scenario", "Sign in > Locked", "--text", SCENARIO, "--format", "json")
    assert json.loads(done.stdout)["misfits"] == []


def test_misfits_stand_in_the_json(workflow: Run, change: Path) -> None:
    write(change / "specs/auth/spec.md", MODIFIED.format(page="order"))
    edit = ("update", "auth", "--add-scenario", "Sign in > Locked", "--text", SCENARIO)
    (misfit,) = json.loads(workflow(*edit, "--format", "json").stdout)["misfits"]
    assert (misfit["change"], misfit["path"]) == ("add-login", "openspec/changes/add-login/specs/auth/spec.md")


def test_edits_come_from_a_file_or_stdin(workflow: Run, change: Path, tree: Path) -> None:
    """YAML or JSON; each may name its own document."""
    (tree / "edits.yaml").write_text(
        "- op: check-task\n  path: add-login\n  task: '1.1'\n"
        "- op: add-scenario\n  path: auth\n  requirement: Sign in\n  name: Locked\n  when: it is locked\n  then: no\n"
    )
    done = workflow("update", "--edits", "edits.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 2
    assert (
        "#### Scenario: Locked\n- **WHEN** it is locked\n- **THEN** no\n"
        in (tree / "openspec/specs/auth/spec.md").read_text()
    )


def test_the_loose_form_makes_sure_of_items_and_tasks(workflow: Run, change: Path, tree: Path) -> None:
    """In a change: items in the proposal, tasks among its tasks; twice changes nothing."""
    (tree / "loose.json").write_text('{"performance_improvements": ["caching"], "add_x": true}')
    assert workflow("update", "add-login", "--edits", "loose.json").returncode == 0
    assert (change / "proposal.md").read_text().endswith("\n## Performance Improvements\n- caching\n")
    assert (change / "tasks.md").read_text() == TASKS + "- [ ] 1.3 Add x\n"
    assert workflow("update", "add-login", "--edits", "loose.json").stdout == ""


def test_json_says_what_was_done_and_with_which_diff(workflow: Run, change: Path) -> None:
    """One document, whose status and exit code agree."""
    done = json.loads(workflow("update", "add-login", "--check-task", "1.1", "--format", "json").stdout)
    assert (done["command"], done["status"], done["exit_code"]) == ("update", "ok", 0)
    assert done["done"] == ["openspec/changes/add-login/tasks.md: check task 1.1"]
    assert done["revision"]["number"] == 1
    assert "+- [x] 1.1 Write it\n" in done["diff"]
    again = json.loads(workflow("update", "add-login", "--check-task", "1.1", "--format", "json").stdout)
    assert (again["draft"], again["revision"], again["diff"]) == (None, None, "")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["add-login"], 2, "nothing to do"),
        (["--check-task", "1.1"], 2, "no document was named"),
        (["add-login", "--check-task", "9.9"], 2, "tasks.md#1.1"),
        (["nothing", "--check-task", "1.1"], 2, "no document 'nothing'"),
        (
            ["add-login", "--set-section", "Why", "--text", "x"],
            2,
            "name one, such as add-login/proposal.md, add-login/tasks",
        ),
        (["../x.md", "--check-task", "1.1"], 2, "leads out of the tree"),
        (["auth", "--add-requirement", "A"], 2, "needs its text"),
        (["auth", "--add-requirement", "A", "--text", "a", "--file", "b"], 2, "give one"),
        (["auth", "--rename-requirement", "A"], 2, "go together"),
        (["auth", "--set-section", "Purpose", "--text", "## Requirements"], 5, "heading of level 2"),
        (["auth", "--append-section", "Purpose", "--text", "## More\nText."], 5, "next: set-section takes subsections"),
        (["auth", "--append-section", "Nope", "--create", "--text", "## More\nText."], 5, "holds a heading"),
        (["auth", "--add-requirement", "Sign in", "--text", "It SHALL."], 5, "another text"),
        (["auth", "--rename-requirement", "Sign im", "--to", "B"], 2, "Requirement: Sign in"),
        (
            ["add-login", "--add-task", "X", "--group", "Later"],
            2,
            "; or make it: --create, or `create: true` in an edit",
        ),
        (
            ["auth", "--append-section", "Nope", "--text", "X"],
            2,
            "; or make it: --create, or `create: true` in an edit",
        ),
        (["auth", "--set-section", "Nope", "--text", "X"], 2, "; or make it: --create, or `create: true` in an edit"),
        (["--apply", "missing.json"], 2, "no such file"),
        (["--apply", "p.json", "--dry-run"], 2, "--apply commits"),
        (["--edits", "missing.yaml"], 2, "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_status(
    workflow: Run, tree: Path, change: Path, arguments: list[str], status: int, said: str
) -> None:
    """And nothing is written."""
    before = files_of(tree)
    refused = workflow("update", *arguments)
    assert refused.returncode == status, refused.stderr
    assert said in refused.stderr
    assert refused.stdout == ""
    assert files_of(tree) == before


def test_a_dot_stands_for_the_place_the_path_names(workflow: Run, tree: Path, change: Path) -> None:
    """As addresses are copied from reports."""
    done = workflow("update", "auth#Requirement: Sign in", "--rename-requirement", ".", "--to", "Enter")
    assert done.returncode == 0, done.stderr
    assert "### Requirement: Enter\n" in (tree / "openspec/specs/auth/spec.md").read_text()
    scenario = ("--add-scenario", "Late", "--text", "- WHEN late\n- THEN no")
    assert workflow("update", "auth#Requirement: Enter", *scenario).returncode == 0


def test_a_scenario_is_added_to_the_place_of_an_address(workflow: Run, tree: Path, change: Path) -> None:
    """By its name alone, or behind `.` as elsewhere; a dot is not taken for its name."""
    spec = tree / "openspec/specs/auth/spec.md"
    before = spec.read_text()
    steps = ("--text", "WHEN a customer waits\nTHEN the form stays", "--dry-run")
    shown = {
        workflow("update", "auth#Requirement: Sign in", "--add-scenario", named, *steps).stdout
        for named in ("Waiting", ". > Waiting")
    }
    assert len(shown) == 1
    assert "+#### Scenario: Waiting\n" in shown.pop()
    for path, named in (("auth#Requirement: Sign in", "."), ("auth", ". > Waiting")):
        refused = workflow("update", path, "--add-scenario", named, *steps[:2])
        assert (refused.returncode, refused.stderr[:10]) == (2, "error: '.'")
    assert spec.read_text() == before


def test_every_fault_of_a_list_is_shown_at_once(workflow: Run, tree: Path, change: Path) -> None:
    """Status 2."""
    (tree / "edits.yaml").write_text("- op: check-tsk\n- op: check-task\n  task: 1.1\n")
    refused = workflow("update", "add-login", "--edits", "edits.yaml")
    assert refused.returncode == 2
    assert "did you mean check-task?" in refused.stderr
    assert "put it in quotes" in refused.stderr
    assert "2 faults in the edits" in refused.stderr


def test_the_reason_of_a_removal_reaches_the_delta(workflow: Run, change: Path) -> None:
    """`--because` is for its readers as well as for the history."""
    done = workflow(
        "update", "add-login/specs/auth", "--remove-requirement", "Sign in", "--because", "Single sign-on.", "--yes"
    )
    assert done.returncode == 0, done.stderr
    assert (change / "specs/auth/spec.md").read_text() == (
        "## REMOVED Requirements\n\n### Requirement: Sign in\n**Reason**: Single sign-on.\n"
    )


@pytest.mark.parametrize(
    "asked",
    [("--remove-requirement", "Sign in", "--because", "Gone."), ("--rename-requirement", "Sign in", "--to", "Enter")],
)
def test_a_delta_for_a_new_spec_cannot_take_away(
    workflow: Run, tree: Path, change: Path, asked: tuple[str, ...]
) -> None:
    """Archiving would refuse the renaming and pass over the removal: what is written would never come true."""
    before = files_of(tree)
    refused = workflow("update", "add-login/specs/payments", *asked, "--yes")
    assert refused.returncode == 5
    assert 'there is no main spec, and so no requirement "Sign in" to ' in refused.stderr
    assert "openspec/changes/add-login/specs/payments/spec.md" in refused.stderr
    assert "check the name of the capability" in refused.stderr
    assert files_of(tree) == before


def test_what_a_delta_for_a_new_spec_adds_can_be_renamed_and_taken_out(workflow: Run, change: Path) -> None:
    """That is the delta's own text."""
    delta = change / "specs/payments/spec.md"
    delta.parent.mkdir(parents=True)
    delta.write_text(ADDED.replace("{name}", "Receipts") + "\n" + ADDED.partition("\n\n")[2].replace("{name}", "Bills"))
    renamed = workflow("update", "add-login/specs/payments", "--rename-requirement", "Receipts", "--to", "Slips")
    assert renamed.returncode == 0, renamed.stderr
    removed = workflow("update", "add-login/specs/payments", "--remove-requirement", "Bills")
    assert removed.returncode == 0, removed.stderr
    assert "### Requirement: Slips\n" in delta.read_text()
    assert "Bills" not in delta.read_text()


def test_a_tick_loads_no_parser(workflow: Run, environment: dict[str, str], tree: Path, change: Path) -> None:
    """A whole process for one character has to be quick."""
    probe = (
        "import contextlib, io, sys\n"
        "from workflow_cli.__main__ import main\n"
        "with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):\n"
        "    main(['update', 'add-login', '--check-task', '1.1'])\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-c", probe], env=environment, cwd=tree, text=True).split()
    assert "workflow_cli.domain.openspec.edits.check_task" in loaded
    unwanted = {"markdown_it", "ruamel", "ruamel.yaml", "rapidfuzz", "rich", "asyncio", "base64"}
    assert unwanted.isdisjoint(loaded)
    assert not {name for name in loaded if name.endswith((".edits.parse", ".openspec.spec", ".openspec.delta"))}


@pytest.mark.parametrize(
    ("target", "edit"),
    [
        ("add-login/specs/auth", ("--remove-requirement", "Receipts")),
        ("add-login/specs/auth", ("--rename-requirement", "Receipts", "--to", "Mail")),
        ("add-login", ("--add-task", "Ship it", "--check-task", "1.1")),
    ],
)
def test_a_plan_applied_a_second_time_changes_nothing(
    workflow: Run, tree: Path, change: Path, target: str, edit: tuple[str, ...]
) -> None:
    """Nor is it stale where the edit took away what it names: the documents are what the plan makes of them."""
    receipts = ADDED.replace("{name}", "Receipts")
    letters = receipts.removeprefix("## ADDED Requirements\n").replace("Receipts", "Letters")
    write(change / "specs/auth/spec.md", receipts + letters)
    assert workflow("update", target, *edit, "--plan", "plan.json").returncode == 0
    assert workflow("update", "--apply", "plan.json").returncode == 0
    written = files_of(tree)
    again = workflow("update", "--apply", "plan.json")
    assert (again.returncode, again.stdout) == (0, ""), again.stderr
    assert again.stderr.startswith("unchanged: openspec/changes/add-login/")
    assert files_of(tree) == written


def test_the_plan_file_is_described(workflow: Run, tree: Path, change: Path) -> None:
    """Its operations fit the schema of edit lists."""
    workflow("update", "add-login", "--check-task", "1.1", "--plan", "plan.json")
    plan = json.loads((tree / "plan.json").read_text())
    schema = json.loads((Path(__file__).parents[2] / "workflow_cli/schemas/edits.schema.json").read_text())
    assert (plan["schema"], plan["kind"]) == (1, "workflow-update-plan")
    for file in plan["files"]:
        jsonschema.validate(file["operations"], schema)
        assert file["text"].startswith("## 1. Build")


def test_a_plan_takes_no_other_files_place(workflow: Run, tree: Path, change: Path) -> None:
    """An old plan may be replaced, a document may not."""
    tick = ("update", "add-login", "--check-task", "1.1", "--plan")
    refused = workflow(*tick, change / "proposal.md")
    assert refused.returncode == 5
    assert "no plan" in refused.stderr
    assert (change / "proposal.md").read_text().startswith("# Login")
    assert [workflow(*tick, "plan.json").returncode for _ in range(2)] == [0, 0]


def test_a_valid_spec_is_not_made_invalid(workflow: Run, tree: Path, change: Path) -> None:
    """Neither by a requirement without a scenario nor by a Purpose that is too short; together they may come."""
    spec = tree / "openspec/specs/auth/spec.md"
    before = spec.read_bytes()
    bare = workflow("update", "auth", "--add-requirement", "Sign out", "--text", "The shop SHALL end the session.")
    assert bare.returncode == 5
    assert "has no scenario" in bare.stderr
    brief = workflow("update", "auth", "--set-section", "Purpose", "--text", "Short.")
    assert (brief.returncode, "Purpose has" in brief.stderr) == (5, True)
    assert spec.read_bytes() == before
    text = "The shop SHALL end the session.\n\n#### Scenario: Out\n- **WHEN** a customer signs out\n- **THEN** it ends"
    whole = workflow("update", "auth", "--add-requirement", "Sign out", "--text", text)
    assert whole.returncode == 0, whole.stderr


def test_an_archived_change_is_not_edited(workflow: Run, tree: Path) -> None:
    """It is the record of what was done."""
    tasks = tree / "openspec" / "changes" / "archive" / "2026-01-01-done" / "tasks.md"
    tasks.parent.mkdir(parents=True)
    tasks.write_text("- [ ] 1.1 Build it\n")
    done = workflow("update", str(tasks.relative_to(tree)), "--check-task", "1.1")
    assert done.returncode == 5
    assert "an archived change says what was done" in done.stderr
    assert tasks.read_text() == "- [ ] 1.1 Build it\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Upgrade to Python 3.11", "1.3 Upgrade to Python 3.11"),
        ("Write the release 1.2 notes", "1.3 Write the release 1.2 notes"),
        ("Show [ ] for what is open", "1.3 Show [ ] for what is open"),
        ("- [ ] 7.7 Measure it", "1.3 Measure it"),
    ],
)
def test_only_what_a_task_begins_with_is_taken_for_its_number(
    workflow: Run, change: Path, text: str, written: str
) -> None:
    done = workflow("update", "add-login", f"--add-task={text}")
    assert done.returncode == 0, done.stderr
    assert (change / "tasks.md").read_text() == f"{TASKS}- [ ] {written}\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("fast - and cheap", "- fast - and cheap"),
        ("either 1) now or 2) never", "- either 1) now or 2) never"),
        ("2 * 3 is 6", "- 2 * 3 is 6"),
        ("* b", "- b"),
    ],
)
def test_only_what_an_item_begins_with_is_taken_for_its_bullet(
    workflow: Run, change: Path, text: str, written: str
) -> None:
    done = workflow("update", "add-login/proposal.md", "--append-section", "What Changes", f"--bullet={text}")
    assert done.returncode == 0, done.stderr
    assert (change / "proposal.md").read_text().endswith(f"- a\n{written}\n")
    again = workflow("update", "add-login/proposal.md", "--append-section", "What Changes", f"--bullet={text}")
    assert "has it already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "heading"),
    [
        (("--add-requirement", "Security Requirement: TLS"), "### Requirement: Security Requirement: TLS\n"),
        (("--add-requirement", "### Requirement: TLS"), "### Requirement: TLS\n"),
        (("--rename-requirement", "Sign in", "--to", "A Requirement: b"), "### Requirement: A Requirement: b\n"),
        (("--add-scenario", "Sign in > Error Scenario: late"), "#### Scenario: Error Scenario: late\n"),
        (("--add-scenario", "Sign in > Scenario: Late"), "#### Scenario: Late\n"),
    ],
)
def test_only_what_a_name_begins_with_is_taken_for_its_label(
    workflow: Run, tree: Path, change: Path, arguments: tuple[str, ...], heading: str
) -> None:
    steps = "- **WHEN** a\n- **THEN** b"
    whole = f"The shop SHALL encrypt.\n\n#### Scenario: On the way\n{steps}"
    text = {"--add-requirement": whole, "--add-scenario": steps}.get(arguments[0])
    done = workflow("update", "auth", *arguments, *(("--text", text) if text else ()))
    assert done.returncode == 0, done.stderr
    assert heading in (tree / "openspec/specs/auth/spec.md").read_text()


def test_a_section_is_found_and_made_by_all_of_its_name(workflow: Run, change: Path) -> None:
    """A number in front may be left out, one within may not; nor is a hash within a mark of headings."""
    write(change / "design.md", "# Design\n\n## Wave Rollout\nFirst.\n\n## 2. Risks\nNone.\n")
    workflow("update", "add-login/design.md", "--append-section", "Wave 2. Rollout", "--text", "Later.", "--create")
    workflow("update", "add-login/design.md", "--append-section", "C # notes", "--text", "Sharp.", "--create")
    workflow("update", "add-login/design.md", "--append-section", "Risks", "--text", "Some.")
    text = (change / "design.md").read_text()
    assert "## Wave Rollout\nFirst.\n\n## 2. Risks\nNone.\n\nSome.\n" in text
    assert "## Wave 2. Rollout\nLater.\n" in text
    assert "## C # notes\nSharp.\n" in text

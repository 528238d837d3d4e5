"""`workflow archive`, as people call it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from trees import ADDED, MODIFIED, SPEC, add_change, add_spec, write

from tests.cli.conftest import REPOSITORY, Run
from tests.rights import only_what_modes_allow

DONE = "## 1. Work\n- [x] 1.1 Send a receipt to the customer after each payment\n"
REMOVED = "## REMOVED Requirements\n\n### Requirement: Sign in\n**Reason**: nobody signs in\n**Migration**: none\n"


def done(directory: Path) -> Path:
    """The change with all its tasks ticked."""
    write(directory / "tasks.md", DONE)
    return directory


def main_spec(root: Path, id: str = "auth") -> str:
    return (root / "openspec/specs" / id / "spec.md").read_text(encoding="utf-8")


def archived(root: Path) -> list[str]:
    """Names in the archive without their dates."""
    directory = root / "openspec/changes/archive"
    return sorted(p.name[11:] for p in directory.iterdir()) if directory.is_dir() else []


def active(root: Path) -> list[str]:
    return sorted(p.name for p in (root / "openspec/changes").iterdir() if p.name != "archive")


def files(root: Path) -> dict[str, bytes]:
    base = root / "openspec"
    return {p.relative_to(base).as_posix(): p.read_bytes() for p in base.rglob("*") if p.is_file()}


def one(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The only change of a JSON report."""
    (item,) = json.loads(run.stdout)["changes"]
    return dict(item)


def rules(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [refusal["rule"] for refusal in one(run)["refusals"]]


# -- which change -----------------------------------------------------------------------------------------------


def test_an_unknown_change_is_told_with_those_that_are_active(tree: Path, workflow: Run) -> None:
    """What `process` takes is no help to whoever wants to archive."""
    add_spec(tree)
    run = workflow("archive", "nothing")
    assert run.returncode == 2
    assert run.stderr.startswith("error: there is no change 'nothing'\n  next: no change is active; `workflow propose ")
    done(add_change(tree))
    run = workflow("archive", "nothing")
    assert run.stderr == "error: there is no change 'nothing'\n  next: active are add-receipts\n"


def test_a_change_that_is_archived_is_told_with_its_place(tree: Path, workflow: Run) -> None:
    add_spec(tree)
    done(add_change(tree))
    assert workflow("archive", "add-receipts").returncode == 0
    run = workflow("archive", "add-receipts")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(
        r"add-receipts is archived already as openspec/changes/archive/[0-9-]{10}-add-receipts \(revision 1\)\n",
        run.stdout,
    )
    item = one(workflow("archive", "add-receipts", "--format", "json"))
    assert (item["outcome"], item["revision"]["number"]) == ("archived_already", 1)
    shutil.rmtree(tree / ".workflow")
    assert one(workflow("archive", "add-receipts", "--format", "json"))["revision"] is None


# -- questions of the change --------------------------------------------------------------------------------------


def test_a_blocking_question_that_nobody_answered_is_named(tree: Path, workflow: Run) -> None:
    """Archiving goes on, as OpenSpec's does; but nobody finds out afterwards what was never decided."""
    add_spec(tree)
    change = add_change(tree, delta=ADDED.replace("after each payment", "within TBD minutes"))
    assert workflow("process", "--all").returncode == 4
    report = json.loads(workflow("process", "--all", "--format", "json").stdout)
    (id,) = (question["id"] for question in report["items"][-1]["questions"])
    done(change)
    run = workflow("archive", "--dry-run")
    assert run.returncode == 0
    assert f"warning: nobody answered the blocking question {id}: “Receipts” says" in run.stderr
    assert "  next: answer it behind `answer:` in openspec/changes/add-receipts/questions.yaml, then" in run.stderr
    assert [w["rule"] for w in one(workflow("archive", "--dry-run", "--format", "json"))["warnings"]] == [
        "blocking-question"
    ]
    questions = change / "questions.yaml"
    asked = questions.read_text(encoding="utf-8")
    write(questions, asked.replace("\n    answer:", "\n    answer: Five."))
    assert "blocking question" not in workflow("archive", "--dry-run").stderr
    write(questions, "questions: 5\n")
    assert "nobody can tell whether its questions are answered" in workflow("archive", "--dry-run").stderr
    write(questions, asked)
    run = workflow("archive", "--yes")
    assert run.returncode == 0
    assert "blocking question" in run.stderr
    assert archived(tree) == ["add-receipts"]


def test_what_to_do_about_several_questions_is_told_once(tree: Path, workflow: Run) -> None:
    """A change that was only proposed has three, all answered in one file."""
    assert workflow("propose", "Add receipts").returncode == 0
    run = workflow("archive", "--yes", "--dry-run")
    assert run.stderr.count("nobody answered the blocking question") == 3
    assert run.stderr.count("next: answer it behind") == 1


# -- what archiving does -------------------------------------------------------------------------------------


def test_the_change_is_merged_and_moved(workflow: Run, tree: Path) -> None:
    """The spec gets the requirement, the directory its place in the archive, as one revision."""
    add_spec(tree)
    done(add_change(tree))
    run = workflow("archive", "add-receipts")
    assert (run.returncode, run.stderr) == (0, "")
    assert "### Requirement: Receipts" in main_spec(tree)
    assert active(tree) == []
    assert archived(tree) == ["add-receipts"]
    assert "(revision 1)" in run.stdout


def test_the_only_active_change_needs_no_name(workflow: Run, tree: Path) -> None:
    """As with `process`, one open change is the one that is meant."""
    add_spec(tree)
    done(add_change(tree))
    assert workflow("archive").returncode == 0
    assert archived(tree) == ["add-receipts"]


def test_several_active_changes_are_listed_and_none_is_taken(workflow: Run, tree: Path) -> None:
    """Nothing is chosen where nobody can be asked."""
    add_spec(tree)
    for name in ("one", "two"):
        done(add_change(tree, name))
    run = workflow("archive")
    assert run.returncode == 2
    assert "one, two" in run.stderr
    assert archived(tree) == []


def test_the_archive_is_dated_in_the_persons_time_zone(workflow: Run, tree: Path) -> None:
    """The day is that of the wall clock, which may be another than in UTC."""
    add_spec(tree)
    done(add_change(tree))
    zones = ("Pacific/Kiritimati", "Etc/GMT+12")  # 26 hours apart: never the same day
    utc = datetime.now(ZoneInfo("UTC")).date()
    zone = next(z for z in zones if datetime.now(ZoneInfo(z)).date() != utc)
    target = one(workflow("archive", "--format", "json", env={"TZ": zone}))["target"]
    assert target.endswith(f"/{datetime.now(ZoneInfo(zone)).date().isoformat()}-add-receipts")


def test_a_name_that_begins_with_a_date_keeps_it(workflow: Run, tree: Path) -> None:
    """No second date is put before the first."""
    add_spec(tree)
    done(add_change(tree, "2020-02-03-add-receipts"))
    assert workflow("archive").returncode == 0
    assert (tree / "openspec/changes/archive/2020-02-03-add-receipts/proposal.md").is_file()


def test_a_capability_is_retired_where_the_change_says_so(workflow: Run, tree: Path) -> None:
    """The spec goes with its last requirement, and so does the directory it leaves empty."""
    add_spec(tree, "area/auth")
    change = done(add_change(tree, delta=REMOVED, capability="area/auth"))
    write(change / ".openspec.yaml", "schema: spec-driven\nretire_capabilities: true\n")
    run = workflow("archive", "--format", "json")
    assert [s["outcome"] for s in one(run)["specs"]] == ["retired"]
    assert not (tree / "openspec/specs/area").exists()


def test_dry_run_shows_the_diff_and_writes_nothing(workflow: Run, tree: Path) -> None:
    """Not even the state directory gets a history."""
    add_spec(tree)
    done(add_change(tree))
    before = files(tree)
    run = workflow("archive", "--dry-run")
    assert run.returncode == 0
    assert "+### Requirement: Receipts" in run.stdout
    assert "move openspec/changes/add-receipts => openspec/changes/archive/" in run.stdout
    assert files(tree) == before
    assert not (tree / ".workflow/history.db").exists()


def test_json_says_what_was_done(workflow: Run, tree: Path) -> None:
    """Counts by spec, the revision, and where the change went."""
    add_spec(tree)
    done(add_change(tree))
    item = one(workflow("archive", "--format", "json", "--because", "released", "--as", "Ada"))
    assert item["outcome"] == "archived"
    assert item["revision"]["number"] == 1
    assert [(s["capability"], s["outcome"], s["added"]) for s in item["specs"]] == [("auth", "updated", 1)]


# -- what it refuses -----------------------------------------------------------------------------------------


def test_unfinished_tasks_need_a_yes(workflow: Run, tree: Path) -> None:
    """Without a terminal nobody is asked: refused, with the way out."""
    add_spec(tree)
    add_change(tree)
    before = files(tree)
    run = workflow("archive")
    assert run.returncode == 1
    assert "--yes" in run.stdout
    assert files(tree) == before
    assert workflow("archive", "--yes").returncode == 0


def test_an_archive_of_that_name_is_not_overwritten(workflow: Run, tree: Path) -> None:
    """The name is taken: no spec is written."""
    add_spec(tree)
    done(add_change(tree, "2020-02-03-x"))
    write(tree / "openspec/changes/archive/2020-02-03-x/proposal.md", "old\n")
    before = files(tree)
    run = workflow("archive", "--format", "json")
    assert (run.returncode, rules(run)) == (1, ["archive-target-exists"])
    assert files(tree) == before


def test_a_change_without_deltas_is_not_archived_by_accident(workflow: Run, tree: Path) -> None:
    """Only --skip-specs, or the metadata, says that no delta is meant."""
    add_spec(tree)
    change = done(add_change(tree))
    (change / "specs/auth/spec.md").unlink()
    assert rules(workflow("archive", "--format", "json")) == ["no-operations"]
    assert workflow("archive", "--skip-specs").returncode == 0


def test_metadata_may_say_that_no_delta_is_meant(workflow: Run, tree: Path) -> None:
    """`skip_specs: true` is the same word, written down."""
    change = done(add_change(tree))
    (change / "specs/auth/spec.md").unlink()
    write(change / ".openspec.yaml", "schema: spec-driven\nskip_specs: true\n")
    assert workflow("archive").returncode == 0


def test_skip_specs_moves_and_merges_nothing(workflow: Run, tree: Path) -> None:
    """The spec stays as it is, byte for byte."""
    add_spec(tree)
    done(add_change(tree))
    before = main_spec(tree)
    assert workflow("archive", "--skip-specs").returncode == 0
    assert main_spec(tree) == before
    assert archived(tree) == ["add-receipts"]


def test_what_openspec_refuses_is_refused(workflow: Run, tree: Path) -> None:
    """MODIFIED of a requirement that is not there: nothing that is named helps."""
    add_spec(tree)
    done(add_change(tree, delta=MODIFIED.replace("Sign in", "Sign out")))
    run = workflow("archive", "--format", "json", "--force-loss", "Sign out")
    assert (run.returncode, rules(run)) == (1, ["archive-refused"])


def test_an_archive_under_way_elsewhere_is_waited_for(workflow: Run, tree: Path) -> None:
    """OpenSpec's own lock is respected, and named."""
    add_spec(tree)
    done(add_change(tree))
    write(tree / "openspec/changes/archive/.openspec-archive.lock", "{}")
    assert rules(workflow("archive", "--format", "json")) == ["openspec-is-archiving"]


def test_an_unreadable_delta_ends_with_3(workflow: Run, tree: Path) -> None:
    """What could not be read was not evaluated."""
    add_spec(tree)
    change = done(add_change(tree))
    (change / "specs/auth/spec.md").chmod(0)
    with only_what_modes_allow():
        assert workflow("archive").returncode == 3


# -- losses, by name -----------------------------------------------------------------------------------------

SECTION = "\nBackground\n----------\nWhy this is so.\n"


def with_section(tree: Path) -> None:
    """A section under an underlined heading inside a requirement that the change replaces."""
    add_spec(tree, text=SPEC + SECTION)
    done(add_change(tree, delta=MODIFIED))


def test_a_section_that_would_go_unnamed_stops_the_archive(workflow: Run, tree: Path) -> None:
    """The refusal says how the loss would be accepted."""
    with_section(tree)
    run = workflow("archive")
    assert run.returncode == 1
    assert "--force-loss Background" in run.stdout
    assert "Why this is so." in main_spec(tree)


def test_a_loss_is_accepted_by_its_name_alone(workflow: Run, tree: Path) -> None:
    """Another name does not help; the right one does."""
    with_section(tree)
    assert workflow("archive", "--force-loss", "Sign in").returncode == 1
    assert workflow("archive", "--force-loss", "Background").returncode == 0
    assert "Why this is so." not in main_spec(tree)


def test_a_name_that_was_not_needed_is_told(workflow: Run, tree: Path) -> None:
    """Probably a slip of the keyboard."""
    add_spec(tree)
    done(add_change(tree))
    run = workflow("archive", "--force-loss", "Backgruond")
    assert "'Backgruond' was not needed" in run.stderr


# -- older texts ---------------------------------------------------------------------------------------------

PAGE = "The shop SHALL open the account page after a correct password."


def rewrite(old: str, new: str) -> str:
    """A MODIFIED of `Sign in` that changes one line of the main spec's text."""
    block = SPEC[SPEC.index("### Requirement:") :]
    assert old in block
    return "## MODIFIED Requirements\n\n" + block.replace(old, new)


STATEMENT = rewrite(PAGE, "The shop SHALL open the welcome page after a correct password.")
OTHER_STATEMENT = rewrite(PAGE, "The shop SHALL open the offers page after a correct password.")
STEP = rewrite("the form says that name or password is wrong", "the form says nothing at all")


def test_two_edits_of_one_requirement_are_put_together(workflow: Run, tree: Path) -> None:
    """Each touches other lines, so both hold; OpenSpec would keep the second alone."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    done(add_change(tree, "second", STEP))
    assert workflow("archive", "first").returncode == 0
    run = workflow("archive", "second", "--format", "json")
    assert run.returncode == 0
    assert [b["state"] for b in one(run)["written_against"]] == ["merged"]
    assert "the welcome page after" in main_spec(tree)
    assert "the form says nothing at all" in main_spec(tree)


def test_two_edits_of_one_line_are_refused_with_both_places(workflow: Run, tree: Path) -> None:
    """Nobody but a person knows which is meant, or accepts that the newer text goes."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    done(add_change(tree, "second", OTHER_STATEMENT))
    assert workflow("archive", "first").returncode == 0
    run = workflow("archive", "second")
    assert run.returncode == 1
    assert "openspec/changes/second/specs/auth/spec.md:3" in run.stdout
    assert "openspec/specs/auth/spec.md:9" in run.stdout
    assert workflow("archive", "second", "--force-loss", "Sign in").returncode == 0
    assert "the offers page" in main_spec(tree)


def test_a_delta_written_anew_is_up_to_date(workflow: Run, tree: Path) -> None:
    """Whoever follows the hint and rewrites the MODIFIED is not refused again."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    second = done(add_change(tree, "second", OTHER_STATEMENT))
    assert workflow("archive", "first").returncode == 0
    assert workflow("archive", "second").returncode == 1
    write(second / "specs/auth/spec.md", OTHER_STATEMENT.replace("offers", "welcome and offers"))
    assert workflow("archive", "second").returncode == 0


def test_a_scenario_that_came_since_is_kept(workflow: Run, tree: Path) -> None:
    """OpenSpec refuses the older MODIFIED because it leaves the new scenario out; here it stays."""
    add_spec(tree)
    last = "- **THEN** the form says that name or password is wrong\n"
    longer = rewrite(
        last, f"{last}\n#### Scenario: Locked\n- **WHEN** the account is locked\n- **THEN** the form says so\n"
    )
    done(add_change(tree, "first", longer))
    done(add_change(tree, "second", STATEMENT))
    assert workflow("archive", "first").returncode == 0
    assert workflow("archive", "second").returncode == 0
    assert "#### Scenario: Locked" in main_spec(tree)
    assert "the welcome page" in main_spec(tree)


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def test_git_tells_what_a_delta_was_written_against(workflow: Run, tree: Path) -> None:
    """The main spec was changed by hand and committed after the delta: no history of ours knows that."""
    add_spec(tree)
    done(add_change(tree, "first", OTHER_STATEMENT))
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "one")
    add_spec(tree, text=SPEC.replace(PAGE, "The shop SHALL open the basket."))
    git(tree, "commit", "-qam", "two")
    run = workflow("archive", "first", "--format", "json")
    assert (run.returncode, rules(run)) == (1, ["stale-requirement"])
    assert "commit " in one(run)["written_against"][0]["when"]


def test_where_nothing_is_known_that_is_said(workflow: Run, tree: Path) -> None:
    """No history and no version control: archived as by OpenSpec, with a note."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    run = workflow("archive")
    assert run.returncode == 0
    assert 'nothing tells against which text of the main spec "Sign in" was written' in run.stderr


def test_other_open_changes_of_the_requirement_are_named(workflow: Run, tree: Path) -> None:
    """With the order that loses nothing."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    done(add_change(tree, "second", OTHER_STATEMENT))
    run = workflow("archive", "first", "--dry-run")
    assert "contended-requirement" in run.stderr
    assert "second" in run.stderr


REMOVAL = "## REMOVED Requirements\n\n### Requirement: Sign in\n**Reason**: Single sign-on.\n"
RENAMING = "## RENAMED Requirements\n\n- FROM: `### Requirement: Sign in`\n- TO: `### Requirement: Enter`\n"
KEPT = SPEC + "\n### Requirement: Leave\nThe shop SHALL close.\n\n#### Scenario: Left\n- **WHEN** a\n- **THEN** b\n"


@pytest.mark.parametrize(
    ("delta", "hint"), [(RENAMING, "archive second first"), (REMOVAL, "write second against this change")]
)
def test_a_change_waits_where_another_could_not_be_archived_after_it(
    workflow: Run, tree: Path, delta: str, hint: str
) -> None:
    """What is named goes first, or is given up by its name."""
    add_spec(tree, text=KEPT)
    done(add_change(tree, "first", delta))
    second = add_change(tree, "second", STATEMENT)
    before = files(tree)
    run = workflow("archive", "first")
    assert run.returncode == 1
    assert "openspec/changes/first/specs/auth/spec.md:3: after this, second, which is open, could not be" in run.stdout
    assert f"next: {hint}\n" in run.stdout
    assert "or accept the loss: --force-loss second" in run.stdout
    assert files(tree) == before
    assert rules(workflow("archive", "first", "--format", "json")) == ["open-change-shut-out"]
    forced = workflow("archive", "first", "--force-loss", "second")
    assert forced.returncode == 0, forced.stdout
    assert "was not needed" not in forced.stderr
    done(second)
    assert rules(workflow("archive", "second", "--format", "json")) == ["archive-refused"]


def test_the_other_change_goes_first_then(workflow: Run, tree: Path) -> None:
    """As the refusal says; named in this order both are archived."""
    add_spec(tree, text=KEPT)
    done(add_change(tree, "first", RENAMING))
    done(add_change(tree, "second", STATEMENT))
    assert workflow("archive", "second", "first").returncode == 0
    assert archived(tree) == ["first", "second"]
    assert "### Requirement: Enter\nThe shop SHALL open the welcome page" in main_spec(tree)


def test_all_of_nothing(workflow: Run, tree: Path) -> None:
    """As a script meets it when everything was archived already."""
    add_spec(tree)
    run = workflow("archive", "--all")
    assert (run.returncode, run.stdout + run.stderr) == (0, "nothing to archive: no change is done\n")


def test_all_leaves_what_would_shut_an_unfinished_change_out(workflow: Run, tree: Path) -> None:
    """It goes on with the others, says what it left and why, and ends with 1."""
    add_spec(tree, text=KEPT)
    done(add_change(tree, "first", RENAMING))
    unfinished = add_change(tree, "second", STATEMENT)
    done(add_change(tree, "third"))
    run = workflow("archive", "--all")
    assert run.returncode == 1
    assert archived(tree) == ["third"]
    assert "left first: another open change could not be archived after it\n" in run.stdout
    assert "[open-change-shut-out]" in run.stdout
    done(unfinished)
    assert workflow("archive", "--all").returncode == 0
    assert archived(tree) == ["first", "second", "third"]


def test_a_change_that_cannot_be_archived_anyway_keeps_nobody_waiting(workflow: Run, tree: Path) -> None:
    """Nothing is taken from it."""
    add_spec(tree, text=KEPT)
    done(add_change(tree, "first", RENAMING))
    add_change(tree, "second", STATEMENT.replace("Sign in", "Sign out"))
    assert workflow("archive", "first").returncode == 0


# -- several -------------------------------------------------------------------------------------------------


def test_all_takes_what_is_done_and_names_the_rest(workflow: Run, tree: Path) -> None:
    """One revision each; an unfinished change is left, and that is no fault."""
    add_spec(tree)
    done(add_change(tree, "one", ADDED.replace("{name}", "One")))
    done(add_change(tree, "two", ADDED.replace("{name}", "Two")))
    add_change(tree, "three", ADDED.replace("{name}", "Three"))
    run = workflow("archive", "--all")
    assert run.returncode == 0
    assert archived(tree) == ["one", "two"]
    assert "left three: 1 task not done" in run.stdout
    assert "(revision 2)" in run.stdout


def test_all_takes_them_in_the_order_that_works(workflow: Run, tree: Path) -> None:
    """What modifies a requirement waits for the change that adds it."""
    add_spec(tree)
    modified = ADDED.replace("ADDED", "MODIFIED").replace("a receipt to", "a nice receipt to")
    done(add_change(tree, "a-nicer", modified))
    done(add_change(tree, "b-receipts"))
    run = workflow("archive", "--all")
    assert run.returncode == 0, run.stdout
    assert "a nice receipt" in main_spec(tree)


def test_all_stops_at_a_refusal_unless_told_to_go_on(workflow: Run, tree: Path) -> None:
    """What was not reached is said."""
    add_spec(tree)
    done(add_change(tree, "a", MODIFIED.replace("Sign in", "Sign out")))
    done(add_change(tree, "b"))
    run = workflow("archive", "--all")
    assert run.returncode == 1
    assert "not_reached" in workflow("archive", "--all", "--format", "json").stdout
    assert archived(tree) == []
    assert workflow("archive", "--all", "--keep-going").returncode == 1
    assert archived(tree) == ["b"]


def test_dry_run_of_several_shows_each_after_the_one_before(workflow: Run, tree: Path) -> None:
    """The second diff begins where the first one ends, and an older text is found there, too."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    done(add_change(tree, "second", STEP))
    before = files(tree)
    run = workflow("archive", "first", "second", "--dry-run", "--format", "json")
    first, second = json.loads(run.stdout)["changes"]
    assert "+The shop SHALL open the welcome page" in first["diff"]
    assert "welcome" not in "".join(line for line in second["diff"].splitlines() if line[:1] in "+-")
    assert [b["state"] for b in second["written_against"]] == ["merged"]
    assert files(tree) == before


# -- undo ----------------------------------------------------------------------------------------------------


def test_undo_puts_everything_back(workflow: Run, tree: Path) -> None:
    """Every byte below openspec/ is what it was, and the undo is a revision."""
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    before = files(tree)
    assert workflow("archive", "first").returncode == 0
    run = workflow("archive", "undo", "first", "--because", "called off")
    assert run.returncode == 0
    assert files(tree) == before
    assert "(revision 2)" in run.stdout


def test_undo_brings_a_retired_capability_back(workflow: Run, tree: Path) -> None:
    """A revision's number names it as well."""
    add_spec(tree)
    change = done(add_change(tree, delta=REMOVED))
    write(change / ".openspec.yaml", "schema: spec-driven\nretire_capabilities: true\n")
    before = files(tree)
    assert workflow("archive").returncode == 0
    assert workflow("archive", "undo", "1").returncode == 0
    assert files(tree) == before


def test_undo_keeps_what_others_did_since(workflow: Run, tree: Path) -> None:
    """A later archive touched another requirement of the same spec: it stays."""
    add_spec(tree)
    done(add_change(tree, "first", ADDED.replace("{name}", "First")))
    done(add_change(tree, "second", ADDED.replace("{name}", "Second")))
    for name in ("first", "second"):
        assert workflow("archive", name).returncode == 0
    assert workflow("archive", "undo", "first").returncode == 0
    assert "### Requirement: First" not in main_spec(tree)
    assert "### Requirement: Second" in main_spec(tree)


def test_undo_is_refused_where_a_later_revision_built_on_it(workflow: Run, tree: Path) -> None:
    """The revision that stands in the way is named."""
    add_spec(tree)
    done(add_change(tree, "first", ADDED.replace("{name}", "First")))
    assert workflow("archive", "first").returncode == 0
    later = ADDED.replace("{name}", "First").replace("ADDED", "MODIFIED").replace("a receipt", "two receipts")
    done(add_change(tree, "second", later))
    assert workflow("archive", "second").returncode == 0
    before = files(tree)
    run = workflow("archive", "undo", "first")
    assert run.returncode == 1
    assert '"First" changed again after the archive, by revision 2' in run.stdout
    assert files(tree) == before


def test_undo_is_refused_where_the_name_is_taken(workflow: Run, tree: Path) -> None:
    """A new change of the same name is not overwritten."""
    add_spec(tree)
    done(add_change(tree))
    assert workflow("archive").returncode == 0
    add_change(tree)
    assert workflow("archive", "undo", "add-receipts").returncode == 1


def test_undo_happens_once(workflow: Run, tree: Path) -> None:
    """The second time there is nothing left to undo."""
    add_spec(tree)
    done(add_change(tree))
    assert workflow("archive").returncode == 0
    assert workflow("archive", "undo", "add-receipts").returncode == 0
    run = workflow("archive", "undo", "add-receipts")
    assert run.returncode == 1
    assert "revision 2 undid it already" in run.stdout
    assert "changed again" not in run.stdout


@pytest.mark.parametrize(
    "order", [("first", "second", "third"), ("second", "third", "first"), ("second", "first", "third")]
)
def test_undo_goes_in_any_order(workflow: Run, tree: Path, order: tuple[str, ...]) -> None:
    """Requirements that stand next to each other are told apart, and in the end every byte is what it was."""
    add_spec(tree)
    for name in ("first", "second", "third"):
        done(add_change(tree, name, ADDED.replace("{name}", name.title())))
    before = files(tree)
    for name in ("first", "second", "third"):
        assert workflow("archive", name).returncode == 0
    for count, name in enumerate(order, start=1):
        run = workflow("archive", "undo", name)
        assert run.returncode == 0, run.stdout
        left = [other for other in ("first", "second", "third") if other not in order[:count]]
        names = [line.removeprefix("### Requirement: ") for line in main_spec(tree).splitlines() if line[:4] == "### "]
        assert names == ["Sign in", *(other.title() for other in left)]
    assert files(tree) == before


def test_undo_names_the_open_changes_that_it_leaves_behind(workflow: Run, tree: Path) -> None:
    """They were written against what the archive brought."""
    add_spec(tree)
    done(add_change(tree, "first", ADDED.replace("{name}", "First")))
    assert workflow("archive", "first").returncode == 0
    later = ADDED.replace("{name}", "First").replace("ADDED", "MODIFIED").replace("a receipt", "two receipts")
    add_change(tree, "second", later)
    shown = workflow("archive", "undo", "first", "--dry-run", "--format", "json")
    assert [misfit["change"] for misfit in json.loads(shown.stdout)["misfits"]] == ["second"]
    run = workflow("archive", "undo", "first")
    assert run.returncode == 0
    assert "second does not fit that: openspec/changes/second/specs/auth/spec.md" in run.stderr


def test_an_archive_that_was_renamed_by_hand_is_found(workflow: Run, tree: Path) -> None:
    """By either name; nothing is guessed, and with its name back the undo goes through."""
    add_spec(tree)
    done(add_change(tree))
    before = files(tree)
    assert workflow("archive").returncode == 0
    (directory,) = (tree / "openspec/changes/archive").iterdir()
    renamed = directory.rename(directory.with_name("2020-01-01-add-receipts"))
    by_change = workflow("archive", "undo", "add-receipts")
    assert by_change.returncode == 1
    assert "openspec/changes/archive/2020-01-01-add-receipts is it, give it its name back" in by_change.stdout
    by_directory = workflow("archive", "undo", renamed.name)
    assert by_directory.returncode == 2
    assert f"if it is {directory.name} by another name: workflow archive undo add-receipts" in by_directory.stderr
    renamed.rename(directory)
    assert workflow("archive", "undo", "add-receipts").returncode == 0
    assert files(tree) == before


def test_undo_of_what_is_not_in_the_history_is_a_usage_error(workflow: Run, tree: Path) -> None:
    """With the nearest name that is."""
    add_spec(tree)
    done(add_change(tree))
    assert workflow("archive").returncode == 0
    run = workflow("archive", "undo", "add-recepts")
    assert run.returncode == 2
    assert "add-receipts" in run.stderr


def test_an_archived_change_may_be_archived_again_after_an_undo(workflow: Run, tree: Path) -> None:
    """Undo names the last archive then."""
    add_spec(tree)
    done(add_change(tree))
    for _ in range(2):
        assert workflow("archive").returncode == 0
        assert workflow("archive", "undo", "add-receipts").returncode == 0
    assert active(tree) == ["add-receipts"]


# -- JSON ----------------------------------------------------------------------------------------------------


def test_every_document_follows_the_published_schema(workflow: Run, tree: Path) -> None:
    """Archived, refused, left, merged, shown only, undone, refused to undo: one form."""
    schema = json.loads((REPOSITORY / "workflow_cli/schemas/archive-report.schema.json").read_text("utf-8"))
    published = jsonschema.Draft202012Validator(schema)
    published.check_schema(schema)
    add_spec(tree)
    done(add_change(tree, "first", STATEMENT))
    done(add_change(tree, "second", STEP))
    done(add_change(tree, "third", OTHER_STATEMENT))
    add_change(tree, "fourth")
    outcomes = set()
    for arguments in (
        ["first", "--dry-run"],
        ["--all", "--keep-going"],
        ["undo", "second", "--dry-run"],
        ["undo", "second"],
        ["undo", "second"],
    ):
        document = json.loads(workflow("archive", *arguments, "--format", "json").stdout)
        published.validate(document)
        outcomes |= {item["outcome"] for item in document.get("changes", [])}
    assert outcomes == {"would_archive", "archived", "refused", "left"}

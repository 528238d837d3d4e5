"""`workflow process`, run as people run it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import ADDED, MODIFIED, SPEC, add_change, add_spec, write

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shop(tree: Path) -> Path:
    """One valid spec and one valid change."""
    add_spec(tree)
    add_change(tree)
    return tree


def report(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def item(document: Any, id: str) -> Any:
    return next(i for i in document["items"] if i["id"] == id)


def rules(entry: Any) -> list[str]:
    return [finding["rule"] for finding in entry["findings"]]


def outcomes(entry: Any) -> set[str]:
    return {step["outcome"] for step in entry["steps"]}


class TestSelection:
    def test_nothing_named_takes_the_one_active_change(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--format", "json")
        assert done.returncode == 0, done.stdout
        assert [i["id"] for i in report(done)["items"]] == ["add-receipts"]

    def test_nothing_named_among_several_changes_lists_them_and_never_prompts(self, shop: Path, workflow: Run) -> None:
        add_change(shop, "add-refunds")
        done = workflow("process")
        assert done.returncode == 2
        assert "add-receipts, add-refunds" in done.stderr

    @pytest.mark.parametrize(
        "name",
        [
            "add-receipts",
            "change/add-receipts",
            "openspec/changes/add-receipts",
            "openspec/changes/add-receipts/",
            "openspec/changes/add-receipts/specs/auth/spec.md",
        ],
    )
    def test_a_change_by_id_and_by_path(self, shop: Path, workflow: Run, name: str) -> None:
        done = workflow("process", name, "--format", "json")
        assert [(i["kind"], i["id"]) for i in report(done)["items"]] == [("change", "add-receipts")]

    @pytest.mark.parametrize("name", ["auth", "spec/auth", "openspec/specs/auth/spec.md", "openspec/specs/auth"])
    def test_a_spec_by_id_and_by_path(self, shop: Path, workflow: Run, name: str) -> None:
        done = workflow("process", name, "--format", "json")
        assert [(i["kind"], i["id"]) for i in report(done)["items"]] == [("spec", "auth")]

    def test_an_absolute_path_names_its_change(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", shop / "openspec" / "changes" / "add-receipts", "--format", "json")
        assert [i["id"] for i in report(done)["items"]] == ["add-receipts"]

    def test_an_unknown_name_lists_the_nearest(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "add-reciepts")
        assert done.returncode == 2
        assert "nearest: add-receipts" in done.stderr

    def test_a_name_that_fits_a_change_and_a_spec_is_refused(self, shop: Path, workflow: Run) -> None:
        add_change(shop, "auth")
        done = workflow("process", "auth")
        assert done.returncode == 2
        assert "change/auth or spec/auth" in done.stderr

    @pytest.mark.parametrize("name", ["../specs/auth", "../specs/auth/spec.md", "add-receipts/../../specs/auth/"])
    def test_a_path_that_goes_up_is_one_from_here(self, shop: Path, workflow: Run, name: str) -> None:
        """As a shell completes it."""
        done = workflow("process", name, "--format", "json", cwd=shop / "openspec" / "changes")
        assert [(i["kind"], i["id"]) for i in report(done)["items"]] == [("spec", "auth")]

    @pytest.mark.parametrize(
        ("here", "name", "item"),
        [
            ("specs", "auth/spec.md", "auth"),
            ("specs/auth", "spec.md", "auth"),
            ("specs/auth", ".", "auth"),
            ("changes", "add-receipts/tasks.md", "add-receipts"),
            ("changes/add-receipts", "tasks.md", "add-receipts"),
            ("changes/add-receipts/specs", "auth", "auth"),
        ],
    )
    def test_a_path_from_the_working_directory(
        self, shop: Path, workflow: Run, here: str, name: str, item: str
    ) -> None:
        """As a shell completes it; a bare name is an id wherever one stands."""
        done = workflow("process", name, "--format", "json", cwd=shop / "openspec" / here)
        assert [found["id"] for found in report(done)["items"]] == [item]

    @pytest.mark.parametrize(
        "command", [("process",), ("archive", "--dry-run"), ("update", "--check-task", "1.1"), ("history", "list")]
    )
    def test_a_path_into_another_tree_is_none_of_this_one(
        self, shop: Path, workflow: Run, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        """Although a change of that name is in both."""
        other = tmp_path / "other" / "openspec" / "changes" / "add-receipts"
        shutil.copytree(shop / "openspec" / "changes" / "add-receipts", other)
        for name in (str(other), "../other/openspec/changes/add-receipts"):
            done = workflow(*command, name)
            assert (done.returncode, "leads out of the tree" in done.stderr) == (2, True), done.stderr

    def test_a_name_cannot_lead_out_of_the_tree(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "../../etc")
        assert done.returncode == 2
        assert "leads out of the tree" in done.stderr

    def test_all_specs_changes(self, shop: Path, workflow: Run) -> None:
        for switch, expected in (
            ("--all", ["auth", "add-receipts"]),
            ("--specs", ["auth"]),
            ("--changes", ["add-receipts"]),
        ):
            done = workflow("process", switch, "--format", "json")
            assert [i["id"] for i in report(done)["items"]] == expected

    def test_archived_and_hidden_directories_are_no_changes(self, shop: Path, workflow: Run) -> None:
        add_change(shop, "archive/2026-01-01-old")
        add_change(shop, ".hidden")
        assert [i["id"] for i in report(workflow("process", "--changes", "--format", "json"))["items"]] == [
            "add-receipts"
        ]


class TestChangedSince:
    @pytest.fixture
    def checkout(self, shop: Path) -> Path:
        for command in (
            ["init", "-q", "-b", "main"],
            ["config", "user.email", "a@b.example"],
            ["config", "user.name", "A"],
            ["add", "."],
            ["commit", "-qm", "begin"],
        ):
            subprocess.run(["git", *command], cwd=shop, check=True)
        return shop

    def test_only_what_the_branch_touches(self, checkout: Path, workflow: Run) -> None:
        add_spec(checkout, "mail")
        add_change(checkout, "add-refunds")
        done = workflow("process", "--changed-since", "main", "--format", "json")
        assert [i["id"] for i in report(done)["items"]] == ["mail", "add-refunds"]

    def test_nothing_touched_is_said_and_is_no_failure(self, checkout: Path, workflow: Run) -> None:
        done = workflow("process", "--changed-since", "main", "--format", "json")
        assert done.returncode == 0
        assert "differs from main" in report(done)["nothing_to_do"]

    def test_an_unknown_ref_is_a_usage_error(self, checkout: Path, workflow: Run) -> None:
        done = workflow("process", "--changed-since", "no-such-branch")
        assert done.returncode == 2
        assert "no-such-branch" in done.stderr

    def test_outside_a_checkout_it_says_so(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--changed-since", "main", env={"GIT_CEILING_DIRECTORIES": str(shop.parent)})
        assert done.returncode == 3
        assert "not a git repository" in done.stderr


class TestVerdict:
    def test_a_clean_change_is_valid(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all", "--strict", "--format", "json")
        document = report(done)
        assert (done.returncode, document["status"]) == (0, "ok"), done.stdout
        assert all(i["valid"] for i in document["items"])

    def test_an_error_of_openspec_ends_with_1(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", "# Mail\n\n## Requirements\n")
        done = workflow("process", "--all", "--format", "json")
        assert done.returncode == 1
        finding = item(report(done), "mail")["findings"][0]
        assert (finding["level"], finding["path"], finding["origin"]) == ("ERROR", "file", "openspec")

    def test_a_warning_of_openspec_counts_in_strict_mode_only(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", SPEC.replace("Says how the shop handles {id}, so that customers and staff", "Mail"))
        text = (shop / "openspec/specs/mail/spec.md").read_text()
        write(shop / "openspec/specs/mail/spec.md", text.replace(text.split("\n")[3], "Mails."))
        assert workflow("process", "mail", "--only", "validate").returncode == 0
        done = workflow("process", "mail", "--only", "validate", "--strict", "--format", "json")
        assert done.returncode == 1
        assert not item(report(done), "mail")["valid"]

    def test_fail_level_lets_warnings_of_the_analysis_fail(self, shop: Path, workflow: Run) -> None:
        path = add_change(shop) / "specs/auth/spec.md"
        path.write_text(path.read_text().replace("SHALL send a receipt", "SHALL send a user-friendly receipt"))
        assert workflow("process", "add-receipts", "--only", "analyse").returncode == 0
        done = workflow("process", "add-receipts", "--only", "analyse", "--fail-level", "warning", "--format", "json")
        assert done.returncode == 1
        assert "untestable-adjective" in rules(item(report(done), "add-receipts"))

    def test_what_openspec_passes_but_would_not_archive_is_an_error(self, shop: Path, workflow: Run) -> None:
        add_change(shop, "change-nothing", MODIFIED.replace("Requirement: Sign in", "Requirement: Sign out"))
        done = workflow("process", "change-nothing", "--only", "validate", "--format", "json")
        entry = item(report(done), "change-nothing")
        assert done.returncode == 1
        assert entry["valid"], "OpenSpec's own verdict"
        assert [rule for rule in rules(entry) if "refuse" in rule] == ["archive-refused"], "one cause is told once"

    def test_text_that_archiving_would_lose_makes_a_change_invalid(self, shop: Path, workflow: Run) -> None:
        add_spec(
            shop, text=SPEC + "\n## Notes\n".replace("## Notes", "### Notes") + "\nKeep the old form for a year.\n"
        )
        add_change(shop, "drop-sign-in", "## REMOVED Requirements\n\n### Requirement: Sign in\n" + ADDED)
        done = workflow("process", "drop-sign-in", "--only", "validate", "--format", "json")
        entry = item(report(done), "drop-sign-in")
        assert not entry["valid"]
        assert [f["rule"] for f in entry["findings"] if f["refuses"]] == ["foreign-section-lost"]


class TestWithoutValidating:
    def test_nothing_is_said_to_be_valid(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", "# Mail\n\n## Requirements\n")
        done = workflow("process", "--all", "--only", "analyse", "--format", "json")
        assert {i["valid"] for i in report(done)["items"]} == {None}
        text = workflow("process", "--all", "--only", "analyse").stdout
        assert "none validated" in text
        assert "valid;" not in text.replace("none validated;", "")

    def test_asking_about_specs_alone_is_a_usage_error(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--specs", "--only", "ask")
        assert done.returncode == 2
        assert "questions are asked about changes" in done.stderr

    def test_asking_about_everything_concerns_the_changes(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all", "--only", "ask", "--format", "json")
        assert [i["id"] for i in report(done)["items"]] == ["add-receipts"]


class TestNotes:
    def test_what_was_written_and_accepted_is_said(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
        delta = ADDED.replace("after each payment.", "within TBD of each payment.")
        add_change(shop, "add-receipts", delta)
        arguments = ("process", "--all", "--strict", "--accept-recommended", "--baseline", "b.json", "--write-baseline")
        done = workflow(*arguments)
        assert "answered as recommended; no person decided" in done.stderr
        assert f"wrote {shop / 'b.json'} with 1 finding to tolerate" in done.stderr

    def test_verbose_tells_each_step(self, shop: Path, workflow: Run) -> None:
        assert "spec auth: validate" in workflow("process", "--all", "--verbose").stderr
        assert "validate reused" in workflow("process", "--all", "--verbose").stderr


class TestAcrossChanges:
    def test_two_changes_on_one_requirement_name_each_other_with_both_places(self, shop: Path, workflow: Run) -> None:
        add_change(shop, "to-orders", MODIFIED)
        add_change(shop, "to-basket", MODIFIED)
        done = workflow("process", "to-orders", "--only", "validate", "--format", "json")
        finding = next(f for f in item(report(done), "to-orders")["findings"] if f["rule"] == "contended-requirement")
        assert finding["place"]["file"] == "openspec/changes/to-orders/specs/auth/spec.md"
        assert "openspec/changes/to-basket/specs/auth/spec.md:3" in finding["message"]
        assert "no order is safe" in finding["message"]
        assert report(done)["order"] == []

    def test_a_change_that_needs_another_first_is_told_so_and_the_order_given(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail")
        add_change(shop, "add-refunds", ADDED.replace("{name}", "Refunds"), capability="mail")
        write(
            shop / "openspec/changes/a-second/specs/auth/spec.md",
            ADDED.replace("ADDED", "MODIFIED").replace("{name}", "Receipts"),
        )
        done = workflow("process", "--changes", "--only", "validate", "--format", "json")
        document = report(done)
        assert document["order"] == ["add-receipts", "a-second"]
        alone = report(workflow("process", "add-refunds", "--only", "validate", "--format", "json"))
        assert alone["order"] == [], "an order that does not concern what was asked about"
        refused = next(f for f in item(document, "a-second")["findings"] if f["rule"] == "archive-refused")
        assert (refused["level"], refused["hint"]) == ("WARNING", "archive add-receipts first")
        assert done.returncode == 0

    def test_changes_that_share_nothing_are_left_alone(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail")
        add_change(shop, "more-mail", ADDED.replace("{name}", "Newsletter"), capability="mail")
        document = report(workflow("process", "--changes", "--only", "validate", "--format", "json"))
        assert document["order"] == []
        assert all("contended-requirement" not in rules(i) for i in document["items"])


class TestQuestions:
    @pytest.fixture
    def undecided(self, shop: Path) -> Path:
        delta = ADDED.replace("after each payment.", "within [NEEDS CLARIFICATION: how long?] of each payment.")
        return add_change(shop, "add-receipts", delta)

    def test_an_open_blocking_question_waits_with_4(self, undecided: Path, workflow: Run) -> None:
        done = workflow("process", "add-receipts", "--format", "json")
        document = report(done)
        assert (done.returncode, document["status"]) == (4, "waiting"), done.stdout
        assert item(document, "add-receipts")["questions"][0]["blocking"]
        assert (undecided / "questions.yaml").read_text().count("answer:") >= 1

    def test_an_answer_in_the_file_is_read_back_and_lets_the_change_pass(self, undecided: Path, workflow: Run) -> None:
        workflow("process", "add-receipts")
        file = undecided / "questions.yaml"
        text = file.read_text()
        answered = text.replace("answer:\n", "answer: within a minute\n", 1).replace("answer:\n", "answer: 1\n")
        file.write_text("# asked Ann\n" + answered)
        done = workflow("process", "add-receipts", "--format", "json")
        assert done.returncode == 0, done.stdout
        first = item(report(done), "add-receipts")["questions"][0]
        assert first["answer"]["text"] == "within a minute"
        assert file.read_text().startswith("# asked Ann\n")

    def test_accepting_the_recommendations_says_that_no_person_decided(self, undecided: Path, workflow: Run) -> None:
        done = workflow("process", "add-receipts", "--accept-recommended", "--format", "json")
        assert done.returncode == 0, done.stdout
        sources = {q["answer"]["source"] for q in item(report(done), "add-receipts")["questions"]}
        assert sources == {"recommendation"}
        assert "recommendation" in (undecided / "questions.yaml").read_text()

    def test_a_second_run_leaves_the_file_as_it_is(self, undecided: Path, workflow: Run) -> None:
        workflow("process", "add-receipts")
        before = (undecided / "questions.yaml").stat()
        workflow("process", "add-receipts", "--fresh")
        after = (undecided / "questions.yaml").stat()
        assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)

    def test_no_question_writes_no_file(self, shop: Path, workflow: Run) -> None:
        workflow("process", "add-receipts")
        assert not (shop / "openspec/changes/add-receipts/questions.yaml").exists()

    def test_an_option_that_wants_words_is_no_answer_by_its_number(self, undecided: Path, workflow: Run) -> None:
        workflow("process", "add-receipts")
        file = undecided / "questions.yaml"
        file.write_text(file.read_text().replace("answer:\n", "answer: 2\n", 1))
        done = workflow("process", "add-receipts", "--format", "json")
        fault = item(report(done), "add-receipts")["fault"]
        assert done.returncode == 3
        assert "no answer by itself" in fault["message"]
        assert "your own words" in fault["hint"]

    def test_a_broken_file_is_a_fault_with_its_line_and_stays_as_it_is(self, undecided: Path, workflow: Run) -> None:
        file = write(undecided / "questions.yaml", "questions:\n  - id: [\n")
        done = workflow("process", "--all", "--format", "json")
        document = report(done)
        assert done.returncode == 3
        assert "questions.yaml:" in item(document, "add-receipts")["fault"]["where"]
        assert item(document, "auth")["fault"] is None
        assert file.read_text() == "questions:\n  - id: [\n"


class TestResuming:
    def test_what_did_not_change_is_not_done_again(self, shop: Path, workflow: Run) -> None:
        workflow("process", "--all")
        document = report(workflow("process", "--all", "--format", "json"))
        assert all(outcomes(i) == {"reused"} for i in document["items"])

    def test_only_what_changed_is_done_again(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail")
        workflow("process", "--all", "--only", "validate")
        path = shop / "openspec/specs/mail/spec.md"
        path.write_text(path.read_text().replace("SHALL", "will"))
        document = report(workflow("process", "--all", "--only", "validate", "--format", "json"))
        assert outcomes(item(document, "auth")) == {"reused"}
        assert outcomes(item(document, "mail")) == {"done"}
        assert rules(item(document, "mail")) == ["requirement-keyword"]

    def test_a_changed_main_spec_concerns_the_changes_that_aim_at_it(self, shop: Path, workflow: Run) -> None:
        workflow("process", "--all", "--only", "validate")
        path = shop / "openspec/specs/auth/spec.md"
        path.write_text(path.read_text().replace("Sign in", "Log in"))
        document = report(workflow("process", "--all", "--only", "validate", "--format", "json"))
        assert outcomes(item(document, "add-receipts")) == {"done"}

    def test_a_new_capability_concerns_the_changes_that_may_announce_it(self, shop: Path, workflow: Run) -> None:
        proposal = shop / "openspec/changes/add-receipts/proposal.md"
        proposal.write_text(
            proposal.read_text() + "\n## Capabilities\n\n### Modified Capabilities\n- `mail`: receipts\n"
        )
        arguments = ("process", "add-receipts", "--only", "analyse", "--format", "json")
        before = rules(item(report(workflow(*arguments)), "add-receipts"))
        add_spec(shop, "mail")
        after = rules(item(report(workflow(*arguments)), "add-receipts"))
        assert "capability-without-delta" in after
        fresh = rules(item(report(workflow(*arguments, "--fresh")), "add-receipts"))
        assert (after, len(before) <= len(after)) == (fresh, True)

    def test_strict_is_a_way_to_look_at_the_same_results(self, shop: Path, workflow: Run) -> None:
        workflow("process", "--all", "--only", "validate")
        document = report(workflow("process", "--all", "--only", "validate", "--strict", "--format", "json"))
        assert all(outcomes(i) == {"reused"} for i in document["items"])

    def test_fresh_ignores_the_record(self, shop: Path, workflow: Run) -> None:
        workflow("process", "--all")
        document = report(workflow("process", "--all", "--fresh", "--format", "json"))
        assert all(outcomes(i) == {"done"} for i in document["items"])

    def test_a_killed_run_resumes_where_it_was(self, tree: Path, workflow: Run, environment: dict[str, str]) -> None:
        for number in range(60):
            add_spec(tree, f"spec-{number:03}", SPEC + "\n".join(f"Line {i}" for i in range(3000)))
        state = tree / ".workflow" / "state.db"
        running = subprocess.Popen(
            [sys.executable, "-m", "workflow_cli", "process", "--all"],
            cwd=tree,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wal = Path(f"{state}-wal")
        while running.poll() is None and not (wal.exists() and wal.stat().st_size > 60_000):
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.wait()
        document = report(workflow("process", "--all", "--format", "json"))
        assert len(document["items"]) == 60
        assert document["degraded"] == []
        reused = [i for i in document["items"] if any(s["outcome"] == "reused" for s in i["steps"])]
        assert reused, "nothing of the killed run was kept"

    def test_a_damaged_record_is_put_aside_and_said(self, shop: Path, workflow: Run) -> None:
        write(shop / ".workflow" / "state.db", "this is no database, but it is long enough to look at" * 40)
        done = workflow("process", "--all", "--format", "json")
        assert done.returncode == 0
        assert "damaged" in report(done)["degraded"][0]["why"]
        assert report(workflow("process", "--all", "--format", "json"))["degraded"] == []


class TestOutput:
    def test_several_formats_at_once(self, shop: Path, workflow: Run, tmp_path: Path) -> None:
        sarif, junit = tmp_path / "out" / "r.sarif", tmp_path / "out" / "r.xml"
        done = workflow("process", "--all", "--output", f"sarif:{sarif}", "--output", f"junit:{junit}")
        assert done.returncode == 0, done.stderr
        assert json.loads(sarif.read_text())["version"] == "2.1.0"
        assert junit.read_text().startswith("<?xml")
        assert "evaluated 1 spec and 1 change" in done.stdout

    def test_a_quiet_run_that_finds_nothing_prints_nothing_on_stderr(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all", "--quiet")
        assert done.stderr == ""

    def test_a_pipe_gets_no_colour_and_no_progress(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all")
        assert "\x1b" not in done.stdout + done.stderr

    def test_a_result_that_cannot_be_written_ends_with_3_and_says_where(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all", "--format", "json", "--output", "sarif:/proc/nowhere/r.sarif")
        assert done.returncode == 3
        assert report(done)["exit_code"] == 3
        assert "/proc/nowhere/r.sarif" in done.stderr

    def test_annotations_name_files_from_the_top_of_the_checkout(self, tmp_path: Path, workflow: Run) -> None:
        root = tmp_path / "repo" / "packages" / "api"
        (tmp_path / "repo" / ".git").mkdir(parents=True)
        add_spec(root, "mail", "# Mail\n\n## Requirements\n")
        done = workflow("process", "--all", "--root", root, "--format", "github")
        assert "file=packages/api/openspec/specs/mail/spec.md" in done.stdout


class TestBaseline:
    def test_it_tolerates_old_findings_fails_on_new_ones_and_only_shrinks(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
        base = shop / "baseline.json"
        arguments = ("process", "--all", "--strict", "--only", "validate", "--baseline", "baseline.json")
        assert workflow(*arguments, "--write-baseline").returncode == 0
        assert workflow(*arguments).returncode == 0
        before = base.read_bytes()
        add_spec(shop, "post", SPEC.replace("SHALL", "will"))
        assert workflow(*arguments).returncode == 1
        assert base.read_bytes() == before, "a new finding must not get in"
        add_spec(shop, "mail")
        add_spec(shop, "post")
        assert workflow(*arguments).returncode == 0
        assert json.loads(base.read_text())["entries"] == []

    def test_writing_over_an_existing_one_is_refused(self, shop: Path, workflow: Run) -> None:
        write(shop / "baseline.json", "{}")
        done = workflow("process", "--all", "--baseline", "baseline.json", "--write-baseline")
        assert done.returncode == 5
        assert (shop / "baseline.json").read_text() == "{}"

    def test_a_missing_one_is_an_error_with_the_way_out(self, shop: Path, workflow: Run) -> None:
        done = workflow("process", "--all", "--baseline", "baseline.json")
        assert done.returncode == 3
        assert "--write-baseline" in done.stderr


class TestEvents:
    def test_a_run_leaves_one_line_for_each_item_and_one_for_itself(self, shop: Path, workflow: Run) -> None:
        workflow("process", "--all")
        workflow("process", "--all")
        events = [json.loads(line) for line in (shop / ".workflow/metrics.jsonl").read_text().splitlines()]
        assert [e["kind"] for e in events] == ["process.item", "process.item", "process", "process"]
        assert {e["schema"] for e in events} == {1}
        assert events[2]["exit_code"] == 0
        assert events[3]["reused"] == 2
        assert all(e["duration_ms"] >= 0 for e in events)

    def test_the_event_of_a_run_ends_as_the_run_does(self, shop: Path, workflow: Run) -> None:
        add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
        baseline = ("process", "--all", "--strict", "--baseline", "b.json")
        assert workflow(*baseline, "--write-baseline").returncode == 0
        assert workflow("process", "--all", "--output", "json:/proc/nowhere/x").returncode == 3
        events = [json.loads(line) for line in (shop / ".workflow/metrics.jsonl").read_text().splitlines()]
        runs = [(e["kind"], e["exit_code"]) for e in events if e["kind"] != "process.item"]
        assert runs == [("process", 0), ("process", 0), ("process.output", 3)]

    def test_a_state_directory_that_cannot_be_made_degrades_and_goes_on(self, shop: Path, workflow: Run) -> None:
        write(shop / ".workflow", "a file where the directory should be")
        done = workflow("process", "--all", "--format", "json")
        assert done.returncode == 0
        why = {d["what"]: d["why"] for d in report(done)["degraded"]}
        assert why.keys() == {"record", "events"}
        assert why["record"].startswith("no step can be recorded: .workflow/state.db: File exists; next: move away")

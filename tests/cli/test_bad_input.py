"""Trees that are broken, hostile or out of reach: one clear error for the item, the others still reported."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import SPEC, add_change, add_spec, write

from tests.rights import only_what_modes_allow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shop(tree: Path) -> Path:
    add_spec(tree)
    add_change(tree)
    return tree


def report(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def faults(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The message of each item that could not be evaluated; the rest of the report must be there, too."""
    document = report(done)
    assert document["exit_code"] == done.returncode
    return {i["id"]: f"{i['fault']['where']}: {i['fault']['message']}" for i in document["items"] if i["fault"]}


def process(workflow: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    return workflow("process", "--all", "--format", "json", *arguments)


def test_no_tree(workflow: Run, tmp_path: Path) -> None:
    """The error says where it looked and what to do."""
    done = workflow("process", "--all", cwd=tmp_path)
    assert done.returncode == 3
    assert "no OpenSpec tree here or above" in done.stderr
    assert "openspec init" in done.stderr
    # What needs no Node either makes a tree that is one.
    assert "`mkdir -p openspec/specs openspec/changes`" in done.stderr
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    (tmp_path / "openspec" / "changes").mkdir()
    assert workflow("propose", "Add receipts", cwd=tmp_path).returncode == 0


def test_an_empty_tree_is_never_a_success(tree: Path, workflow: Run) -> None:
    done = workflow("process", "--all")
    assert done.returncode == 3
    assert "holds no spec and no change" in done.stderr
    assert "next: `workflow propose " in done.stderr


@pytest.mark.parametrize("name", ["openspec", "documents"])
def test_a_tree_behind_a_link_is_named(shop: Path, workflow: Run, tmp_path: Path, name: str) -> None:
    """By every command in the same words, and with where it can be used; not document by document."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (shop / "openspec").rename(elsewhere / name)
    (shop / "openspec").symlink_to(elsewhere / name)
    next_step = f"--root {elsewhere}" if name == "openspec" else "in the place of the link"
    for command in (
        ["process", "--all"],
        ["--root", str(shop), "process", "--all"],
        ["ask", "What is a receipt?", "--offline", "--no-queue"],
        ["update", "add-receipts", "--add-task", "Ship it"],
        ["archive", "add-receipts", "--yes"],
    ):
        done = workflow(*command)
        assert done.returncode == 3
        assert f"is a link to {elsewhere / name}" in done.stderr
        assert next_step in done.stderr
    assert not (elsewhere / ".workflow").exists()


def test_a_tree_behind_a_link_within_the_project(shop: Path, workflow: Run) -> None:
    """It is read through the link, but not written; beside the directory itself it is both."""
    (shop / "docs").mkdir()
    (shop / "openspec").rename(shop / "docs/openspec")
    (shop / "openspec").symlink_to("docs/openspec")
    assert process(workflow).returncode == 0
    tick = ("update", "add-receipts", "--add-task", "Ship it")
    refused = workflow(*tick)
    assert refused.returncode == 3
    assert "nothing is written through links" in refused.stderr
    assert "--root" in refused.stderr
    assert workflow(*tick, "--root", "docs").returncode == 0


def test_no_change_named_and_none_there(tree: Path, workflow: Run) -> None:
    add_spec(tree)
    for command, next_step in (("process", "process --all"), ("archive", "propose ")):
        done = workflow(command)
        assert done.returncode == 2
        assert "no active change" in done.stderr
        assert f"next: `workflow {next_step}" in done.stderr


def test_a_file_that_must_not_be_read(shop: Path, workflow: Run) -> None:
    add_spec(shop, "mail").chmod(0)
    with only_what_modes_allow():
        assert "Permission denied" in faults(process(workflow))["mail"]


def test_a_directory_named_like_a_document(shop: Path, workflow: Run) -> None:
    """Where OpenSpec passes over a capability whose spec is a directory, the capability is told to be broken."""
    (shop / "openspec/specs/mail/spec.md").mkdir(parents=True)
    (shop / "openspec/changes/add-refunds").mkdir()
    (shop / "openspec/changes/add-refunds/tasks.md").mkdir()
    done = process(workflow)
    assert done.returncode == 3
    assert "tasks.md: cannot be read" in faults(done)["add-refunds"]
    assert "rename it" in done.stdout
    assert "Is a directory" in faults(done)["mail"]
    assert [i["id"] for i in report(done)["items"]] == ["auth", "mail", "add-receipts", "add-refunds"]


def test_a_link_out_of_the_tree_is_not_followed(shop: Path, workflow: Run, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.md", SPEC)
    (shop / "openspec/specs/mail").mkdir()
    (shop / "openspec/specs/mail/spec.md").symlink_to(secret)
    (shop / "openspec/changes/add-receipts/design.md").symlink_to(secret)
    done = process(workflow)
    assert set(faults(done)) == {"mail", "add-receipts"}
    assert all("leads out of" in message for message in faults(done).values())
    assert item_ids(done) == ["auth", "mail", "add-receipts"]


def test_links_that_go_in_a_circle(shop: Path, workflow: Run) -> None:
    (shop / "openspec/specs/loop").symlink_to(shop / "openspec/specs")
    (shop / "openspec/changes/add-receipts/design.md").symlink_to("design.md")
    done = process(workflow)
    assert item_ids(done) == ["auth", "add-receipts"]
    assert list(faults(done)) == ["add-receipts"]


def test_a_dangling_link_is_no_document(shop: Path, workflow: Run) -> None:
    (shop / "openspec/specs/mail").mkdir()
    (shop / "openspec/specs/mail/spec.md").symlink_to("gone.md")
    assert process(workflow).returncode == 0


def test_a_file_beyond_the_limit_names_the_setting(shop: Path, workflow: Run) -> None:
    path = add_spec(shop, "mail")
    with path.open("ab") as file:
        file.truncate(100 * 1024 * 1024)
    done = process(workflow)
    assert "larger than the limit" in faults(done)["mail"]
    assert "limits.max_file_bytes" in done.stdout


def test_a_binary_file_is_read_as_what_it_is(shop: Path, workflow: Run) -> None:
    path = add_spec(shop, "mail")
    path.write_bytes(bytes(range(256)) * 100)
    done = process(workflow)
    document = report(done)
    entry = next(i for i in document["items"] if i["id"] == "mail")
    assert (done.returncode, entry["valid"], entry["fault"]) == (1, False, None)


def test_a_fifo_does_not_hang_the_run(shop: Path, workflow: Run) -> None:
    os.mkfifo(shop / "openspec/changes/add-receipts/design.md")
    assert "not a regular file" in faults(process(workflow))["add-receipts"]


@pytest.mark.parametrize("text", ["skip_specs: [\n", "skip_specs: true\nskip_specs: true\n", "\tskip_specs: true\n"])
def test_broken_metadata_is_said_where_it_decides(shop: Path, workflow: Run, text: str) -> None:
    write(shop / "openspec/changes/add-receipts/.openspec.yaml", text)
    document = report(process(workflow))
    found = [f["path"] for i in document["items"] for f in i["findings"]]
    assert ".openspec.yaml" in found


def test_broken_project_configuration_does_not_stop_the_run(shop: Path, workflow: Run) -> None:
    write(shop / "openspec/config.yaml", "schema: [")
    assert process(workflow).returncode == 0


def test_broken_settings_name_every_fault_with_its_line(shop: Path, workflow: Run) -> None:
    write(shop / "workflow.yaml", "process:\n  strikt: true\n  max_questions: 9\n")
    done = workflow("process", "--all")
    assert done.returncode == 2
    assert "workflow.yaml:2" in done.stderr
    assert "workflow.yaml:3" in done.stderr


def test_an_unknown_rule_in_the_settings_lists_the_nearest(shop: Path, workflow: Run) -> None:
    write(shop / "workflow.yaml", "rules:\n  disable: [weak-model]\n")
    done = workflow("process", "--all")
    assert done.returncode == 2
    assert "weak-modal" in done.stderr


def test_a_requirement_outside_of_its_section_is_not_to_become_one(tree: Path, workflow: Run) -> None:
    """What is wanting is the section above it; its own heading stays."""
    path = add_spec(tree)
    path.write_text(path.read_text().replace("## Requirements", "## Commands"))
    expected = '"### Requirement: Sign in", has to stand below `## Requirements`'
    assert expected in workflow("process", "auth").stdout
    done = workflow("update", "auth", "--add-requirement", "New", "--text", "It SHALL be.")
    assert (done.returncode, expected in done.stderr) == (5, True)


def test_specs_being_a_file(tree: Path, workflow: Run) -> None:
    add_change(tree)
    (tree / "openspec/specs").rmdir()
    write(tree / "openspec/specs", "not a directory")
    done = workflow("process", "--all")
    assert done.returncode == 3
    assert "openspec/specs" in done.stderr


def test_a_document_that_vanishes_is_a_fault_of_its_item(shop: Path, workflow: Run) -> None:
    """The record knows the item, the disk does not: nothing stale is reported."""
    add_spec(shop, "mail")
    process(workflow)
    (shop / "openspec/specs/mail/spec.md").unlink()
    assert item_ids(process(workflow)) == ["auth", "add-receipts"]


def test_a_tree_that_changes_all_the_time_ends_all_the_same(
    shop: Path, workflow: Run, environment: dict[str, str]
) -> None:
    """Every run ends with a true status and whole JSON while another process rewrites the documents."""
    script = (
        "import itertools, pathlib, sys\n"
        "p = pathlib.Path(sys.argv[1]); t = p.read_text()\n"
        "for i in itertools.count(): p.write_text(t + f'\\n- note {i}\\n')\n"
    )
    path = shop / "openspec/changes/add-receipts/specs/auth/spec.md"
    writer = subprocess.Popen([sys.executable, "-c", script, str(path)], env=environment)
    try:
        for _ in range(5):
            done = process(workflow, "--fresh")
            assert done.returncode in (0, 1, 3), done.stderr
            assert all("changed while" in message for message in faults(done).values())
    finally:
        writer.kill()
        writer.wait()


def with_room(size: int, shop: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond so many bytes, as on a disk that is full."""

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [sys.executable, "-m", "workflow_cli", *arguments],
        cwd=shop,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        preexec_fn=little_room,
        timeout=60,
    )


def test_a_full_disk_loses_nothing(shop: Path, environment: dict[str, str]) -> None:
    """Where no byte can be written, the report is still made, and says what could not be recorded."""
    delta = shop / "openspec/changes/add-receipts/specs/auth/spec.md"
    delta.write_text(delta.read_text().replace("after each", "[NEEDS CLARIFICATION: when?]"))
    done = with_room(0, shop, environment, "process", "--all", "--format", "json")
    document = report(done)
    assert done.returncode == 3
    assert {d["what"] for d in document["degraded"]} == {"record", "events"}
    (fault,) = document["faults"]
    assert "history" in fault["where"], "what cannot be recorded is not written"
    assert fault["message"].startswith("the questions about add-receipts are not written: ")
    assert (faults(done), document["summary"]["faults"]) == ({}, 0), "what was found does not go with it"
    assert sorted(p.name for p in (shop / "openspec/changes/add-receipts").iterdir()) == [
        "proposal.md",
        "specs",
        "tasks.md",
    ]


def test_ctrl_c_ends_with_130_and_keeps_what_is_done(tree: Path, workflow: Run, environment: dict[str, str]) -> None:
    for number in range(80):
        add_spec(tree, f"spec-{number:03}", SPEC + "\n".join(f"Line {i}" for i in range(4000)))
    running = subprocess.Popen(
        [sys.executable, "-m", "workflow_cli", "process", "--all"],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    wal = tree / ".workflow/state.db-wal"
    while running.poll() is None and not (wal.exists() and wal.stat().st_size > 50_000):
        time.sleep(0.002)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert process(workflow).returncode == 0


def item_ids(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [i["id"] for i in report(done)["items"]]


def ask_something(shop: Path) -> None:
    delta = shop / "openspec/changes/add-receipts/specs/auth/spec.md"
    delta.write_text(delta.read_text().replace("after each", "[NEEDS CLARIFICATION: when?]"))


def make_read_only(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def test_a_checkout_that_can_only_be_read_is_evaluated_all_the_same(shop: Path, workflow: Run) -> None:
    """As a container gets it in CI: the questions are asked, and that they were not written down is said once."""
    ask_something(shop)
    add_change(shop, "add-more")
    expected = {item["id"]: item["questions"] for item in report(process(workflow, "--only", "validate,ask"))["items"]}
    shutil.rmtree(shop / ".workflow")
    for written in shop.rglob("questions.yaml"):
        written.unlink()
    make_read_only(shop)
    with only_what_modes_allow():
        done = process(workflow, "--only", "validate,ask")
        document = report(done)
        assert faults(done) == {}
        assert {item["id"]: item["questions"] for item in document["items"]} == expected
        assert (done.returncode, document["status"]) == (4, "waiting")
        assert sorted(entry["what"] for entry in document["degraded"]) == ["events", "questions", "record"]


def test_where_nothing_may_be_written_an_answer_that_was_to_be_is_a_failure(shop: Path, workflow: Run) -> None:
    """`--accept-recommended` asks for something to be written; where that fails it did not happen."""
    ask_something(shop)
    make_read_only(shop)
    with only_what_modes_allow():
        done = process(workflow, "--accept-recommended")
    assert done.returncode == 3
    assert faults(done) == {}
    (fault,) = report(done)["faults"]
    assert fault["message"].startswith("the questions about add-receipts are not written: ")
    assert "Permission denied" in fault["message"]


@pytest.mark.parametrize(
    "arguments",
    ["loop", "update add-receipts --check-task 1.1", "propose Invoices", "init", "archive add-receipts --yes"],
)
def test_where_nothing_may_be_written_the_error_names_a_next_step(shop: Path, workflow: Run, arguments: str) -> None:
    make_read_only(shop)
    with only_what_modes_allow():
        done = workflow(*arguments.split())
    assert done.returncode == 3, done.stderr
    assert "Permission denied" in done.stderr
    assert "next: mend its permissions" in done.stderr


def test_the_next_step_fits_the_fault(shop: Path, workflow: Run) -> None:
    """What stands in the place of a file is no matter of permissions."""
    state = shop / ".workflow"
    (state / "metrics.jsonl").mkdir(parents=True)
    assert "next: move away what stands in its place" in workflow("loop").stderr
    (state / "history.db").mkdir()
    assert "next: move away what stands in its place" in workflow("history", "list").stderr


def test_an_answer_that_breaks_the_yaml_is_kept_and_told_how_to_mend(shop: Path, workflow: Run) -> None:
    """Never to delete the file: it holds the answers of others."""
    ask_something(shop)
    process(workflow)
    file = shop / "openspec/changes/add-receipts/questions.yaml"
    broken = file.read_text().replace("answer:\n", "answer: at once: or a day later\n", 1)
    file.write_text(broken)
    done = workflow("process", "--all")
    assert done.returncode == 3
    assert "not valid YAML" in done.stdout
    assert "quotation marks around it" in done.stdout
    assert "delete" not in done.stdout
    assert file.read_text() == broken


@pytest.mark.parametrize("arguments", ["process --all", "config show", "--root . init", "history list"])
def test_a_directory_that_was_deleted_is_no_bug(tree: Path, environment: dict[str, str], arguments: str) -> None:
    gone = tree / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -m workflow_cli {arguments}'
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 3
    assert done.stderr.startswith("error: the directory you are in was deleted\n  next: change to a directory")


def test_a_locale_without_letters_breaks_no_name(tree: Path, workflow: Run) -> None:
    """Python reads names and arguments as ASCII where UTF-8 is switched off in the locale C."""
    add_spec(tree, "größe")
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0"}
    document = report(workflow("process", "--all", "--format", "json", env=bare))
    assert [item["id"] for item in document["items"]] == ["größe"]
    asked = workflow("ask", "Wo steht die Größe?", "--offline", "--format", "json", env=bare)
    assert "größe" in report(asked)["answer"]["sources"][0]["path"]


def test_what_sqlite_calls_an_io_error_may_be_a_full_disk(shop: Path, environment: dict[str, str]) -> None:
    done = with_room(2000, shop, environment, "update", "add-receipts", "--check-task", "1.1")
    assert done.returncode == 3
    assert "next: make room" in done.stderr


def test_an_error_is_not_printed_among_the_results(tree: Path, environment: dict[str, str]) -> None:
    line = f'exec "{sys.executable}" -m workflow_cli history show nothing --format json 2>&-'
    done = subprocess.run(["sh", "-c", line], cwd=tree, env=environment, capture_output=True, timeout=60)
    assert json.loads(done.stdout)["exit_code"] == done.returncode == 2


def test_a_name_that_is_not_utf_8_keeps_no_other_item_from_being_reused(shop: Path, workflow: Run) -> None:
    """As old archives leave them."""
    named = os.fsencode(shop / "openspec/specs") + b"/caf\xe9"
    try:
        os.mkdir(named)
    except OSError:
        pytest.skip("the file system takes no such name")
    with open(named + b"/spec.md", "w") as file:
        file.write(SPEC.replace("{id}", "x"))
    first = process(workflow, "--fresh", "--only", "validate")
    assert report(first)["degraded"] == []
    again = workflow("process", "--all", "--only", "validate")
    assert "(3 unchanged since the last run)" in again.stdout

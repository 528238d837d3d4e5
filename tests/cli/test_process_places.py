"""What `workflow process` reads and writes beside the tree: results, baselines, git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from trees import SPEC, add_change, add_spec

from tests.cli.conftest import Run
from tests.rights import only_what_modes_allow


@pytest.fixture
def shop(tree: Path) -> Path:
    """One valid spec and one valid change, in git."""
    add_spec(tree)
    add_change(tree)
    return tree


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


# -- results -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "openspec/specs/auth/spec.md",
        "openspec/changes/add-receipts/report.json",
        ".workflow/history.db",
        "workflow.yaml",
        "link.md",
        "baseline.json",
    ],
)
def test_a_result_takes_no_place_of_workflows_own(shop: Path, workflow: Run, place: str) -> None:
    """Documents, state and settings are lost to no slip of the hand, through a link neither."""
    (shop / "workflow.yaml").write_text("process:\n  baseline: baseline.json\n")
    (shop / "link.md").symlink_to("openspec/specs/auth/spec.md")
    assert workflow("process", "--all", "--write-baseline").returncode == 0
    before = {name: data for name, data in files(shop).items() if ".workflow/" not in name}
    refused = workflow("process", "--all", "--output", f"json:{place}")
    assert refused.returncode == 2
    assert "would take the place of what is kept in" in refused.stderr
    assert f"--output json:{place}" in refused.stderr
    assert {name: data for name, data in files(shop).items() if ".workflow/" not in name} == before


def test_two_results_for_one_place_are_noticed_through_a_link(shop: Path, workflow: Run) -> None:
    """The second would replace the first."""
    (shop / "link.json").symlink_to("report.json")
    refused = workflow("process", "--all", "--output", "json:report.json", "--output", "text:link.json")
    assert refused.returncode == 2
    assert "two results for" in refused.stderr


def test_dev_stdout_is_stdout(shop: Path, workflow: Run) -> None:
    """Behind a pipe it has no name that could be opened."""
    done = workflow("process", "--all", "--output", "json:/dev/stdout")
    assert done.returncode == 0
    assert json.loads(done.stdout)["exit_code"] == 0


def test_dev_stdout_replaces_no_log(shop: Path, environment: dict[str, str]) -> None:
    """A log that stdout is appended to keeps what it holds."""
    log = shop / "log.txt"
    log.write_text("before\n")
    command = [sys.executable, "-m", "workflow_cli", "process", "--all", "--output", "json:/dev/stdout"]
    with log.open("ab") as stream:
        done = subprocess.run(command, cwd=shop, env=environment, stdout=stream, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr
    first, _, rest = log.read_text().partition("\n")
    assert first == "before"
    assert json.loads(rest)["exit_code"] == 0


def with_a_pipe(
    shop: Path, environment: dict[str, str], form: str, *outputs: str, gone: bool = False
) -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """`process --all` with one result into a pipe, as a shell hands over `>(jq .)`; and what was read from it."""
    reading, writing = os.pipe()
    if gone:
        os.close(reading)
    command = [sys.executable, "-m", "workflow_cli", "process", "--all", "--output", f"{form}:/dev/fd/{writing}"]
    for output in outputs:
        command += ["--output", output]
    try:
        done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, pass_fds=[writing], check=False)
    finally:
        os.close(writing)
    if gone:
        return done, b""
    with os.fdopen(reading, "rb") as stream:
        return done, stream.read()


def test_a_descriptor_is_written_to(shop: Path, environment: dict[str, str]) -> None:
    done, read = with_a_pipe(shop, environment, "json")
    assert (done.returncode, json.loads(read)["exit_code"]) == (0, 0), done.stdout


def test_a_pipe_gets_its_result_once_whatever_else_fails(shop: Path, environment: dict[str, str]) -> None:
    """And it knows of the failure: what cannot be written again comes after what can."""
    (shop / "in-the-way").write_text("a file\n")
    done, read = with_a_pipe(shop, environment, "json", "json:whole.json", "json:in-the-way/report.json")
    document = json.loads(read)
    assert (done.returncode, document["exit_code"]) == (3, 3), done.stderr
    assert [fault["where"] for fault in document["faults"]] == ["in-the-way/report.json"]
    assert json.loads((shop / "whole.json").read_text()) == document


def test_a_pipe_whose_reader_has_gone_is_told_by_the_files(shop: Path, environment: dict[str, str]) -> None:
    done, _ = with_a_pipe(shop, environment, "text", "json:whole.json", gone=True)
    document = json.loads((shop / "whole.json").read_text())
    assert (done.returncode, document["exit_code"]) == (3, 3)
    assert [fault["message"] for fault in document["faults"]] == ["cannot write the text result: Broken pipe"]


# -- baselines -----------------------------------------------------------------------------------------------


def test_what_goes_off_the_baseline_is_said(shop: Path, workflow: Run) -> None:
    """So that somebody who ran the wrong tree against it, or forgets to commit it, can see that."""
    add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
    arguments = ("process", "--all", "--strict", "--only", "validate", "--baseline", "b.json")
    assert workflow(*arguments, "--write-baseline").returncode == 0
    add_spec(shop, "mail")
    done = workflow(*arguments)
    assert done.returncode == 0
    assert f"took 1 finding off {shop / 'b.json'}, as not found any more; commit it\n" in done.stderr
    assert workflow(*arguments).stderr == ""


def test_a_baseline_that_cannot_shrink_decides_nothing(shop: Path, workflow: Run) -> None:
    """In a read-only checkout everything is evaluated, and what could not be written is named."""
    add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
    place = shop / "ci"
    place.mkdir()
    arguments = ("process", "--all", "--strict", "--only", "validate", "--baseline", "ci/b.json")
    assert workflow(*arguments, "--write-baseline").returncode == 0
    before = (place / "b.json").read_bytes()
    add_spec(shop, "mail")
    place.chmod(0o500)
    try:
        with only_what_modes_allow():
            done = workflow(*arguments, "--format", "json")
    finally:
        place.chmod(0o700)
    assert done.returncode == 0, done.stderr
    (skipped,) = json.loads(done.stdout)["degraded"]
    assert skipped["what"] == "baseline"
    assert "keeps 1 not found any more: cannot write: Permission denied" in skipped["why"]
    assert (place / "b.json").read_bytes() == before


def test_a_baseline_that_is_read_only_stays_as_it_is(shop: Path, workflow: Run) -> None:
    """Also in a directory where a new file could take its place: whoever made it so meant the file."""
    add_spec(shop, "mail", SPEC.replace("SHALL", "will"))
    arguments = ("process", "--all", "--strict", "--only", "validate", "--baseline", "b.json")
    assert workflow(*arguments, "--write-baseline").returncode == 0
    baseline = shop / "b.json"
    before = baseline.read_bytes()
    baseline.chmod(0o444)
    add_spec(shop, "mail")
    done = workflow(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    (skipped,) = json.loads(done.stdout)["degraded"]
    told = "keeps 1 not found any more: cannot write: the file is read-only; next: chmod u+w "
    assert (skipped["what"], told in skipped["why"]) == ("baseline", True), skipped
    assert (baseline.read_bytes(), baseline.stat().st_mode & 0o777) == (before, 0o444)


def test_a_baseline_is_not_written_to_a_pipe(shop: Path, workflow: Run) -> None:
    """Looking whether one is there would wait for ever."""
    refused = workflow("process", "--all", "--baseline", "/dev/stdout", "--write-baseline")
    assert refused.returncode == 3
    assert "is no file" in refused.stderr


# -- git -----------------------------------------------------------------------------------------------------


def test_a_document_that_is_gone_is_not_called_unchanged(shop: Path, workflow: Run) -> None:
    """There is nothing to evaluate, but something differs."""
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "all")
    (shop / "openspec/specs/auth/spec.md").unlink()
    done = workflow("process", "--changed-since", "main")
    assert done.returncode == 0
    assert (
        "no spec or active change that is there differs from main; openspec/specs/auth/spec.md differs" in done.stdout
    )


@pytest.mark.parametrize("command", [("process", "--changed-since"), ("review", "--check", "--base")])
def test_an_empty_ref_is_told_as_that(shop: Path, workflow: Run, command: tuple[str, ...]) -> None:
    """As an unset variable of a CI job leaves it."""
    git(shop, "init", "-q")
    refused = workflow(*command, "")
    assert refused.returncode == 2
    assert f"error: '' is no ref\n  {command[-1]}\n" in refused.stderr


def test_a_base_without_git_is_told_as_that(shop: Path, workflow: Run) -> None:
    """Fetching more would not help."""
    refused = workflow("review", "--check", "--base", "main", env={"GIT_CEILING_DIRECTORIES": str(shop.parent)})
    assert refused.returncode == 3
    assert "not a git repository" in refused.stderr
    assert "next: run inside a git checkout, or leave out --base" in refused.stderr

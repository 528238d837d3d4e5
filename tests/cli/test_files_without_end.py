"""Files that this program writes itself, and its settings: what their name leads to may never end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import add_change, add_spec

#: So much memory for the whole process, of which reading to the end would take more in a second.
LIMITED = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); "
LIMITED += "sys.argv = ['workflow', *sys.argv[1:]]; runpy.run_module('workflow_cli', run_name='__main__')"
needs_endless = pytest.mark.skipif(not Path("/dev/zero").is_char_device(), reason="needs /dev/zero")


@pytest.fixture
def shop(tree: Path) -> Path:
    add_spec(tree)
    add_change(tree)
    return tree


@needs_endless
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("update --apply /dev/zero", 3, "error: larger than 67108864 bytes\n  /dev/zero\n  next: none that workflow"),
        ("process --baseline /dev/zero", 3, "error: larger than 67108864 bytes\n  /dev/zero\n  next: none that"),
        ("process --config /dev/zero", 2, "error: /dev/zero: larger than 1048576 bytes\n  next: "),
    ],
)
def test_what_never_ends_is_refused(
    shop: Path, environment: dict[str, str], arguments: str, status: int, said: str
) -> None:
    command = [sys.executable, "-c", LIMITED, *arguments.split()]
    done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(said), done.stderr


def test_a_settings_file_that_is_no_settings_file_is_not_read_whole(shop: Path, workflow: Run) -> None:
    (shop / "workflow.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    done = workflow("process")
    assert done.returncode == 2
    assert done.stderr.startswith("error: workflow.yaml: larger than 1048576 bytes\n")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("update --apply deep.json", 2),
        ("process --baseline deep.json", 3),
        ("update add-receipts --check-task 1.1 --plan deep.json", 5),
    ],
)
def test_brackets_without_end_are_no_bug(shop: Path, workflow: Run, arguments: str, status: int) -> None:
    (shop / "deep.json").write_text("[" * 200_000)
    done = workflow(*arguments.split())
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("error: ")
    assert "deep.json" in done.stderr


def test_a_plan_comes_through_a_pipe(shop: Path, workflow: Run) -> None:
    """As from `<(ssh …)`: no file, and it ends."""
    assert workflow("update", "add-receipts", "--check-task", "1.1", "--plan", "plan.json").returncode == 0
    with subprocess.Popen(["cat", "plan.json"], cwd=shop, stdout=subprocess.PIPE) as cat:
        done = workflow("update", "--apply", "/dev/stdin", stdin=cat.stdout)
    assert done.returncode == 0, done.stderr
    assert "[x] 1.1" in (shop / "openspec/changes/add-receipts/tasks.md").read_text()

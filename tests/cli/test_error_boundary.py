"""Whatever happens: one message, one document where JSON was asked for, and a true exit status."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import add_change, add_spec

Start = Callable[..., subprocess.Popen[str]]

# Puts a command of the test's own into the table, then runs the command line as __main__ does.
LAUNCHER = """
import sys
from workflow_cli.__main__ import main
from workflow_cli.cli.commands import COMMANDS, CommandEntry
COMMANDS["trial"] = CommandEntry("trial_command", "A command for a test.")
sys.exit(main())
"""

COMMAND = """
import sys, time, typer
from workflow_cli import errors
from workflow_cli.cli.invocation import Invocation
app = typer.Typer(add_completion=False, rich_markup_mode=None)

@app.command()
def trial(context: typer.Context) -> int:
    call = Invocation.of(context)
    {body}
"""


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Start:
    """`start("python statement", *arguments)` → a process that runs it as the body of a command."""

    def begin(body: str, *arguments: str) -> subprocess.Popen[str]:
        (tmp_path / "trial_command.py").write_text(COMMAND.format(body=body))
        path = f"{environment['PYTHONPATH']}:{tmp_path}"
        return subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, *(arguments or ("trial",))],
            env={**environment, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("status", [0, 1, 3, 4, 5])
def test_a_command_returns_its_exit_status(start: Start, status: int) -> None:
    """What a command returns is what the shell sees."""
    assert finish(start(f"return {status}")) == (status, "", "")


def test_an_expected_error_says_what_where_and_next(start: Start) -> None:
    """Three lines on stderr, nothing on stdout, and the error's own status."""
    body = "raise errors.DocumentError('is a directory', where='spec.md:3', hint='remove it')"
    expected = "error: is a directory\n  spec.md:3\n  next: remove it\n"
    assert finish(start(body)) == (3, "", expected)


def test_several_faults_are_all_shown(start: Start) -> None:
    """A configuration is repaired in one go."""
    status, _, err = finish(start("raise errors.SettingsError(('a: wrong', 'b: wrong'))"))
    assert (status, err) == (2, "error: 2 faults in the configuration\n  a: wrong\n  b: wrong\n")


def test_in_json_the_error_is_one_document(start: Start) -> None:
    """Programs read stdout alone; people still read stderr."""
    body = "raise errors.StaleDocument('changed since it was read', where='spec.md')"
    status, out, err = finish(start(body, "trial", "--format", "json"))
    assert json.loads(out) == {
        "schema_version": 1,
        "command": "trial",
        "status": "error",
        "exit_code": 5,
        "degraded": [],
        "error": {"message": "changed since it was read", "where": "spec.md", "hint": None},
    }
    assert status == 5
    assert err.startswith("error: changed since it was read\n")


def test_a_document_that_was_printed_stays_the_only_one(start: Start) -> None:
    """An error after the result changes the status and not what a program parses."""
    body = "call.print_document({'answer': 1}); raise ValueError('late')"
    status, out, _ = finish(start(body, "--format", "json", "trial"))
    assert status == 70
    assert json.loads(out)["answer"] == 1


def test_a_bug_leaves_a_report_to_attach(start: Start) -> None:
    """One line names the file; it has the version, the arguments and the traceback, for its owner only."""
    status, out, err = finish(start("return {}['key']", "trial", "--verbose"))
    assert (status, out) == (70, "")
    first, place, hint = err.splitlines()
    assert first == "error: a bug in workflow: KeyError: 'key'"
    report = Path(place.strip())
    assert "attach that file" in hint
    text = report.read_text()
    assert "workflow 0." in text
    assert "['trial', '--verbose']" in text
    assert "return {}['key']" in text
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_bug_in_json_is_a_document_too(start: Start) -> None:
    """Status 70 and the report's path as the place."""
    status, out, _ = finish(start("return 1 // 0", "trial", "--format=json"))
    document: dict[str, Any] = json.loads(out)
    assert status == document["exit_code"] == 70
    assert Path(document["error"]["where"]).exists()


@pytest.mark.parametrize(
    ("sent", "status", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_unwinds_and_tells(start: Start, sent: signal.Signals, status: int, word: str) -> None:
    """Clean-up in `finally` runs; the status is the one a shell expects."""
    body = """
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("cleaned up", flush=True)
    """
    process = start(body)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sent)
    assert finish(process) == (status, "cleaned up\n", f"error: {word}\n")


def test_a_reader_that_goes_away_is_no_error(start: Start) -> None:
    """`workflow ... | head -1` prints no traceback."""
    with start("print('ready', flush=True); print('line\\n' * 100_000); return 0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 141


def test_a_terminal_of_another_script_does_not_end_the_run(start: Start, environment: dict[str, str]) -> None:
    """What the terminal cannot show is escaped; JSON stays UTF-8."""
    environment["PYTHONIOENCODING"] = "ascii"
    assert finish(start("print('変更 \\udc80'); return 0")) == (0, "\\u5909\\u66f4 \\udc80\n", "")
    status, out, _ = finish(start("return call.print_document({'x': '変更 \\udc80'})", "trial", "--format=json"))
    assert (status, json.loads(out)["x"]) == (0, "変更 \udc80")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "text None False False"),
        (("--quiet", "trial"), "text None True False"),
        (("trial", "--quiet"), "text None True False"),
        (("-q", "trial", "-v"), "text None True True"),
        (("--format", "text", "trial", "--format", "json"), "json None False False"),
        (("--root", "a", "trial", "--root", "b"), "text b False False"),
        (("--root=a", "trial"), "text a False False"),
    ],
)
def test_shared_options_work_before_and_after_the_command(
    start: Start, arguments: tuple[str, ...], expected: str
) -> None:
    """And the later one wins."""
    body = "print(call.format, call.options.root, call.quiet, call.verbose); return 0"
    assert finish(start(body, *arguments)) == (0, expected + "\n", "")


def test_notes_are_silent_when_quiet(start: Start) -> None:
    """Results and errors are not notes."""
    assert finish(start("call.note('by the way'); return 0"))[2] == "by the way\n"
    assert finish(start("call.note('by the way'); return 0", "trial", "-q"))[2] == ""


def test_a_pipe_gets_no_colour(start: Start) -> None:
    """Colour is for terminals that want it."""
    assert finish(start("print(call.coloured()); return 0"))[1] == "False\n"


def test_a_message_cannot_command_the_terminal(start: Start) -> None:
    """Control characters of a document are shown, not obeyed."""
    body = "raise errors.DocumentError('bad \\x1b]0;title\\x07 \\x9b2J', where='a\\rb.md')"
    assert finish(start(body))[2] == "error: bad \\x1b]0;title\\x07 \\x9b2J\n  a\\x0db.md\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        "config show",
        "config show --format json",
        "config schema",
        "--version",
        "process --all",
        "process --all --format json",
        "ask hello --no-queue --offline --format json",
        "feedback --format json",
        "feedback --format html",
        "loop status --format json",
    ],
)
def test_a_result_that_cannot_be_written_is_not_a_success(
    environment: dict[str, str], tree: Path, arguments: str
) -> None:
    """A full disk behind `>` is status 3, with one message and without a traceback."""
    add_spec(tree)
    add_change(tree)
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli {arguments} > /dev/full"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, cwd=tree)
    assert done.returncode == 3
    assert done.stderr.count("error: ") == 1
    assert "Traceback" not in done.stderr
    assert "error: No space left on device\n" in done.stderr
    assert done.stderr.endswith("\n  next: make room or repair the place, then run again\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["propose 'Refund orders'", "update add-receipts --check-task 1.1 --format json"])
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("> /dev/full", "No space left on device\n  what it wrote"),
        (">&-", "stdout is closed or cannot be written, and"),
    ],
)
def test_work_that_was_committed_is_told_where_its_result_cannot_be(
    environment: dict[str, str], tree: Path, arguments: str, place: str, fault: str
) -> None:
    """Whoever ran it again would be told that it is there."""
    add_spec(tree)
    add_change(tree)
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli {arguments} {place}"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, cwd=tree)
    assert done.returncode == 3
    assert f"error: {fault}" in done.stderr
    assert "\n  what it wrote is committed, as revision 1\n" in done.stderr
    assert "next: `workflow history show 1` tells what was written" in done.stderr
    assert "run again" not in done.stderr
    assert (tree / ".workflow/history.db").exists()


def test_a_disk_that_fills_up_is_no_bug(start: Start) -> None:
    """Wherever it happens: status 3 and the file, no report to attach."""
    status, _, err = finish(start("import errno; raise OSError(errno.ENOSPC, 'No space left on device', 'a.md')"))
    assert (status, err.splitlines()[:2]) == (3, ["error: No space left on device", "  a.md"])


@pytest.mark.parametrize(
    "arguments",
    [
        "config show",
        "config show --format json",
        "config schema",
        "--version",
        "--help",
        "ask --help",
        "process --all",
        "process --all --format sarif",
        "ask hello --no-queue --offline",
        "ask hello --no-queue --offline --format json",
    ],
)
@pytest.mark.parametrize("closed", [">&-", "1</dev/null"])
def test_a_result_without_a_place_is_not_a_success(
    environment: dict[str, str], tree: Path, arguments: str, closed: str
) -> None:
    """With `>&-` it is lost, as on a full disk; who wants that has `> /dev/null`."""
    add_spec(tree)
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli {arguments}"
    done = subprocess.run(["sh", "-c", f"{command} {closed}"], env=environment, stderr=-1, text=True, cwd=tree)
    assert done.returncode == 3, done.stderr
    assert done.stderr.endswith(
        "error: stdout is closed or cannot be written, and what was to be printed is lost\n"
        "  next: give it a place, such as > FILE, or > /dev/null where nobody needs it\n"
    )


@pytest.mark.parametrize(("arguments", "status", "said"), [("history list", 0, "no revision"), ("ask", 2, "error: ")])
def test_a_closed_stdout_does_not_matter_where_nothing_is_printed(
    environment: dict[str, str], tree: Path, arguments: str, status: int, said: str
) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli {arguments} </dev/null >&-"
    done = subprocess.run(["sh", "-c", command], env=environment, stderr=-1, text=True, cwd=tree)
    assert (done.returncode, "stdout is closed" in done.stderr) == (status, False)
    assert done.stderr.startswith(said)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [("ask -", 2), ("ask", 2), ("ask --batch -", 2), ("questions import -", 3), ("propose --from-file -", 2)],
)
def test_a_closed_stdin_holds_nothing(environment: dict[str, str], tree: Path, arguments: str, status: int) -> None:
    """`<&-` is no reason to end as a bug."""
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli {arguments} <&-"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, cwd=tree)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("error: ")

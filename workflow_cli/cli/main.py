"""The one error boundary: whatever happens becomes one message and a true exit status."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from fcntl import F_GETFL, fcntl
from types import FrameType
from typing import TYPE_CHECKING, TextIO

import typer

from workflow_cli.cli import failure
from workflow_cli.cli.app import root_command
from workflow_cli.cli.failure import Failure
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from typing_extensions import Buffer

INTERRUPTED = 130
PIPE_CLOSED = 141  # as a shell reports a program that SIGPIPE ended
TERMINATED = 143


class _Terminated(BaseException):
    """SIGTERM came; unwinds like Ctrl-C, so that locks and temporary files are let go."""


class _Nowhere(io.FileIO):
    """Takes what is printed in the place of a stdout that is closed."""

    took_something = False

    def write(self, data: Buffer, /) -> int:
        _Nowhere.took_something = True
        return super().write(data)


def run(arguments: list[str]) -> int:
    """Run `workflow` with `arguments` and return its exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    _make_streams_safe()
    try:
        status = _run_or_report(arguments)
        sys.stdout.flush()
    except OSError as error:
        return unprinted(error)
    if _Nowhere.took_something:
        return failure.report(failure.of_no_stdout(), [], Invocation())
    return status


def unprinted(error: OSError) -> int:
    """Tell that stdout does not take the result; the exit status."""
    _drop_stdout()
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    if error.errno == errno.EBADF:
        return failure.report(failure.of_no_stdout(), [], Invocation())
    return failure.report(failure.of_system(error, where="the result could not be written"), [], Invocation())


def _run_or_report(arguments: list[str]) -> int:
    invocation = Invocation()
    try:
        return _call(arguments, invocation)
    except WorkflowError as error:
        what = failure.of_workflow(error)
    except typer.TyperException as error:
        what = failure.of_usage(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        what = Failure("interrupted", INTERRUPTED)
    except _Terminated:
        what = Failure("terminated", TERMINATED)
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in failure.OF_THE_SYSTEM:
            what = failure.of_system(error, where=error.filename)
        elif isinstance(error, FileNotFoundError) and not failure.stands_somewhere():
            what = failure.of_nowhere()
        else:
            what = failure.of_bug(error, arguments)
    return failure.report(what, arguments, invocation)


def _call(arguments: list[str], invocation: Invocation) -> int:
    command = root_command()
    if "_WORKFLOW_COMPLETE" in os.environ:
        command.main(prog_name="workflow", obj=invocation)  # answers the shell, then exits
    try:
        # A copy, because parsing consumes the list.
        with command.make_context("workflow", [*arguments] or ["--help"], obj=invocation) as context:
            status = command.invoke(context)
    except typer.Exit as exit_:
        return exit_.exit_code
    return status if isinstance(status, int) else 0


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise _Terminated


def _make_streams_safe() -> None:
    if sys.stdin is None:  # started with `<&-`
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the end
    # Where it was started with `>&-`, its number is taken: what is opened next would be printed into.
    if sys.stdout is None or _is_only_read(sys.stdout):
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Nowhere(os.devnull, "w")), encoding="utf-8")
    if sys.stderr is None:  # started with `2>&-`: what is printed to None goes to stdout, among the results
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Documents and file names come in every script; a narrow terminal must not end the run.
            stream.reconfigure(errors="backslashreplace")


def _is_only_read(stream: TextIO) -> bool:
    """Whether it is open, and not for writing, as with `1<FILE`: writing to it would look like a fault of our own."""
    try:
        return fcntl(stream.fileno(), F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    except (OSError, ValueError):  # one that has no number, as in tests
        return False


def _drop_stdout() -> None:
    """Python flushes stdout once more on exit; give it somewhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""The one error boundary: whatever happens becomes one message and a true exit status."""

from __future__ import annotations

import errno
import os
import signal
import sys
from types import FrameType

import typer

from workflow_cli.cli import failure, standard_streams
from workflow_cli.cli.app import root_command
from workflow_cli.cli.failure import Failure
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import WorkflowError

INTERRUPTED = 130
PIPE_CLOSED = 141  # as a shell reports a program that SIGPIPE ended
TERMINATED = 143


class _Terminated(BaseException):
    """SIGTERM came; unwinds like Ctrl-C, so that locks and temporary files are let go."""


def run(arguments: list[str]) -> int:
    """Run `workflow` with `arguments` and return its exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    standard_streams.make_safe()
    try:
        status = _run_or_report(arguments)
        sys.stdout.flush()
    except OSError as error:
        return unprinted(error)
    if standard_streams.something_was_lost():
        return failure.report(failure.behind_commits(failure.of_no_stdout()), [], Invocation())
    return status


def unprinted(error: OSError) -> int:
    """Tell that stdout does not take the result; the exit status."""
    standard_streams.drop_stdout()
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    if error.errno == errno.EBADF:
        what = failure.of_no_stdout()
    else:
        what = failure.of_system(error, where="the result could not be written")
    return failure.report(failure.behind_commits(what), [], Invocation())


def _run_or_report(arguments: list[str]) -> int:
    invocation = Invocation()
    try:
        return _call(arguments, invocation)
    except WorkflowError as error:
        what = failure.of_workflow(error, invocation.command)
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
            if error.filename is None:
                sys.stdout.flush()  # where it is stdout that takes no more, this raises it again, and it is told there
            return _report_of_system(error, arguments, invocation)
        if isinstance(error, FileNotFoundError) and not failure.stands_somewhere():
            what = failure.of_nowhere()
        else:
            what = failure.of_bug(error, arguments)
    return failure.report(what, arguments, invocation)


def _report_of_system(error: OSError, arguments: list[str], invocation: Invocation) -> int:
    what = failure.of_system(error, where=error.filename)
    try:
        return failure.report(what, arguments, invocation)
    except OSError as again:
        # The document for the program met the same fault, and the person was told of it.
        if again.errno != error.errno:
            raise
        standard_streams.drop_stdout()
        return what.exit_code


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

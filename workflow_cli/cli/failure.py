"""What went wrong, as a person reads it on stderr and a program on stdout."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_cli.cli.commands import COMMANDS
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import FaultyInput, SettingsError, UsageError, WorkflowError

if TYPE_CHECKING:
    from typer import TyperException

UNEVALUATED = 3
BUG = 70

# The machine's faults, wherever they turn up; any other OSError that nobody expected is a bug.
OF_THE_SYSTEM = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
}

# Text of documents reaches messages; a terminal must show control characters and not obey them.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


class Failure(NamedTuple):
    """`lines` are said below the message, each a fault of its own."""

    message: str
    exit_code: int
    where: str | None = None
    hint: str | None = None
    lines: tuple[str, ...] = ()


def of_workflow(error: WorkflowError, command: str | None) -> Failure:
    """Where whoever raised it knows nothing nearer, the help of the command says how it is called."""
    hint = error.hint or (f"workflow {command} --help" if command and isinstance(error, UsageError) else None)
    faults = error.faults if isinstance(error, (SettingsError, FaultyInput)) else ()
    if len(faults) > 1:
        what = error.what if isinstance(error, FaultyInput) else "the configuration"
        message = f"{len(faults)} faults in {what}"
        return Failure(message, error.exit_code, error.where, hint, faults)
    return Failure(error.message, error.exit_code, error.where, hint)


def of_usage(error: TyperException, arguments: Sequence[str]) -> Failure:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else " ".join(("workflow", _command_in(arguments) or "")).strip()
    hint = f"{path} --help"
    option: str | None = getattr(error, "option_name", None)
    # Empty where there is no such option, and none that is nearly spelled so.
    if option and not getattr(error, "possibilities", "other errors have none") and _takes_names(context):
        word = next((argument for argument in arguments if argument.startswith(option)), option)
        hint += f"; if that is a name, write -- before it: {path} -- {word}"
    return Failure(error.format_message(), error.exit_code, hint=hint)


def _takes_names(context: Any) -> bool:
    return context is not None and any(parameter.param_type_name == "argument" for parameter in context.command.params)


def of_system(error: OSError, *, where: str | None) -> Failure:
    return Failure(error.strerror or str(error), UNEVALUATED, where, "make room or repair the place, then run again")


def of_no_stdout() -> Failure:
    hint = "give it a place, such as > FILE, or > /dev/null where nobody needs it"
    return Failure("stdout is closed or cannot be written, and what was to be printed is lost", UNEVALUATED, hint=hint)


def behind_commits(lost: Failure) -> Failure:
    """The failure to print a result, where something was written before: to run it again would write it twice, or be refused."""
    commits_made = sys.modules.get("workflow_cli.wiring.commits_made")  # nothing was committed where nobody imported it
    numbers: Sequence[int] = commits_made.numbers if commits_made else ()
    if not numbers:
        return lost
    first, last = numbers[0], numbers[-1]
    which = f"revision {last}" if first == last else f"revisions {first} to {last}"
    return lost._replace(
        lines=(*lost.lines, f"what it wrote is committed, as {which}"),
        hint=f"`workflow history show {last}` tells what was written; only what was to be printed is lost",
    )


def stands_somewhere() -> bool:
    """Whether the directory that the command was started in is there still."""
    try:
        return bool(os.getcwd())
    except OSError:
        return False


def of_nowhere() -> Failure:
    hint = "change to a directory that is there, such as with: cd ~"
    return Failure("the directory you are in was deleted", UNEVALUATED, hint=hint)


def of_bug(error: Exception, arguments: Sequence[str]) -> Failure:
    """Write a report file that a person can attach, and name it."""
    message = f"a bug in workflow: {type(error).__name__}: {error}"
    try:
        report = _write_report(error, arguments)
    except OSError:
        import traceback

        traceback.print_exception(error)
        return Failure(message, BUG, hint="attach the lines above to a bug report")
    return Failure(message, BUG, where=report, hint="attach that file to a bug report; read it first")


def _write_report(error: Exception, arguments: Sequence[str]) -> str:
    import platform
    import tempfile
    import traceback

    from workflow_cli import __version__

    descriptor, path = tempfile.mkstemp(prefix="workflow-bug-", suffix=".txt")  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as report:
        report.write(
            f"workflow {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
            f"arguments: {list(arguments)!r}\n\n"
        )
        traceback.print_exception(error, file=report)
    return path


def report(failure: Failure, arguments: Sequence[str], invocation: Invocation) -> int:
    """Print the failure once for the person and, in JSON mode, once for the program."""
    text = [f"error: {failure.message}", *(f"  {line}" for line in failure.lines)]
    if failure.where:
        text.append(f"  {failure.where}")
    if failure.hint:
        text.append(f"  next: {failure.hint}")
    print(without_controls("\n".join(text)), file=sys.stderr)
    if asked_for_json(arguments) and not invocation.document_printed:
        invocation.command = invocation.command or _command_in(arguments)
        error = {"message": failure.message, "where": failure.where, "hint": failure.hint}
        if failure.lines:
            error["faults"] = list(failure.lines)  # type: ignore[assignment]
        invocation.print_document({"error": error}, status="error", exit_code=failure.exit_code)
    return failure.exit_code


def without_controls(text: str) -> str:
    """The text with its control characters shown, line ends and tabs aside."""
    return text.translate(_CONTROLS)


def asked_for_json(arguments: Sequence[str]) -> bool:
    """Whether the last `--format` typed is json; holds also for arguments that do not parse."""
    asked = False
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument == "--":
            break
        if before == "--format":
            asked = argument == "json"
        elif argument.startswith("--format="):
            asked = argument == "--format=json"
    return asked


def _command_in(arguments: Sequence[str]) -> str | None:
    return next((argument for argument in arguments if argument in COMMANDS), None)

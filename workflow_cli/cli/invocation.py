"""One run of the command: what was typed for every command alike, and the way results leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from workflow_cli.cli.commands import TEXT_OR_JSON
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    import typer

SCHEMA_VERSION = 1
Status = Literal["ok", "findings", "waiting", "error"]


class GlobalOptions(NamedTuple):
    """The options every command takes, before or after its name. None means: not typed."""

    root: Path | None = None
    config: Path | None = None
    format: str | None = None
    quiet: bool | None = None
    verbose: bool | None = None
    no_color: bool | None = None
    offline: bool | None = None


class Invocation:
    """Filled while the arguments are parsed; commands read it, and print through it.

    Where an option is typed both before and after the command's name, the later one wins.
    """

    def __init__(self, *, typed: Mapping[str, Any] | None = None) -> None:
        self.command: str | None = None
        self.formats: tuple[str, ...] | None = None
        self.typed = dict(typed or {})
        self.document_printed = False

    @classmethod
    def of(cls, context: typer.Context) -> Invocation:
        """The invocation that `context` belongs to."""
        invocation = context.find_object(cls)
        assert invocation is not None, "a command was called outside the root command"
        return invocation

    def remember(self, option: str, value: Any) -> None:
        """Keep a global option. Raises UsageError when the command cannot print the format."""
        if value is not None:
            self.typed[option] = value
            self._check_format()

    def enter(self, command: str, formats: tuple[str, ...]) -> None:
        """The command is known now, and with it the formats it can print."""
        self.command = command
        self.formats = formats
        self._check_format()

    def _check_format(self) -> None:
        wanted = self.typed.get("format")
        if wanted is not None and self.formats is not None and wanted not in self.formats:
            raise UsageError(
                f"{self.command} cannot print the format {wanted!r}",
                where="--format",
                hint="choose one of " + ", ".join(self.formats),
            )

    @property
    def options(self) -> GlobalOptions:
        return GlobalOptions(**self.typed)

    @property
    def format(self) -> str:
        """The format to print on stdout."""
        wanted: str | None = self.typed.get("format")
        return wanted or (self.formats or TEXT_OR_JSON)[0]

    @property
    def quiet(self) -> bool:
        return bool(self.typed.get("quiet"))

    @property
    def verbose(self) -> bool:
        return bool(self.typed.get("verbose"))

    def coloured(self, stream: Any = None) -> bool:
        """Whether to colour what goes to `stream` (default: stdout)."""
        stream = sys.stdout if stream is None else stream
        if self.typed.get("no_color") or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return bool(stream.isatty())

    def note(self, text: str) -> None:
        """Tell the person something that is not the result: on stderr, unless quiet."""
        if not self.quiet:
            sys.stdout.flush()  # where both go into one file, the result stays before what is said about it
            print(text, file=sys.stderr)

    def note_repaired(self, notices: Iterable[str]) -> None:
        """Tell what a commit had left that was cut off, before anything else is told."""
        from workflow_cli.cli.formats.neutral import one_line

        for notice in notices:
            self.note(one_line(f"note: {notice}"))

    def note_degraded(self, degraded: Iterable[Mapping[str, str]]) -> None:
        """Tell, as every command does, what had to be done without, and why."""
        from workflow_cli.cli.formats.neutral import one_line

        for entry in degraded:
            self.note(one_line(f"skipped {entry['what']}: {entry['why']}"))

    def print_document(
        self,
        payload: Mapping[str, Any],
        *,
        status: Status = "ok",
        exit_code: int = 0,
        degraded: Sequence[Mapping[str, str]] = (),
    ) -> int:
        """Print the one JSON document of this run and return `exit_code`."""
        print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "command": self.command,
                "status": status,
                "exit_code": exit_code,
                "degraded": list(degraded),
                **payload,
            }
        )
        self.document_printed = True
        return exit_code


def print_json(document: Mapping[str, Any]) -> None:
    """Write `document` to stdout as UTF-8, whatever the locale, with a final newline."""
    import json  # here, for the sake of --help

    text = json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
    sys.stdout.flush()
    # A file name that is not UTF-8 holds lone surrogates; escaped, they are valid JSON.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()

"""Where results go: which formats are asked for, and writing each to its place."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from workflow_cli.app.report import ItemFault, Report
from workflow_cli.cli.formats.formats import FORMATS, render
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.errors import UsageError

_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,4})\Z")


@dataclass(frozen=True, slots=True)
class Output:
    """One result to write. `path` None is stdout."""

    format: str
    path: Path | None = None


def parse_outputs(values: Sequence[str], *, format: str | None = None, default: str = "text") -> list[Output]:
    """What `--format FMT` and each `--output FMT:PATH` ask for; at most one of them is stdout, which comes last.

    Stdout gets `format`, or else what an output sends to `-`, or else `default`. Raises UsageError for an
    unknown format, a missing path, and for a place that two outputs claim.
    """
    outputs = [_parse(value) for value in values]
    if format is not None:
        outputs.append(Output(_known(format, "--format")))
    elif all(output.path for output in outputs):
        outputs.append(Output(default))
    places = [os.path.realpath(output.path) if output.path else "stdout" for output in outputs]
    twice = next((place for number, place in enumerate(places) if place in places[:number]), None)
    if twice is not None:
        raise UsageError(f"two results for {twice}", where="--output", hint="give each its own PATH; one may be '-'")
    return sorted(outputs, key=lambda output: output.path is None)


def _parse(value: str) -> Output:
    name, colon, path = value.partition(":")
    if not colon or not path:
        raise UsageError(
            f"{value!r} is not FORMAT:PATH",
            where="--output",
            hint="for example json:report.json, or json:- for stdout; formats: " + ", ".join(FORMATS),
        )
    return Output(_known(name, "--output"), None if path in _STDOUT else Path(path))


def refuse_to_replace(outputs: Sequence[Output], kept: Sequence[Path]) -> None:
    """Raises UsageError for a result that would take the place of one of the files, or lie in one of the directories.

    A result replaces what stands there, and nothing of workflow's own may be lost to a slip of the hand.
    """
    for output in outputs:
        place = None if output.path is None else Path(os.path.realpath(output.path))
        for path in kept:
            if place is not None and place.is_relative_to(os.path.realpath(path)):
                raise UsageError(
                    f"a result would take the place of what is kept in {path.name}",
                    where=f"--output {output.format}:{output.path}",
                    hint="choose another place for it",
                )


def _known(name: str, option: str) -> str:
    if name in FORMATS:
        return name
    import difflib

    nearest = difflib.get_close_matches(name.lower(), FORMATS, n=1)
    meant = f"did you mean {nearest[0]}? " if nearest else ""
    raise UsageError(f"no format {name!r}", where=option, hint=f"{meant}formats: {', '.join(FORMATS)}")


def write_outputs(
    report: Report, outputs: Sequence[Output], rendering: Rendering, *, stdout: BinaryIO, encoding: str = "utf-8"
) -> Report:
    """Write every result; return the report as it was written, whose `exit_code` is the run's.

    A file that cannot be written becomes one of the report's `faults`; the files already written are then
    written anew, so that all of them, and stdout, agree with the exit status. Into a pipe nothing is written twice:
    pipes come after the files, and one that breaks is told by what comes after it. `encoding` is that of a terminal
    and concerns `text` on stdout only; everything else is UTF-8. Files are never coloured.
    """
    plain = replace(rendering, colour=False, quiet=False)
    files: Sequence[Output] = [output for output in outputs if output.path and not _is_stream(output.path)]
    streams = [output for output in outputs if output.path and _is_stream(output.path)]
    report, files = _write_files(report, files, plain)
    for output in streams:
        fault = _write(report, output, plain)
        if fault is not None:
            report, files = _write_files(replace(report, faults=(*report.faults, fault)), files, plain)
    for output in outputs:
        if output.path is None:
            text = render(output.format, report, rendering)
            stdout.write(_encoded(text, encoding if output.format == "text" else "utf-8"))
            stdout.flush()
    return report


def _write_files(report: Report, files: Sequence[Output], rendering: Rendering) -> tuple[Report, Sequence[Output]]:
    """Write them until all of those that can be written say the same; the report that they say, and which they are."""
    while files:
        refused = [(output, fault) for output in files if (fault := _write(report, output, rendering))]
        if not refused:
            break
        report = replace(report, faults=(*report.faults, *(fault for _, fault in refused)))
        files = [output for output in files if output not in [failed for failed, _ in refused]]
    return report, files


def _write(report: Report, output: Output, rendering: Rendering) -> ItemFault | None:
    assert output.path is not None
    data = _encoded(render(output.format, report, rendering), "utf-8")
    try:
        _replace(output.path, data)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"cannot write the {output.format} result: {reason}"
        return ItemFault(message=message, where=str(output.path), hint="choose a place that can be written")
    return None


def _encoded(text: str, encoding: str) -> bytes:
    # Formats let no lone surrogate through; a terminal's encoding may lack more than that.
    return text.encode(encoding, "backslashreplace")


def _is_stream(path: Path) -> bool:
    """Whether what is written there is read by somebody else at once, and cannot be replaced."""
    try:
        return _descriptor_of(path) is not None or (path.exists() and not path.is_file() and not path.is_dir())
    except (OSError, ValueError):  # ValueError: a NUL in the path. Writing it says so
        return False


def _descriptor_of(path: Path) -> int | None:
    """As a shell hands over `>(jq .)`; by its name a file would be cut off or replaced."""
    if str(path) == "/dev/stderr":
        return 2
    match = _DESCRIPTOR.match(str(path))
    return None if match is None else int(match[1])


def _replace(path: Path, data: bytes) -> None:
    """Write the whole file or leave the old one. Pipes and devices are written as they are."""
    if _is_stream(path):
        number = _descriptor_of(path)
        with path.open("wb") if number is None else os.fdopen(os.dup(number), "wb") as stream:
            stream.write(data)
        return
    path = Path(os.path.realpath(path))  # replace what a link points to, not the link
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".workflow-{os.urandom(8).hex()}.tmp")
    with temporary.open("xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

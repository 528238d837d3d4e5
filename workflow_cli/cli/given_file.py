"""A file that a person names, `-` for stdin: read no further than a document may be long."""

from __future__ import annotations

import sys
from pathlib import Path

from workflow_cli.errors import DocumentError, WorkflowError


def read_given(name: str, *, max_bytes: int, missing: type[WorkflowError] = DocumentError) -> bytes:
    """What is in it. Raises DocumentError, and `missing` where there is no such file.

    Stdin may never end, and neither may what a name leads to, such as a pipe.
    """
    where = given_name(name)
    try:
        if name == "-":
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(max_bytes + 1)
    except FileNotFoundError:
        hint = "name a file that is there, from the directory you are in, or - for stdin"
        raise missing("there is no such file", where=name, hint=hint) from None
    except IsADirectoryError:
        raise DocumentError("is a directory", where=where, hint="name a file, or - for stdin") from None
    except OSError as error:
        raise DocumentError(f"cannot read: {error.strerror}", where=where) from error
    if len(data) > max_bytes:
        raise DocumentError(
            f"larger than {max_bytes} bytes", where=where, hint="split it, or raise limits.max_file_bytes"
        )
    return data


def given_name(name: str) -> str:
    return "stdin" if name == "-" else name

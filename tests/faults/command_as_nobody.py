"""A command by a person without rights, for tests that run as root: `command_as_nobody ROOT WARM ARGUMENT...`.

Everything is imported, by the same command on the tree at WARM, while it may still be read where the interpreter lies.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

from tests.faults.as_nobody import NOBODY
from workflow_cli.cli.main import run


def main(root: str, warm: str, *arguments: str) -> int:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(["--root", warm, *arguments])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return run(["--root", root, *arguments])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The command `workflow`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

_OBJECTS_BEFORE_COLLECTION = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    if arguments is None and sys.getfilesystemencoding() == "ascii":
        # Python was told to do without UTF-8 in the locale C, where every letter beyond ASCII, in a name or a
        # question, is broken before it gets here. It is started again, told otherwise.
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["--version"], ["-V"]) and sys.stdout is not None:
        # Answered before Typer is imported: Typer alone costs six times the bare interpreter.
        from workflow_cli import __version__

        try:
            print(f"workflow {__version__}", flush=True)
            return 0
        except OSError as error:
            from workflow_cli.cli.main import unprinted

            return unprinted(error)
    # What is imported and read stays until the end, and looking through it for garbage is in vain: at the usual
    # threshold that takes a twentieth of a short command, and a tenth of one that archives a large spec.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    try:
        from workflow_cli.cli.main import run

        status = run(given)
        if arguments is None:
            # Nor is it looked through once more when Python ends, which takes a tenth of a short command.
            gc.freeze()
        return status
    except KeyboardInterrupt:
        # Before or after the error boundary, which answers it everywhere else.
        print("error: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

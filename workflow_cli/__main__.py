"""The command `workflow`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["--version"], ["-V"]):
        # Answered before Typer is imported: Typer alone costs six times the bare interpreter.
        from workflow_cli import __version__

        print(f"workflow {__version__}")
        return 0
    try:
        from workflow_cli.cli.main import run

        return run(given)
    except KeyboardInterrupt:
        # Before or after the error boundary, which answers it everywhere else.
        print("error: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

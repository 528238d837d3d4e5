"""Which version this is, and which Python runs it."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, ok
from workflow_cli.wiring.doctor.surroundings import Surroundings


def look(_at: Surroundings) -> Iterator[Seen]:
    import platform

    from workflow_cli import __version__

    yield ok(f"workflow {__version__}, Python {platform.python_version()}")


CHECK = Check("versions", "Versions", look)

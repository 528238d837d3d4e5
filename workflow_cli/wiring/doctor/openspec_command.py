"""Whether OpenSpec's own command is there. Nothing here needs it; people may."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, ok
from workflow_cli.wiring.doctor.surroundings import Surroundings


def look(_at: Surroundings) -> Iterator[Seen]:
    import shutil

    # Not run: it would take longer than all of this, and may tell somebody that it was.
    found = shutil.which("openspec")
    yield ok("found", where=found) if found else ok("not found, and not needed")


CHECK = Check("openspec", "openspec command", look)

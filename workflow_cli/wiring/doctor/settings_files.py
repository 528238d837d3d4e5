"""Whether the settings are valid, and where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, failed, ok
from workflow_cli.wiring.doctor.surroundings import Surroundings


def look(at: Surroundings) -> Iterator[Seen]:
    if at.faults is not None:
        hint = at.faults.hint or "mend it there"
        for fault in at.faults.faults:
            # Each begins with how a person would find it again.
            where, colon, text = fault.partition(": ")
            yield failed(text if colon else fault, where=where if colon else None, next=hint)
        return
    assert at.settings is not None
    sources = Counter(_source(origin) for origin in at.settings.origins.values() if origin != "default")
    told = [f"{number} from {source}" for source, number in sources.items()]
    yield ok(f"valid; {', '.join(told) if told else 'nothing is set, so the defaults are in force'}")


def _source(origin: str) -> str:
    """The file without the line, the variable, the flag."""
    file, _, line = origin.rpartition(":")
    return file if line.isdigit() else origin


CHECK = Check("settings", "Settings", look)

"""Whether events can be written, and whether those that were can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, skipped, warning
from workflow_cli.wiring.doctor.surroundings import Surroundings

#: So many lines are looked at, from the end.
_LINES = 1000


def look(at: Surroundings) -> Iterator[Seen]:
    if at.settings is None:
        yield skipped("where it lies is a setting, and the settings are wrong")
        return
    events = at.settings.events
    where = os.path.relpath(events.path, at.tree) if events.path.is_relative_to(at.tree) else str(events.path)
    if not events.enabled:
        yield skipped("events.enabled is false", where=where)
        return
    from workflow_cli.adapters.event_lines import EventLines
    from workflow_cli.adapters.metrics_log.files import log_files, open_log

    if events.path not in log_files(events.path):
        yield ok("no event yet", where=where)
        return
    os.close(open_log(events.path))  # raises for what is no file
    if not os.access(events.path, os.W_OK):
        yield failed("cannot be written", where=where, next=f"chmod u+w {where}, or run as somebody who may")
        return
    records, _ = EventLines(events.path).read(0, most=_LINES)
    bad = sum(record is None or "kind" not in record for record in records)
    told = f"of the last {len(records)} lines" if len(records) == _LINES else f"of {len(records)} lines"
    if bad:
        hint = "nothing has to be done; workflow feedback leaves them out, and says how many there are in all"
        yield warning(f"{bad} {told} are no events", where=where, next=hint)
    else:
        yield ok(f"{len(records)} lines looked at, all of them events", where=where)


CHECK = Check("events", "Event log", look)

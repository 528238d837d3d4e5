"""Whether the loop trusts itself, and its ledger is whole."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import Surroundings

_STATUS = "workflow loop status tells why"


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.adapters.state_file import is_there
    from workflow_cli.wiring.feedback import LEDGER

    where = f"{STATE_DIRECTORY}/{LEDGER}"
    path = at.tree / where
    if not is_there(path):
        yield ok("has tried nothing yet", where=where)
        return
    if path.is_symlink() or not path.is_file():  # reading what is none may never end
        yield failed("is no file", where=where, next="move it away")
        return
    from workflow_cli.wiring.loop import LoopRun

    with LoopRun(at.tree, at.usable, load=lambda: at.usable) as run:
        story, running = run.observed()
        standing = story.standing_while(under_way=running)
    reason = story.state.frozen or ""
    if standing == "frozen":
        hint = f"{_STATUS}; workflow loop resume once that is settled"
        yield failed(f"frozen, as it does not trust itself: {reason}", where=where, next=hint)
    elif standing == "interrupted":
        hint = "workflow loop, which takes back what was begun"
        yield warning("the last cycle was cut off", where=where, next=hint)
    else:
        told = f"{standing}: {reason}" if reason else standing
        yield ok(f"{told}; experiments: {story.experiments}", where=where)


CHECK = Check("loop", "Loop", look)

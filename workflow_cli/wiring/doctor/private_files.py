"""Whether others can read keys and texts, or speak to sockets, that are this account's alone."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import Surroundings

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
#: With these others could pass for this account.
_KEYS = ("ledger.key",)
_TEXTS = (
    "history.db",
    "state.db",
    "questions.db",
    "feedback.db",
    "metrics.jsonl",
    "mcp-pins.json",
    "wrong-answers.jsonl",
)


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.adapters.mcp_client.approval_key import APPROVAL_KEY, user_state_directory

    state, sockets = at.tree / STATE_DIRECTORY, at.usable.sockets
    keys = [user_state_directory() / APPROVAL_KEY, *(state / name for name in _KEYS)]
    listening = [path for path in (sockets.orchestrator, sockets.mcp) if path is not None and path.is_socket()]
    open_keys = list(filter(_is_open, [*keys, *listening]))
    open_texts = list(filter(_is_open, (state / name for name in _TEXTS)))
    for path in open_keys:
        what = "others can speak to it" if path.is_socket() else "others can read it, so it proves nothing"
        yield failed(what, where=str(path), next=f"chmod go-rwx {shlex.quote(str(path))}")
    if open_texts:
        names = " ".join(f"{STATE_DIRECTORY}/{path.name}" for path in open_texts)
        yield warning("others can read it; it holds texts and names", where=names, next=f"chmod go-rwx {names}")
    if not open_keys and not open_texts:
        yield ok("nobody else can read keys and state")


def _is_open(path: Path) -> bool:
    try:
        return bool(os.lstat(path).st_mode & _OTHERS)
    except OSError:
        return False


CHECK = Check("private", "Private files", look)

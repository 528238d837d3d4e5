"""Which form of structured output worked, by server and model, kept for the next run.

It only saves calls: a file that is damaged, or cannot be written, is as good as none.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.forms import Form
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock

FILE = "model-forms.json"
#: After this time the strictest form is tried again: servers learn.
KEPT_FOR = timedelta(days=7)
_SCHEMA = 1


class FormMemory:
    """`root` is that of the tree; None keeps nothing beyond this process."""

    def __init__(self, root: Path | None, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._known: dict[str, dict[str, str]] | None = None

    def get(self, host: str, model: str) -> Form | None:
        entry = self._entries().get(f"{host} {model}")
        if entry is None:
            return None
        try:
            form, since = Form(entry["form"]), datetime.fromisoformat(entry["at"])
            return form if timedelta(0) <= self._clock.now() - since < KEPT_FOR else None
        except (KeyError, ValueError, TypeError):
            return None

    def put(self, host: str, model: str, form: Form) -> None:
        """Written only where something else was known, or nothing."""
        if self.get(host, model) is form:
            return
        self._known = None  # another process may have written since
        entries = self._entries()
        entries[f"{host} {model}"] = {"form": form.value, "at": self._clock.now().isoformat(timespec="seconds")}
        self._write(entries)

    def _entries(self) -> dict[str, dict[str, str]]:
        if self._known is None:
            self._known = _entries_of(self._bytes())
        return self._known

    def _bytes(self) -> bytes | None:
        if self._root is None:
            return None
        from workflow_cli.adapters.state_directory import STATE_DIRECTORY

        try:
            return (self._root / STATE_DIRECTORY / FILE).read_bytes()
        except OSError:
            return None

    def _write(self, entries: dict[str, dict[str, str]]) -> None:
        if self._root is None:
            return
        from workflow_cli.adapters.atomic_write import replace_file
        from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory

        data = json.dumps({"schema": _SCHEMA, "forms": entries}, ensure_ascii=False, indent=1).encode()
        try:
            make_state_directory(self._root)
            replace_file(self._root / STATE_DIRECTORY / FILE, data, base=self._bytes())
        except (OSError, WorkflowError):
            return  # the next run finds out again


def _entries_of(data: bytes | None) -> dict[str, dict[str, str]]:
    try:
        value: Any = json.loads(data or b"null")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict) or value.get("schema") != _SCHEMA or not isinstance(value.get("forms"), dict):
        return {}
    return {name: entry for name, entry in value["forms"].items() if isinstance(entry, dict)}

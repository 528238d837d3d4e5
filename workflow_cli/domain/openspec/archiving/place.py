"""Where an archived change goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

ARCHIVE = "openspec/changes/archive"

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-")


def archive_name(change: str, today: date) -> str:
    """The change's name with the day before it; a name that begins with a date keeps it."""
    return change if _DATED.match(change) else f"{today.isoformat()}-{change}"


def archived_place(change: str, archived: Iterable[str]) -> str | None:
    """The directory that the change was archived to last, among the names of the archive; None where it never was."""
    names = [name for name in archived if change in (name, _DATED.sub("", name, count=1))]
    return f"{ARCHIVE}/{max(names)}" if names else None


def main_file(capability: str) -> str:
    return f"openspec/specs/{capability}/spec.md"

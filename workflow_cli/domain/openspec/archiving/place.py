"""Where an archived change goes."""

from __future__ import annotations

import re
from datetime import date

ARCHIVE = "openspec/changes/archive"

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-")


def archive_name(change: str, today: date) -> str:
    """The change's name with the day before it; a name that begins with a date keeps it."""
    return change if _DATED.match(change) else f"{today.isoformat()}-{change}"


def main_file(capability: str) -> str:
    return f"openspec/specs/{capability}/spec.md"

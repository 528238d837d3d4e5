"""Which revision last changed each line of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from workflow_cli.domain.markdown.line_merge import line_edits
from workflow_cli.domain.review.revision import Revision


class Unrecorded(Enum):
    """Why no revision stands behind a line."""

    BEFORE = "before the history"
    OUTSIDE = "outside the history"


Origin = Revision | Unrecorded


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What one revision found and left, as lines."""

    revision: Revision
    before: Sequence[bytes]
    after: Sequence[bytes]


def blame(versions: Iterable[Version], current: Sequence[bytes]) -> list[Origin]:
    """For each line of `current` where it comes from; `versions` are oldest first.

    A line counts as changed where whole-line comparison finds it new; moving it makes it new.
    """
    text: Sequence[bytes] | None = None
    origins: list[Origin] = []
    for version in versions:
        if text is None:
            origins = [Unrecorded.BEFORE] * len(version.before)
        else:
            origins = _carried(text, origins, version.before, Unrecorded.OUTSIDE)
        origins = _carried(version.before, origins, version.after, version.revision)
        text = version.after
    if text is None:
        return [Unrecorded.BEFORE] * len(current)
    return _carried(text, origins, current, Unrecorded.OUTSIDE)


def _carried(before: Sequence[bytes], origins: list[Origin], after: Sequence[bytes], by: Origin) -> list[Origin]:
    carried: list[Origin] = []
    done = 0
    for edit in line_edits(before, after):
        carried += origins[done : edit.start]
        carried += [by] * len(edit.lines)
        done = edit.end
    return carried + origins[done:]

"""What one commit does to the tree, as the journal keeps it until it is done."""

from __future__ import annotations

import json
from dataclasses import dataclass

from workflow_cli.domain.review.draft import DirectoryMove

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedFile:
    """`before` and `after` are content hashes, None for no file. `mode` is that of the file before.

    `temporary` is the name, in the same directory, under which new bytes are written first.
    """

    path: str
    before: str | None
    after: str | None
    mode: int | None
    temporary: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WritePlan:
    """`made` are the directories that the commit makes, each after the one it lies in."""

    files: tuple[PlannedFile, ...]
    moves: tuple[DirectoryMove, ...]
    made: tuple[str, ...]

    def to_json(self) -> str:
        files = [[f.path, f.before, f.after, f.mode, f.temporary] for f in self.files]
        moves = [[m.source, m.target] for m in self.moves]
        return _encode({"files": files, "moves": moves, "made": self.made})

    @classmethod
    def from_json(cls, text: str) -> WritePlan:
        plan = json.loads(text)
        return cls(
            files=tuple(
                PlannedFile(path=path, before=before, after=after, mode=mode, temporary=temporary)
                for path, before, after, mode, temporary in plan["files"]
            ),
            moves=tuple(DirectoryMove(source=source, target=target) for source, target in plan["moves"]),
            made=tuple(plan["made"]),
        )

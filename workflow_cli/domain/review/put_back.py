"""A spec without what one edit did to its requirements, and with what was done to the others since."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.review.touched import REST, touched_requirements


@dataclass(frozen=True, slots=True)
class _Cut:
    """A spec cut at its requirements: each one's lines, the blank ones below it apart."""

    head: bytes
    blocks: dict[str, tuple[bytes, bytes]]
    tail: bytes


def put_back(before: bytes, after: bytes, current: bytes) -> bytes | None:
    """`current` with the requirements that differ between `before` and `after` as they were before.

    Where line by line nothing says which of two neighbours comes first, requirements still can be told apart by
    their names. None where they cannot either: a name that stands there twice, or an edit of the text around them.
    """
    old, new, now = (_cut(data) for data in (before, after, current))
    if old is None or new is None or now is None:
        return None
    undone = touched_requirements(before, after)
    if REST in undone:
        return None
    names = [name for name in now.blocks if name not in undone or name in old.blocks]
    order = list(old.blocks)
    for index, name in enumerate(order):
        if name in undone and name not in names:
            above = next((n for n in reversed(order[:index]) if n in names), None)
            names.insert(0 if above is None else names.index(above) + 1, name)
    pieces = [(old if name in undone else now).blocks[name] for name in names]
    *_, (_, last_gap) = now.blocks.values()
    result = now.head
    for place, (block, gap) in enumerate(pieces, start=1):
        result += block + (last_gap if place == len(pieces) else gap or _gap_below(block))
    result += now.tail
    restored = touched_requirements(current, result)
    return result if restored <= undone and touched_requirements(before, result).isdisjoint(undone) else None


def _gap_below(block: bytes) -> bytes:
    """What separates a block from the next one where the file ended below it."""
    end = b"\r\n" if block.endswith(b"\r\n") or b"\r\n" in block else b"\n"
    return end if block.endswith((b"\n", b"\r")) else end + end


def _cut(data: bytes) -> _Cut | None:
    lines = split_lines(data)
    requirements = read_spec("", Document(file="", data=data)).requirements
    if not requirements or len({block.name for block in requirements}) < len(requirements):
        return None
    blocks = {}
    for block in requirements:
        text = block.line + len(block.lines)
        blocks[block.name] = (b"".join(lines[block.line : text]), b"".join(lines[text : block.end]))
    return _Cut(b"".join(lines[: requirements[0].line]), blocks, b"".join(lines[requirements[-1].end :]))

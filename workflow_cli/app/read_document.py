"""Reads a document, or the place in it that an address names, in pieces of a bounded size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import locate
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """Lines `line` to `end_line` (from 1, both included) of a document of `lines`; `next_line` where more follows."""

    path: str
    address: str
    line: int
    end_line: int
    lines: int
    text: str
    next_line: int | None = None


def read_excerpt(
    documents: Documents,
    named: str,
    *,
    from_line: int | None = None,
    most: int,
    refuse: Callable[[str], None] = lambda path: None,  # noqa: ARG005
) -> Excerpt:
    """What a path, a short form of one, or `PATH#ADDRESS` names, from its beginning or from `from_line` on.

    Whole lines, at most `most` characters of them; a longer line is cut. `refuse` may raise for a path before it is
    read. Raises UsageError, AddressNotFound, AddressAmbiguous or DocumentError.
    """
    from workflow_cli.domain.markdown.source import Source

    name, _, address = named.partition("#")
    path = locate(documents, name, ())
    refuse(path)
    source = Source(documents.read(path) or b"")
    first, end = 0, source.lines
    if address:
        from workflow_cli.domain.markdown.address import address_of, resolve
        from workflow_cli.domain.markdown.parse import parse

        tree = parse(source)
        node = resolve(tree, f"{path}#{address}")
        first, end, address = node.first_line, node.end_line, address_of(tree, node, path)
    if from_line is not None:
        if not first < from_line <= max(end, first + 1):
            raise UsageError(f"line {from_line} is not among its lines {first + 1} to {end}", where=path)
        first = from_line - 1
    texts: list[str] = []
    left = most
    for line in range(first, end):
        text = source.text(source.line_span(line))
        if len(text) > left:
            if not texts:
                texts.append(text[:left])
            break
        texts.append(text)
        left -= len(text)
    last = first + len(texts)
    return Excerpt(
        path=path,
        address=address or path,
        line=first + 1,
        end_line=last,
        lines=source.lines,
        text="".join(texts).encode("utf-8", "replace").decode(),
        next_line=last + 1 if last < end else None,
    )

"""The last look at what an answer cites: each quote is literally in its file, at its line, or it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from workflow_cli.domain.answering.standing import standing
from workflow_cli.domain.openspec.text import decode, drop_bom

if TYPE_CHECKING:
    from workflow_cli.app.answering.routing_ports import SourceFiles
    from workflow_cli.domain.answering.answer import Source


def check_sources(files: SourceFiles, sources: Iterable[Source]) -> tuple[tuple[Source, ...], Mapping[str, str]]:
    """The sources that stand, quoted to the letter, and the SHA-256 in hex of each file they cite."""
    texts: dict[str, tuple[str, str] | None] = {}
    stand: list[Source] = []
    for source in sources:
        if source.path not in texts:
            data = files.read(source.path)
            texts[source.path] = None if data is None else (drop_bom(decode(data)), hashlib.sha256(data).hexdigest())
        read = texts[source.path]
        found = None if read is None else standing(source, read[0])
        if found is not None:
            stand.append(found)
    cited = {source.path for source in stand}
    return tuple(stand), {path: read[1] for path, read in texts.items() if read is not None and path in cited}

"""What an archive leaves behind about the other open changes: that their text was there before it.

Where nothing else tells when a MODIFIED was written, this does: it stood there, word for word, when the main
spec was still the one before the archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta

#: The kind of provenance under which a revision holds it.
WITNESS = "open_changes"

#: Hashes of texts, by the delta's file and the requirement's name.
Witnessed = Mapping[tuple[str, str], str]


def texts_against_main(delta: Delta) -> dict[str, str]:
    """The hash of every text that was written against the main spec, by requirement: MODIFIED, and REMOVED."""
    texts = {removal.name: "REMOVED" for removal in delta.removed}
    texts.update({block.name: block.raw for block in delta.modified})
    return {name: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for name, text in texts.items()}


def witness(changes: Iterable[Change], capabilities: Iterable[str]) -> str | None:
    """The open changes' texts against some capabilities, in the form a revision keeps; None where there are none."""
    wanted = set(capabilities)
    found = {
        delta.document.file: texts
        for change in changes
        for delta in change.deltas
        if delta.id in wanted and (texts := texts_against_main(delta))
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if found else None


def read_witness(value: str) -> Witnessed:
    """What `witness` wrote; empty for anything else."""
    try:
        files = json.loads(value)
        return {(file, name): str(hash) for file, texts in files.items() for name, hash in texts.items()}
    except (ValueError, AttributeError):
        return {}

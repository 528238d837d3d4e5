"""Trees small enough to be written into one text, such as a rule's examples.

A text without a file line is a requirement block and becomes the main spec `example`. Otherwise
each `==> PATH <==` line opens a file, its path given from the `openspec` folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.spec import Spec, read_spec

_FILE = re.compile(r"==> (.+) <==[ ]*\n?", re.M)
_PREAMBLE = "# example\n\n## Purpose\nShow one rule at work.\n\n## Requirements\n"


@dataclass(frozen=True, kw_only=True)
class SmallTree:
    specs: tuple[Spec, ...]
    changes: tuple[Change, ...]


def example_files(text: str) -> dict[str, str]:
    """The files of an example by path from the `openspec` folder."""
    pieces = _FILE.split(text)
    if len(pieces) == 1:
        return {"specs/example/spec.md": _PREAMBLE + text}
    return {path: content.lstrip("\n") for path, content in zip(pieces[1::2], pieces[2::2], strict=True)}


def read_tree(files: Mapping[str, bytes]) -> SmallTree:
    """The specs and active changes among `files`, which are named from the `openspec` folder."""
    specs: list[Spec] = []
    changes: dict[str, list[str]] = {}
    for path in sorted(files):
        parts = path.split("/")
        if parts[0] == "specs" and parts[-1] == "spec.md" and len(parts) > 2:
            document = Document("openspec/" + path, files[path])
            specs.append(read_spec("/".join(parts[1:-1]), document, document.commonmark_mask))
        elif parts[0] == "changes" and len(parts) > 2 and parts[1] != "archive":
            changes.setdefault(parts[1], []).append(path)
    return SmallTree(specs=tuple(specs), changes=tuple(_change(name, paths, files) for name, paths in changes.items()))


def _change(name: str, paths: list[str], files: Mapping[str, bytes]) -> Change:
    root = f"changes/{name}/"
    inside = {path.removeprefix(root): Document("openspec/" + path, files[path]) for path in paths}
    deltas = tuple(
        ("/".join(path.split("/")[1:-1]), document)
        for path, document in inside.items()
        if path.startswith("specs/") and path.endswith("/spec.md") and path.count("/") > 1
    )
    proposal, tasks = inside.get("proposal.md"), inside.get("tasks.md")
    return Change(
        name=name,
        directory="openspec/" + root.rstrip("/"),
        delta_documents=deltas,
        proposal=Proposal(document=proposal) if proposal else None,
        design=inside.get("design.md"),
        task_documents=(("tasks.md", tasks),) if tasks else (),
    )

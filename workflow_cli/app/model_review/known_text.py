"""What a tree says already, as a model is told before it writes something new."""

from __future__ import annotations

from workflow_cli.app.ports import ProposalTree
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.spec import read_spec


def known_text(tree: ProposalTree) -> list[str]:
    """One line a capability: its name, and the names of its requirements."""
    lines: list[str] = []
    for file in tree.spec_files():
        document = tree.read_spec_file(file)
        if isinstance(document, Document):
            names = "; ".join(block.name for block in read_spec(file.id, document).requirements)
            lines.append(f"capability {file.id}: {names}")
    return lines

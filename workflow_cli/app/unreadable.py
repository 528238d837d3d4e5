"""What to tell about a document that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.app.report import ItemFault
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from workflow_cli.domain.openspec.discovered import Fault
    from workflow_cli.domain.openspec.document import Document

_HINTS = {
    "EACCES": "check its permissions",
    "EPERM": "check its permissions",
    "EFBIG": "raise `limits.max_file_bytes` in workflow.yaml if it is meant to be this large",
    "EISDIR": "a directory has the name of a document: rename it",
    "EXDEV": "replace the link by the file itself",
    "ELOOP": "the links go in a circle: remove one",
    "ENOENT": "the file went away while the tree was read: run the command again",
}


def as_item_fault(file: str, code: str, message: str) -> ItemFault:
    return ItemFault(message=f"cannot be read: {message} ({code})", where=file, hint=_HINTS.get(code))


def readable(found: Document | Fault) -> Document:
    """The document. Raises DocumentError for a fault."""
    from workflow_cli.domain.openspec.document import Document

    if isinstance(found, Document):
        return found
    fault = as_item_fault(found.file, found.code, found.message)
    raise DocumentError(fault.message, where=fault.where, hint=fault.hint)

"""The loose form of an update, which names no document for its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import change_of, locate
from workflow_cli.app.update_documents import Request
from workflow_cli.domain.openspec.edits.loose import loose_operations
from workflow_cli.domain.openspec.edits.operation import AddTask
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents


def loose_requests(
    documents: Documents, named: str, changes: Mapping[object, object], *, here: str = ""
) -> list[Request]:
    """`{"performance_improvements": ["caching"], "add_x": True}` for a document or a change.

    In a change, tasks go to its tasks.md; of a change alone, list items go to its proposal.md. Elsewhere both go
    to the document. Raises FaultyInput for values that mean nothing, and what `locate` raises.
    """
    operations = loose_operations(changes)
    tasks = tuple(operation for operation in operations if isinstance(operation, AddTask))
    items = tuple(operation for operation in operations if not isinstance(operation, AddTask))
    found = []
    path = None
    if items:
        try:
            path = locate(documents, named, items, here=here)
        except UsageError as error:
            try:
                path = locate(documents, f"{named.rstrip('/')}/proposal.md", items, here=here)
            except UsageError:
                raise error from None
        found.append(Request(path=path, operations=items))
    if tasks:
        path = path or locate(documents, named, tasks, here=here)
        change = change_of(path)
        found.append(Request(path=f"{change}/tasks.md" if change else path, operations=tasks))
    return found

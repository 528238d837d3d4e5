"""Edits as callers hand them in: a list as in an `--edits` file, one edit of it, or the loose form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.update_documents import Request


_HINT = 'for example [{"op": "check-task", "task": "1.2"}]'


def requests_of(edits: object, path: str | None, documents: Documents) -> list[Request]:
    """What to do to which document; `path` is the document of edits that name none.

    Raises UsageError where there is no edit or no document, FaultyInput for edits that are none, and what `locate` raises.
    """
    from workflow_cli.app.document_path import locate
    from workflow_cli.app.loose_update import loose_requests
    from workflow_cli.app.update_documents import Request
    from workflow_cli.domain.openspec.edits.parse import parse_edits

    if not edits:
        raise UsageError("there is no edit to draft", hint=_HINT)
    if isinstance(edits, Mapping):
        if "op" not in edits:
            if path is None:
                raise UsageError("name the document", hint="give `path`")
            return loose_requests(documents, path, edits)
        edits = [edits]  # as the loose form it would make sections that are called Op and Task
    found: list[Request] = []
    for edit in parse_edits(edits):
        named = edit.path or path
        if named is None:
            raise UsageError("an edit names no document", hint="give `path`, for all or in each edit")
        operations = (edit.operation,)
        found.append(Request(path=locate(documents, named.partition("#")[0], operations), operations=operations))
    return found

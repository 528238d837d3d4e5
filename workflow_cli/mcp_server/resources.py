"""Specs and changes as resources: `openspec://spec/<id>` and `openspec://change/<name>/<file>`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import Resource

from workflow_cli.errors import DocumentError, NoTree
from workflow_cli.mcp_server.results import whole
from workflow_cli.mcp_server.state import said

if TYPE_CHECKING:
    from workflow_cli.wiring.agents import AgentWork

SPEC = "openspec://spec/{+id}"
CHANGE = "openspec://change/{name}/{+file}"
MARKDOWN = "text/markdown"
#: Clients load the whole list.
MOST_LISTED = 500
#: Of a document that is read whole; read_document reads larger ones in pieces.
MOST_BYTES = 500_000


def read_spec(work: AgentWork, id: str) -> str:
    return _read(work, f"openspec/specs/{id}/spec.md")


def read_change_file(work: AgentWork, name: str, file: str) -> str:
    return _read(work, f"openspec/changes/{name}/{file}")


def listed(work: AgentWork) -> list[Resource]:
    """The main specs, then the proposals of open changes."""
    try:
        work.refuse_without_tree()
    except NoTree as error:
        raise ResourceError(said(error)) from error
    specs = [_resource(f"spec/{_quoted(id)}", f"spec {id}") for id in work.specs()]
    changes = [_resource(f"change/{_quoted(name)}/proposal.md", f"change {name}: proposal") for name in work.changes()]
    return [*specs, *changes][:MOST_LISTED]


def _resource(address: str, name: str) -> Resource:
    return Resource(uri=f"openspec://{address}", name=whole(name), mime_type=MARKDOWN)


def _quoted(id: str) -> str:
    return quote(os.fsencode(id))


def _read(work: AgentWork, path: str) -> str:
    try:
        data = work.read_file(path)
    except DocumentError as error:
        raise ResourceNotFoundError(f"{error.message}: {path}; list_resources names what is there") from error
    if len(data) > MOST_BYTES:
        raise ResourceError(f"{path} has {len(data)} bytes; the tool read_document reads it in pieces")
    return data.decode("utf-8", "replace")

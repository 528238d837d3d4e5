"""Specs and changes as resources: `openspec://spec/<id>` and `openspec://change/<name>/<file>`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import Resource

from workflow_cli.errors import DocumentError

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
    specs = [Resource(uri=f"openspec://spec/{quote(id)}", name=f"spec {id}", mime_type=MARKDOWN) for id in work.specs()]
    changes = [
        Resource(
            uri=f"openspec://change/{quote(name)}/proposal.md", name=f"change {name}: proposal", mime_type=MARKDOWN
        )
        for name in work.changes()
    ]
    return [*specs, *changes][:MOST_LISTED]


def _read(work: AgentWork, path: str) -> str:
    try:
        data = work.read_file(path)
    except DocumentError as error:
        raise ResourceNotFoundError(f"{error.message}: {path}; list_resources names what is there") from error
    if len(data) > MOST_BYTES:
        raise ResourceError(f"{path} has {len(data)} bytes; the tool read_document reads it in pieces")
    return data.decode("utf-8", "replace")

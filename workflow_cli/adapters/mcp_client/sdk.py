"""The SDK of the protocol, imported where a server is really called and nowhere before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp import Client


MISSING = "the package to call MCP servers is not installed: install workflow-cli[mcp]"


def is_installed() -> bool:
    """Whether the SDK could be imported; does not import it."""
    from importlib.util import find_spec

    try:
        return find_spec("mcp") is not None and find_spec("mcp_types") is not None
    except ValueError:  # blocked on purpose
        return False


def client_of(transport: Any, *, seconds: float) -> Client:
    """A client over a transport; what it cannot do (sampling, roots, questions to the person) it does not offer."""
    import logging

    from mcp import Client
    from mcp.types import Implementation

    from workflow_cli import __version__

    # It logs what servers send, escapes included, to a stderr that is the person's.
    for name in ("mcp", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return Client(
        transport,
        read_timeout_seconds=seconds,
        client_info=Implementation(name="workflow", version=__version__),
        cache=None,
    )

"""The SDK of the protocol, imported where a server is really called and nowhere before."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp import Client


#: As the extra of this project's has it. That extra is not named: a package of this name that an index offers need not be ours.
_PACKAGE = "mcp>=2.3,<3"


def how_to_install() -> str:
    """The command, for the interpreter that runs this."""
    return f'{shlex.quote(sys.executable)} -m pip install "{_PACKAGE}"'


def what_is_missing() -> str:
    return f"the package to call MCP servers is not installed: {how_to_install()}"


def is_installed() -> bool:
    """Whether the SDK could be imported; does not import it."""
    from importlib.util import find_spec

    try:
        return find_spec("mcp") is not None and find_spec("mcp_types") is not None
    except ValueError:  # blocked on purpose
        return False


def load() -> None:
    """Import it now: inside an event loop that would hold up everything else for more than a second."""
    import mcp  # noqa: F401


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

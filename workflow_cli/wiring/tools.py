"""The box of tools that questions may use: configured servers, or what the program itself can do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import STATE_DIRECTORY, event_log
from workflow_cli.wiring.documents import spec_tree

if TYPE_CHECKING:
    from workflow_cli.adapters.mcp_client.pin_file import PinFile
    from workflow_cli.adapters.mcp_client.server_config import ServerConfig
    from workflow_cli.adapters.mcp_client.tool_servers import ToolServers
    from workflow_cli.app.answering.built_in_tools import BuiltInTools
    from workflow_cli.app.answering.ports import ChatModel, PassageIndex
    from workflow_cli.app.answering.tools_answerer import ByModel, ToolsAnswerer
    from workflow_cli.app.report import Report
    from workflow_cli.settings import Settings


def tool_box(
    root: Path, settings: Settings, *, index: Callable[[], PassageIndex] | None = None
) -> ToolServers | BuiltInTools:
    """Enter it with `async with`; leaving it ends every server. Raises SettingsError for a file that lists none.

    Where no server is configured, or none may be used, the tools of the program itself are in it.
    """
    servers = configured(root, settings)
    if settings.network.offline or not any(server.enabled for server in servers):
        left_out = [f"{server.name}: network.offline is set" for server in servers if server.enabled]
        return built_in_tools(root, settings, index=index, problems=left_out)
    return tool_servers(root, settings, servers)


def tools_answerer(
    box: ToolServers | BuiltInTools, settings: Settings, *, root: Path, model: ChatModel | None = None
) -> ToolsAnswerer:
    """The answerer over a box that is entered; with a model, it may choose among tools and read their results."""
    from workflow_cli.app.answering.built_in_tools import BuiltInTools
    from workflow_cli.app.answering.retried_tools import RetriedTools
    from workflow_cli.app.answering.tools_answerer import ToolsAnswerer

    return ToolsAnswerer(
        box if isinstance(box, BuiltInTools) else RetriedTools(box, attempts=settings.mcp.attempts),
        by_model=None if model is None else _by_model(model),
        max_tools=settings.mcp.max_tools,
        max_calls=settings.mcp.max_calls,
        index=box.index if isinstance(box, BuiltInTools) else None,
        root=str(root),
    )


def _by_model(model: ChatModel) -> ByModel:
    from secrets import token_hex

    from workflow_cli.adapters.prompt_files import load_prompt
    from workflow_cli.app.answering.tool_conversation import ToolPrompts
    from workflow_cli.app.answering.tools_answerer import ByModel

    prompts = ToolPrompts(
        choice=load_prompt("tool-choice"), arguments=load_prompt("tool-arguments"), answer=load_prompt("tool-answer")
    )
    return ByModel(model, prompts, lambda: token_hex(8))


def configured(root: Path, settings: Settings) -> Sequence[ServerConfig]:
    """Every server of the settings, of the file they name and behind the socket. Imports nothing where none is."""
    chosen = settings.mcp
    if not chosen.servers and chosen.file is None and settings.sockets.mcp is None:
        return ()
    from workflow_cli.adapters.mcp_client.configured import configured_servers
    from workflow_cli.settings.mcp_servers import revealed

    return configured_servers(
        {name: revealed(entry) for name, entry in chosen.servers.items()},
        origin=lambda name: settings.origin_of("mcp.servers", name),
        file=chosen.file,
        socket=settings.sockets.mcp,
        socket_origin=settings.origins["sockets.mcp"],
        root=root,
        environment=os.environ,
    )


def tool_servers(
    root: Path, settings: Settings, servers: Sequence[ServerConfig], *, keeps_logs: bool = True
) -> ToolServers:
    from workflow_cli.adapters.mcp_client.tool_servers import Limits, ToolServers

    chosen = settings.mcp
    return ToolServers(
        servers,
        record=event_log(settings, root).append,
        pins=pins_of(root),
        root=root,
        keeps_logs=keeps_logs,
        limits=Limits(
            timeout=chosen.timeout,
            connect_timeout=chosen.connect_timeout,
            max_result_bytes=chosen.max_result_bytes,
            concurrency=chosen.concurrency,
            offline=settings.network.offline,
            loopback_only=settings.network.loopback_only,
            trusting=chosen.trust == "configured",
        ),
    )


def pins_of(root: Path) -> PinFile:
    from workflow_cli.adapters.mcp_client.approval_key import approval_key, user_state_directory
    from workflow_cli.adapters.mcp_client.pin_file import PinFile

    return PinFile(root, lambda make: approval_key(user_state_directory(), make=make))


def built_in_tools(
    root: Path,
    settings: Settings,
    *,
    index: Callable[[], PassageIndex] | None = None,
    problems: Sequence[str] = (),
) -> BuiltInTools:
    from workflow_cli.app.answering.built_in_tools import BuiltInTools

    return BuiltInTools(
        spec_tree(root, settings),
        read=lambda path: _document(root, settings, path),
        validate=lambda item: _validated(root, settings, item),
        index=index,
        max_result_bytes=settings.mcp.max_result_bytes,
        problems=problems,
    )


def _document(root: Path, settings: Settings, path: str) -> bytes | None:
    from workflow_cli.adapters.confined_read import ConfinedReader, is_within
    from workflow_cli.errors import DocumentError

    place = root / path
    try:
        if not is_within(root / "openspec", place):
            raise DocumentError("a link leads out of the tree", where=path)
        return ConfinedReader(root, settings.limits.max_file_bytes).read(place)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentError(f"cannot read: {reason}", where=path) from error


def _validated(root: Path, settings: Settings, item: str) -> Report:
    from workflow_cli import __version__
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.event_log import NoEvents
    from workflow_cli.adapters.step_record import SqliteStepRecord
    from workflow_cli.app.process import Process
    from workflow_cli.app.process_options import ProcessOptions
    from workflow_cli.app.selection import select
    from workflow_cli.wiring.documents import open_documents, settled
    from workflow_cli.wiring.process import QuestionsFile

    settled(root, settings, repair=False)
    tree = spec_tree(root, settings)
    chosen = select([item], specs=[spec.id for spec in tree.spec_files()], changes=tree.change_names())
    events = NoEvents()
    record = SqliteStepRecord(root / STATE_DIRECTORY / "state.db")
    try:
        options = ProcessOptions(
            version=__version__, root=str(root), steps=("validate",), strict=settings.process.strict
        )
        run = Process(
            tree,
            record,
            QuestionsFile(),
            lambda: open_documents(root, settings, events),  # never called: this step writes nothing
            events,
            SystemClock(),
            options,
        )
        return run.run(chosen)
    finally:
        record.close()

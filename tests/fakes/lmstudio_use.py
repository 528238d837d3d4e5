"""A client against a server of its own dialect, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.fakes.lmstudio_server import LmStudioServer
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.lmstudio.client import LmStudio
from workflow_cli.adapters.lmstudio.form_memory import FormMemory
from workflow_cli.adapters.lmstudio.options import LmStudioOptions
from workflow_cli.app.answering.ports import ChatMessage, ChatRequest

Answer = Callable[[LmStudio], Awaitable[Any]]

#: An object with one text: what most tests ask for.
WORD = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}


class Events:
    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []

    def append(self, event: Any) -> None:
        self.all.append(dict(event))


class Use:
    """`use(lambda model: model.complete(...), **options)` with a client of the server, closed afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events = Events()

    def __call__(self, work: Answer, *servers: LmStudioServer, **options: Any) -> Any:
        async def run() -> Any:
            async with self.client(*servers, **options) as model:
                return await work(model)

        return asyncio.run(run())

    def client(self, *servers: LmStudioServer, **options: Any) -> LmStudio:
        clock = SystemClock()
        chosen = LmStudioOptions(**{"hosts": tuple(server.base_url for server in servers), **options})
        return LmStudio(chosen, events=self.events, clock=clock, forms=FormMemory(self.root, clock))


def request(text: str = "Say something.", **words: Any) -> ChatRequest:
    return ChatRequest(
        **{
            "messages": (ChatMessage(role="user", content=text),),
            "max_tokens": 200,
            "purpose": "answer",
            **words,
        }
    )

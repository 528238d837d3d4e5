"""The server in this process, with the SDK's own client before it, in both ways the protocol is spoken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import Implementation

from tests.cli.trees import add_change, add_spec
from workflow_cli.app.answering.answer_question import Outcome
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.mcp_server.server import Server
from workflow_cli.settings import Sources, load_settings
from workflow_cli.wiring.agents import AgentWork, answering

Calls = Callable[["Agent"], Awaitable[Any]]


@dataclass
class Planned:
    """Answers as it is told: `say` is the text, `fail` is raised; with `hold` only once that is set."""

    say: str = "thirty minutes"
    fail: Exception | None = None
    hold: bool = False
    asked: list[Asked] = field(default_factory=list)
    cancelled: int = 0
    go_on: anyio.Event | None = None

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Callable[[Asked], Awaitable[Outcome]]]:
        self.go_on = anyio.Event()
        yield self._answer

    async def _answer(self, asked: Asked) -> Outcome:
        self.asked.append(asked)
        try:
            if self.hold:
                assert self.go_on is not None
                await self.go_on.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        if self.fail is not None:
            raise self.fail
        source = Source(path="openspec/specs/auth/spec.md", line=9, address="a", quote="The shop SHALL open the page.")
        answer = Answer(
            id="a1",
            text=self.say,
            status=AnswerStatus.ANSWERED,
            answerer="specs",
            confidence=0.9,
            sources=(source,),
        )
        return Outcome(asked=asked, answer=answer)


@dataclass
class Agent:
    """A connected client. `call` gives the structured result, `refused` the text of a tool's error."""

    client: Client
    work: AgentWork

    async def call(self, tool: str, **arguments: Any) -> Any:
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    async def refused(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        return str(result.content[0].text)  # type: ignore[union-attr]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a spec and a change, and a person's home without settings."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    tree = tmp_path / "project"
    add_spec(tree)
    add_change(tree)
    return tree


@pytest.fixture
def planned() -> Planned:
    return Planned()


def opened(root: Path) -> AgentWork:
    return AgentWork(root, load_settings(Sources(root=root, here=root)))


@pytest.fixture(params=["auto", "legacy"])
def talk(request: pytest.FixtureRequest, root: Path, planned: Planned) -> Callable[..., Any]:
    """`talk(work)` runs `work(agent)` against the server; with `real=True` questions are really answered."""

    def run(calls: Calls, *, real: bool = False) -> Any:
        async def main() -> Any:
            work = opened(root)
            server = Server(work, (lambda: answering(root, lambda: work.settings)) if real else planned)
            with work:
                async with Client(
                    server, mode=request.param, client_info=Implementation(name="some-agent", version="1")
                ) as client:
                    return await calls(Agent(client, work))

        return anyio.run(main)

    return run

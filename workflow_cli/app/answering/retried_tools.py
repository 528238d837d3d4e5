"""A box of tools that calls one once more where its server failed in passing, and calling it again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.ports import Access
from workflow_cli.domain.answering.failure import AnswererFailed
from workflow_cli.domain.answering.retry import tool_after

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import Tool, ToolBox, ToolResult


class RetriedTools:
    """As often as `attempts` says in all, within the time that the question has left."""

    def __init__(self, box: ToolBox, *, attempts: int) -> None:
        self._box = box
        self._attempts = attempts

    async def tools(self) -> Sequence[Tool]:
        return await self._box.tools()

    @property
    def problems(self) -> Sequence[str]:
        return self._box.problems

    @property
    def down(self) -> Sequence[str]:
        return self._box.down

    @property
    def lapsed(self) -> Sequence[str]:
        return self._box.lapsed

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
        import anyio

        for attempt in count(1):
            try:
                return await self._box.call(tool, arguments)
            except AnswererFailed as failure:
                wait = tool_after(
                    failure.kind,
                    reads=tool.access is Access.READ,
                    was_there=not failure.before_reply,
                    attempt=attempt,
                    attempts=self._attempts,
                    left=anyio.current_effective_deadline() - anyio.current_time(),
                )
                if wait is None:
                    raise
                await anyio.sleep(wait)
                # Its server may still be away, or was taken back meanwhile.
                if tool not in await self._box.tools():
                    raise
        raise AssertionError

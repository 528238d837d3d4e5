"""A box of tools and a model, both of which do what a test has written down for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflow_cli.app.answering.ports import Access, ChatReply, ChatRequest, ModelWindow, Tool, ToolResult
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.json_schema import faults


def tool(
    name: str,
    description: str = "",
    *,
    server: str = "s",
    access: Access = Access.READ,
    properties: Mapping[str, Any] | None = None,
    required: Sequence[str] | None = None,
) -> Tool:
    """By default every property is required."""
    given = dict(properties or {})
    return Tool(
        server=server,
        name=name,
        title="",
        description=description,
        input_schema={
            "type": "object",
            "properties": given,
            "required": list(given) if required is None else list(required),
        },
        access=access,
    )


class BoxInMemory:
    """`gives` says what each tool, by its full name, gives back: a text, or a failure to raise."""

    def __init__(
        self,
        tools: Sequence[Tool],
        gives: Mapping[str, str | ToolResult | AnswererFailed],
        problems: Sequence[str] = (),
        down: Sequence[str] = (),
    ) -> None:
        self._tools = tools
        self._gives = gives
        self.problems = [*problems, *down]
        self.down = down
        self.lapsed: Sequence[str] = ()
        self.called: list[tuple[str, dict[str, Any]]] = []

    async def tools(self) -> Sequence[Tool]:
        return self._tools

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
        self.called.append((tool.full_name, dict(arguments)))
        given = self._gives[tool.full_name]
        if isinstance(given, AnswererFailed):
            raise given
        return given if isinstance(given, ToolResult) else ToolResult(server=tool.server, tool=tool.name, text=given)


class ScriptedModel:
    """Gives one written reply after the other; None stands for a model that is not loaded.

    A reply that does not satisfy the schema of the request is an error of the test, as a real client would not give
    one. Every request is kept.
    """

    def __init__(self, *replies: Any, tokens: int = 8000) -> None:
        self._replies = list(replies)
        self._tokens = tokens
        self.requests: list[ChatRequest] = []

    async def window(self, model: str | None = None, *, purpose: str | None = None) -> ModelWindow:
        if self._replies and self._replies[0] is None:
            raise AnswererFailed(FailureKind.NO_MODEL, "no model is loaded")
        return ModelWindow(model="m", host="h", tokens=self._tokens, loaded=True)

    def count_tokens(self, text: str) -> int:
        return len(text) // 3 + 1

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        data = reply(request) if isinstance(reply, Callable) else reply  # type: ignore[arg-type]
        assert request.schema is not None
        assert not faults(data, request.schema), (data, request.schema)
        return ChatReply(text="", model="m", host="h", data=data, prompt_tokens=10, completion_tokens=1)

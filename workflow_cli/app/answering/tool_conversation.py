"""A model chooses tools and reads their results: one small question at a time, each answered in a schema of its own.

The model never calls anything. It names a tool out of those that it was offered and writes arguments; both are checked
here, and the call is made from here. Whatever a result says, it can lead to another call of a tool that reads, and to
nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.app.answering.ports import ChatMessage, ChatModel, ChatRequest, Spent, Tool, ToolBox, ToolResult
from workflow_cli.app.answering.tool_arguments import faults_of
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.json_schema import simplified
from workflow_cli.domain.answering.outside_text import one_line
from workflow_cli.domain.answering.prompt import PromptTemplate, Room, fenced, filled

ANSWER, NONE = "answer", "none"
_CHOICE_TOKENS, _ARGUMENT_TOKENS, _ANSWER_TOKENS = 200, 500, 800
#: Of a tool's description, in bytes: enough to choose by.
_DESCRIPTION = 300
#: No result is left with less room than this many tokens; then fewer are shown.
_LEAST_RESULT = 64
_CLAIMS = {
    "type": "object",
    "properties": {
        "in_results": {"type": "boolean"},
        "claims": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "result": {"type": "integer"},
                    "quote": {"type": "string", "maxLength": 1000},
                    "text": {"type": "string", "maxLength": 1000},
                },
                "required": ["result", "quote", "text"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["in_results", "claims"],
    "additionalProperties": False,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolPrompts:
    choice: PromptTemplate
    arguments: PromptTemplate
    answer: PromptTemplate


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """One call that was made, and what came of it."""

    tool: Tool
    arguments: Mapping[str, Any]
    result: ToolResult


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolClaim:
    """What the model says, and the words of which call it rests that on; not checked yet."""

    call: Called
    quote: str
    text: str


class ToolConversation:
    """About one question. `fence` gives a new word that cannot be guessed."""

    def __init__(
        self, question: str, box: ToolBox, model: ChatModel, prompts: ToolPrompts, *, fence: Callable[[], str]
    ) -> None:
        self._question = question
        self._box = box
        self._model = model
        self._prompts = prompts
        self._fence = fence
        self.calls: list[Called] = []
        self.failures: list[AnswererFailed] = []
        self.model_name: str | None = None
        self.spent: list[Spent] = []

    async def gather(self, tools: Sequence[Tool], *, max_calls: int) -> None:
        """Let the model call tools until it has enough, or the calls are used up. Raises AnswererFailed of the model."""
        offered = {tool.full_name: tool for tool in tools}
        for _ in range(max_calls):
            tool = offered.get(await self._chosen(list(offered.values())))
            if tool is None:
                return
            arguments = await self._arguments(tool)
            if any(call.tool == tool and call.arguments == arguments for call in self.calls):
                return  # it goes round in circles
            await self._call(tool, arguments)

    async def claims(self) -> list[ToolClaim]:
        """What the model makes of the results; empty where they do not answer the question."""
        reply = await self._ask(self._prompts.answer, {}, _CLAIMS, _ANSWER_TOKENS)
        if reply.get("in_results") is not True:
            return []
        return [
            ToolClaim(call=self.calls[claim["result"] - 1], quote=claim["quote"], text=claim["text"])
            for claim in reply.get("claims", [])
            if 0 < claim["result"] <= len(self.calls)
        ]

    async def _chosen(self, tools: Sequence[Tool]) -> str:
        names = [tool.full_name for tool in tools]
        choices = [*names, *([ANSWER] if self.calls else []), NONE]
        schema = {
            "type": "object",
            "properties": {"choice": {"enum": choices}},
            "required": ["choice"],
            "additionalProperties": False,
        }
        told = "\n\n".join(f"{tool.full_name}: {_described(tool)}" for tool in tools)
        reply = await self._ask(self._prompts.choice, {"tools": told}, schema, _CHOICE_TOKENS)
        return str(reply.get("choice"))

    async def _arguments(self, tool: Tool) -> dict[str, Any]:
        if not tool.input_schema.get("properties"):
            return {}
        try:
            schema = simplified(tool.input_schema)
        except (KeyError, TypeError, ValueError, AttributeError, AssertionError, RecursionError):
            schema = {"type": "object"}
        values = {"tool": f"{tool.full_name}: {_described(tool)}", "schema": json.dumps(schema, ensure_ascii=False)}
        return await self._ask(self._prompts.arguments, values, schema, _ARGUMENT_TOKENS)

    async def _call(self, tool: Tool, arguments: Mapping[str, Any]) -> None:
        faults = faults_of(arguments, tool.input_schema)
        if faults:
            # A call that was not made; the model sees why, and may do better.
            text = "not called: " + one_line("; ".join(faults), max_bytes=500)
            result = ToolResult(server=tool.server, tool=tool.name, text=text, is_error=True)
        else:
            try:
                result = await self._box.call(tool, arguments)
            except AnswererFailed as error:
                self.failures.append(error)
                text = "the tool's server failed"
                result = ToolResult(server=tool.server, tool=tool.name, text=text, is_error=True)
        self.calls.append(Called(tool=tool, arguments=dict(arguments), result=result))

    async def _ask(
        self, prompt: PromptTemplate, values: Mapping[str, str], schema: Mapping[str, Any], max_tokens: int
    ) -> dict[str, Any]:
        window = await self._model.window()
        reply_tokens = max(1, min(max_tokens, window.tokens // 3))
        fence = self._fence()
        frame = {name: fenced(name, text, fence) for name, text in values.items()}
        frame |= {"question": fenced("question", self._question, fence), "fence": fence, "results": ""}
        taken = self._model.count_tokens(prompt.system + filled(prompt.user, frame))
        room = Room(window=window.tokens, reply=reply_tokens).prompt - taken
        if room < _LEAST_RESULT:
            raise AnswererFailed(
                FailureKind.CONTEXT_OVERFLOW,
                f"the tools do not fit into the {window.tokens} tokens of {window.model}",
                where=window.host,
                hint="load the model with a longer context, or lower mcp.max_tools",
                before_reply=True,
            )
        frame["results"] = self._results(room, fence)
        reply = await self._model.complete(
            ChatRequest(
                messages=(
                    ChatMessage(role="system", content=prompt.system),
                    ChatMessage(role="user", content=filled(prompt.user, frame)),
                ),
                max_tokens=reply_tokens,
                purpose="answer",
                prompt=prompt.label,
                schema=schema,
                schema_name=prompt.name.replace("-", "_"),
            )
        )
        self.model_name = reply.model
        self.spent.append(Spent(reply.prompt_tokens, reply.completion_tokens))
        return dict(reply.data) if isinstance(reply.data, Mapping) else {}

    def _results(self, room: int, fence: str) -> str:
        """Every result so far with its number, each with its share of the room."""
        share = room // max(1, len(self.calls))
        blocks = []
        for number, call in enumerate(self.calls, 1):
            kind = "error" if call.result.is_error else "result"
            told = json.dumps(call.arguments, ensure_ascii=False, default=str)
            head = one_line(f"{kind} {number} of {call.tool.full_name} with {told}", max_bytes=300)
            text = self._cut(call.result.text, share - self._model.count_tokens(head) - 2 * len(fence))
            blocks.append(fenced(head, text or "(nothing)", fence))
        return "\n".join(blocks)

    def _cut(self, text: str, tokens: int) -> str:
        while text and (count := self._model.count_tokens(text)) > tokens:
            text = text[: int(len(text) * max(tokens, 0) / count * 0.95)]
        return text


def _described(tool: Tool) -> str:
    text = f"{tool.title}. {tool.description}" if tool.title else tool.description
    return one_line(text, max_bytes=_DESCRIPTION)

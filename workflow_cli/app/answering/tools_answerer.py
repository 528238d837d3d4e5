"""Answers from tools: by a model that chooses them, or directly where a question plainly holds what a tool asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from workflow_cli.app.answering.built_in_tools import SEARCH
from workflow_cli.app.answering.ports import (
    Access,
    ChatModel,
    Found,
    Nothing,
    PassageIndex,
    Tool,
    ToolBox,
    ToolResult,
)
from workflow_cli.app.answering.tool_arguments import taken_from
from workflow_cli.app.answering.tool_conversation import ToolClaim, ToolConversation, ToolPrompts
from workflow_cli.app.answering.tool_relevance import fitting, is_order, named_by, unsaid
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.outside_text import one_line
from workflow_cli.domain.answering.passage import Evidence
from workflow_cli.domain.answering.quote import find_quote, source_of
from workflow_cli.domain.answering.route import NO_TOOL_MAY_BE_USED

#: Of the telling words of a tool's name, the share that a question must have for the tool to be called for it; one
#: that is handed nothing of the question, or nothing that its words tell apart, has to be named in full.
_LEAST_NAMED = 0.5
#: What no document bears out is never more certain than this.
_UNSOURCED = 0.6
#: Passages in which a quote is looked for.
_LOOKED_AT = 5
#: A result this short may be quoted as a whole, such as a time of day, where `find_quote` asks for more letters.
_SHORT = 80


@dataclass(frozen=True, slots=True)
class ByModel:
    """A model that chooses among tools, its prompts, and a source of words that cannot be guessed."""

    model: ChatModel
    prompts: ToolPrompts
    fence: Callable[[], str]


class ToolsAnswerer:
    """Calls tools that read, and no others, whatever a box would allow.

    `index` finds where in the documents a quote stands that a tool gave; without it, the passages already found are
    looked at alone. `root` is the directory that a question means which names none.
    """

    name = "tools"

    def __init__(
        self,
        box: ToolBox,
        *,
        by_model: ByModel | None,
        max_tools: int,
        max_calls: int,
        index: Callable[[], PassageIndex] | None = None,
        root: str | None = None,
    ) -> None:
        self._box = box
        self._by_model = by_model
        self._max_tools = max_tools
        self._max_calls = max_calls
        self._index = index
        self._root = root

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        try:
            said = await self._answer(asked, evidence)
        except AnswererFailed as failure:
            failure.skipped = tuple(self._box.lapsed)
            raise
        return replace(said, skipped=tuple(self._box.lapsed))

    async def _answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        tools = [tool for tool in await self._box.tools() if tool.access is Access.READ]
        if not tools:
            if down := self._box.down:
                # Whether there would have been an answer, nobody knows.
                raise AnswererFailed(FailureKind.UNREACHABLE, down[0], hint="workflow mcp tools")
            problems = self._box.problems
            return Nothing(reason=f"{NO_TOOL_MAY_BE_USED}{problems[0]}" if problems else "there is no tool that reads")
        if self._by_model is not None:
            try:
                return await self._chosen_by_model(asked, evidence, tools, self._by_model)
            except _NoModel:
                pass  # what is plain needs none
        return await self._direct(asked, tools)

    # -- with a model --------------------------------------------------------------------------------------

    async def _chosen_by_model(
        self, asked: Asked, evidence: Sequence[Evidence], tools: Sequence[Tool], by: ByModel
    ) -> Found | Nothing:
        talk = ToolConversation(asked.text, self._box, by.model, by.prompts, fence=by.fence)
        offered = [fit.tool for fit in fitting(asked.text, tools)[: self._max_tools]]
        try:
            await talk.gather(offered, max_calls=self._max_calls)
            good = [call for call in talk.calls if not call.result.is_error]
            claims = await talk.claims() if good else []
        except AnswererFailed as error:
            if talk.calls:
                raise
            raise _NoModel from error
        if not good:
            if talk.failures:
                raise talk.failures[-1]
            return Nothing(reason=_why_nothing(talk), spent=tuple(talk.spent))
        return await self._found(claims, evidence, talk)

    async def _found(
        self, claims: Sequence[ToolClaim], evidence: Sequence[Evidence], talk: ToolConversation
    ) -> Found | Nothing:
        """What the results bear out of the claims; the quote stays beside each, with the tool it came from."""
        held = [(claim, quote) for claim in claims if (quote := _quoted(claim)) is not None]
        dropped = len(claims) - len(held)
        if not held:
            said = f"none of the {dropped} claims has a quote in the results" if dropped else "no answer in the results"
            return Nothing(reason=f"{talk.model_name}: {said}", spent=tuple(talk.spent))
        found = [await self._document(quote, evidence) for _, quote in held]
        sources = tuple(dict.fromkeys(source for source in found if source is not None))
        # Where only some of it stands in documents, the whole does not.
        sourced = None not in found
        share = len(held) / len(claims)
        return Found(
            text="\n".join(_with_quote(claim, quote) for claim, quote in held),
            sources=sources,
            confidence=share if sourced else _UNSOURCED * share,
            unsourced=not sourced,
            model=talk.model_name,
            unchecked=dropped,
            spent=tuple(talk.spent),
        )

    async def _document(self, quote: str, evidence: Sequence[Evidence]) -> Source | None:
        source = _source(quote, evidence)
        if source is None and self._index is not None:
            import asyncio

            search = partial(self._index().search, quote, limit=_LOOKED_AT)
            source = _source(quote, await asyncio.to_thread(search))
        return source

    # -- without -------------------------------------------------------------------------------------------

    async def _direct(self, asked: Asked, tools: Sequence[Tool]) -> Found | Nothing:
        if is_order(asked.text):
            return Nothing(reason="it asks for something to be done, and tools only read here")
        # The documents have been searched for the question already, and better, before tools are asked.
        fits, wanting = self._fits(asked.text, [tool for tool in tools if tool != SEARCH])
        if not fits:
            return Nothing(reason=wanting[0] if wanting else "no tool asks for just what the question holds")
        named, score, tool, arguments = fits[0]
        if len(fits) > 1 and (named, score) == fits[1][:2]:
            return Nothing(reason=f"{tool.full_name} and {fits[1].tool.full_name} fit the question equally")
        result = await self._box.call(tool, arguments)
        if result.is_error or result.says_nothing or not result.text.strip():
            said = one_line(result.text, max_bytes=200) or "nothing"
            return Nothing(reason=f"{tool.full_name} said: {said}")
        return Found(text=_labelled(result), confidence=_UNSOURCED * named, unsourced=True)

    def _fits(self, question: str, tools: Sequence[Tool]) -> tuple[list[_Fit], list[str]]:
        """The tools that may be called for a question, the best first; of others what they want."""
        fits: list[_Fit] = []
        wanting: list[str] = []
        for fit in fitting(question, tools):
            taken = taken_from(question, fit.tool, root=self._root)
            if taken is None:
                continue
            # What is handed over is no word about the tool.
            rest = _without(question, taken.held)
            named = named_by(rest, fit.tool)
            if taken.missing:
                # No more words may be left over than could be the values.
                left = sum(bool(unsaid(word, fit.tool)) for word in rest.split())
                if named == 1.0 and left <= len(taken.missing):
                    wanting.append(_wanting(fit.tool, taken.missing))
            elif named >= (_LEAST_NAMED if taken.held else 1.0) and not (taken.loose and unsaid(rest, fit.tool)):
                fits.append(_Fit(named, fit.score, fit.tool, taken.arguments))
        fits.sort(key=lambda one: (-one.named, -one.score))
        return fits, wanting


class _Fit(NamedTuple):
    named: float
    score: float
    tool: Tool
    arguments: Mapping[str, Any]


class _NoModel(Exception):
    """The model could not be asked, and no tool has been called."""


def _without(question: str, arguments: Mapping[str, Any]) -> str:
    """The question less what was taken from it; whole where it was itself taken, as a subject."""
    for name, value in arguments.items():
        for text in map(str, value if isinstance(value, list) else [value]):
            if text != question.strip():
                named = rf"(?<!\w)(?:{re.escape(name)}\s?[=:]\s?)?[\"'`]?{re.escape(text)}(?!\w)"
                question = re.sub(named, " ", question)
    return question


def _wanting(tool: Tool, missing: Sequence[str]) -> str:
    needs = ", ".join(missing)
    return f"{tool.full_name} fits, but needs {needs}: add {missing[0]}=… to the question"


def _why_nothing(talk: ToolConversation) -> str:
    if not talk.calls:
        return f"{talk.model_name or 'the model'} sees no tool that helps"
    last = talk.calls[-1].result
    return f"{last.server}.{last.tool} said: {one_line(last.text, max_bytes=200)}"


def _with_quote(claim: ToolClaim, quote: str) -> str:
    shown = one_line(quote, max_bytes=500)
    return f'{one_line(claim.text, max_bytes=2000)} ({claim.call.tool.full_name}: "{shown}")'


def _quoted(claim: ToolClaim) -> str | None:
    """The quote as the result has it; None where it is not there. An error is nobody's proof."""
    if claim.call.result.is_error:
        return None
    text = claim.call.result.text
    found = find_quote(claim.quote, text)
    if found is not None:
        return found.text
    plain = claim.quote.strip().strip('"')
    return plain if plain and len(text) <= _SHORT and plain in text else None


def _source(quote: str, evidence: Sequence[Evidence]) -> Source | None:
    for found in evidence:
        passage = found.passage
        place = find_quote(quote, passage.text)
        if place is not None:
            return source_of(passage, place)
    return None


def _labelled(result: ToolResult) -> str:
    cut = " (cut off)" if result.truncated else ""
    return f"{result.server}.{result.tool} says{cut}:\n{result.text}"

"""Answers by a model over the passages that were found: claim by claim, each proven by a quote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflow_cli.app.answering.ports import (
    ChatMessage,
    ChatModel,
    ChatReply,
    ChatRequest,
    Found,
    ModelWindow,
    Nothing,
    Spent,
)
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.claim_stream import ClaimStream
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.passage import Evidence
from workflow_cli.domain.answering.prompt import PlannedPrompt, PromptTemplate, Room, plan_prompt
from workflow_cli.domain.answering.quote import find_quote, source_of
from workflow_cli.domain.answering.reply import CLAIMS_SCHEMA, CheckedClaim, checked, confidence_of, read_reply

#: A reply never takes more than this part of the window, so that there is room for passages.
REPLY_SHARE = 3
PURPOSE = "answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Proven:
    claim: CheckedClaim
    source: Source


class ModelAnswerer:
    """Asks a model; keeps of its reply what the documents bear out.

    `read` gives a file's bytes as they are now, None where it is gone; `fence` a new word that cannot be guessed, at
    every call. `models` names a model for a kind of question. `on_text` gets each claim as soon as it is proven,
    before the reply is complete.
    """

    def __init__(
        self,
        model: ChatModel,
        template: PromptTemplate,
        *,
        read: Callable[[str], bytes | None],
        fence: Callable[[], str],
        max_tokens: int,
        models: Mapping[str, str] | None = None,
        on_text: Callable[[str], None] | None = None,
        name: str = "model",
    ) -> None:
        self._model = model
        self._template = template
        self._read = read
        self._fence = fence
        self._max_tokens = max_tokens
        self._models = models or {}
        self._on_text = on_text
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        if not evidence:
            return Nothing(reason="no passage to answer from")
        window = await self._model.window(self._model_for(asked))
        prompt = self._planned(asked, evidence, window)
        try:
            reply = await self._ask(asked, prompt, window)
        except AnswererFailed as failed:
            if failed.kind is not FailureKind.CONTEXT_OVERFLOW or len(prompt.used) < 2:
                raise
            # The server counts otherwise than the estimate, or shares its window among requests.
            window = replace(window, tokens=window.tokens // 2)
            prompt = self._planned(asked, evidence, window)
            reply = await self._ask(asked, prompt, window)
        return self._found(asked, prompt, reply)

    def _planned(self, asked: Asked, evidence: Sequence[Evidence], window: ModelWindow) -> PlannedPrompt:
        room = Room(window=window.tokens, reply=self._reply_tokens(window))
        context = "\n".join(f"{name}: {value}" for name, value in asked.context.items())
        prompt = plan_prompt(
            self._template,
            {"question": asked.text, "context": context},
            evidence,
            room=room,
            count=self._model.count_tokens,
            fence=self._fence(),
        )
        if not prompt.used:
            raise AnswererFailed(
                FailureKind.CONTEXT_OVERFLOW,
                f"no passage fits into the {window.tokens} tokens of {window.model}",
                where=window.host,
                hint="load the model with a longer context",
                before_reply=True,
            )
        return prompt

    def _model_for(self, asked: Asked) -> str | None:
        return self._models.get(asked.kind) or self._models.get(PURPOSE)

    def _reply_tokens(self, window: ModelWindow) -> int:
        return max(1, min(self._max_tokens, window.tokens // REPLY_SHARE))

    async def _ask(self, asked: Asked, prompt: PlannedPrompt, window: ModelWindow) -> ChatReply:
        request = ChatRequest(
            messages=(
                ChatMessage(role="system", content=prompt.system),
                ChatMessage(role="user", content=prompt.user),
            ),
            max_tokens=self._reply_tokens(window),
            purpose=PURPOSE,
            prompt=self._template.label,
            schema=CLAIMS_SCHEMA,
            schema_name="answer",
            model=self._model_for(asked),
            on_text=self._shown_as_proven(asked, prompt) if self._on_text else None,
        )
        return await self._model.complete(request)

    def _shown_as_proven(self, asked: Asked, prompt: PlannedPrompt) -> Callable[[str], None]:
        stream = ClaimStream()

        def take(piece: str) -> None:
            for claim in stream.feed(piece):
                proven = checked(claim, prompt.used, asked.text)
                source = proven and self._source(proven)
                if proven and source and self._on_text:
                    self._on_text(f"{proven.text} ({source.path}:{source.line})\n")

        return take

    def _found(self, asked: Asked, prompt: PlannedPrompt, reply: ChatReply) -> Found | Nothing:
        said = read_reply(reply.data)
        spent = (Spent(reply.prompt_tokens, reply.completion_tokens),)
        if not said.in_passages or not said.claims:
            reason = f"{reply.model} found no answer in {len(prompt.used)} passages"
            return Nothing(reason=reason, spent=spent, queued_ms=reply.queued_ms)
        proven: list[_Proven] = []
        for claim in said.claims:
            held = checked(claim, prompt.used, asked.text)
            source = held and self._source(held)
            if held and source:
                proven.append(_Proven(claim=held, source=source))
        dropped = len(said.claims) - len(proven)
        if not proven:
            reason = f"none of the {dropped} claims of {reply.model} has a quote in the documents"
            return Nothing(reason=reason, unchecked=dropped, spent=spent, queued_ms=reply.queued_ms)
        sources = tuple(dict.fromkeys(one.source for one in proven))
        return Found(
            text="\n".join(_marked(one, sources) for one in _once(proven)),
            sources=sources,
            confidence=confidence_of([one.claim for one in proven], dropped),
            model=reply.model,
            unchecked=dropped,
            spent=spent,
            queued_ms=reply.queued_ms,
        )

    def _source(self, claim: CheckedClaim) -> Source | None:
        """Where the quote stands in the file as it is now; None where it does not."""
        passage = claim.evidence.passage
        data = self._read(passage.path)
        if data is None:
            return None
        text = data.decode("utf-8-sig", "replace")
        lines = text.split("\n")
        found = find_quote(claim.quote.text, "\n".join(lines[passage.line - 1 : passage.end_line]))
        if found is None:
            return None  # the passage is no longer there, and its hash no longer that of the place
        return source_of(passage, found)


def _once(proven: Sequence[_Proven]) -> list[_Proven]:
    return list({one.claim.text: one for one in reversed(proven)}.values())[::-1]


def _marked(one: _Proven, sources: Sequence[Source]) -> str:
    return f"{one.claim.text} [{sources.index(one.source) + 1}]"

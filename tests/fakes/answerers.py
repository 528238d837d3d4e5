"""Answerers that do as they are told: working ones, whose calls can be counted and whose failures are planned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.passage import Evidence, Passage

Said = Found | Nothing | BaseException
Reply = Said | Callable[[Asked, Sequence[Evidence]], Awaitable[Said] | Said]


@dataclass
class ScriptedAnswerer:
    """Gives the replies in turn, the last one for ever. An exception is raised; a function is called, and awaited
    where it is to be. `calls` holds every question with the number of passages; `most` the most at once."""

    name: str
    replies: list[Reply]
    calls: list[tuple[str, int]] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    cancelled: int = 0

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        import asyncio

        reply = self.replies[min(len(self.calls), len(self.replies) - 1)]
        self.calls.append((asked.text, len(evidence)))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            said = reply(asked, evidence) if callable(reply) else reply
            if isinstance(said, Awaitable):
                said = await said
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1
        if isinstance(said, BaseException):
            raise said
        return said


def quoting(confidence: float) -> Callable[[Asked, Sequence[Evidence]], Found | Nothing]:
    """Answers with the last line of the best passage, literally; Nothing where there is no passage."""

    def reply(asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        if not evidence:
            return Nothing(reason="no passage was found")
        source = source_in(evidence[0].passage)
        return Found(text=source.quote, sources=(source,), confidence=confidence)

    return reply


def source_in(passage: Passage) -> Source:
    lines = passage.text.rstrip().split("\n")
    return Source(
        path=passage.path,
        line=passage.line + len(lines) - 1,
        address=passage.address,
        quote=lines[-1],
        section_hash=passage.section_hash,
    )

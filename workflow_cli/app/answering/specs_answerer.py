"""The floor of answering: the passages themselves, arranged so that they can be read. It needs no server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.excerpt import excerpt
from workflow_cli.domain.answering.glossary import Glossary
from workflow_cli.domain.answering.query import names_something, read_question
from workflow_cli.domain.answering.quote import find_quote, source_of
from workflow_cli.domain.answering.rank import strength

if TYPE_CHECKING:
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence, Passage

NAME = "specs"
#: More than these are not read.
_MOST_SHOWN = 3
#: A passage is shown beside a better one only if it holds so much of what that one holds, and scores so much of it.
_AS_MUCH = 0.6
#: Stands in a text for bytes that are no UTF-8: such a text is not literally in the file.
_REPLACED = "\ufffd"


class SpecsAnswerer:
    """Answers with the best passages, or with Nothing where they hold less than `thin` of what is asked about.

    `current_hash` tells the section hash of a place now: what changed since it was found is not shown.
    """

    def __init__(
        self, *, thin: float, current_hash: Callable[[str, str], str | None], glossary: Glossary | None = None
    ) -> None:
        self._thin = thin
        self._current_hash = current_hash
        self._glossary = glossary or Glossary()

    @property
    def name(self) -> str:
        return NAME

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        """Raises nothing."""
        held = strength(evidence)
        if not evidence:
            return Nothing(reason="no passage has a word of the question")
        things = read_question(asked.text, self._glossary)
        if not names_something(things):
            return Nothing(reason="the question names nothing that a passage could be about")
        if held < self._thin:
            return Nothing(
                reason=f"the nearest passages hold {held:.0%} of what is asked about, and {self._thin:.0%} is the least"
            )
        shown: list[tuple[Passage, Source]] = []
        for passage in self._worth_showing(evidence):
            source = self._source(passage, excerpt(passage.text, things))
            if source is not None:
                shown.append((passage, source))
        if not shown:
            return Nothing(reason="what was found has changed since")
        return Found(
            text="\n\n".join(_arranged(passage, source) for passage, source in shown),
            sources=tuple(source for _, source in shown),
            confidence=round(held, 3),
        )

    def _worth_showing(self, evidence: Sequence[Evidence]) -> list[Passage]:
        best, enough = evidence[0].score, self._thin
        most = max(e.coverage for e in evidence[:_MOST_SHOWN])
        return [
            e.passage
            for e in evidence[:_MOST_SHOWN]
            if e.coverage >= max(enough, most * _AS_MUCH) and e.score >= best * _AS_MUCH
        ] or [max(evidence[:_MOST_SHOWN], key=lambda e: e.coverage).passage]

    def _source(self, passage: Passage, quote: str) -> Source | None:
        """None unless the file still has the passage, and the passage the quote."""
        found = find_quote(quote, passage.text)
        if found is None or _REPLACED in found.text:
            return None
        if self._current_hash(passage.path, passage.address) != passage.section_hash:
            return None
        return source_of(passage, found)


def _arranged(passage: Passage, source: Source) -> str:
    said = "\n".join(f"  {line}".rstrip() for line in source.quote.splitlines())
    return f"{passage.title}{_standing(passage)}\n{source.path}:{source.line}\n{said}"


def _standing(passage: Passage) -> str:
    if passage.archived:
        return f" (archived with {passage.change})"
    if passage.change is not None:
        return f" (proposed by {passage.change})"
    return f" ({passage.capability})" if passage.capability else ""

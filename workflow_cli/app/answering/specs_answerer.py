"""The floor: the passages themselves, where they cover what the question asks about."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.passage import Evidence

LEAST = 0.5
MOST = 3


class SpecsAnswerer:
    name = "specs"

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:  # noqa: ARG002
        good = [one for one in evidence[:MOST] if one.coverage >= LEAST]
        if not good:
            return Nothing(reason="no passage covers what is asked")
        sources = tuple(
            Source(
                path=one.passage.path,
                line=one.passage.line,
                address=one.passage.address,
                quote=one.passage.text.rstrip(),
                section_hash=one.passage.section_hash,
            )
            for one in good
        )
        text = "\n\n".join(f"{source.path}:{source.line}\n{source.quote}" for source in sources)
        return Found(text=text, sources=sources, confidence=good[0].coverage)

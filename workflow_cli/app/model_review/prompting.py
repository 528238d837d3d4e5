"""Documents in prompts: numbered, and between fences that nobody who wrote them can have known."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.answering.prompt import fenced
from workflow_cli.domain.model_review.reading import Excerpt


def documents_block(excerpts: Sequence[Excerpt], fence: str) -> str:
    """The excerpts, numbered from 1."""
    return "\n".join(
        fenced(f"document {number} {' '.join(excerpt.path.split())} from line {excerpt.line}", excerpt.text, fence)
        for number, excerpt in enumerate(excerpts, 1)
    )

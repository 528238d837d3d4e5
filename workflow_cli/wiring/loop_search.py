"""The search for an advice to the model, with the model that it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.gepa_search import search

if TYPE_CHECKING:
    from workflow_cli.wiring.ask import AskRun

_LONGEST = 400


class PromptSearch:
    """See Rewriter. `go` runs a coroutine in the event loop that the servers of `asking` belong to."""

    search = staticmethod(search)

    def __init__(
        self, asking: Callable[[], AskRun], *, go: Callable[[Callable[[], Any]], Any], max_tokens: int
    ) -> None:
        self._asking = asking
        self._go = go
        self._max_tokens = max_tokens

    def ask(self, advice: str, cases: Sequence[tuple[str, float]]) -> tuple[str, bool]:
        """See Rewriter."""
        import secrets

        from workflow_cli.adapters.prompt_files import load_prompt
        from workflow_cli.app.answering.ports import ChatMessage, ChatRequest
        from workflow_cli.domain.answering.prompt import fenced, filled

        template, fence = load_prompt("rewrite"), secrets.token_hex(8)
        told = "\n".join(f"{worth:.2f}  {' '.join(question.split())[:_LONGEST]}" for question, worth in cases)
        values = {
            "fence": fence,
            "advice": fenced("advice", advice or "none", fence),
            "cases": fenced("questions", told, fence),
        }
        request = ChatRequest(
            messages=(
                ChatMessage(role="system", content=template.system),
                ChatMessage(role="user", content=filled(template.user, values)),
            ),
            max_tokens=self._max_tokens,
            purpose="loop",
            prompt=template.label,
        )
        reply = self._go(lambda: self._asking().complete(request))
        return reply.text, reply.complete

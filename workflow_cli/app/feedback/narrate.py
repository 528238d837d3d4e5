"""Sentences of a model about a report, each checked against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow_cli.app.feedback.make_report import Report
from workflow_cli.app.feedback.words import insight_line, metric_line
from workflow_cli.domain.answering.failure import AnswererFailed
from workflow_cli.domain.feedback.narrative import Fact, Said, checked, fact

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import ChatModel
    from workflow_cli.domain.answering.prompt import PromptTemplate

_MOST_INSIGHTS = 8
_MOST_TOKENS = 1200
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sentences"],
    "properties": {
        "sentences": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "about"],
                "properties": {
                    "text": {"type": "string"},
                    "about": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6},
                },
            },
        }
    },
}


def facts_of(report: Report) -> dict[str, Fact]:
    """What may be said: metrics there is enough of, and the dearest insights."""
    facts: dict[str, Fact] = {}
    for one in report.metrics:
        if one.now.enough:
            changed = one.trend in ("better", "worse")
            facts[one.metric.name] = fact(one.metric.name, metric_line(one), changed=changed)
    for number, insight in enumerate([one for one in report.insights if one.found][:_MOST_INSIGHTS], 1):
        id = f"insight-{number}"
        facts[id] = fact(id, insight_line(insight), changed=False)
    return facts


async def narrate(report: Report, model: ChatModel, prompt: PromptTemplate, *, fence: Callable[[], str]) -> Report:
    """The report with what holds of what the model says; without, and `degraded`, where it fails."""
    from workflow_cli.app.answering.ports import ChatMessage, ChatRequest
    from workflow_cli.domain.answering.prompt import filled
    from workflow_cli.domain.answering.retry import with_next_step

    facts = facts_of(report)
    if not facts:
        return replace(report, degraded=(*report.degraded, "narrative: there is nothing to tell of"))
    word = fence()
    lines = "\n".join(f"{one.id}: {one.says}" for one in facts.values())
    user = filled(prompt.user, {"fence": word, "facts": f"{word}\n{lines}\n{word}"})
    request = ChatRequest(
        messages=(ChatMessage(role="system", content=prompt.system), ChatMessage(role="user", content=user)),
        max_tokens=_MOST_TOKENS,
        purpose="feedback",
        schema=SCHEMA,
        schema_name="feedback",
        prompt=prompt.label,
    )
    try:
        reply = await model.complete(request)
    except AnswererFailed as failed:
        return replace(report, degraded=(*report.degraded, f"narrative: {with_next_step(failed)}"))
    said = [Said(text=one["text"], about=tuple(one["about"])) for one in reply.data["sentences"]]
    kept, dropped = checked(said, facts)
    if not kept:
        why = f"narrative: none of the {len(said)} sentences of {reply.model} held"
        return replace(report, degraded=(*report.degraded, why), dropped=dropped)
    return replace(report, narrative=tuple(kept), dropped=dropped)

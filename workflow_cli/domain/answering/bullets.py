"""Sentences that may be added to what a model is told when it answers, each written against one way of failing.

A project, or its loop, switches them on by name and cannot write any: what a model is told stays the program's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from workflow_cli.domain.answering.prompt import PromptTemplate


@dataclass(frozen=True, kw_only=True, slots=True)
class Bullet:
    """`against` is the failure it is meant to make rarer, as the loop reads it out of events."""

    text: str
    against: str


BULLETS = MappingProxyType(
    {
        "answer-when-said": Bullet(
            text='Before you set "in_passages" to false, look through every passage once more: where one of them answers '
            "a part of the question, give that part.",
            against="abstained",
        ),
        "compare-first": Bullet(
            text="Names in the question may differ from those in the passages. Take a passage that says the same in "
            "other words for an answer.",
            against="abstained",
        ),
        "exact-quotes": Bullet(
            text="Copy each quote from one line of its passage, with every sign and in the same order. A quote that differs "
            "in one letter counts as none.",
            against="citation",
        ),
        "json-only": Bullet(
            text="The first character of the reply is { and the last one is }. Nothing stands before, between or after.",
            against="bad_reply",
        ),
        "short-claims": Bullet(
            text="Give at most three claims, each of one sentence, so that the reply is complete before it must end.",
            against="bad_reply",
        ),
    }
)


def with_advice(template: PromptTemplate, advice: str | None) -> PromptTemplate:
    """The template with a project's own advice behind its rules, which all stay. Events tell by a hash which it was."""
    if not advice:
        return template
    mark = f"advice-{hashlib.sha256(advice.encode()).hexdigest()[:6]}"
    # Places are filled in later: what is in an advice is none.
    text = advice.replace("{{", "{ {")
    system = f"{template.system}\n\nAdvice, as far as it agrees with these rules: {text}"
    return replace(template, system=system, bullets=(*template.bullets, mark))


def with_bullets(template: PromptTemplate, names: Sequence[str]) -> PromptTemplate:
    """The template with the bullets of these names behind its rules. Raises KeyError for a name that is none."""
    if not names:
        return template
    told = "\n".join(f"- {BULLETS[name].text}" for name in names)
    return replace(template, system=f"{template.system}\n\nMind especially:\n\n{told}", bullets=tuple(names))

"""Which version of each prompt is in use; older ones stay, so that what events name can be read."""

from __future__ import annotations

IN_USE = {
    "answer": 1,
    "edit": 1,
    "feedback": 1,
    "json-only": 1,
    "propose": 1,
    "repair": 1,
    "review": 1,
    "rewrite": 1,
    "tool-answer": 1,
    "tool-arguments": 1,
    "tool-choice": 1,
}


def label_of(name: str) -> str:
    """`review.v1`, as events and records name it."""
    return f"{name}.v{IN_USE[name]}"

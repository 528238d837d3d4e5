"""What an asker may add to a question: known keys, each with its form and its limit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow_cli.errors import UsageError

#: The longest question that is taken, in characters.
MAX_QUESTION = 4_000


@dataclass(frozen=True, slots=True)
class ContextKey:
    """`form` is a pattern the whole value has to match; `expected` says it in words."""

    description: str
    expected: str
    form: str
    most: int


CONTEXT_KEYS: Mapping[str, ContextKey] = {
    "capability": ContextKey(
        "The capability the question is about.",
        "the name of a capability, such as user-auth",
        r"[^\W_][\w.-]*(?:/[^\W_][\w.-]*)*",
        100,
    ),
    "requirement": ContextKey("The requirement it is about, by name.", "one line", r"[^\r\n]+", 200),
    "task": ContextKey("The task the asker is at.", "one line", r"[^\r\n]+", 200),
    "file": ContextKey(
        "The file the asker is at, from the root of the project.",
        "a relative path without ..",
        r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))(?![A-Za-z]:)[^\r\n\\]+",
        300,
    ),
    "line": ContextKey("The line of that file.", "a whole number from 1", r"[1-9][0-9]{0,8}", 9),
    "branch": ContextKey("The branch the asker works on.", "a branch name", r"[^\s~^:?*\[\\]+", 200),
    "language": ContextKey(
        "The language to answer in.", "a language tag, such as de or pt-BR", r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", 35
    ),
    "goal": ContextKey("What the answer is for.", "text", r"(?s:.+)", 1_000),
    "priority": ContextKey(
        "How urgent it is, should it have to wait for a person.", "a digit, 0 the most urgent", r"[0-9]", 1
    ),
}


def read_context(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The context as given, by key. Raises UsageError for an unknown key, a wrong form, too much, one given twice."""
    context: dict[str, str] = {}
    for name, value in pairs:
        key = CONTEXT_KEYS.get(name)
        if key is None:
            raise UsageError(
                f"no context key {_short(name)!r}", where="--context", hint="known keys: " + ", ".join(CONTEXT_KEYS)
            )
        if name in context:
            raise UsageError(f"{name} is given twice", where="--context", hint="give each key once")
        value = value.strip()
        if len(value) > key.most:
            raise UsageError(
                f"{name} has {len(value)} characters, and {key.most} are allowed",
                where="--context",
                hint="say it more shortly",
            )
        if _control(value) or not re.fullmatch(key.form, value):
            raise UsageError(
                f"{name}: expected {key.expected}, found {_short(value)!r}", where="--context", hint=key.description
            )
        context[name] = value
    return context


def read_question(text: str) -> str:
    """The question, trimmed. Raises UsageError where there is none, or too much of it."""
    question = text.strip()
    if not any(character.isalnum() for character in question):
        raise UsageError(
            "there is no question", where="QUESTION", hint='ask in words: workflow ask "How long is a session?"'
        )
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"the question has {len(question)} characters, and {MAX_QUESTION} are allowed",
            where="QUESTION",
            hint="ask shortly; text to read belongs into the documents",
        )
    return question


def _control(value: str) -> bool:
    return any((ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in value)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:37] + "..."

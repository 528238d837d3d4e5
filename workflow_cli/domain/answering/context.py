"""What may be said along with a question, held to known keys, plain values and sizes."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from workflow_cli.errors import FaultyInput

#: What each key is for. A project can allow more.
KNOWN_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "audience": "who will read the answer",
        "branch": "the branch that is worked on",
        "capability": "the capability it is about",
        "code": "a piece of code it is about",
        "error": "a message that was seen",
        "file": "the file that is worked on, from the root",
        "goal": "what the answer is needed for",
        "language": "the language to answer in",
        "requirement": "the requirement it is about",
        "task": "the task that is worked on",
        "tried": "what was tried already",
    }
)
MOST_QUESTION = 8_000
MOST_ANSWER = 64_000
MOST_VALUE = 4_000
MOST_TOGETHER = 16_000


def checked_context(values: Mapping[Any, object], *, more_keys: Collection[str] = ()) -> dict[str, str]:
    """The context as texts by key, in the order of the keys. Numbers and truth values become texts.

    Raises FaultyInput with every fault: an unknown key, a value that is no plain one, a size beyond its limit, a
    control character, a `file` that leads out of the tree.
    """
    known = {*KNOWN_KEYS, *more_keys}
    faults: list[str] = []
    checked: dict[str, str] = {}
    for key, value in values.items():
        if not isinstance(key, str) or key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1)
            meant = f"; did you mean {nearest[0]!r}?" if nearest else f"; known are {', '.join(sorted(known))}"
            faults.append(f"context: unknown key {_short(key)}{meant}")
            continue
        text = _as_text(value)
        if text is None:
            faults.append(f"context: {key}: expected a text or number, found {type(value).__name__}")
        elif (fault := fault_of_text(text, MOST_VALUE)) or (key == "file" and (fault := _fault_of_path(text))):
            faults.append(f"context: {key}: {fault}")
        else:
            checked[key] = text
    together = sum(len(text) for text in checked.values())
    if together > MOST_TOGETHER:
        faults.append(f"context: {together} characters together, and {MOST_TOGETHER} are the most")
    if faults:
        raise FaultyInput(tuple(faults), what="the question's context")
    return dict(sorted(checked.items()))


def checked_question(text: str) -> str:
    """The question, trimmed. Raises FaultyInput where it is empty, has no word, is too long, or holds control
    characters."""
    trimmed = text.strip()
    fault = fault_of_text(trimmed, MOST_QUESTION)
    if fault is None and not any(c.isalnum() for c in trimmed):
        fault = "it has no word"
    if fault:
        raise FaultyInput(
            (f"question: {fault}",),
            what="the question",
            hint='ask it in words, such as "How long does a session last?"',
        )
    return trimmed


def checked_answer(text: str) -> str:
    """The answer, trimmed. Raises FaultyInput as `checked_question` does."""
    trimmed = text.strip()
    if fault := fault_of_text(trimmed, MOST_ANSWER):
        raise FaultyInput(
            (f"answer: {fault}",), what="the answer", hint='say it in words, such as "A session lasts 30 minutes."'
        )
    return trimmed


def fault_of_text(text: str, most: int) -> str | None:
    """What is wrong with a text that somebody sent; None where nothing is."""
    if not text.strip():
        return "it is empty"
    if len(text) > most:
        return f"{len(text)} characters, and {most} are the most"
    if any("\udc80" <= c <= "\udcff" for c in text):
        return "it is not UTF-8"  # so bytes of another encoding reach a program as its arguments
    odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r"), None)
    return None if odd is None else f"it holds the control character U+{ord(odd):04X}"


def _fault_of_path(path: str) -> str | None:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\", "~")) or ".." in parts or (len(path) > 1 and path[1] == ":"):
        return "a path from the root was expected, without `..`"
    return None


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return value if isinstance(value, str) else None


def _short(key: object) -> str:
    text = repr(key)
    return text if len(text) <= 40 else text[:37] + "..."

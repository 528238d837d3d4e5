"""What of a model's reply is meant to be seen: without its thinking and without marks that engines leak."""

from __future__ import annotations

import json
import re
from typing import Any

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>\s*", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r"</think(?:ing)?>\s*", re.IGNORECASE)
_START_OF_THOUGHT = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_EITHER = re.compile(r"<think(?:ing)?>|(?P<end></think(?:ing)?>\s*)", re.IGNORECASE)
_LEAKED = re.compile(r"__LM_STUDIO_INTERNAL_[A-Z0-9_]*?(?:_[0-9a-f]+)?__|<\|[a-z_]{1,40}\|>", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n`]*\n(.*?)(?:\n[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)


def visible_text(text: str) -> str:
    """The reply without `<think>` parts, a lone `</think>` with what comes before it, and leaked marks.

    Thinking that never ends leaves nothing after its beginning.
    """
    text = _LEAKED.sub("", text)
    text = _THOUGHT.sub("", text)
    *_, text = _END_OF_THOUGHT.split(text)
    start = _START_OF_THOUGHT.search(text)
    return (text[: start.start()] if start else text).strip()


def json_in(text: str) -> Any:
    """The JSON value of a reply: all of it, what a code fence holds, or the last object or list in it.

    Raises ValueError where there is none. Keys given twice and NaN are refused: no schema could judge them.
    """
    shown = visible_text(text)
    # The reply as it came is first: marks of thinking may stand inside one of its strings.
    for candidate in (_LEAKED.sub("", text), shown, *(match[2] for match in _FENCE.finditer(shown))):
        try:
            return _load(candidate)
        except (ValueError, RecursionError):
            continue
    found = _last_value(shown)
    if found is None:
        raise ValueError("there is no JSON in it")
    return found


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)


_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _once(pairs), parse_constant=lambda name: _refuse(name))


def _last_value(text: str) -> Any:
    found, at = None, 0
    tries = 0
    while tries < 200:
        start = min((place for place in (text.find("{", at), text.find("[", at)) if place >= 0), default=-1)
        if start < 0:
            break
        tries += 1
        try:
            found, at = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class VisibleStream:
    """Passes on the visible part of a text that comes in pieces; `feed` returns what may be shown by now.

    A closing tag without an opening one cannot be foreseen: what was shown before it stays shown.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._begun = False
        self._just_ended = False

    def feed(self, piece: str) -> str:
        # White space behind a closing tag belongs to it, also where it comes later.
        piece = piece.lstrip() if self._just_ended else piece
        self._just_ended = self._just_ended and not piece
        self._held += piece
        shown = ""
        while self._held:
            mark = (_END_OF_THOUGHT if self._thinking else _EITHER).search(self._held)
            if mark is None:
                break
            if not self._thinking:
                shown += self._held[: mark.start()]
            self._held = self._held[mark.end() :]
            self._thinking = not self._thinking and mark["end"] is None
            self._just_ended = not self._thinking and not self._held
        # A tag or mark may have been cut in two; it is held back until it is whole.
        keep = _unfinished(self._held)
        if not self._thinking:
            shown += self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :] if keep else ""
        return self._begin(_LEAKED.sub("", shown))

    def end(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return "" if self._thinking else self._begin(_LEAKED.sub("", held))

    def _begin(self, text: str) -> str:
        # The first text after reasoning is usually two line breaks.
        text = text if self._begun else text.lstrip()
        self._begun = self._begun or bool(text)
        return text


def _unfinished(text: str) -> int:
    """How many characters at the end may be the beginning of a mark."""
    for start in ("__LM_STUDIO", "<"):
        at = text.rfind(start)
        if at >= 0:
            rest = text[at:]
            closed = rest.endswith("__") and len(rest) > len(start) + 2 if start != "<" else ">" in rest
            if not closed and len(rest) < 120:
                return len(rest)
    for length in range(min(len("__LM_STUDIO"), len(text)), 0, -1):
        if "__LM_STUDIO".startswith(text[-length:]):
            return length
    return 0


_TOOL_CALL = re.compile(r"\s*(?:\[TOOL_REQUEST\]|<tool_call>|<\|tool_call\|>|<function=)", re.IGNORECASE)


def is_tool_call(text: str) -> bool:
    """Whether a reply is a call of a tool that came as text, because the server could not read it."""
    return _TOOL_CALL.match(text) is not None

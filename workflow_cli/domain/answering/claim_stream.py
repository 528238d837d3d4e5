"""Claims of a reply that is still coming: each as soon as it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_cli.domain.answering.reply import Claim, read_claim

_DECODER = json.JSONDecoder()


class ClaimStream:
    """Takes the text of a reply in pieces. What is no claim is passed over; nothing is given twice."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._given: set[Claim] = set()

    def feed(self, piece: str) -> Iterator[Claim]:
        self._text += piece
        if "}" not in piece:
            return  # no object ends in it
        while (start := self._text.find("{", self._at)) >= 0:
            try:
                value, end = _DECODER.raw_decode(self._text, start)
            except (ValueError, RecursionError):
                # The outermost object ends last; the claims lie inside it.
                if self._is_unfinished_claim(start):
                    return
                self._at = start + 1
                continue
            claim = _claim(value)
            self._at = start + 1 if claim is None else end  # claims lie inside of what is none
            if claim is not None and claim not in self._given:
                self._given.add(claim)
                yield claim

    def _is_unfinished_claim(self, start: int) -> bool:
        head = self._text[start + 1 :].lstrip()
        return any(key.startswith(head[: len(key)]) for key in ('"passage"', '"quote"', '"text"'))


def _claim(value: object) -> Claim | None:
    if not isinstance(value, dict):
        return None
    number, quote, text = value.get("passage"), value.get("quote"), value.get("text")
    if isinstance(number, int) and isinstance(quote, str) and isinstance(text, str):
        return read_claim(value)
    return None

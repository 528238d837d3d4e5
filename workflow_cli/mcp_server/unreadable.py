"""Lines that are no messages of the protocol, and what is answered to them: whoever sent one may wait for an answer.

The SDK passes over such a line in silence. Clients send them all the same: text that was cut in the middle of a
character, for instance, which JavaScript writes as half of a pair.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

from workflow_cli.domain.answering.outside_text import one_line

_MOST_BYTES = 300
_NO_JSON = "Invalid JSON: "
#: What nothing can be told of.
_UNKNOWN = object()


def refusals(line: bytes, error: ValidationError) -> Iterator[JSONRPCError]:
    """The answers to a line that could not be read; none where nobody waits for one.

    `error` says why it could not. Responses and notifications get none: an answer to an answer would have no end.
    """
    content = _content(line)
    code, message = _why(line, content, error)
    several = isinstance(content, list) and bool(content)
    if several and code == INVALID_REQUEST:
        message = "several messages in one line are not taken\nnext: send one message a line"
    for one in content if several else [content]:
        if one is _UNKNOWN or not isinstance(one, dict) or not one.keys() & {"method", "result", "error"}:
            yield _error(None, code, message)
        elif "method" in one and "id" in one:
            yield _error(one["id"], code, message)


def _why(line: bytes, content: Any, error: ValidationError) -> tuple[int, str]:
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return PARSE_ERROR, f"the message is no UTF-8 at byte {wrong.start + 1}\nnext: send it encoded as UTF-8"
    if _holds_half_a_character(content):
        return PARSE_ERROR, (
            "a text in the message holds half a character (a surrogate without its other half)\n"
            "next: leave it out, or send the whole character"
        )
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        told = one_line(first["msg"].removeprefix(_NO_JSON), max_bytes=_MOST_BYTES)
        return PARSE_ERROR, f"the message is no JSON that can be read: {told}\nnext: send valid JSON in one line"
    return INVALID_REQUEST, (
        "the message is no request of JSON-RPC 2.0\n"
        'next: send "jsonrpc": "2.0", an "id" that is a whole number or a text, "method", and "params" as an object'
    )


def _content(line: bytes) -> Any:
    """As much as Python reads of it, which takes more than the SDK does."""
    try:
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return _UNKNOWN


def _holds_half_a_character(content: Any) -> bool:
    if content is _UNKNOWN:
        return False
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except RecursionError:
        pass
    return False


def _error(id: Any, code: int, message: str) -> JSONRPCError:
    known = isinstance(id, (int, str)) and not isinstance(id, bool)
    return JSONRPCError(jsonrpc="2.0", id=id if known else None, error=ErrorData(code=code, message=message))

"""Lines of the log as typed events: what has another type than the page on events says is malformed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from workflow_cli.domain.feedback.fold import Fold

_Time = Annotated[datetime, msgspec.Meta(tz=True)]
#: A century: what takes longer was not measured.
_Duration = Annotated[float, msgspec.Meta(ge=0.0, le=3.2e12)]
_Text = Annotated[str, msgspec.Meta(max_length=4000)]


class _Step(msgspec.Struct, gc=False):
    answerer: _Text
    outcome: _Text = ""
    failure: _Text | None = None
    ms: _Duration = 0.0


class _Tokens(msgspec.Struct, gc=False):
    prompt: int = 0
    completion: int = 0


class Line(msgspec.Struct, gc=False):
    """Everything that is counted; a field that is not here is passed over, so newer lines can be read too."""

    # In the order in which they stand in the lines that come most often: each is looked for after the one before.
    event_id: _Text
    ts: _Time
    kind: _Text
    answer_id: _Text | None = None
    terms_hash: _Text | None = None
    question_kind: _Text | None = None
    asker: _Text | None = None
    change: _Text | None = None
    status: _Text | None = None
    answerer: _Text | None = None
    route: tuple[_Step, ...] = ()
    purpose: _Text | None = None
    item: _Text | None = None
    valid: bool | None = None
    outcome: _Text | None = None
    failure: _Text | None = None
    fault: str | None = None
    rules: dict[str, int] | None = None
    tokens: _Tokens | None = None
    model: _Text | None = None
    cached: bool | None = False
    author_kind: _Text | None = None
    author: _Text | None = None
    duration_ms: _Duration | None = None
    error: _Text | None = None
    faults: tuple[str, ...] = ()
    server: _Text | None = None
    tool: _Text | None = None
    client: _Text | None = None
    by: _Text | None = None
    asked_at: _Time | None = None
    waited_ms: _Duration | None = None


_DECODER = msgspec.json.Decoder(Line)
_ANY = msgspec.json.Decoder()
#: A longer line is none of ours.
LONGEST_LINE = 4 * 1024 * 1024


def take_block(fold: Fold, block: bytes) -> None:
    """Take whole lines. A block without a bad line, which nearly all are, is decoded in one go."""
    try:
        events = _DECODER.decode_lines(block)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _take_one_by_one(fold, block)
        return
    fold.take_all(events)


def _take_one_by_one(fold: Fold, block: bytes) -> None:
    for line in block.split(b"\n"):
        if not line or line.isspace():
            continue
        try:
            event = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            fold.set_aside(_fault(line))
        else:
            fold.take_all((event,))


def _fault(line: bytes) -> str:
    try:
        return "malformed" if isinstance(_ANY.decode(line), dict) else "unreadable"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "unreadable"

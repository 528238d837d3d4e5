"""Lines of the log as typed events: what has another type than the page on events says is malformed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Union

import msgspec

from workflow_cli.domain.events.kinds import EVERY, KINDS, Form
from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.reading import READ, READ_OF_EVERY

_Time = Annotated[datetime, msgspec.Meta(tz=True)]
#: A century: what takes longer was not measured.
_Duration = Annotated[float, msgspec.Meta(ge=0.0, le=3.2e12)]
#: More was not counted by anybody.
_Count = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
_Text = Annotated[str, msgspec.Meta(max_length=4000)]


class _Step(msgspec.Struct, gc=False):
    answerer: _Text
    outcome: _Text = ""
    failure: _Text | None = None
    ms: _Duration = 0.0


class _Cite(msgspec.Struct, gc=False, frozen=True):
    address: str
    section_hash: _Text


class _Retrieval(msgspec.Struct, gc=False):
    #: Passages; lines of old do not say.
    k: int = -1
    coverage: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.0


class _Tokens(msgspec.Struct, gc=False):
    prompt: _Count = 0
    completion: _Count = 0


_TYPES: dict[Form, Any] = {
    Form.TEXT: _Text,
    Form.MESSAGE: str,
    Form.TEXTS: tuple[str, ...],
    Form.FLAG: bool,
    Form.COUNT: int,
    Form.NUMBER: float,
    Form.DURATION: _Duration,
    Form.MOMENT: _Time,
    Form.COUNTS: dict[str, int],
    Form.NUMBERS: dict[str, float],
    Form.ROUTE: tuple[_Step, ...],
    Form.CITES: tuple[_Cite, ...],
    Form.RETRIEVAL: _Retrieval,
    Form.TOKENS: _Tokens,
}
#: A kind that is not in the table is given a form when it first comes; no more than so many.
MOST_KINDS = 200
#: A longer line is none of ours.
LONGEST_LINE = 4 * 1024 * 1024
#: A bad line is looked for in so many pieces, in each again, and line by line where they would be smaller than this.
_PIECES = 16
_SMALL = 1024


class _Kind(msgspec.Struct, gc=False):
    kind: _Text


class Moment(msgspec.Struct, gc=False):
    """All that is looked at of an event that is too old to count."""

    ts: _Time


class Lines:
    """Decodes lines to the forms of their kinds, each with the fields that are read of it; others are passed over."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        self._forms = {kind: _form(kind) for kind in KINDS}
        self._decoder = self._made()
        self._kind = msgspec.json.Decoder(_Kind)
        self._any = msgspec.json.Decoder()

    def take(self, block: bytes | memoryview) -> None:
        """Take whole lines. A block without a bad line, which nearly all are, is decoded in one go."""
        try:
            events = self._decoder.decode_lines(block)
        except NO_EVENT:
            self._look_into(bytes(block))
        else:
            self._fold.take_all(events)

    def _look_into(self, block: bytes) -> None:
        size = len(block) // _PIECES
        first = block.find(b"\n", size) + 1
        if size >= _SMALL and 0 < first < len(block):
            at = 0
            while at < len(block):
                end = block.find(b"\n", at + size) + 1 or len(block)
                self.take(block[at:end])
                at = end
            return
        for line in block.split(b"\n"):
            if line and not line.isspace():
                self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        try:
            event = self._decoder.decode(line)
        except NO_EVENT:
            if (decoder := self._unknown(line)) is None:
                self._fold.set_aside(self._fault(line))
                return
            try:
                event = decoder.decode(line)
            except NO_EVENT:
                self._fold.set_aside("malformed")
                return
        self._fold.take_all((event,))

    def _unknown(self, line: bytes) -> msgspec.json.Decoder[Any] | None:
        """What decodes a line of a kind that was not known so far; None where that is not what is wrong with it."""
        try:
            kind = self._kind.decode(line).kind
        except NO_EVENT:
            return None
        if kind in self._forms:
            return None
        form = _form(kind)
        if len(self._forms) < MOST_KINDS:
            self._forms[kind] = form
            self._decoder = self._made()
        return msgspec.json.Decoder(form)

    def _made(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(Union[tuple(self._forms.values())])  # noqa: UP007 — of a list that is not known before

    def _fault(self, line: bytes) -> str:
        try:
            return "malformed" if isinstance(self._any.decode(line), dict) else "unreadable"
        except NO_EVENT:
            return "unreadable"


NO_EVENT = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _form(kind: str) -> type[msgspec.Struct]:
    forms = {**dict.fromkeys(READ_OF_EVERY, Form.TEXT), "faults": Form.TEXTS, **EVERY, **KINDS.get(kind, {})}
    # In about the order in which they are written: each is looked for after the one before.
    names = ["event_id", "ts", *READ.get(kind, ()), *READ_OF_EVERY]
    fields: list[Any] = []
    for name in dict.fromkeys(names):
        type_ = _TYPES[forms[name]]
        fields.append((name, type_) if name in ("event_id", "ts") else (name, _or_none(type_), None))
    return msgspec.defstruct("Line", fields, tag_field="kind", tag=kind, gc=False, namespace={"kind": kind})


def _or_none(type_: Any) -> Any:
    return Union[type_, None]  # noqa: UP007 — annotated types have no |

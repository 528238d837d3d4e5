"""Records of the ledger: one JSON line each, chained by hashes, read strictly.

A record's hash covers the one before it, so that nothing can be taken out or put in between unseen. With a key it is an
HMAC, and a line written by somebody without the key is known as forged.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.setting_values import canonical

SCHEMA = 1
START = "0" * 64
_FIELDS = frozenset({"schema", "seq", "at", "type", "body", "prev", "hash"})


class RecordType(StrEnum):
    FINDING = "finding"
    DEFERRED = "deferred"
    PROPOSAL = "proposal"
    REGISTER = "register"
    INTENT = "intent"
    APPLIED = "applied"
    OBSERVE = "observe"
    DECIDE = "decide"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    PROBATION_END = "probation_end"
    AA_CHECK = "aa_check"
    APPROVAL = "approval"
    VETO = "veto"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    RECOVER = "recover"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """`seq` counts from 1; `at` is in seconds since 1970 and may run backwards, as clocks do."""

    seq: int
    at: float
    type: RecordType
    body: Mapping[str, Any]
    prev: str
    hash: str

    @property
    def line(self) -> bytes:
        return canonical({**_unsigned(self.seq, self.at, self.type, self.body, self.prev), "hash": self.hash}) + b"\n"


def seal(last: Record | None, type: RecordType, body: Mapping[str, Any], *, at: float, key: bytes = b"") -> Record:
    """The record that comes after `last`. Raises ValueError where the body is not what JSON can hold."""
    seq, prev = (1, START) if last is None else (last.seq + 1, last.hash)
    # Through JSON and back, so that what is in memory is what a later start will read.
    body = json.loads(canonical(dict(body)))
    return Record(seq=seq, at=at, type=type, body=body, prev=prev, hash=_hash(seq, at, type, body, prev, key))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The records that count, in order; and how many lines were set aside, by reason.

    Reasons: `torn` (no JSON), `forged` (no record, or a hash that is not its own), `duplicate`, `out_of_order`. `gaps` counts
    the places where records are missing: what stood there cannot be known. The last of them is in front of
    `records[whole_from]`.
    """

    records: tuple[Record, ...]
    set_aside: Mapping[str, int]
    gaps: int
    whole_from: int = 0

    @property
    def last(self) -> Record | None:
        return self.records[-1] if self.records else None

    def known_to_reach(self, seq: int, hash: str) -> Reading:
        """With what was remembered of it elsewhere: it had that record. The end of a chain cannot tell that it is the end."""
        at = next((number for number, record in enumerate(self.records) if record.seq >= seq), len(self.records))
        if at < len(self.records) and self.records[at].hash == hash:
            return self
        return replace(self, gaps=self.gaps + 1, whole_from=max(at, self.whole_from))


def read_lines(lines: Iterable[bytes], *, key: bytes = b"") -> Reading:
    records: list[Record] = []
    hashes: set[str] = set()
    aside: Counter[str] = Counter()
    gaps = whole_from = 0
    for line in lines:
        if not line.strip():
            continue
        record = _parse(line, key)
        if isinstance(record, str):
            aside[record] += 1
        elif record.hash in hashes:
            aside["duplicate"] += 1
        elif records and record.seq <= records[-1].seq:
            aside["out_of_order"] += 1
        else:
            expected = records[-1].hash if records else START
            if record.prev != expected:
                gaps, whole_from = gaps + 1, len(records)
            hashes.add(record.hash)
            records.append(record)
    if aside["forged"] and not records:
        gaps = 1  # as where the key was lost: something was there, and nothing of it can be believed
    return Reading(records=tuple(records), set_aside=dict(+aside), gaps=gaps, whole_from=whole_from)


def _parse(line: bytes, key: bytes) -> Record | str:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "torn"
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["schema"] != SCHEMA:
        return "forged"
    seq, at, body, prev, claimed = (value[name] for name in ("seq", "at", "body", "prev", "hash"))
    if type(seq) is not int or seq < 1 or type(at) not in (int, float) or not isinstance(body, dict):
        return "forged"
    if not isinstance(prev, str) or not isinstance(claimed, str):
        return "forged"
    try:
        kind = RecordType(value["type"])
        right = _hash(seq, at, kind, body, prev, key)
    except (ValueError, TypeError):
        return "forged"
    if not hmac.compare_digest(right.encode(), claimed.encode("utf-8", "surrogatepass")):
        return "forged"
    return Record(seq=seq, at=at, type=kind, body=body, prev=prev, hash=claimed)


def _unsigned(seq: int, at: float, type: RecordType, body: Mapping[str, Any], prev: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "seq": seq, "at": at, "type": type.value, "body": body, "prev": prev}


def _hash(seq: int, at: float, type: RecordType, body: Mapping[str, Any], prev: str, key: bytes) -> str:
    return hmac.new(key, canonical(_unsigned(seq, at, type, body, prev)), hashlib.sha256).hexdigest()

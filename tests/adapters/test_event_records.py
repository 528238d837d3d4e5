"""Lines are decoded by a quicker library than `json`, and come out as that reads them, whatever stands in them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.event_records import EventRecords

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
LINE = b'{"kind":"question","ts":"2026-01-31T12:00:00Z","n":[1,-2.5e3,true,null],"t":"\xc3\xa9\\ud83d\\ude00"}'


def as_json_reads_it(line: bytes) -> Any:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_same(one: Any, other: Any) -> bool:
    """To the type, the order of names and the sign of a zero; what is no number is equal to itself here."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (one, math.copysign(1, one)) == (
            other,
            math.copysign(1, other),
        )
    return bool(one == other)


def is_read_the_same(line: bytes) -> bool:
    return is_same(EventRecords([line])[0], as_json_reads_it(line))


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), st.booleans())
def test_any_object_is_read_as_json_reads_it(value: dict[str, Any], ascii: bool) -> None:
    assert is_read_the_same(json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass"))


@given(st.lists(st.tuples(st.integers(0, len(LINE)), st.binary(max_size=2), st.integers(0, 3)), max_size=4))
def test_a_damaged_line_is_read_as_json_reads_it(damages: list[tuple[int, bytes, int]]) -> None:
    line = LINE
    for place, new, gone in damages:
        line = line[:place] + new + line[place + gone :]
    assert is_read_the_same(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":-0}',
        b'{"a":-0.0}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":18446744073709551616}',
        b'{"a":01}',
        b'{"a":1,"b":2,"a":3}',
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\x01"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b' {"a":1} \r',
        b'{"a":1}x',
        b"",
        b"[1]",
        b'"a"',
        b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 100_000,
    ],
    ids=lambda line: repr(line[:40]),
)
def test_what_one_of_them_may_refuse_is_read_as_json_reads_it(line: bytes) -> None:
    assert is_read_the_same(line)


def test_records_are_a_sequence() -> None:
    records = EventRecords([b'{"n":1}', b"no json", b'{"n":2}'])
    assert (len(records), list(records), list(records[-2:])) == (3, [{"n": 1}, None, {"n": 2}], [None, {"n": 2}])

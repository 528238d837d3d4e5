"""The chain of records: what is set aside, and what the rest still says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.record import Record, RecordType, read_lines, seal
from workflow_cli.domain.improvement.state import fold, state_of

KEY = b"k" * 32
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(max_size=8), values, max_size=4)
entries = st.lists(st.tuples(st.sampled_from(RecordType), bodies), min_size=1, max_size=12)


def chain(made: list[tuple[RecordType, dict[str, object]]], key: bytes = KEY) -> list[Record]:
    records: list[Record] = []
    for number, (type, body) in enumerate(made):
        records.append(seal(records[-1] if records else None, type, body, at=float(number), key=key))
    return records


@given(entries)
def test_what_is_written_is_what_is_read(made: list[tuple[RecordType, dict[str, object]]]) -> None:
    records = chain(made)
    reading = read_lines([record.line for record in records], key=KEY)
    assert list(reading.records) == records
    assert (dict(reading.set_aside), reading.gaps) == ({}, 0)


@given(entries, st.data())
def test_one_damaged_line_costs_one_record_and_is_a_gap(
    made: list[tuple[RecordType, dict[str, object]]], data: st.DataObject
) -> None:
    """Whatever byte is changed; unless it was the last record, after which nothing tells that one is missing.

    Where it was the only one, a line that is left of it does.
    """
    records = chain(made)
    number = data.draw(st.integers(0, len(records) - 1))
    line = records[number].line
    place = data.draw(st.integers(0, len(line) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != line[place] and b != 10))
    damaged = line[:place] + bytes([byte]) + line[place + 1 :]
    lines = [record.line for record in records]
    lines[number] = damaged
    reading = read_lines(lines, key=KEY)
    try:
        same = json.loads(damaged) == json.loads(line)
    except ValueError:
        same = False
    if same:  # another way to write the same value
        assert len(reading.records) == len(records)
    else:
        assert list(reading.records) == records[:number] + records[number + 1 :]
        assert sum(reading.set_aside.values()) == 1
        alone = len(records) == 1 and reading.set_aside.get("forged", 0) == 1
        assert reading.gaps == (number < len(records) - 1 or alone)


@given(entries, st.randoms())
def test_duplicates_and_lines_out_of_order_are_counted(
    made: list[tuple[RecordType, dict[str, object]]], random: object
) -> None:
    records = chain(made)
    lines = [record.line for record in records]
    reading = read_lines([*lines, lines[0], lines[-1]], key=KEY)
    assert list(reading.records) == records
    assert reading.set_aside == {"duplicate": 2}
    if len(lines) > 1:
        swapped = read_lines([*lines[:-2], lines[-1], lines[-2]], key=KEY)
        assert swapped.set_aside == {"out_of_order": 1}
        assert swapped.gaps == 1


@given(entries, bodies)
def test_without_the_key_nothing_can_be_added(
    made: list[tuple[RecordType, dict[str, object]]], body: dict[str, object]
) -> None:
    records = chain(made)
    forged = seal(records[-1], RecordType.UNFREEZE, body, at=9.0, key=b"guessed")
    reading = read_lines([*(record.line for record in records), forged.line], key=KEY)
    assert list(reading.records) == records
    assert reading.set_aside == {"forged": 1}


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"null", b"[]", b"{}", b"1e999", b'{"schema":1}']), max_size=8)
)
def test_rubbish_is_set_aside(lines: list[bytes]) -> None:
    reading = read_lines(lines, key=KEY)
    assert reading.records == ()
    assert sum(reading.set_aside.values()) == sum(1 for line in lines if line.strip())


@given(entries)
def test_any_records_fold_to_a_state(made: list[tuple[RecordType, dict[str, object]]]) -> None:
    """Records that make no sense where they stand change nothing, and never fail."""
    state = fold(chain(made))
    assert state.running is None
    assert state.kept == []


def test_a_gap_freezes_the_loop_until_a_person_says_otherwise() -> None:
    records = chain([(RecordType.FINDING, {"n": n}) for n in range(4)])
    lines = [record.line for record in records]
    assert state_of(read_lines(lines, key=KEY)).frozen is None
    broken = [lines[0], *lines[2:]]
    assert state_of(read_lines(broken, key=KEY)).frozen == "ledger_damaged"
    let_go = seal(records[-1], RecordType.UNFREEZE, {"by": "Ada"}, at=5.0, key=KEY)
    assert state_of(read_lines([*broken, let_go.line], key=KEY)).frozen is None

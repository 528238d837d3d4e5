"""The tallies of a log are those of its lines, however it is read: in one go, bit by bit, or by several processes."""

from __future__ import annotations

import errno
import json
import os
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from workflow_cli.adapters.metrics_log import lines as log_lines
from workflow_cli.adapters.metrics_log.blocks import line_from
from workflow_cli.adapters.metrics_log.bodies import SUMMED, Bodies, pack_all, together, unpacked
from workflow_cli.adapters.metrics_log.files import Part, log_files
from workflow_cli.adapters.metrics_log.lines import Lines
from workflow_cli.adapters.metrics_log.metrics_log import MetricsLog
from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.tally import DAY, Tally, total

NOON = 1_795_608_000
NOW = NOON + 3600.0
BAD = (
    '{"torn": \n',
    "[1]\n",
    "\n",
    "\r\n",
    "\x00\x01\n",
    '{"kind":"question"}\n',
    "é\n",
    '{"ts":"2030-01-01T00:00:00Z"}\n',
    '{"event_id":"1","ts":"yesterday","kind":"update"}\n',
    '{"event_id":"1","ts":"2026-11-25T10:00:00Z","kind":5}\n',
    "9" * 5000 + "\n",
)
KINDS = (
    "question",
    "model.call",
    "draft",
    "process.item",
    "update",
    "verdict",
    "finding.verdict",
    "mcp.call",
    "something.new",
)


def line_of(chance: random.Random, at: float, *, id: str | None = None) -> str:
    from datetime import UTC, datetime

    kind = chance.choice(KINDS)
    event: dict[str, Any] = {
        "schema": 1,
        "event_id": id or f"{int(at * 1000):012x}{chance.getrandbits(80):020x}",
        "ts": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": kind,
        "outcome": chance.choice(("done", "failed", "written")),
        "duration_ms": chance.choice((0, 1, 250.5, 9000)),
    }
    if kind == "question":
        event |= {
            "status": chance.choice(("answered", "pending", "failed")),
            "answerer": chance.choice(("specs", "model", None)),
            "answer_id": f"a{chance.randrange(9)}",
            "terms_hash": f"{chance.randrange(3)}",
            "asker": chance.choice(("Ada", None)),
            "question_kind": "lookup",
            "route": [{"answerer": "model", "outcome": "failed", "failure": "timeout", "attempts": 2, "ms": 12.34}],
            "question_hash": f"q{chance.randrange(4)}",
            "cites": [{"address": f"a{chance.randrange(3)}", "section_hash": f"h{chance.randrange(2)}"}],
            "retrieval": chance.choice((None, {"score": 2.5, "coverage": chance.random(), "k": 3})),
            "model": chance.choice(("small", "large", None)),
            "cached": chance.choice((True, False, None)),
            "change": chance.choice((None, "add-it")),
        }
    if kind == "verdict":
        event |= {"answer_id": f"a{chance.randrange(9)}", "client": "c", "answerer": "specs", "outcome": "accepted"}
    if kind == "finding.verdict":
        event |= {
            "rule": chance.choice(("vague", "weak")),
            "finding": f"f{chance.randrange(5)}",
            "client": chance.choice(("c", None)),
        }
    if kind == "draft":
        event |= {
            "draft": f"d{chance.randrange(5)}",
            "author_kind": chance.choice(("rule", "model")),
            "author": "vague",
        }
        event["outcome"] = chance.choice(("drafted", "approved", "rejected", "undone"))
    if kind == "process.item":
        event |= {"item": "change/add-it", "valid": True, "rules": {"vague": 2}, "fault": chance.choice((None, "no 7"))}
    if kind == "mcp.call":
        event |= {"server": "tracker", "tool": "search", "outcome": chance.choice(("answered", "timeout"))}
    return json.dumps(event) + "\n"


STEPS = (0.5, 30, 400, 5000, -20, -400, -9000)


def made_lines(seed: int, count: int, *, steps: tuple[float, ...] = STEPS) -> list[str]:
    """In order mostly; with jumps, repetitions, lines from the future, and lines that are none."""
    chance = random.Random(seed)
    at = NOON - 6.0 * DAY
    lines: list[str] = []
    for _ in range(count):
        at += chance.choice(steps)
        draw = chance.random()
        if draw < 0.06 and lines:
            lines.append(chance.choice(lines))
        elif draw < 0.09:
            lines.append(chance.choice(BAD))
        elif draw < 0.11:
            lines.append(line_of(chance, NOW + 9 * DAY))
        elif draw < 0.13:
            lines.append(
                json.dumps({**json.loads(line_of(chance, at)), "duration_ms": chance.choice((-1, "5"))}) + "\n"
            )
        else:
            line = line_of(chance, at)
            lines.append(line.replace("\n", "\r\n") if draw > 0.97 else line)
    return lines


def everything(log: MetricsLog) -> dict[int, Tally]:
    """By day, because hours become days as time goes by; the same whether hours are asked for or not."""
    found = []
    for by_hour in (False, True):
        days: dict[int, Tally] = {}
        for start, tally in log.tallies(0, 2**40, by_hour=by_hour, with_answers=True, with_changes=True):
            days.setdefault(start // DAY * DAY, Tally()).add(tally)
        found.append({day: tally for day, tally in days.items() if tally != Tally()})
    assert found[0] == found[1]
    return found[0]


def in_full(path: Path) -> dict[int, Tally]:
    return everything(MetricsLog(path, now=NOW, database=None, processes=1))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), steps=st.sampled_from((STEPS, (0.0, 400.0, 5000.0), (90.0, -60.0))))
def test_lines_that_are_taken_at_once_are_counted_in_the_hours_and_days_of_each(
    seed: int, steps: tuple[float, ...]
) -> None:
    """In whatever order they are, over the ends of hours, and over the end of those that are kept by day."""
    lines = [line.encode() for line in made_lines(seed, 80, steps=steps)]
    hours_from = int(NOON - 6 * DAY) // 3600 * 3600 + 2 * 3600
    together, apart = (Fold(latest=NOW, hours_from=hours_from) for _ in range(2))
    Lines(together).take(b"".join(lines))
    each = Lines(apart)
    for line in lines:
        each.take(line)
    assert together.tallies == apart.tallies
    assert together.remembered() == apart.remembered()


def test_a_stretch_without_one_usable_line_counts_nothing(tmp_path: Path) -> None:
    """What was read before stays, and the lines are set aside."""
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    for text in ("no JSON\n", "", "".join(made_lines(0, 20)), "{}\n[]\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
        assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


@settings(max_examples=40, deadline=None)
@example(seed=2103, cuts=[1])
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_what_is_read_bit_by_bit_is_what_is_read_at_once(
    seed: int, cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With rotations between, half-written last lines, and after each bit."""
    directory = tmp_path_factory.mktemp("log")
    path, database = directory / "metrics.jsonl", directory / ".workflow" / "feedback.db"
    lines = made_lines(seed, 120)
    number = 0
    for cut in cuts:
        some, lines = lines[:cut], lines[cut:]
        with path.open("a", encoding="utf-8") as file:
            file.writelines(some)
            if seed % 3 == 0 and lines:
                half = len(lines[0]) // 2
                file.write(lines[0][:half])
                lines[0] = lines[0][half:]
        assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)
        if (seed + cut) % 4 == 0 and lines:
            with path.open("a", encoding="utf-8") as file:
                file.write(lines.pop(0))
            number += 1
            path.rename(path.with_name(f"metrics-20260131T12000{number}Z.jsonl"))
    assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


@settings(max_examples=40, deadline=None)
@example(seed=0, steps=[(1, 0.0), (0, -0.125)])
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.tuples(st.integers(0, 40), st.floats(-0.2, 2.5)), min_size=1, max_size=8),
)
def test_days_that_ended_are_the_sum_of_their_hours_as_time_goes_by(
    seed: int, steps: list[tuple[int, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Lines are written while days pass, and a clock goes back now and then."""
    directory = tmp_path_factory.mktemp("log")
    path, database = directory / "metrics.jsonl", directory / ".workflow" / "feedback.db"
    chance = random.Random(seed)
    now = NOON - 9.0 * DAY
    for count, days in steps:
        now = min(NOW, now + days * DAY)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(line_of(chance, now - chance.uniform(0, 1800)) for _ in range(count))
            if count % 3 == 0:
                file.write(line_of(chance, now + chance.choice((1.0, 3.0, 30.0)) * 3600))
        kept = MetricsLog(path, now=now, database=database)
        fresh = MetricsLog(path, now=now, database=None)
        assert everything(kept) == everything(fresh)
        assert weeks(kept, now) == weeks(fresh, now)
        assert hours(kept, now) == hours(fresh, now)


def hours(log: MetricsLog, now: float) -> list[tuple[int, Tally]]:
    """Of the last day, which are kept one by one."""
    return [(start, tally) for start, tally in log.tallies(int(now) - DAY, 2**40, by_hour=True) if tally != Tally()]


def weeks(log: MetricsLog, now: float) -> list[Tally]:
    """Sums of several days until today and with it, which are kept where they are over."""
    today = int(now) // DAY * DAY
    return [log.total(today + after - days * DAY, today + after) for days in (1, 2, 5) for after in (0, DAY)]


def test_a_sum_of_days_that_are_over_is_kept_until_one_of_them_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late line belongs to yesterday. Only one sum is kept of as many days."""
    path, database = tmp_path / "metrics.jsonl", tmp_path / "feedback.db"
    chance = random.Random(4)
    today = int(NOON) // DAY * DAY
    path.write_text("".join(line_of(chance, today - 7 * DAY + 3000 * n) for n in range(200)), encoding="utf-8")
    week = today - 7 * DAY, today
    first = MetricsLog(path, now=NOON, database=database).total(*week)
    again = MetricsLog(path, now=NOON, database=database)
    with monkeypatch.context() as patched:
        patched.setattr(again, "tallies", None)
        assert again.total(*week) == first
        with pytest.raises(TypeError):
            again.total(today - 6 * DAY, today)
    with path.open("a", encoding="utf-8") as file:
        file.write(line_of(chance, today - 600.0))
    late = MetricsLog(path, now=NOON, database=database).total(*week)
    assert late != first
    assert late == MetricsLog(path, now=NOON, database=None).total(*week)
    log = MetricsLog(path, now=NOON, database=database)
    log.total(week[0] - DAY, week[1] - DAY)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT start FROM tally WHERE span > 2 * ?", (DAY,)).fetchall() == [(week[0] - DAY,)]


def test_a_day_that_ended_is_looked_at_as_one(tmp_path: Path) -> None:
    path, database = tmp_path / "metrics.jsonl", tmp_path / "feedback.db"
    yesterday, today = NOON - DAY, NOON
    chance = random.Random(1)
    path.write_text("".join(line_of(chance, at + hour * 3600) for at in (yesterday, today) for hour in range(3)))
    log = MetricsLog(path, now=today + 3 * 3600.0, database=database)
    starts = [start for start, _ in log.tallies(0, 2**40)]
    assert starts == [yesterday // DAY * DAY, *(today + hour * 3600 for hour in range(3))]
    assert len(list(log.tallies(0, 2**40, by_hour=True))) == 6
    assert len(list(log.tallies(yesterday, 2**40))) == 6, "half a day is so many hours"


@pytest.mark.parametrize("seed", range(4))
def test_several_processes_read_what_one_does(seed: int, tmp_path: Path) -> None:
    """Stretches of a few kilobytes: what one process needs of another's is there more often than not."""
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(made_lines(seed, 3000)), encoding="utf-8")
    together = MetricsLog(path, now=NOW, database=None, processes=3, least=1000)
    assert everything(together) == in_full(path)


@pytest.mark.parametrize("seed", range(2))
def test_what_several_processes_read_is_added_to_what_is_kept(seed: int, tmp_path: Path) -> None:
    """Days and hours that were there already, and sums that are no longer true."""
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    lines = made_lines(seed, 3000)
    for some in (lines[:1000], lines[1000:2000], lines[2000:]):
        with path.open("a", encoding="utf-8") as file:
            file.writelines(some)
        log = MetricsLog(path, now=NOW, database=database, processes=2, least=1000)
        assert everything(log) == in_full(path)
        assert log.degraded == []


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import sys; sys.stdin.read(); sys.exit(1)"])
def test_what_a_process_that_died_should_have_read_is_read_here(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, or after it was told what to do."""
    from workflow_cli.adapters.metrics_log import helpers

    monkeypatch.setattr(helpers, "_PROGRAM", program)
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(made_lines(7, 2000)), encoding="utf-8")
    assert everything(MetricsLog(path, now=NOW, database=None, processes=3, least=1000)) == in_full(path)


@pytest.mark.parametrize("missing", [errno.EAGAIN, errno.ENOSPC])
def test_without_processes_or_room_for_claims_all_is_read_here(
    missing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    from workflow_cli.adapters.metrics_log import helpers

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(missing, os.strerror(missing))

    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(made_lines(8, 2000)), encoding="utf-8")
    if missing == errno.EAGAIN:
        monkeypatch.setattr(subprocess, "Popen", refuse)
    else:
        monkeypatch.setattr(helpers, "nothing_claimed", refuse)
    log = MetricsLog(path, now=NOW, database=None, processes=3, least=1000)
    assert everything(log) == in_full(path)
    assert log.degraded == []


def test_processes_share_a_long_log_in_good_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the work of others is taken, and not done over: this process does none of it."""
    from workflow_cli.adapters.metrics_log import claims, read_parts

    monkeypatch.setattr(claims.Claims, "__iter__", lambda _: iter(range(9)))  # its own, however long another takes

    chance = random.Random(5)
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(line_of(chance, NOON - 9 * DAY + 60 * n) for n in range(12_000)), encoding="utf-8")
    monkeypatch.setattr(read_parts, "BLOCK", 1 << 14)
    taken: list[Bodies] = []

    def noted(fold: Fold, many: Sequence[Bodies]) -> Bodies:
        taken.extend(many)
        return together(fold, many)

    monkeypatch.setattr(read_parts, "together", noted)
    shared = everything(MetricsLog(path, now=NOW, database=None, processes=2, least=1000))
    mine, others = taken
    assert mine
    assert any(span == SUMMED for span, _ in others)
    assert shared == in_full(path)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 189), min_size=1, max_size=3).map(sorted))
def test_what_several_counted_is_put_together(seed: int, cuts: list[int]) -> None:
    """Hours and days that one of them counted are handed on packed, others added; sums are those of whole days."""
    chance = random.Random(seed)
    lines = [line_of(chance, NOON - 4 * DAY + 1800.0 * n).encode() for n in range(190)]
    like = Fold(latest=NOW, hours_from=int(NOON // DAY - 3) * DAY)
    whole, last = like.another(), like.another()
    Lines(whole).take(b"".join(lines))
    parts: list[Bodies] = []
    for begin, end in pairwise([0, *cuts, 190]):
        Lines(last).take(b"".join(lines[begin:end]))
        if end < 190:
            parts.append(pack_all(last))
    found = together(last, parts)
    assert found.keys().isdisjoint(last.tallies)
    sums = {key: unpacked(found.pop(key)) for key in list(found) if key[0] == SUMMED}
    assert last.tallies | {key: unpacked(body) for key, body in found.items()} == whole.tallies
    assert sums == {
        (SUMMED, day): total(tally for (_, at), tally in sorted(whole.tallies.items()) if day <= at < day + DAY)
        for _, day in sums
    }
    shared = {int(NOON - 4 * DAY + 1800 * cut) // DAY * DAY for cut in cuts}
    hours = range(like.hours_from, int(NOON) // DAY * DAY, DAY)
    assert {day for _, day in sums} >= {day for day in hours if day + DAY < max(shared) and day not in shared}


def test_what_is_set_aside_and_why(tmp_path: Path) -> None:
    """One line of each sort; everything else is counted."""
    chance = random.Random(1)
    before = [line_of(chance, NOON - 9000), line_of(chance, NOON - 3600)]
    first = line_of(chance, NOON)
    path = tmp_path / "metrics.jsonl"
    bad = [
        "{torn\n",
        "[]\n",
        '{"kind":"update"}\n',
        first,
        line_of(chance, NOON - 3 * 3600),
        line_of(chance, NOW + 8000),
    ]
    path.write_text("".join([*before, first, "\n", *bad, line_of(chance, NOON + 1)]), encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert whole.aside == {
        "unreadable": 2,
        "malformed": 1,
        "duplicate": 1,
        "out_of_order": 1,
        "from_the_future": 1,
    }
    assert sum(sum(buckets.values()) for buckets in whole.rows.values()) == 4


def test_a_line_without_end_and_one_that_is_far_too_long(tmp_path: Path) -> None:
    """The one is left for later, the other is no event; neither hides what follows."""
    chance = random.Random(2)
    path = tmp_path / "metrics.jsonl"
    long = '{"x":"' + "y" * (log_lines.LONGEST_LINE + 3_000_000) + '"}\n'
    path.write_text(line_of(chance, NOON) + long + line_of(chance, NOON + 1) + '{"half', encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert sum(sum(buckets.values()) for buckets in whole.rows.values()) == 2
    assert set(whole.aside) <= {"unreadable", "malformed"}


def test_files_that_were_put_aside_come_in_their_order(tmp_path: Path) -> None:
    names = ["metrics-20260131T120000Z.jsonl", "metrics-20260131T120000Z-2.jsonl", "metrics-20260131T120000Z-10.jsonl"]
    for name in [*names, "metrics.jsonl", "metrics-old.jsonl", "other.jsonl"]:
        (tmp_path / name).write_text("")
    assert [file.name for file in log_files(tmp_path / "metrics.jsonl")] == [*names, "metrics.jsonl"]


@pytest.mark.parametrize("harm", ["edited", "removed", "database", "replaced"])
def test_what_is_kept_is_made_anew_where_it_is_no_longer_true(harm: str, tmp_path: Path) -> None:
    """Another beginning, a file that is gone, a damaged database, another file in its place."""
    chance = random.Random(3)
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    old = tmp_path / "metrics-20260131T120000Z.jsonl"
    old.write_text("".join(line_of(chance, NOON - DAY + n) for n in range(50)), encoding="utf-8")
    path.write_text("".join(line_of(chance, NOON + n) for n in range(50)), encoding="utf-8")
    MetricsLog(path, now=NOW, database=database)
    if harm == "edited":
        path.write_text(path.read_text().replace("done", "lost"), encoding="utf-8")
    elif harm == "removed":
        old.unlink()
    elif harm == "replaced":
        path.write_text(line_of(chance, NOON + 5), encoding="utf-8")
    else:
        database.write_bytes(b"nonsense" * 1000)
    log = MetricsLog(path, now=NOW, database=database)
    assert everything(log) == in_full(path)
    assert bool(log.degraded) == (harm == "database")


def test_a_place_that_cannot_be_written_costs_time_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(line_of(random.Random(4), NOON + n) for n in range(20)), encoding="utf-8")
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    log = MetricsLog(path, now=NOW, database=blocked / "feedback.db")
    assert everything(log) == in_full(path)
    assert log.degraded


@pytest.mark.parametrize("table", ["tally SET body", "log SET state"])
def test_what_is_kept_and_is_not_ours(table: str, tmp_path: Path) -> None:
    """Where it says how far was read, all is read again; where it is a sum, it is put aside as well, and that is said."""
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    chance = random.Random(6)
    path.write_text("".join(line_of(chance, NOON - 5 * DAY + 6000 * n) for n in range(70)), encoding="utf-8")
    for more in ("", line_of(chance, NOON), line_of(chance, NOON - 10)):
        for nonsense in (b"", b"\x93\x01\x02\x03", b"\x92\x93\x91\x01\x01\x01\x90"):
            weeks(MetricsLog(path, now=NOW, database=database), NOW)
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute(f"UPDATE {table} = ?", (nonsense,))
            with path.open("a", encoding="utf-8") as file:
                file.write(more)
            log = MetricsLog(path, now=NOW, database=database)
            assert weeks(log, NOW) == weeks(MetricsLog(path, now=NOW, database=None), NOW)
            assert everything(log) == in_full(path)
            assert len(log.degraded) == (table == "tally SET body")
            assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


def late_part(log: MetricsLog, since: int) -> list[tuple[int, Tally]]:
    return [
        (start, tally)
        for start, tally in log.tallies(since, 2**40, by_hour=True, with_answers=True, with_changes=True)
        if tally != Tally()
    ]


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32), days=st.integers(0, 6), processes=st.integers(1, 2))
def test_what_is_asked_about_is_the_same_where_older_lines_are_left_out(
    seed: int, days: int, processes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also where clocks jumped, so that lines of long ago are newer than those after them; over several files."""
    directory = tmp_path_factory.mktemp("log")
    path = directory / "metrics.jsonl"
    lines = made_lines(seed, 700, steps=(*[900.0] * 9, *STEPS[:-1], *[9000.0, -9000.0] * (seed % 3)))
    half = seed % 700
    (directory / "metrics-20260131T120000Z.jsonl").write_text("".join(lines[:half]), encoding="utf-8")
    path.write_text("".join(lines[half:]), encoding="utf-8")
    since = NOON // DAY * DAY - days * DAY
    whole = MetricsLog(path, now=NOW, database=None, processes=1)
    with pytest.MonkeyPatch.context() as patched:
        small_steps(patched)
        part = MetricsLog(path, now=NOW, database=None, since=since, processes=processes, least=500)
    assert late_part(part, since) == late_part(whole, since)
    assert part.newest == whole.newest
    assert part.answers_around(NOON - 5 * DAY) == whole.answers_around(NOON - 5 * DAY)


def small_steps(patched: pytest.MonkeyPatch) -> None:
    from workflow_cli.adapters.metrics_log import read_parts, recent

    patched.setattr(recent, "_NEAR", 400)
    patched.setattr(read_parts, "BLOCK", 1 << 11)


def made_in_order(path: Path, days: int, *, first: str = "") -> None:
    chance = random.Random(8)
    lines = [line_of(chance, NOON - days * DAY + 600 * number) for number in range(days * 144)]
    path.write_text(first + "".join(lines), encoding="utf-8")


def test_older_lines_are_left_out_and_read_when_they_are_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read first goes on to be used for what is new, and is made anew for a longer time."""
    small_steps(monkeypatch)
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    made_in_order(path, 20)
    since = NOON // DAY * DAY - 3 * DAY
    short = MetricsLog(path, now=NOW, database=database, since=since, least=1000)
    whole = in_full(path)
    oldest = short.starts()[0][1]
    assert oldest > min(whole) + 9 * DAY
    with path.open("a", encoding="utf-8") as file:
        file.write(line_of(random.Random(9), NOON + 5))
    again = MetricsLog(path, now=NOW, database=database, since=since, least=1000)
    assert late_part(again, since) == late_part(MetricsLog(path, now=NOW, database=None), since)
    assert again.starts()[0][1] == oldest
    longer = MetricsLog(path, now=NOW, database=database, since=since - 9 * DAY, least=1000)
    assert late_part(longer, since - 9 * DAY) == late_part(MetricsLog(path, now=NOW, database=None), since - 9 * DAY)
    assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


@pytest.mark.parametrize(("at", "begins"), [(1, 4), (4, 4), (5, 8), (8, 8), (9, 90), (20, 90)])
def test_a_line_is_looked_for_in_a_log_that_was_made_shorter_meanwhile(at: int, begins: int, tmp_path: Path) -> None:
    """The part is longer than the file is now, and ends where it was to end."""
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"{1}\n{2}\n{3")
    assert line_from(Part(path=str(path), start=0, end=90), at) == begins


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("hours", [1, 2, 5, 12])
def test_a_short_time_is_asked_about_and_shared_out(
    hours: int, processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one process has of it is shorter than it takes to find out what came before: older lines are left out anyway."""
    small_steps(monkeypatch)
    path = tmp_path / "metrics.jsonl"
    made_in_order(path, 20)
    since = NOON // 3600 * 3600 - hours * 3600.0
    short = MetricsLog(path, now=NOW, database=None, since=since, processes=processes, least=1000)
    whole = MetricsLog(path, now=NOW, database=None, processes=1)
    assert late_part(short, since) == late_part(whole, since)
    assert short.starts()[0][1] > NOON - 3 * DAY


@pytest.mark.parametrize("ahead", [0.0, 3.0])
@pytest.mark.parametrize(("lines", "believed"), [(1, False), (12, False), (20, True)])
def test_a_clock_that_was_ahead_long_ago_is_noticed(
    ahead: float, lines: int, believed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after many old lines that are newer than those of some days is out of order; a few set nothing aside."""
    small_steps(monkeypatch)
    path = tmp_path / "metrics.jsonl"
    chance = random.Random(3)
    first = "".join(line_of(chance, NOON - ahead * DAY - 600 * number) for number in range(lines, 0, -1))
    made_in_order(path, 20, first=first)
    since = NOON // DAY * DAY - 5 * DAY
    part = MetricsLog(path, now=NOW, database=None, since=since, least=1000)
    whole = MetricsLog(path, now=NOW, database=None, processes=1)
    assert late_part(part, since) == late_part(whole, since)
    assert bool(total(tally for _, tally in late_part(whole, since)).aside) is believed


@pytest.mark.parametrize("length", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("before", [0, 900_000])
def test_a_line_is_too_long_wherever_it_stands(length: int, before: int, tmp_path: Path) -> None:
    """However much is read at a time, it is the length of the line alone that decides."""
    path = tmp_path / "metrics.jsonl"
    event = json.loads(line_of(random.Random(2), NOON))
    line = json.dumps({**event, "kind": "update", "note": ""})
    room = log_lines.LONGEST_LINE - 1 + length - len(line)
    line = line.replace('"note": ""', f'"note": "{"y" * room}"')
    path.write_text(" " * before + "\n" + line + "\n", encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert bool(whole.rows) is (length <= 0)
    assert whole.aside == ({} if length <= 0 else {"unreadable": 1})


def test_a_kind_that_is_not_known_yet_is_counted_by_its_name(tmp_path: Path) -> None:
    """However many there are; one whose name is no text is malformed."""
    path = tmp_path / "metrics.jsonl"
    kinds = [f"new.{number}" for number in range(log_lines.MOST_KINDS + 9)] * 2
    chance = random.Random(4)
    lines = [
        json.dumps({**json.loads(line_of(chance, NOON + n / 10)), "kind": kind, "rules": 5}) + "\n"
        for n, kind in enumerate(kinds)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert {row[0] for row in whole.rows} == set(kinds)
    assert sum(sum(buckets.values()) for buckets in whole.rows.values()) == len(kinds)
    assert whole.aside == {}


def test_claims_to_an_arm_are_held_against_what_was_drawn(tmp_path: Path) -> None:
    """By several processes as by one; of experiments that are not known, nothing is said."""
    from workflow_cli.domain.improvement.arms import Draw, Overlay

    overlay = Overlay(experiment="e", draw=Draw.INTERLEAVED, scope="*", salt="s", changes={"answers.cache_seconds": 60})
    chance = random.Random(6)
    lines, forged = [], 0
    for number in range(600):
        event = json.loads(line_of(chance, NOON - 6 * DAY + 700 * number)) | {"kind": "question"}
        arm = overlay.arm(f"lookup#{number}")
        claim = chance.choice(("base", "treatment", "holdback"))
        experiment = chance.choice(("e", "another", None))
        event |= {"question_kind": "lookup", "experiment": experiment, "arm": claim, "unit": f"lookup#{number}"}
        forged += experiment == "e" and claim != arm
        lines.append(json.dumps(event) + "\n")
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    arms = lambda: [overlay.as_json()]  # noqa: E731
    whole = everything(MetricsLog(path, now=NOW, database=None, arms=arms, processes=1))
    assert total(whole.values()).aside == {"forged": forged}
    assert everything(MetricsLog(path, now=NOW, database=None, arms=arms, processes=3, least=1000)) == whole

"""Checks in their order, servers at once, faults as something seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import pytest

from workflow_cli.app.doctor.check import Check, Probe, Seen, State, failed, ok, skipped, warning
from workflow_cli.app.doctor.examination import Examination, Finding, exit_code_of
from workflow_cli.errors import DocumentError

UNKNOWN = Seen(state=State.FAILED, text="who knows", next="look", evaluated=False)


def examined(*checks: Check[str]) -> Sequence[Finding]:
    examination = Examination(checks, "here", elapsed=time.monotonic)
    examination.look()
    asyncio.run(examination.wait())
    return examination.findings


def probe(where: str, *seen: Seen, seconds: float = 5.0, takes: float = 0.0) -> Probe:
    async def look() -> Sequence[Seen]:
        await asyncio.sleep(takes)
        return seen

    return Probe(where=where, seconds=seconds, look=look)


def told(findings: Sequence[Finding]) -> list[tuple[str, str, str | None]]:
    return [(finding.id, finding.seen.text, finding.seen.where) for finding in findings]


def test_what_servers_say_stands_where_their_check_does() -> None:
    """Also where another answered sooner; a part has an id and a title of its own."""
    servers = Check[str](
        "servers",
        "Server",
        lambda _: [probe("slow", ok("slow"), takes=0.05), probe("fast", ok("fast"), ok("model", part="model"))],
        {"model": "Model"},
    )
    found = examined(Check("first", "First", lambda at: [ok(at)]), servers, Check("last", "Last", lambda _: [ok("z")]))
    assert [(f.id, f.title, f.seen.text) for f in found] == [
        ("first", "First", "here"),
        ("servers", "Server", "slow"),
        ("servers", "Server", "fast"),
        ("servers.model", "Model", "model"),
        ("last", "Last", "z"),
    ]
    assert found[1].milliseconds >= 50


def test_servers_are_waited_for_at_once() -> None:
    started = time.monotonic()
    examined(Check("s", "S", lambda _: [probe(str(n), takes=0.2) for n in range(20)]))
    assert time.monotonic() - started < 2


def test_one_that_takes_too_long_fails_alone() -> None:
    slow, fast = probe("slow", ok("never said"), seconds=0.05, takes=60), probe("fast", ok("there"))
    found = examined(Check("s", "S", lambda _: [slow, fast]))
    assert told(found) == [("s", "it did not come to an end within 0.05 s", "slow"), ("s", "there", None)]
    assert exit_code_of(found) == 1


def test_a_fault_ends_its_own_check_only() -> None:
    """What was seen before stays; the place and the next step are those of the fault."""

    def look(_: str) -> Iterator[Seen]:
        yield ok("before")
        raise DocumentError("cannot read", where="a.md", hint="chmod u+r a.md")

    def system(_: str) -> Iterator[Seen]:
        raise PermissionError(13, "Permission denied", "/b")
        yield

    async def refused() -> Sequence[Seen]:
        raise DocumentError("went away")

    server = Probe(where="c", seconds=5, look=refused)
    found = examined(Check("a", "A", look), Check("b", "B", system), Check("c", "C", lambda _: [server]))
    assert told(found) == [
        ("a", "before", None),
        ("a", "cannot read", "a.md"),
        ("b", "Permission denied", "/b"),
        ("c", "went away", "c"),
    ]
    assert found[1].seen.next == "chmod u+r a.md"
    assert all(finding.seen.next for finding in found[1:])


def test_a_bug_of_a_check_is_no_finding() -> None:
    def look(_: str) -> Iterator[Seen]:
        yield ok(str(1 // 0))

    with pytest.raises(ZeroDivisionError):
        examined(Check("a", "A", look))


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ([ok("a"), skipped("b"), warning("c", next="d")], 0),
        ([ok("a"), failed("b", next="c")], 1),
        ([failed("b", next="c"), UNKNOWN], 3),
    ],
)
def test_the_worst_decides_the_exit_status(seen: list[Seen], code: int) -> None:
    assert exit_code_of(examined(Check("a", "A", lambda _: seen))) == code

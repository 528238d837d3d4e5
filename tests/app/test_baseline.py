"""A baseline lets old findings pass, never new ones, and only shrinks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.app.baseline import Baseline
from workflow_cli.app.report import Item, ItemFault, ItemKind, Report
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.errors import DocumentError


def finding(message: str, *, line: int = 1, level: Level = Level.ERROR, origin: Origin = Origin.BUILTIN) -> Finding:
    place = Place(file="openspec/specs/a/spec.md", line=line)
    return Finding(
        rule="r", level=level, path="requirements[0]", line=line, message=message, origin=origin, place=place
    )


def report(*findings: Finding, id: str = "a", fault: ItemFault | None = None) -> Report:
    item = Item(kind=ItemKind.SPEC, id=id, file="f", valid=not findings, findings=findings, fault=fault)
    return Report(root="/r", items=(item,))


OLD, NEW = finding("old"), finding("new")


def test_old_findings_pass() -> None:
    """They move to `tolerated`, the run succeeds, and the item keeps its verdict."""
    applied, stale = Baseline.of(report(OLD)).apply(report(OLD))
    assert applied.exit_code == 0
    assert applied.items[0].tolerated == (OLD,)
    assert not applied.items[0].valid
    assert stale == ()


def test_a_new_finding_fails() -> None:
    """The old one beside it is tolerated."""
    applied, _ = Baseline.of(report(OLD)).apply(report(OLD, NEW))
    assert applied.exit_code == 1
    assert list(applied.items[0].findings) == [NEW]


def test_one_more_of_the_same_fails() -> None:
    """Findings are counted: tolerating one does not tolerate two."""
    applied, _ = Baseline.of(report(OLD)).apply(report(OLD, OLD))
    assert applied.exit_code == 1
    assert len(applied.items[0].tolerated) == 1


def test_moved_text_is_still_old() -> None:
    """Lines and positions in lists do not count, also inside the message."""
    then = replace(finding("duplicate of line 12"), path="requirements[0].scenarios[2]")
    now = replace(finding("duplicate of line 40", line=30), path="requirements[5].scenarios[0]")
    applied, stale = Baseline.of(report(then)).apply(report(now))
    assert applied.exit_code == 0
    assert stale == ()


def test_another_number_in_the_message_is_another_finding() -> None:
    """Only line numbers are left out."""
    applied, _ = Baseline.of(report(finding("found 12 deltas"))).apply(report(finding("found 13 deltas")))
    assert applied.exit_code == 1


def test_what_no_longer_occurs_is_stale() -> None:
    """The baseline without it is what the run writes back."""
    baseline = Baseline.of(report(OLD, NEW, NEW))
    _, stale = baseline.apply(report(NEW))
    assert [(entry.key.message, entry.count) for entry in stale] == [("new", 1), ("old", 1)]
    assert baseline.without(stale) == Baseline.of(report(NEW))


def test_what_was_not_looked_for_is_not_stale() -> None:
    """An item left out of the run, one that could not be read, and an origin that took no part keep their entries."""
    baseline = Baseline.of(report(finding("m", origin=Origin.MODEL)))
    clean = report()
    assert baseline.apply(report(id="other"))[1] == ()
    assert baseline.apply(report(fault=ItemFault(message="unreadable")))[1] == ()
    assert baseline.apply(clean, origins={Origin.OPENSPEC, Origin.BUILTIN})[1] == ()
    assert len(baseline.apply(clean)[1]) == 1


def test_an_item_that_is_gone_is_stale_when_the_whole_tree_was_evaluated() -> None:
    """An archived change leaves nothing behind in the baseline."""
    assert len(Baseline.of(report(OLD)).apply(report(id="other"), whole=True)[1]) == 1


def test_a_baseline_holds_what_fails() -> None:
    """A warning that passes anyway is not written down; what an earlier baseline tolerates is kept."""
    warning = finding("warning", level=Level.WARNING)
    assert Baseline.of(report(warning)) == Baseline()
    tolerant, _ = Baseline.of(report(OLD)).apply(report(OLD))
    assert Baseline.of(tolerant) == Baseline.of(report(OLD))


messages = st.sampled_from(["a", "b", "line 3", "\udcff", "é\n"])
several = st.lists(messages.map(finding), max_size=5)


@settings(max_examples=60)
@given(several, several)
def test_a_baseline_never_grows(before: list[Finding], now: list[Finding]) -> None:
    """Whatever a run finds, no entry is added and no count raised, and no finding is lost."""
    baseline = Baseline.of(report(*before))
    applied, stale = baseline.apply(report(*now))
    counts = {entry.key: entry.count for entry in baseline.entries}
    assert all(entry.count <= counts.get(entry.key, 0) for entry in baseline.without(stale).entries)
    item = applied.items[0]
    assert sorted(f.message for f in [*item.findings, *item.tolerated]) == sorted(f.message for f in now)
    assert baseline.without(stale).apply(report(*now)) == (applied, ())


@settings(max_examples=40)
@given(several)
def test_the_file_reads_back(findings: list[Finding]) -> None:
    """And its bytes do not depend on the order of the findings."""
    baseline = Baseline.of(report(*findings))
    assert Baseline.from_bytes(baseline.to_bytes(), where="b.json") == baseline
    assert Baseline.of(report(*reversed(findings))).to_bytes() == baseline.to_bytes()


ENTRY = {"kind": "spec", "id": "a", "rule": "r", "origin": "builtin", "path": "p", "message": "m", "count": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no list of entries"),
        (json.dumps({"schema_version": 2, "entries": []}).encode(), "schema_version is 2"),
        (json.dumps({"schema_version": 1, "entries": [ENTRY, ENTRY]}).encode(), "entry 2 repeats"),
        (json.dumps({"schema_version": 1, "entries": [{**ENTRY, "count": 0}]}).encode(), "entry 1: count"),
        (json.dumps({"schema_version": 1, "entries": [{**ENTRY, "count": True}]}).encode(), "entry 1: count"),
        (json.dumps({"schema_version": 1, "entries": [{**ENTRY, "kind": []}]}).encode(), "entry 1: kind"),
        (json.dumps({"schema_version": 1, "entries": [{**ENTRY, "origin": "x"}]}).encode(), "entry 1: origin"),
        (json.dumps({"schema_version": 1, "entries": [{**ENTRY, "path": None}]}).encode(), "entry 1: path"),
        (json.dumps({"schema_version": 1, "entries": [{"kind": "spec"}]}).encode(), "entry 1: it needs"),
    ],
)
def test_a_corrupt_file_is_one_clear_error(content: bytes, said: str) -> None:
    """It names the file and what is wrong, and the next step."""
    with pytest.raises(DocumentError, match=said) as caught:
        Baseline.from_bytes(content, where="baseline.json")
    assert caught.value.where == "baseline.json"
    assert caught.value.hint

"""Our reading and `workflow archive` beside `openspec archive`, on copies of every tree of the corpus."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.differential.our_command import workflow
from tests.differential.our_reading import archive_differences, outcome_differences
from tests.differential.real_openspec import REPOSITORY, Outcome, RealOpenSpec, spec_bytes
from tests.differential.test_corpus import TREES, copy_of
from workflow_cli.domain.openspec.across import SHUT_OUT

pytestmark = [pytest.mark.openspec, pytest.mark.corpus]

#: Rules of docs/openspec-differences.md, the only reasons to refuse what OpenSpec archives.
LISTED = set(
    re.findall(r"^\| `([a-z0-9-]+)` \|", (REPOSITORY / "docs/openspec-differences.md").read_text("utf-8"), re.M)
)


def files(root: Path) -> dict[str, bytes]:
    """Every file below `openspec/`, by its path in there."""
    base = root / "openspec"
    return {p.relative_to(base).as_posix(): p.read_bytes() for p in base.rglob("*") if p.is_file()}


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """New bytes by file; None for a file that is gone."""
    return {f: after.get(f) for f in before.keys() | after.keys() if before.get(f) != after.get(f)}


def archive(root: Path, name: str) -> tuple[int, Mapping[str, Any]]:
    """Status and report of one change; the others may be shut out, which OpenSpec does not mind."""
    command = ("archive", f"changes/{name}", "--yes")
    status, report = workflow(root, *command)
    (item,) = report["changes"]
    if {refusal["rule"] for refusal in item["refusals"]} == {SHUT_OUT}:
        others = dict.fromkeys(other for refusal in item["refusals"] for other in refusal["force_loss"])
        status, report = workflow(root, *command, *(word for other in others for word in ("--force-loss", other)))
        (item,) = report["changes"]
    return status, item


@pytest.mark.parametrize("tree", TREES)
def test_every_change_comes_out_as_from_openspec(tree: str, real: RealOpenSpec, corpus: Path, tmp_path: Path) -> None:
    """Every change, archived ones too, against today's specs: validated with and without --strict, and archived.

    Both as we read the tree, and by our command. One change of each tree goes through `openspec archive` itself too, and
    comes out as the batch says.
    """
    names = copy_of(corpus / tree, tmp_path)
    (outcome,) = real.batch([(tmp_path, names)])
    assert outcome.fault is None
    found = outcome_differences(tmp_path, names, outcome)
    assert command_differences(tmp_path, names, outcome) == []
    if names:
        chosen = next((n for n in names if not outcome.archives[n].refused), names[0])
        found += archive_differences(chosen, real.archive(tmp_path, chosen), outcome.archives[chosen])
    assert found == []


def command_differences(root: Path, names: Sequence[str], outcome: Outcome) -> list[Any]:
    """Where our command does not write the same bytes to every spec, or refuses for a reason that is not listed.

    Each archive is then undone, after which every file of the tree is what it was.
    """
    specs, everything = spec_bytes(root), files(root)
    wrong: list[Any] = []
    for name in names:
        theirs = outcome.archives[name]
        status, ours = archive(root, name)
        if status == 1:
            rules = {r["rule"] for r in ours["refusals"]}
            if files(root) != everything or not (theirs.refused or rules <= LISTED):
                wrong.append((name, rules, theirs.why))
            continue
        expected = {**theirs.written, **dict.fromkeys(theirs.deleted)}
        if theirs.refused or status != 0 or changed(specs, spec_bytes(root)) != expected:
            wrong.append((name, status, theirs.why))
        assert workflow(root, "archive", "undo", name)[0] == 0
        if files(root) != everything:
            wrong.append((name, "undo", None))
    return wrong


@pytest.mark.parametrize("tree", TREES)
def test_the_whole_tree_comes_out_as_from_openspec(tree: str, real: RealOpenSpec, corpus: Path, tmp_path: Path) -> None:
    """One change of each tree through both commands: the same files everywhere, the archived ones included."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for root in (ours, theirs):
        names = copy_of(corpus / tree, root)
    for name in names:
        before = files(ours)
        if archive(ours, name)[0] == 0:
            assert not real.archive(theirs, name).refused
            assert files(ours) == files(theirs)
            return
        assert files(ours) == before
    pytest.skip("this tree has no change that can be archived")

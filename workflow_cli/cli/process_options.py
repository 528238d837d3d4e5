"""What the command line of `process` means: selection, options, baseline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli import wiring
from workflow_cli.app.report import Report
from workflow_cli.app.selection import Selection, select
from workflow_cli.domain.openspec.finding import Origin
from workflow_cli.errors import AlreadyThere, DocumentError, StaleDocument, UsageError
from workflow_cli.settings import Settings

if TYPE_CHECKING:
    from workflow_cli.app.ports import SpecTree


def selection_from(
    tree: SpecTree,
    root: Path,
    names: Sequence[str],
    *,
    every_spec: bool,
    every_change: bool,
    changed_since: str | None,
    interactive: bool,
) -> tuple[Selection, str | None]:
    """What to process, and, where that is nothing for a good reason, the reason.

    Raises UsageError where nothing was named and there is not exactly one active change, DocumentError where
    the tree holds nothing at all.
    """
    specs = [spec.id for spec in tree.spec_files()]
    changes = list(tree.change_names())
    if not specs and not changes:
        raise DocumentError(
            "the tree holds no spec and no change",
            where="openspec",
            hint='`workflow propose "Add two-factor login"` begins one',
        )
    if changed_since is not None:
        if names or every_spec or every_change:
            raise UsageError("--changed-since chooses by itself; leave out names and --all")
        paths = wiring.touched_since(root, changed_since)
        touched = _touched(paths, specs, changes)
        return touched, _untouched(paths, changed_since) if touched.is_empty else None
    if names or every_spec or every_change:
        inside = [wiring.item_in_tree(root, name) for name in names]
        selection = select(inside, specs=specs, changes=changes, every_spec=every_spec, every_change=every_change)
        if selection.is_empty:
            what = "spec" if every_spec else "active change"
            raise DocumentError(f"the tree has no {what}", where="openspec", hint="`workflow process --all`")
        return selection, None
    if len(changes) == 1:
        return Selection(changes=tuple(changes)), None
    if not changes:
        raise UsageError("there is no active change", hint="`workflow process --all` checks the specs")
    if interactive:
        return Selection(changes=(_choose(changes),)), None
    listed = ", ".join(changes[:20]) + (", ..." if len(changes) > 20 else "")
    raise UsageError(f"say which of the {len(changes)} active changes", hint=f"--all for every one, or name: {listed}")


def having_steps(selection: Selection, steps: Sequence[str]) -> Selection:
    """The items that any of the steps concerns. Raises UsageError where none is left."""
    if set(steps) != {"ask"} or selection.is_empty:
        return selection
    if not selection.changes:
        raise UsageError(
            "questions are asked about changes, and none is selected", hint="leave out --only, or add --changes"
        )
    return Selection(changes=selection.changes)


def _choose(changes: Sequence[str]) -> str:
    for number, name in enumerate(changes, 1):
        print(f"{number:3}  {name}", file=sys.stderr)
    while True:
        print("Which change? ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise UsageError("no change was chosen")
        answer = answer.strip()
        if answer in changes:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(changes):
            return changes[int(answer) - 1]


def _untouched(paths: Sequence[str], since: str) -> str:
    """Why nothing is evaluated: documents that are gone differ too, but there is nothing to read any more."""
    documents = [path for path in paths if path.startswith(("openspec/specs/", "openspec/changes/"))]
    gone = [path for path in documents if not path.startswith("openspec/changes/archive/")]
    if not gone:
        return f"no spec or active change differs from {since}"
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return f"no spec or active change that is there differs from {since}; {gone[0]}{more} differs"


def _touched(paths: Sequence[str], specs: Sequence[str], changes: Sequence[str]) -> Selection:
    """The items that touched files belong to; the project's configuration belongs to all of them."""
    found_specs: set[str] = set()
    found_changes: set[str] = set()
    for path in paths:
        parts = path.split("/")[1:]
        if parts[:1] == ["changes"] and len(parts) > 1:
            found_changes.update({parts[1]} & set(changes))
        elif parts[:1] == ["specs"] and parts[-1] == "spec.md":
            found_specs.update({"/".join(parts[1:-1])} & set(specs))
        elif parts in (["config.yaml"], ["config.yml"]) or parts[:1] == ["schemas"]:
            return Selection(specs=tuple(sorted(specs)), changes=tuple(sorted(changes)))
    return Selection(specs=tuple(sorted(found_specs)), changes=tuple(sorted(found_changes)))


#: How often a baseline is read again that was written in the meantime.
_MOST_LOOKS = 5


@dataclass(slots=True)
class BaselineFile:
    """The baseline of a run, read before it. `data` is None where the file is to be written.

    `gone` is how many findings were taken off it.
    """

    path: Path
    data: bytes | None
    steps: tuple[str, ...]
    gone: int = 0

    def apply(self, report: Report, *, whole: bool) -> Report:
        """The report with known findings tolerated. The file loses what no longer occurs, and never gains.

        Where it cannot be made shorter, as in a read-only checkout, the report says so. Raises StaleDocument, and
        DocumentError for a file that is to be written and cannot be.
        """
        from workflow_cli.app.baseline import Baseline

        if self.data is None:
            baseline = Baseline.of(report)
            wiring.replace_file(self.path, baseline.to_bytes(), base=None)
            return baseline.apply(report)[0]
        for looks_left in reversed(range(_MOST_LOOKS)):
            try:
                return self._shrink(self.data, report, whole=whole)
            except StaleDocument:
                # Another run may have taken the same off, which leaves nothing to write.
                found = wiring.read_file(self.path)
                if found is None or not looks_left:
                    raise
                self.data = found
        raise AssertionError("the last look returns or raises")

    def _shrink(self, data: bytes, report: Report, *, whole: bool) -> Report:
        from workflow_cli.app.baseline import Baseline

        baseline = Baseline.from_bytes(data, where=str(self.path))
        report, stale = baseline.apply(report, whole=whole, origins=self._origins())
        if not stale:
            return report
        gone = sum(entry.count for entry in stale)
        try:
            wiring.replace_file(self.path, baseline.without(stale).to_bytes(), base=data)
        except DocumentError as error:
            from workflow_cli.app.report import Degraded

            then = f"; next: {error.hint}" if error.hint else ""
            why = f"{self.path} keeps {gone} not found any more: {error.message}{then}"
            return replace(report, degraded=(*report.degraded, Degraded(what="baseline", why=why)))
        self.gone = gone
        return report

    def _origins(self) -> tuple[Origin, ...]:
        """Whose findings this run looked for in full: only of those can one be missed."""
        if {"validate", "analyse"} <= set(self.steps):
            return (Origin.OPENSPEC, Origin.BUILTIN)
        return (Origin.OPENSPEC,) if "validate" in self.steps else ()


def baseline_file(settings: Settings, *, write: bool) -> BaselineFile | None:
    """The baseline in force. Raises UsageError, AlreadyThere or DocumentError before any work is done."""
    path = settings.process.baseline
    if path is None:
        if write:
            raise UsageError(
                "--write-baseline writes the file that --baseline names", hint="add --baseline findings.json"
            )
        return None
    data = wiring.file_in_place(path) if write else wiring.read_file(path)
    if write and data is not None:
        raise AlreadyThere(
            "the baseline exists, and may only shrink", where=str(path), hint="leave out --write-baseline"
        )
    if data is None and not write:
        raise DocumentError("there is no such baseline", where=str(path), hint="add --write-baseline to begin one")
    if data is not None:
        from workflow_cli.app.baseline import Baseline

        Baseline.from_bytes(data, where=str(path))
    return BaselineFile(path, data, tuple(settings.process.steps))

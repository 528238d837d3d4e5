"""What an item's result may depend on beside its own documents: the other changes, and the tree as a whole.

Everything here is found once in a run, and only when something asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflow_cli.app.item_json import finding_from_json, finding_to_json
from workflow_cli.app.kept import Kept
from workflow_cli.app.steps import Steps
from workflow_cli.domain.digest import digest
from workflow_cli.domain.openspec.discovered import Fault, SpecFile
from workflow_cli.domain.openspec.finding import Finding, Level, builtin

if TYPE_CHECKING:
    from workflow_cli.app.ports import SpecTree
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.openspec.rule import TreeSummary

_ARCHIVE_REFUSED = "archive-refused"


class Surroundings:
    """`moved` names what was read and is no longer, or was not yet, what its fingerprint stands for."""

    def __init__(self, tree: SpecTree, steps: Steps) -> None:
        self._tree = tree
        self._steps = steps
        self._summary: TreeSummary | None = None
        self._mains = _no_mains()
        self._keys_of_specs: dict[str, str] = {}
        self.moved: set[str] = set()
        self._read: Kept[Change] = Kept(lambda change: sum(len(document.data) for document in change.documents))

    # -- fingerprints --------------------------------------------------------------------------------------

    @cached_property
    def _specs(self) -> dict[str, SpecFile]:
        return {spec.id: spec for spec in self._tree.spec_files()}

    @cached_property
    def _changes(self) -> Sequence[str]:
        return self._tree.change_names()

    @cached_property
    def _spec_keys(self) -> dict[str, str]:
        return {id: self.spec_fingerprint(id) for id in self._specs}

    @cached_property
    def _change_keys(self) -> dict[str, str]:
        # They count the main specs as they are now; one that was read before may be older.
        self._mains = _no_mains()
        return {name: self._tree.change_fingerprint(name) for name in self._changes}

    def spec_file(self, id: str) -> SpecFile | None:
        """None for one that is gone."""
        return self._specs.get(id)

    def spec_fingerprint(self, id: str) -> str:
        if id not in self._keys_of_specs:
            self._keys_of_specs[id] = self._tree.spec_fingerprint(self._specs[id])
        return self._keys_of_specs[id]

    def change_fingerprint(self, name: str) -> str | None:
        """None for one that is gone."""
        return self._change_keys.get(name)

    @property
    def holds(self) -> bool:
        """Whether all that was read is what the fingerprints stand for."""
        return not self.moved

    @cached_property
    def capabilities(self) -> frozenset[str]:
        return frozenset(self._specs)

    @cached_property
    def capability_key(self) -> str:
        return digest(sorted(self._specs))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of every main spec and every open change."""
        specs = (part for pair in sorted(self._spec_keys.items()) for part in pair)
        changes = (part for pair in sorted(self._change_keys.items()) for part in pair)
        return digest([*specs, "", *changes])

    # -- across changes ------------------------------------------------------------------------------------

    @cached_property
    def _across(self) -> Any:
        key = digest(part for pair in sorted(self._change_keys.items()) for part in pair)
        result, _ = self._steps.take("tree", "across", key, self._compare_changes, holds=lambda: self.holds)
        return result

    def _compare_changes(self) -> Any:
        from workflow_cli.domain.openspec.across import contention_findings, contentions, safe_order

        found = contentions(self._rivals(), self.main)
        order = safe_order(self._changes, found)
        after: dict[str, list[str]] = {}
        for contention in found:
            if contention.before:
                after.setdefault(contention.before[1], []).append(contention.before[0])
        bound = {name for c in found if c.before for name in c.before}
        touched = {c.first.change for c in found} | {c.second.change for c in found}
        return {
            "order": [name for name in order.changes if name in bound],
            "after": {name: sorted(set(earlier)) for name, earlier in after.items()},
            "findings": {
                name: [finding_to_json(f) for f in contention_findings(name, found)] for name in sorted(touched)
            },
            "contentions": {
                name: [c for contention in found for c in _told_to(name, contention)] for name in sorted(touched)
            },
        }

    def _rivals(self) -> list[Change]:
        """The changes that aim at a capability which another one aims at, too; the others are let go at once."""
        aims: dict[str, list[str]] = {}
        for name in self._changes:
            for id, _ in self.change(name).delta_documents:
                aims.setdefault(id, []).append(name)
        rivals = {name for names in aims.values() if len(names) > 1 for name in names}
        return [self.change(name) for name in sorted(rivals)]

    def order(self, selected: Sequence[str]) -> Sequence[str]:
        """A safe order for the open changes whose order matters; empty where none of the selected is among them."""
        order: list[str] = self._across["order"]
        return order if set(selected) & set(order) else ()

    def contentions_of(self, change: str) -> Iterator[Finding]:
        return map(finding_from_json, self._across["findings"].get(change, []))

    def contention_values(self, change: str) -> Sequence[dict[str, Any]]:
        """For each contention of a change: requirement, capability, other change, place, and which goes first."""
        values: list[dict[str, Any]] = self._across["contentions"].get(change, [])
        return values

    def settled(self, change: str, findings: Iterable[Finding]) -> Iterator[Finding]:
        """A refusal to archive is a warning where another open change, archived first, would cure it."""
        earlier = self._across["after"].get(change)
        for finding in findings:
            if finding.rule == _ARCHIVE_REFUSED and earlier:
                yield builtin(
                    finding.rule,
                    Level.WARNING,
                    finding.place,
                    finding.message,
                    hint=f"archive {', '.join(earlier)} first",
                )
            else:
                yield finding

    # -- the tree ------------------------------------------------------------------------------------------

    def main(self, id: str) -> Document | Fault | None:
        """The main spec of a capability, as `SpecTree.read_main` gives it."""
        return self._mains.get(id, lambda: self._main(id))

    def _main(self, id: str) -> Document | Fault | None:
        spec = self._specs.get(id)
        key = self.spec_fingerprint(id) if spec else None
        found = self._tree.read_main(id)
        if spec and self._tree.spec_fingerprint(spec) != key:
            self.moved.add(f"spec/{id}")
        return found

    def change(self, name: str) -> Change:
        """An active change, as `SpecTree.read_change` gives it."""
        return self._read.get(name, lambda: self._change(name))

    def _change(self, name: str) -> Change:
        change = self._tree.read_change(name)
        if self._tree.change_fingerprint(name) != self._change_keys.get(name):
            self.moved.add(f"change/{name}")
        return change

    def summary(self) -> TreeSummary:
        """What analysis and questions may know of every spec and change; unreadable ones are left out."""
        if self._summary is None:
            from workflow_cli.domain.openspec.document import Document
            from workflow_cli.domain.openspec.rules.analyse import summarise
            from workflow_cli.domain.openspec.spec import read_spec

            specs = (read_spec(id, document) for id in self._specs if isinstance(document := self.main(id), Document))
            changes = (self.change(name) for name in self._changes)
            self._summary = summarise(specs, changes)
        return self._summary


def _no_mains() -> Kept[Document | Fault | None]:
    return Kept(lambda found: len(found.data) if found is not None and not isinstance(found, Fault) else 0)


def _told_to(change: str, contention: Any) -> Iterator[dict[str, Any]]:
    """One contention as one of its two changes sees it."""
    for mine, other in ((contention.first, contention.second), (contention.second, contention.first)):
        if mine.change == change:
            yield {
                "requirement": mine.requirement,
                "capability": contention.capability,
                "other_change": other.change,
                "file": mine.place.file,
                "line": mine.place.line,
                "first": contention.before[0] if contention.before else None,
                "every_order_loses": contention.is_deadlock,
            }

"""Makes the repair of a rule in every recorded document, in memory, to see what it does to all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from workflow_cli.app.analyse import analyse_one_change, analyse_one_spec
from workflow_cli.app.fixes import Offer, counted, offers_for_change, offers_for_spec
from workflow_cli.domain.improvement.repaired import Repaired
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.spec import read_spec

if TYPE_CHECKING:
    from workflow_cli.domain.openspec.finding import Finding
    from workflow_cli.domain.openspec.fixers.fixer import Creators
    from workflow_cli.domain.openspec.merge import SpecLookup
    from workflow_cli.domain.openspec.rule import Rule

_SPEC = re.compile(r"openspec/specs/(?P<id>.+)/spec\.md")
_DELTA = re.compile(r"openspec/changes/(?!archive/)(?P<name>[^/]+)/specs/(?P<id>.+)/spec\.md")
_TASKS = re.compile(r"openspec/changes/(?!archive/)(?P<name>[^/]+)/tasks\.md")
#: A document needs no more repairs of one rule than this, or something is wrong with them.
_MOST_REPAIRS = 200


class ReplayRepairs:
    """See Repairs. `texts` gives path and bytes of each document there is or was; the rest is as `process` has it."""

    def __init__(
        self,
        texts: Callable[[], Iterable[tuple[str, bytes]]],
        *,
        rules: Sequence[Rule],
        mains: SpecLookup,
        creators: Creators,
    ) -> None:
        self._texts = texts
        self._rules = rules
        self._mains = mains
        self._creators = creators

    def replay(self, rule: str) -> Sequence[Repaired]:
        """See Repairs."""
        found: dict[str, Repaired] = {}
        for path, data in self._texts():
            id = hashlib.sha256(path.encode("utf-8", "surrogateescape") + b"\0" + data).hexdigest()[:32]
            if id not in found and (one := self._one(id, path, data, rule)) is not None:
                found[id] = one
        return list(found.values())

    def _one(self, id: str, path: str, data: bytes, rule: str) -> Repaired | None:
        """None for what is no document of a kind that has repairs."""
        looked = self._look(path, data)
        if looked is None:
            return None
        before, _ = looked
        failing = any(finding.rule == rule for finding in before)
        after = self._repaired(path, data, rule)
        if not failing:
            return Repaired(id=id, failing=False, mended=False, spoilt=after != data)
        again = self._look(path, after)
        assert again is not None
        new = counted(again[0]) - counted(before)
        return Repaired(
            id=id,
            failing=True,
            mended=not any(finding.rule == rule for finding in again[0]),
            spoilt=bool(new) or self._repaired(path, after, rule) != after,
        )

    def _repaired(self, path: str, data: bytes, rule: str) -> bytes:
        """With every repair of the rule made that would be offered, one after the other."""
        for _ in range(_MOST_REPAIRS):
            looked = self._look(path, data)
            offer = next((one for one in looked[1]() if one.rule == rule), None) if looked else None
            after = None if offer is None else next(f.after for f in offer.draft.files if f.path == path)
            if after is None:
                break
            data = after
        return data

    def _look(self, path: str, data: bytes) -> tuple[list[Finding], Callable[[], list[Offer]]] | None:
        document = Document(path, data)
        if spec := _SPEC.fullmatch(path):
            id = spec["id"]
            found = [
                *check_spec(read_spec(id, document)),
                *analyse_one_spec(id, document, TreeSummary(), self._rules, own=True),
            ]
            return found, lambda: offers_for_spec(id, document, found, self._rules, self._creators)
        delta, tasks = _DELTA.fullmatch(path), _TASKS.fullmatch(path)
        match = delta or tasks
        if match is None:
            return None
        # Alone in a change of its own: what else was in that one then is not known together with it.
        change = Change(
            name=match["name"],
            directory=f"openspec/changes/{match['name']}",
            delta_documents=((delta["id"], document),) if delta else (),
            task_documents=(("tasks.md", document),) if tasks else (),
            tasks_are_tracked=bool(tasks),
        )
        summary = TreeSummary()
        found = [
            *check_change(change, self._mains),
            *analyse_one_change(change, self._mains, summary, self._rules, own=True),
        ]
        return found, lambda: offers_for_change(change, self._mains, found, self._rules, summary)

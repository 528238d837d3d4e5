"""Old findings that are let pass, so that only new ones fail. The list may only shrink."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflow_cli.app.finding_key import FindingKey
from workflow_cli.app.report import Item, ItemKind, Report
from workflow_cli.domain.openspec.finding import Finding, Origin
from workflow_cli.errors import DocumentError

SCHEMA_VERSION = 1
_TEXTS = ("id", "rule", "path", "message")
_FIELDS = {"kind", "origin", "count", *_TEXTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`count` findings with this key are let pass."""

    key: FindingKey
    origin: Origin
    count: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries are sorted by key, and no two have the same."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, report: Report) -> Baseline:
        """Everything that makes this run fail, and everything already tolerated."""
        counts: Counter[FindingKey] = Counter()
        origins: dict[FindingKey, Origin] = {}
        for item in report.items:
            failing = [finding for finding in item.findings if report.fails(finding)]
            for finding in [*failing, *item.tolerated]:
                key = FindingKey.of(item, finding)
                counts[key] += 1
                origins[key] = finding.origin
        return cls(tuple(Entry(key=key, origin=origins[key], count=counts[key]) for key in sorted(counts)))

    def apply(
        self, report: Report, *, whole: bool = False, origins: Collection[Origin] = tuple(Origin)
    ) -> tuple[Report, tuple[Entry, ...]]:
        """The report with known findings moved to `tolerated`, and what no longer occurs.

        Of several findings with one key the first `count` are tolerated. A stale entry's `count` is how many
        are gone. Only what was looked for can be found gone: items of this report that could be evaluated (and
        items that are in no report, where `whole` says that it covers the whole tree), and findings of the
        `origins` that took part in the run.
        """
        left = Counter({entry.key: entry.count for entry in self.entries})
        items = tuple(_tolerate(item, left) for item in report.items)
        evaluated = {(item.kind, item.id): item.fault is None for item in report.items}
        stale = tuple(
            replace(entry, count=left[entry.key])
            for entry in self.entries
            if left[entry.key] and entry.origin in origins and evaluated.get((entry.key.kind, entry.key.id), whole)
        )
        return replace(report, items=items), stale

    def without(self, stale: Sequence[Entry]) -> Baseline:
        """What remains when the stale entries are taken off; never more than before."""
        gone = Counter({entry.key: entry.count for entry in stale})
        kept = (replace(entry, count=entry.count - gone[entry.key]) for entry in self.entries)
        return Baseline(tuple(entry for entry in kept if entry.count > 0))

    def to_bytes(self) -> bytes:
        """The file: JSON, UTF-8, one entry a line so that merges and diffs stay readable."""
        lines = ",\n".join(f"    {json.dumps(_to_json(entry), ensure_ascii=False)}" for entry in self.entries)
        entries = f"[\n{lines}\n  ]" if lines else "[]"
        return f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "entries": {entries}\n}}\n'.encode(
            "utf-8",
            "backslashreplace",  # of a lone surrogate this makes a JSON escape
        )

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str) -> Baseline:
        """Read the file. Raises DocumentError, naming `where` and the entry, for anything `to_bytes` cannot write."""
        try:
            document = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise _corrupt(where, f"not JSON: {error}") from error
        if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
            raise _corrupt(where, "it holds no list of entries")
        if document.get("schema_version") != SCHEMA_VERSION:
            raise _corrupt(where, f"schema_version is {document.get('schema_version')!r}, expected {SCHEMA_VERSION}")
        entries: dict[FindingKey, Entry] = {}
        for number, value in enumerate(document["entries"], start=1):
            fault = _fault_in(value)
            if fault:
                raise _corrupt(where, f"entry {number}: {fault}")
            entry = _from_json(value)
            if entry.key in entries:
                raise _corrupt(where, f"entry {number} repeats an earlier one")
            entries[entry.key] = entry
        return cls(tuple(entries[key] for key in sorted(entries)))


def _tolerate(item: Item, left: Counter[FindingKey]) -> Item:
    failing: list[Finding] = []
    tolerated = list(item.tolerated)
    for finding in item.findings:
        key = FindingKey.of(item, finding)
        known = left[key] > 0
        left[key] -= known
        (tolerated if known else failing).append(finding)
    return replace(item, findings=tuple(failing), tolerated=tuple(tolerated))


def _to_json(entry: Entry) -> dict[str, Any]:
    key = entry.key
    return {
        "kind": key.kind.value,
        "id": key.id,
        "rule": key.rule,
        "origin": entry.origin.value,
        "path": key.path,
        "message": key.message,
        "count": entry.count,
    }


def _from_json(value: Mapping[str, Any]) -> Entry:
    key = FindingKey(ItemKind(value["kind"]), value["id"], value["rule"], value["path"], value["message"])
    return Entry(key=key, origin=Origin(value["origin"]), count=value["count"])


def _fault_in(value: Any) -> str | None:
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        return f"it needs exactly the fields {', '.join(sorted(_FIELDS))}"
    wrong = [name for name in _TEXTS if not isinstance(value[name], str)]
    if wrong:
        return f"{wrong[0]} is not a text"
    if value["kind"] not in [*ItemKind]:
        return f"kind is {value['kind']!r}"
    if value["origin"] not in [*Origin]:
        return f"origin is {value['origin']!r}"
    if type(value["count"]) is not int or value["count"] < 1:
        return "count is not a whole number of at least 1"
    return None


def _corrupt(where: str, fault: str) -> DocumentError:
    return DocumentError(
        f"not a baseline: {fault}", where=where, hint="restore it, or delete it and write a new one: --write-baseline"
    )

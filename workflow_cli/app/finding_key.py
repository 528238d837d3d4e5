"""What makes a finding the same finding in the next run."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.app.report import Item, ItemKind
from workflow_cli.domain.openspec.finding import Finding

_INDEX = re.compile(r"\[\d+\]")
_LINE = re.compile(r"\b(lines?|columns?|col\.?)(\s+|\s*:\s*)\d+(\s*(?:-|–|,|to|and)\s*\d+)*", re.IGNORECASE)
_AFTER_FILE = re.compile(r"(\.\w+):\d+(?::\d+)?\b")


@dataclass(frozen=True, order=True, slots=True)
class FindingKey:
    """Holds no line number and no position in a list, so it survives text moving about in its document.

    Findings may share a key; where that matters, count them, as `digests_of` does.
    """

    kind: ItemKind
    id: str
    rule: str
    path: str
    message: str

    @classmethod
    def of(cls, item: Item, finding: Finding) -> FindingKey:
        return cls(item.kind, item.id, finding.rule, _INDEX.sub("[]", finding.path), _without_lines(finding.message))

    def digest(self, occurrence: int = 0) -> str:
        """32 hexadecimal digits; `occurrence` tells findings with the same key apart, from 0."""
        parts = [self.kind.value, self.id, self.rule, self.path, self.message, str(occurrence)]
        text = "\0".join(part.replace("\\", "\\\\").replace("\0", "\\0") for part in parts)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def digests_of(item: Item, findings: Sequence[Finding]) -> list[str]:
    """One for each of the findings of an item, all of them; those of one key are counted in the order of their places."""
    seen: Counter[FindingKey] = Counter()
    digests = [""] * len(findings)
    for index in sorted(range(len(findings)), key=lambda index: _in_order(findings[index])):
        key = FindingKey.of(item, findings[index])
        digests[index] = key.digest(seen[key])
        seen[key] += 1
    return digests


def _in_order(finding: Finding) -> tuple[str, int, int]:
    place = finding.place
    return place.file, place.line or 0, place.column or 0


def _without_lines(message: str) -> str:
    message = _LINE.sub(lambda match: f"{match[1]} N", message)
    return " ".join(_AFTER_FILE.sub(r"\1:N", message).split())

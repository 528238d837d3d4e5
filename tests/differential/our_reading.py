"""What `workflow` says of a tree, in the shape the real command's answers come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.differential.real_openspec import Archived, Item, Outcome, RealOpenSpec, spec_bytes
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Origin
from workflow_cli.domain.openspec.loss import delta_hazards, merge_losses, spec_hazards
from workflow_cli.domain.openspec.rehearse import Rehearsal, rehearse
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.validate_change import validate_change
from workflow_cli.domain.openspec.validate_spec import validate_spec
from workflow_cli.domain.openspec.verdict import is_valid

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one pass over a tree gives: findings by item, rehearsals by change, and what refuses."""

    findings: dict[Key, list[Finding]]
    rehearsals: dict[str, Rehearsal]
    hazards: dict[Key, list[Finding]]

    def items(self, *, strict: bool) -> dict[Key, Item]:
        return {
            key: Item(
                valid=is_valid(findings, strict=strict),
                issues=Counter((str(f.level), f.path, f.line) for f in findings if f.origin is Origin.OPENSPEC),
                messages=tuple(f.message for f in findings),
            )
            for key, findings in self.findings.items()
        }


def read_tree(root: Path) -> Reading:
    files = OpenSpecFiles(root, max_file_bytes=50_000_000)
    findings: dict[Key, list[Finding]] = {}
    hazards: dict[Key, list[Finding]] = {}
    rehearsals: dict[str, Rehearsal] = {}
    for listed in files.spec_files():
        document = files.read_spec_file(listed)
        assert isinstance(document, Document), document
        spec = read_spec(listed.id, document)
        findings["spec", listed.id] = list(validate_spec(spec))
        hazards["spec", listed.id] = list(spec_hazards(spec))
    for name in files.change_names():
        change = files.read_change(name)
        findings["change", name] = validate_change(change, files.read_main)
        rehearsals[name] = rehearse(change, files.read_main, findings["change", name])
        hazards["change", name] = change_hazards(change, rehearsals[name])
    return Reading(findings=findings, rehearsals=rehearsals, hazards=hazards)


def change_hazards(change: Change, rehearsal: Rehearsal) -> list[Finding]:
    return [*(h for d in change.deltas for h in delta_hazards(d)), *merge_losses(change, rehearsal)]


def archived(root: Path, rehearsal: Rehearsal) -> Archived:
    """The rehearsal as a difference to the bytes on disk."""
    before = spec_bytes(root)
    written = {f"{id}/spec.md": data for id, data in rehearsal.written}
    return Archived(
        refused=rehearsal.refusal is not None,
        written={file: data for file, data in written.items() if before.get(file) != data},
        deleted=frozenset(f"{id}/spec.md" for id in rehearsal.retired),
        why=rehearsal.refusal.message if rehearsal.refusal else None,
    )


def differences(ours: dict[Key, Item], theirs: dict[Key, Item]) -> list[str]:
    """One line for each item on which the two disagree."""
    found = [f"{key}: only one side has it" for key in ours.keys() ^ theirs.keys()]
    for key in ours.keys() & theirs.keys():
        mine, real = ours[key], theirs[key]
        if mine.valid != real.valid or mine.issues != real.issues:
            found.append(
                f"{key}: valid {mine.valid}/{real.valid}, only ours {dict(mine.issues - real.issues)}, "
                f"only theirs {dict(real.issues - mine.issues)}; they say {real.messages}"
            )
    return found


def archive_differences(name: str, ours: Archived, theirs: Archived) -> list[str]:
    if ours.refused != theirs.refused:
        return [f"archive {name}: refused {ours.refused}/{theirs.refused}; ours: {ours.why}; theirs: {theirs.why}"]
    found = []
    if ours.deleted != theirs.deleted:
        found.append(f"archive {name}: deleted {sorted(ours.deleted)}/{sorted(theirs.deleted)}")
    for file in sorted(ours.written.keys() | theirs.written.keys()):
        if ours.written.get(file) != theirs.written.get(file):
            found.append(
                f"archive {name}: {file}\n  ours   {ours.written.get(file)!r}\n  theirs {theirs.written.get(file)!r}"
            )
    return found


def outcome_differences(root: Path, names: Sequence[str], outcome: Outcome) -> list[str]:
    """In the verdicts of a tree, with and without --strict, and in what archiving each of these changes gives."""
    reading = read_tree(root)
    found = [
        *differences(reading.items(strict=False), dict(outcome.lenient)),
        *(f"--strict {line}" for line in differences(reading.items(strict=True), dict(outcome.strict))),
    ]
    for name in names:
        found += archive_differences(name, archived(root, reading.rehearsals[name]), outcome.archives[name])
    return found


def batch_differences(
    seeds: Sequence[int], cases: Sequence[tuple[Path, Sequence[str]]], real: RealOpenSpec
) -> list[str]:
    """Of a tree for each seed."""
    found: list[str] = []
    for seed, (root, names), outcome in zip(seeds, cases, real.batch(cases), strict=True):
        assert outcome.fault is None, f"seed {seed}: {outcome.fault}"
        found += [f"seed {seed}: {line}" for line in outcome_differences(root, names, outcome)]
    return found

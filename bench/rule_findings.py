"""Runs the built-in rules over trees on disk: how many findings, how long, and samples to read and label.

python bench/rule_findings.py count TREES...
python bench/rule_findings.py sample RULE TREES...    prints findings that have no label yet, in random order
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.rule import ChangeSubject, Rule, SpecSubject
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import BY_ID, RULES
from workflow_cli.domain.openspec.rules.documents import change_documents
from workflow_cli.domain.openspec.rules.example import SmallTree, read_tree
from workflow_cli.domain.openspec.written import written_requirements

SEED = 7
SAMPLE = 30


def load(repository: Path, archived: bool = False) -> SmallTree:
    """The specs and the active changes of a repository; or else the archived ones."""
    root = repository / "openspec"
    files: dict[str, bytes] = {}
    for path in sorted(p for p in root.rglob("*.md") if p.is_file()):
        name = path.relative_to(root).as_posix()
        if name.startswith("changes/archive/") == archived or name.startswith("specs/"):
            files[name.replace("changes/archive/", "changes/", 1)] = path.read_bytes()
    return read_tree(files)


def on_disk(repository: Path, file: str) -> str:
    """Where a finding's file really is."""
    return file if (repository / file).exists() else file.replace("/changes/", "/changes/archive/", 1)


def findings(tree: SmallTree, rules: tuple[Rule, ...]) -> list[Finding]:
    summary = summarise(tree.specs, tree.changes)
    mains = {spec.id: spec for spec in tree.specs}
    found = [f for spec in tree.specs for f in analyse_spec(SpecSubject(spec=spec, tree=summary), rules)]
    for change in tree.changes:
        own = {id: mains[id] for id, _ in change.delta_documents if id in mains}
        found += analyse_change(ChangeSubject(change=change, mains=own, tree=summary), rules)
    return found


def blocks(tree: SmallTree) -> list[tuple[str, int, int]]:
    """File, first and last line of every requirement, lines counted from 1."""
    found = [(spec.document.file, r.line + 1, r.end) for spec in tree.specs for r in written_requirements(spec)]
    return found + [b for change in tree.changes for b in _delta_blocks(change)]


def _delta_blocks(change: Change) -> list[tuple[str, int, int]]:
    return [(d.document.file, r.line + 1, r.end) for d in change_documents(change) for r in d.requirements]


def count(repositories: list[Path]) -> None:
    rules = tuple(RULES)
    default = {rule.id for rule in rules if rule.on_by_default}
    columns: list[tuple[str, Counter[str], str]] = []
    for repository in repositories:
        start = time.process_time()
        tree = load(repository)
        read = time.process_time() - start
        found = findings(tree, tuple(r for r in rules if r.on_by_default))
        took = time.process_time() - start
        all_found = found + findings(tree, tuple(r for r in rules if not r.on_by_default))
        places = blocks(tree)
        hit = {
            block
            for block in places
            for f in found
            if f.place.file == block[0] and f.place.line and block[1] <= f.place.line <= block[2]
        }
        share = f"{len(hit)}/{len(places)} = {len(hit) / len(places):.0%}" if places else "-"
        columns.append(
            (repository.name, Counter(f.rule for f in all_found), f"{share}, {took:.2f}s ({read:.2f} reading)")
        )
    for name, _, note in columns:
        print(f"{name[:40]:42}{note}")
    print(f"{'rule':28}" + " ".join(name[:6] for name, _, _ in columns) + "  total")
    for rule in rules:
        numbers = [c[rule.id] for _, c, _ in columns]
        print(
            f"{rule.id:27}{' ' if rule.id in default else '-'}" + " ".join(f"{n or '.':>6}" for n in numbers),
            sum(numbers),
        )


def sample(rule: str, repositories: list[Path]) -> None:
    """In one seeded order: first what is in force or proposed, then, where that is too little, archived changes.

    A line that was copied from one file to the next is read once.
    """
    chosen: list[tuple[Path, Finding]] = []
    seen: set[str] = set()
    for archived in (False, True):
        found = [(r, f) for r in repositories for f in findings(load(r, archived), (BY_ID[rule],))]
        if archived:
            found = [(r, f) for r, f in found if "/changes/" in f.place.file]
        random.Random(SEED).shuffle(found)
        print(f"## {rule}: {len(found)} findings in {'archived changes' if archived else 'specs and active changes'}")
        for repository, finding in found:
            text = _line(repository, finding)
            if text not in seen and len(chosen) < SAMPLE:
                chosen.append((repository, finding))
            seen.add(text)
    for number, (repository, finding) in enumerate(chosen, 1):
        place = f"{on_disk(repository, finding.place.file)}:{finding.place.line}:{finding.place.column or ''}"
        print(f"{number} {repository.name} {place}\n    {finding.message}\n    | {_line(repository, finding)[:400]}")


def _line(repository: Path, finding: Finding) -> str:
    text = (repository / on_disk(repository, finding.place.file)).read_text("utf-8", "replace")
    return text.replace("\r\n", "\n").split("\n")[(finding.place.line or 1) - 1].strip()


if __name__ == "__main__":
    if sys.argv[1] == "count":
        count([Path(p) for p in sys.argv[2:]])
    else:
        sample(sys.argv[2], [Path(p) for p in sys.argv[3:]])

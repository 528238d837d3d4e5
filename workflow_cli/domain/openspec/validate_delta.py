"""OpenSpec's own rules for one delta file of a change."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.domain.openspec.collector import Collector
from workflow_cli.domain.openspec.delta import Delta, is_nameless
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Level, Place
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.requirement import Requirement, fold, lost_scenarios
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.validate_spec import SCENARIO_HINT, keyword_finding, says_keyword


def delta_path(delta: Delta) -> str:
    return f"{delta.id}/spec.md"


def validate_delta(delta: Delta, mains: SpecLookup, out: Collector) -> None:
    path, file = delta_path(delta), delta.document.file
    for skipped in delta.skipped_headers:
        out.add(
            "header-ignored",
            Level.INFO,
            path,
            f'"### {skipped.header}" in {skipped.section} '
            + ("has no name" if is_nameless(skipped.header) else 'is no "### Requirement:" header')
            + " and is passed over",
            file=file,
            line=skipped.line,
            hint="write `### Requirement: <name>` if it is meant as one",
        )
    for unpaired in delta.unpaired_renames:
        other = "TO" if unpaired.side == "FROM" else "FROM"
        out.add(
            "rename-unpaired",
            Level.ERROR,
            path,
            f'{unpaired.side} "{unpaired.name}" has no {other} line',
            file=file,
            line=unpaired.line,
            hint="write each rename as a FROM line with its TO line directly after it",
        )
    for orphan in delta.orphans:
        where = f'under "## {orphan.section}"' if orphan.section else 'above the first "## " section'
        out.add(
            "requirement-outside-delta",
            Level.WARNING,
            path,
            f'"{orphan.name}" stands {where}, which is no delta section, so it is ignored',
            file=file,
            line=orphan.line,
            hint="move it under ADDED, MODIFIED, REMOVED or RENAMED Requirements",
        )
    _validate_blocks("ADDED", delta.added, path, file, out)
    _validate_blocks("MODIFIED", delta.modified, path, file, out)
    _check_lost_scenarios(delta, mains, out)
    _check_names(delta, out)


def _validate_blocks(operation: str, blocks: tuple[Requirement, ...], path: str, file: str, out: Collector) -> None:
    seen: set[str] = set()
    for block in blocks:
        if block.name in seen:
            out.add(
                "delta-duplicate",
                Level.ERROR,
                path,
                f'"{block.name}" stands twice in {operation}',
                file=file,
                at=block.line,
            )
        seen.add(block.name)
        if not says_keyword(block):
            place = Place(file=file, line=block.line + 1)
            out.findings.append(keyword_finding(f'{operation} "{block.name}"', block, path, place))
        if all(s.is_empty for s in block.scenarios):
            empty = "; a scenario header with nothing below it does not count" if block.scenarios else ""
            out.add(
                "requirement-has-scenario",
                Level.ERROR,
                path,
                f'{operation} "{block.name}" has no scenario{empty}',
                file=file,
                at=block.line,
                hint=SCENARIO_HINT,
            )


def _check_names(delta: Delta, out: Collector) -> None:
    path, file = delta_path(delta), delta.document.file

    def error(message: str, at: int) -> None:
        out.add("delta-conflict", Level.ERROR, path, message, file=file, at=at)

    removed: dict[str, int] = {}
    for removal in delta.removed:
        if removal.name in removed:
            out.add(
                "delta-duplicate",
                Level.ERROR,
                path,
                f'"{removal.name}" stands twice in REMOVED',
                file=file,
                at=removal.line,
            )
        removed.setdefault(removal.name, removal.line)
    sources: set[str] = set()
    targets: set[str] = set()
    for rename in delta.renamed:
        for side, name, seen, at in (
            ("FROM", rename.source, sources, rename.line),
            ("TO", rename.target, targets, rename.target_line),
        ):
            if name in seen:
                out.add(
                    "delta-duplicate",
                    Level.ERROR,
                    path,
                    f'{side} "{name}" stands twice in RENAMED',
                    file=file,
                    at=at,
                )
            seen.add(name)
    added = {b.name: b.line for b in delta.added}
    modified = {b.name: b.line for b in delta.modified}
    for name, line in modified.items():
        if name in removed:
            error(f'"{name}" is both MODIFIED and REMOVED', line)
        if name in added:
            error(f'"{name}" is both MODIFIED and ADDED', line)
    for name, line in added.items():
        if name in removed:
            error(f'"{name}" is both ADDED and REMOVED', line)
    removed_folds = {fold(name) for name in removed}
    for rename in delta.renamed:
        if rename.source in modified:
            error(f'MODIFIED names "{rename.source}", which RENAMED renames; use "{rename.target}"', rename.line)
        if rename.target in added:
            error(f'"{rename.target}" is both a RENAMED target and ADDED', rename.target_line)
        if fold(rename.source) in removed_folds:
            error(f'"{rename.source}" is both RENAMED and REMOVED', rename.line)


#: Failures that mean the file itself is unusable, and will be when archiving reads it.
_UNUSABLE = frozenset({"EACCES", "EPERM", "EISDIR", "ELOOP", "ENAMETOOLONG"})


def _check_lost_scenarios(delta: Delta, mains: SpecLookup, out: Collector) -> None:
    if not delta.modified:
        return
    main = mains(delta.id)
    path, file = delta_path(delta), delta.document.file
    if main is None:
        return
    if not isinstance(main, Document):
        if main.code in _UNUSABLE:
            out.add(
                "spec-unreadable",
                Level.ERROR,
                path,
                f"the main spec cannot be read ({main.code}), so MODIFIED cannot be checked against it",
                file=main.file,
            )
        return
    current = {block.name: block for block in read_spec(delta.id, main).requirements}
    renamed_from = {r.target: r.source for r in delta.renamed}
    renamed_away = {r.source for r in delta.renamed}
    for block in delta.modified:
        if block.name in renamed_away:
            continue
        base = _base_of(block.name, current, renamed_from)
        if base is None or not (lost := lost_scenarios(base, block)):
            continue
        out.add(
            "scenario-lost",
            Level.ERROR,
            path,
            f'MODIFIED "{block.name}" leaves out {", ".join(repr(n) for n in lost)} of the current spec',
            file=file,
            at=block.line,
            hint="MODIFIED replaces the whole requirement: copy the scenarios that are to stay",
        )


def _base_of(name: str, current: Mapping[str, Requirement], renamed_from: Mapping[str, str]) -> Requirement | None:
    """The current block that a MODIFIED name lands on, back through this delta's renames."""
    seen: set[str] = set()
    key: str | None = name
    while key is not None and key not in seen:
        if key in current:
            return current[key]
        seen.add(key)
        key = renamed_from.get(key)
    return None

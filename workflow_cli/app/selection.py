"""Which specs and changes a run is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workflow_cli.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Ids, each list sorted and without repeats."""

    specs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.specs or self.changes)


def select(
    named: Sequence[str],
    *,
    specs: Collection[str],
    changes: Collection[str],
    every_spec: bool = False,
    every_change: bool = False,
    otherwise: str = "`workflow process --all` takes every spec and change",
) -> Selection:
    """The selection that names, paths and the two switches make together.

    A name is a change's or a spec's id, either with `change/` or `spec/` before it, or a path to a change's
    directory, to a file in it, or to a main spec. Raises UsageError for what is not there, or fits both; `otherwise` is its
    hint where no name is near.
    """
    wanted_specs = set(specs) if every_spec else set()
    wanted_changes = set(changes) if every_change else set()
    for name in named:
        kind, id = _resolve(name, specs, changes, otherwise)
        (wanted_changes if kind == "change" else wanted_specs).add(id)
    return Selection(specs=tuple(sorted(wanted_specs)), changes=tuple(sorted(wanted_changes)))


def _resolve(name: str, specs: Collection[str], changes: Collection[str], otherwise: str) -> tuple[str, str]:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UsageError(f"{name!r} leads out of the tree", hint="name a change or a spec by its id")
    if "openspec" in parts:
        parts = parts[parts.index("openspec") + 1 :]
    bare = "/".join(parts)
    if parts[:1] == ["changes"] and len(parts) > 1 and parts[1] in changes:
        return "change", parts[1]
    if parts[:1] == ["specs"]:
        id = "/".join(parts[1:-1] if parts[-1] == "spec.md" else parts[1:])
        if id in specs:
            return "spec", id
    if parts[:1] == ["change"] and "/".join(parts[1:]) in changes:
        return "change", "/".join(parts[1:])
    if parts[:1] == ["spec"] and "/".join(parts[1:]) in specs:
        return "spec", "/".join(parts[1:])
    if bare in changes and bare in specs:
        raise UsageError(f"{name!r} is both a change and a spec", hint=f"write change/{bare} or spec/{bare}")
    if bare in changes:
        return "change", bare
    if bare in specs:
        return "spec", bare
    from difflib import get_close_matches

    near = get_close_matches(bare, [*changes, *specs], n=3, cutoff=0.5)
    hint = f"nearest: {', '.join(near)}" if near else otherwise
    raise UsageError(f"there is no {'change or spec' if specs else 'change'} {name!r}", hint=hint)

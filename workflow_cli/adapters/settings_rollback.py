"""A change of a settings file, and what the file is without it after others have edited it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from workflow_cli.adapters.yaml_removal import with_nothing_empty, without_keys
from workflow_cli.adapters.yaml_splice import with_values
from workflow_cli.domain.improvement.real_settings import Path
from workflow_cli.domain.markdown.line_merge import LineConflict, merge_lines
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.errors import DocumentError, EditRefused


class _Absent:
    """Of a key that is not there; null is a value."""


_ABSENT = _Absent()


class SettingsChange:
    """From `before` to `after`, both as bytes; `name` is what errors call the file."""

    def __init__(self, before: bytes, after: bytes, name: str) -> None:
        self._before = before
        self._after = after
        self._name = name

    @cached_property
    def _old(self) -> Any:
        return _content(self._before, self._name)

    @cached_property
    def _changed(self) -> Mapping[Path, tuple[Any, Any]]:
        """Every value that the change set, with what it was before."""
        return dict(_differences(self._old, _content(self._after, self._name), ()))

    def is_gone_from(self, now: bytes) -> bool:
        """Whether the file says again of all that the change set what it said before."""
        says = _content(now, self._name)
        return bool(self._changed) and all(_same(_at(says, path), old) for path, (old, _) in self._changed.items())

    def is_as_made_in(self, now: bytes) -> bool:
        """Whether nobody put anything else in the place of what the change set."""
        says = _content(now, self._name)
        return all(_same(_at(says, path), new) for path, (_, new) in self._changed.items())

    def taken_out_of(self, now: bytes, in_force: Callable[[], Mapping[Path, Any]]) -> bytes | None:
        """The file without the change, everything else as it is now; None where that cannot be, or others have set what it set.

        `in_force` gives what the settings were before, for a mapping that others have gone on with: the entries that it
        does not name are not those by default any more.
        """
        if not self._changed or not self.is_as_made_in(now):
            return None
        says = _content(now, self._name)
        back = {path: self._back(path, says, in_force) for path in self._changed}
        made = _made(says, back, self._old)
        values = {path: value for path, value in back.items() if value is not _ABSENT}
        merged = merge_lines(split_lines(self._after), split_lines(now), split_lines(self._before))
        if not isinstance(merged, LineConflict) and _says(without := b"".join(merged), made, self._name):
            return without
        gone = {_topmost(path, made) for path, value in back.items() if value is _ABSENT}
        try:
            result = without_keys(with_values(now, values, self._name), sorted(gone), self._name)
        except (DocumentError, EditRefused):
            return None
        return result if _says(result, made, self._name) else None

    def _back(self, path: Path, says: Any, in_force: Callable[[], Mapping[Path, Any]]) -> Any:
        old = self._changed[path][0]
        mapping = path[:-1]
        if old is not _ABSENT or len(mapping) < 2 or isinstance(_at(self._old, mapping), Mapping):
            return old
        others = [key for key in _at(says, mapping) if (*mapping, key) not in self._changed]
        return in_force().get(path, _ABSENT) if others else old


def _content(data: bytes, name: str) -> Any:
    from workflow_cli.adapters.yaml_files import load_yaml

    try:
        return load_yaml(data, name).value
    except DocumentError:
        return _ABSENT


def _differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, tuple[Any, Any]]]:
    """Of mappings entry by entry, also where one side has none at all."""
    if isinstance(new, Mapping) and new and (isinstance(old, Mapping) or old is None or old is _ABSENT):
        before = old if isinstance(old, Mapping) else {}
        for key in dict.fromkeys([*before, *new]):
            yield from _differences(before.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif not _same(old, new):
        yield path, (old, new)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def _same(one: Any, other: Any) -> bool:
    """As settings: `true` is not 1."""
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _made(says: Any, back: Mapping[Path, Any], old: Any) -> Any:
    """What the file says with this put back, without the sections that came with the change and are empty then."""
    result = json.loads(json.dumps(says))
    for path, value in back.items():
        place = result
        for key in path[:-1]:
            place = place[key]
        if value is _ABSENT:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    for path in back:
        for length in range(len(path) - 1, 0, -1):
            if _at(result, path[:length]) == {} and _at(old, path[:length]) is _ABSENT:
                del _at(result, path[: length - 1])[path[length - 1]]
    return result


def _topmost(path: Path, made: Any) -> Path:
    """The key that goes, or the section that goes with it."""
    return next(path[:length] for length in range(1, len(path) + 1) if _at(made, path[:length]) is _ABSENT)


def _says(data: bytes, made: Any, name: str) -> bool:
    says = _content(data, name)
    return says is not _ABSENT and _same(with_nothing_empty(says), with_nothing_empty(made))

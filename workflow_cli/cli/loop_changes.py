"""What the loop turned, on one line, the same wherever it is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workflow_cli.domain.improvement.real_settings import setting_of
from workflow_cli.domain.improvement.told_settings import Turned, told, told_before, turned

#: A value of a setting is shown so far, and of a mapping so many entries.
_LONGEST_VALUE = 60
_MOST_ENTRIES = 5


def changes_line(before: Any, after: Any, now: Mapping[str, Any] | None = None, *, is_back: bool = False) -> str:
    """`setting old → new` of each; `before` and `after` are knobs, as the ledger has them.

    With `now`, the settings in force as far as they are known, it is said of each that is another one now; with `is_back`,
    of a change that was taken back, of each that stays all the same.
    """
    parts = groupby(turned(_mapping(before), _mapping(after)), key=lambda one: one.setting)
    note = _StandsNow(now or {}, is_back=is_back)
    return ", ".join(_setting(name, list(differences), note) for name, differences in parts)


def changes_json(before: Any, after: Any) -> dict[str, Any]:
    return {"from": told_before(_mapping(before)), "to": told(_mapping(after))}


def name_shown(name: str) -> str:
    """The setting, where a knob is named."""
    return setting_of(name) or name


@dataclass(frozen=True, slots=True)
class _StandsNow:
    """Says behind a setting what has become of it."""

    settings: Mapping[str, Any]
    is_back: bool

    def of(self, one: Turned) -> str:
        if one.setting not in self.settings:
            return ""
        value = self.settings[one.setting]
        if one.entry is not None:
            value = _mapping(value).get(one.entry)
        is_same = _plain(value) == _plain(one.new)
        if self.is_back:
            return " (stays)" if is_same else ""
        show = _shown if one.entry is None else _shown_entry
        return "" if is_same else f" (now {show(value)})"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _setting(name: str, differences: Sequence[Turned], note: _StandsNow) -> str:
    if differences[0].entry is None:
        return _difference(name, differences[0]) + note.of(differences[0])
    shown = [_difference(str(one.entry), one) + note.of(one) for one in differences[:_MOST_ENTRIES]]
    more = f" and {len(differences) - _MOST_ENTRIES} more" if len(differences) > _MOST_ENTRIES else ""
    return f"{name}: {', '.join(shown)}{more}"


def _difference(name: str, one: Turned) -> str:
    show = _shown if one.entry is None else _shown_entry
    return f"{name} = {show(one.new)}" if one.old is None else f"{name} {show(one.old)} → {show(one.new)}"


def _shown_entry(value: Any) -> str:
    """The names of a word are alternatives."""
    return _cut(" or ".join(map(str, value))) if isinstance(value, list | tuple) else _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

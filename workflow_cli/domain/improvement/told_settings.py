"""What the loop turned, told in settings as people find them in the file and with `workflow config show`.

The ledger has knobs. What the settings were then is known as far as a knob tells it, and the rest is left out: a breaker
that was off says nothing of how many failures it took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow_cli.domain.improvement.real_settings import REAL, Values, as_settings, setting_of
from workflow_cli.domain.improvement.setting_values import Settings

#: What others have in a mapping or an order is not the knob's, and a ledger does not say it.
_NOTHING_ELSE: Values = {name: {} for real in REAL.values() for name in real.sources}


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """A setting, or one `entry` of it; `old` and `new` are None where there was or is none, or where it is not known."""

    setting: str
    entry: str | None = None
    old: Any
    new: Any

    @property
    def name(self) -> str:
        return self.setting if self.entry is None else f"{self.setting}.{self.entry}"


def told(knobs: Settings) -> dict[str, Any]:
    """By dotted name; of a mapping the entries that are the knob's alone, of an order who is asked before a person.

    What is no setting keeps its name.
    """
    ours = {name: value for name, value in knobs.items() if setting_of(name) is not None}
    return {**as_settings(ours, _NOTHING_ELSE), **{name: value for name, value in knobs.items() if name not in ours}}


def told_before(knobs: Settings) -> dict[str, Any]:
    """The same of what was replaced, as far as it is known."""
    return told({name: value for name, value in knobs.items() if value is not None and _tells(name, value)})


def turned(before: Settings, after: Settings) -> list[Turned]:
    """What is different, setting by setting; of a mapping the entries that differ."""
    old, new = told_before(before), told(after)
    return [one for name, value in new.items() for one in _differences(name, old.get(name), value)]


def _differences(name: str, old: Any, new: Any) -> Iterator[Turned]:
    if not isinstance(new, Mapping) or not isinstance(old, Mapping | None):
        yield Turned(setting=name, old=old, new=new)
        return
    before: Mapping[str, Any] = old or {}
    for entry in dict.fromkeys([*new, *before]):
        if before.get(entry) != new.get(entry):
            yield Turned(setting=name, entry=entry, old=before.get(entry), new=new.get(entry))


def _tells(knob: str, value: Any) -> bool:
    real = REAL.get(knob)
    return real is None or real.tells(value)

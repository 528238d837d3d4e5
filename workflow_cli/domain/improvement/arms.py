"""Which arm of an experiment a request belongs to: drawn from a salt, and so checked when the event is read.

What is drawn for is the *unit*. Interleaved: `<kind>#<n>`, n counting the questions of that kind, in blocks of two with
one of each arm. Switchback: `@<n>`, the n-th window of time, in blocks of two as well. Hold-back: `<kind>#<n>`, a tenth.
Where nobody counts, n may be any number never used before; then each request is drawn by itself.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.observation import Asked
from workflow_cli.domain.improvement.record import Record, RecordType
from workflow_cli.domain.improvement.setting_values import Settings

ANY_KIND = "*"


class Arm(StrEnum):
    BASE = "base"
    TREATMENT = "treatment"
    HOLDBACK = "holdback"


class Draw(StrEnum):
    INTERLEAVED = "interleaved"
    SWITCHBACK = "switchback"
    HOLDBACK = "holdback"


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """What one arm reads instead of the settings in force: that of the treatment, or of the hold-back.

    `scope` is a kind of question, or `*`. `seconds` is the length of a switchback's window, `share` that of a hold-back.
    """

    experiment: str
    draw: Draw
    scope: str
    salt: str
    changes: Settings
    seconds: float = 1800.0
    share: float = 0.1

    def unit(self, kind: str, number: int, at: float) -> str:
        return f"@{math.floor(at / self.seconds)}" if self.draw is Draw.SWITCHBACK else f"{kind}#{number}"

    def covers(self, kind: str) -> bool:
        return self.scope in (ANY_KIND, kind)

    def arm(self, unit: str) -> Arm | None:
        """None for what is no unit."""
        kind, mark, number = unit.rpartition("@" if self.draw is Draw.SWITCHBACK else "#")
        if not mark or not number.isascii() or not number.isdigit() or len(number) > 15:
            return None
        if self.draw is Draw.HOLDBACK:
            return Arm.HOLDBACK if self._chance(unit) < self.share else Arm.BASE
        first = self._chance(f"{kind}{mark}{int(number) // 2}") < 0.5
        return Arm.TREATMENT if first == (int(number) % 2 == 0) else Arm.BASE

    def genuine(self, asked: Asked) -> Arm | None:
        """The arm that an event claims and has; None where it is of another experiment, or forged."""
        if asked.experiment != self.experiment:
            return None
        return self.claimed(asked.kind, asked.arm, asked.unit, asked.at)

    def claimed(self, kind: str, claim: str | None, unit: str, at: float) -> Arm | None:
        """The arm that a question of the kind claims for the unit; None where it is not the one that was drawn."""
        arm = self.arm(unit) if self.covers(kind) else None
        if arm is None or claim != arm:
            return None
        if self.draw is Draw.SWITCHBACK:
            # The event is written when the answer is there, up to a window after it was asked for.
            return arm if -1 <= math.floor(at / self.seconds) - int(unit[1:]) <= 1 else None
        return arm if unit.startswith(f"{kind}#") else None

    def caught(self, claim: str | None) -> float:
        """The chance that who claims an arm without knowing the salt is seen to be wrong."""
        if self.draw is not Draw.HOLDBACK:
            return 0.5
        return 1.0 - self.share if claim == Arm.HOLDBACK else self.share

    def _chance(self, text: str) -> float:
        digest = hashlib.sha256(f"{self.salt}\0{text}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def as_json(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "draw": self.draw.value,
            "scope": self.scope,
            "salt": self.salt,
            "changes": dict(self.changes),
            "seconds": self.seconds,
            "share": self.share,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a request is answered with, and what its event has to say of it."""

    changes: Settings
    experiment: str | None = None
    arm: str | None = None
    unit: str = ""


def assign(overlay: Overlay | None, kind: str, number: int, at: float) -> Assignment:
    """The arm of the `number`-th request of a kind; without an experiment that covers it, nothing is changed."""
    if overlay is None or not overlay.covers(kind):
        return Assignment(changes={})
    unit = overlay.unit(kind, number, at)
    arm = overlay.arm(unit)
    changed = arm is not None and arm is not Arm.BASE
    return Assignment(changes=overlay.changes if changed else {}, experiment=overlay.experiment, arm=arm, unit=unit)


def overlay_from(record: Mapping[str, Any]) -> Overlay:
    """Raises ValueError, KeyError or TypeError for what is no overlay."""
    changes = record["changes"]
    if not isinstance(changes, Mapping):
        raise TypeError("changes")
    return Overlay(
        experiment=str(record["experiment"]),
        draw=Draw(record["draw"]),
        scope=str(record["scope"]),
        salt=str(record["salt"]),
        changes=dict(changes),
        seconds=float(record["seconds"]),
        share=float(record["share"]),
    )


def overlays_in(records: Iterable[Record]) -> dict[str, Overlay]:
    """Every overlay that was ever in force, by its experiment, as the ledger has them."""
    found: dict[str, Overlay] = {}
    for record in records:
        staged = record.body.get("overlay") if record.type is RecordType.INTENT else None
        if isinstance(staged, Mapping):
            try:
                overlay = overlay_from(staged)
            except (KeyError, ValueError, TypeError):
                continue
            found[overlay.experiment] = overlay
    return found


def genuine_by(overlays: Mapping[str, Overlay]) -> Callable[[str, str, str | None, str, float], bool]:
    """Whether a question may claim an arm: of an experiment that is not known, there is nothing to hold it against."""

    def genuine(experiment: str, kind: str, claim: str | None, unit: str, at: float) -> bool:
        overlay = overlays.get(experiment)
        return overlay is None or overlay.claimed(kind, claim, unit, at) is not None

    return genuine

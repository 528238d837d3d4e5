"""Worlds that are well for ten cycles, and then are not: how long until the loop has found what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.improvement.scenarios import HangingTool, Scenario, StaleCache

SHIFT = 10


@dataclass(kw_only=True)
class ToolBeginsToHang(HangingTool):
    id: str = "S1"
    about: str = "the tool begins to hang"
    hung: float = 0.0

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        if cycle == SHIFT:
            self.hung = 0.6


@dataclass(kw_only=True)
class EditsBegin(StaleCache):
    id: str = "S2"
    about: str = "documents begin to be edited every 400 s"
    edit_seconds: float = 7 * 86400.0

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        if cycle == SHIFT:
            self.edit_seconds = 400.0


@dataclass(kw_only=True)
class ModelsBecomeSlow(Scenario):
    id: str = "S3"
    about: str = "models begin to take three times as long as the time-out allows for"
    fault: dict[str, Any] = field(default_factory=lambda: {"models.timeout": 15})

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        if cycle == SHIFT:
            self.slower = 3.0

    def passes(self, settings: Mapping[str, Any]) -> bool:
        """Longer, or the quicker model where the slow one no longer ends in time."""
        return settings["models.timeout"] >= 30 or settings["models.by_kind"].get("code") != "big"


SHIFTS: tuple[type[Scenario], ...] = (ToolBeginsToHang, EditsBegin, ModelsBecomeSlow)

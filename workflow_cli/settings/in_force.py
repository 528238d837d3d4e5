"""The settings that are in force: what was given, defaults for the rest, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workflow_cli.settings import keys


class Settings:
    """All settings, after every source was read. `origins` tells for each key where its value came from."""

    process: keys.ProcessSettings
    rules: keys.RuleSettings
    policy: keys.PolicySettings
    limits: keys.LimitSettings
    documents: keys.DocumentSettings
    events: keys.EventSettings
    network: keys.NetworkSettings
    lm_studio: keys.LmStudioSettings
    mcp: keys.McpSettings
    answers: keys.AnswerSettings
    questions: keys.QuestionSettings
    retrieval: keys.RetrievalSettings
    loop: keys.LoopSettings
    watch: keys.WatchSettings
    sockets: keys.SocketSettings

    def __init__(self, given: Mapping[str, Any], origins: Mapping[str, str], *, start: Path) -> None:
        """`given` are values, and `origins` their origins, by dotted name; all others have their defaults.

        Relative paths among the defaults start from `start`.
        """
        self._given, self._start = dict(given), start
        self.origins = MappingProxyType({**dict.fromkeys(keys.KEYS, "default"), **origins})
        values: dict[str, dict[str, Any]] = {section: {} for section in keys.SECTIONS}
        for name, value in given.items():
            section, _, leaf = name.partition(".")
            values[section][leaf] = value
        for section, shape in keys.SECTIONS.items():
            setattr(self, section, shape(values[section], start))

    def with_values(self, values: Mapping[str, Any], *, origin: str) -> Settings:
        """These settings with other values, by dotted name, as they are once they were read."""
        origins = {**self.origins, **dict.fromkeys(values, origin)}
        return Settings({**self._given, **values}, origins, start=self._start)

    def __getitem__(self, name: str) -> Any:
        """The value of a key by its dotted name."""
        section, _, leaf = name.partition(".")
        return getattr(getattr(self, section), leaf)

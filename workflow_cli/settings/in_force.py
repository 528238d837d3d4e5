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

    def __init__(
        self,
        given: Mapping[str, Any],
        origins: Mapping[str, str],
        *,
        start: Path,
        parts: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        """`given` are values, and `origins` their origins, by dotted name; all others have their defaults.

        `parts` has the origins of what a mapping holds, by the names in it. Relative paths among the defaults start
        from `start`.
        """
        self._given, self._start, self._parts = dict(given), start, parts
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
        parts = {name: where for name, where in self._parts.items() if name not in values}
        return Settings({**self._given, **values}, origins, start=self._start, parts=parts)

    def origin_of(self, name: str, part: str) -> str:
        """Where one entry of a mapping came from: a line of its own, or that of the whole value."""
        return self._parts.get(name, {}).get(part, self.origins[name])

    def __getitem__(self, name: str) -> Any:
        """The value of a key by its dotted name."""
        section, _, leaf = name.partition(".")
        return getattr(getattr(self, section), leaf)

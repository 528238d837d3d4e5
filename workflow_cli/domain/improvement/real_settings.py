"""What the knobs are called in the settings of the product, and how their values are written there.

The loop thinks in knobs, people in settings: `mcp.breaker: true` is `answers.breaker_failures: 2` with
`answers.breaker_seconds: 300`. A knob without a line here is not there for the loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.domain.improvement.knobs import (
    ADVICE,
    BREAKER,
    BREAKER_FAILURES,
    BREAKER_SECONDS,
    BULLETS,
    CACHE_INVALIDATION,
    CACHE_TTL,
    CONCURRENCY,
    DEPTH,
    FIXED,
    GLOSSARY,
    KNOBS,
    MODEL_OF_KIND,
    MODEL_RETRIES,
    MODEL_TIMEOUT,
    MUTED,
    ROUTE,
    THRESHOLDS,
    TITLE_WEIGHT,
    TOOL_RETRIES,
    TOOL_TIMEOUT,
    Number,
)
from workflow_cli.domain.improvement.setting_values import Settings

#: Where a value stands in the file: section, key, and for mappings the entry.
Path = tuple[str, ...]
#: By dotted name, as they are once they were read.
Values = Mapping[str, Any]

KINDS = ("lookup", "howto", "code", "tool")
#: More failures in a row than this count as no breaker at all.
_NEVER_OPENS = 50
_PERSON = "person"
#: The loop calls tools by the protocol they are spoken to in.
_TO_KNOB, _TO_SETTING = {"tools": "mcp"}, {"mcp": "tools"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Real:
    """`sources` are the settings that the value comes from; where one is not the file's own, the knob is not the loop's to turn.

    `read` gives None where the settings have no such value; `write` what is put where. `whole` gives the settings as they
    are then, where `write` puts single entries of a mapping: with fewer entries than there are, these have to go. `entry` is the
    one entry of a mapping that the knob is; `tells` says whether settings with this value are as `write` would put them.
    """

    sources: tuple[str, ...]
    read: Callable[[Values], Any]
    write: Callable[[Any, Values], Mapping[Path, Any]]
    whole: Callable[[Any, Values], Mapping[str, Any]] | None = None
    entry: str | None = None
    tells: Callable[[Any], bool] = lambda _: True


def _life(values: Values) -> float:
    own: float | None = values["answers.cache_cited_seconds"]
    return _longest_life() if own is None else own


def _longest_life() -> float:
    bounds = KNOBS[CACHE_TTL].bounds
    assert isinstance(bounds, Number)
    return bounds.most


def _plain(name: str, path: Path) -> Real:
    return Real(sources=(name,), read=lambda values: values[name], write=lambda value, _: {path: value})


def _listed(name: str, path: Path) -> Real:
    return Real(sources=(name,), read=lambda values: list(values[name]), write=lambda value, _: {path: list(value)})


def _entries(name: str, path: Path, *, only: Sequence[str] | None = None) -> Real:
    """A mapping; with `only`, of its entries these alone are the knob's."""

    def read(values: Values) -> Any:
        return {key: value for key, value in values[name].items() if only is None or key in only}

    def whole(value: Any, values: Values) -> Mapping[str, Any]:
        others = {key: entry for key, entry in values[name].items() if only is not None and key not in only}
        return {name: {**others, **value}}

    def write(value: Any, values: Values) -> Mapping[Path, Any]:
        # Mappings are replaced as a whole by whoever gives one: the other entries have to be said as well.
        entries: Mapping[str, Any] = whole(value, values)[name]
        return {(*path, key): entry for key, entry in sorted(entries.items())}

    return Real(sources=(name,), read=read, write=write, whole=whole)


def _names(name: str, path: Path) -> Real:
    """Words with their names, which the loop writes one after the other with spaces between them.

    By default there are none, so that the others are the file's own and stay as they are written: a single name may be in
    brackets there or not.
    """

    def whole(value: Any, _: Values) -> Mapping[str, Any]:
        return {name: {word: tuple(names.split()) for word, names in value.items()}}

    def write(value: Any, values: Values) -> Mapping[Path, Any]:
        return {
            (*path, word): names[0] if len(names) == 1 else list(names)
            for word, names in sorted(whole(value, values)[name].items())
            if values[name].get(word) != names
        }

    return Real(
        sources=(name,),
        read=lambda values: {word: " ".join(names) for word, names in values[name].items()},
        write=write,
        whole=whole,
    )


def _budget(answerer: str) -> Real:
    def write(value: Any, values: Values) -> Mapping[Path, Any]:
        # Mappings are replaced as a whole by whoever gives one: the other entries have to be said as well.
        entries = {**values["answers.budgets"], answerer: _short(value)}
        return {("answers", "budgets", name): entry for name, entry in sorted(entries.items())}

    return Real(
        sources=("answers.budgets",),
        read=lambda values: values["answers.budgets"].get(answerer),
        write=write,
        entry=answerer,
    )


def _short(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _route(kind: str) -> Real:
    name = f"answers.order_{kind}"

    def order(values: Values) -> Sequence[str]:
        own = values[name]
        return list(values["answers.order"] if own is None else own)

    def read(values: Values) -> Any:
        return [_TO_KNOB.get(one, one) for one in order(values) if one != _PERSON]

    def write(value: Any, values: Values) -> Mapping[Path, Any]:
        # A person is asked last, whatever comes before; or not at all, where the settings say so.
        people = [_PERSON] if _PERSON in order(values) else []
        return {("answers", f"order_{kind}"): [*(_TO_SETTING.get(one, one) for one in value), *people]}

    return Real(sources=(name, "answers.order"), read=read, write=write)


REAL: Mapping[str, Real] = {
    CACHE_TTL: Real(
        sources=("answers.cache_cited_seconds", "answers.cache"),
        read=lambda values: _life(values) if values["answers.cache"] else None,
        write=lambda value, _: {("answers", "cache_cited_seconds"): math.ceil(value)},
        tells=lambda value: value != _longest_life(),
    ),
    # Answers are forgotten when what they cite changes; that is no setting, and the levers need to know it.
    CACHE_INVALIDATION: Real(sources=(), read=lambda _: "on_change", write=lambda _value, _values: {}),
    DEPTH: _plain("retrieval.passages", ("retrieval", "passages")),
    TITLE_WEIGHT: _plain("retrieval.title_weight", ("retrieval", "title_weight")),
    MODEL_TIMEOUT: _budget("model"),
    TOOL_TIMEOUT: _budget("tools"),
    BREAKER: Real(
        sources=("answers.breaker_failures", "answers.breaker_seconds"),
        read=lambda values: values["answers.breaker_failures"] <= _NEVER_OPENS,
        write=lambda value, _: (
            {("answers", "breaker_failures"): BREAKER_FAILURES, ("answers", "breaker_seconds"): BREAKER_SECONDS}
            if value
            else {("answers", "breaker_failures"): 1000}
        ),
        tells=lambda _: False,
    ),
    MODEL_RETRIES: Real(
        sources=("lm_studio.attempts",),
        read=lambda values: values["lm_studio.attempts"] - 1,
        write=lambda value, _: {("lm_studio", "attempts"): int(value) + 1},
    ),
    TOOL_RETRIES: Real(
        sources=("mcp.attempts",),
        read=lambda values: values["mcp.attempts"] - 1,
        write=lambda value, _: {("mcp", "attempts"): int(value) + 1},
    ),
    CONCURRENCY: _plain("lm_studio.concurrency", ("lm_studio", "concurrency")),
    # Other entries are purposes of calls, such as `review`, which are not questions.
    MODEL_OF_KIND: _entries("lm_studio.models_by_kind", ("lm_studio", "models_by_kind"), only=KINDS),
    GLOSSARY: _names("retrieval.synonyms", ("retrieval", "synonyms")),
    BULLETS: _listed("answers.bullets", ("answers", "bullets")),
    ADVICE: Real(
        sources=("answers.advice",),
        read=lambda values: values["answers.advice"] or "",
        write=lambda value, _: {("answers", "advice"): value or None},
    ),
    FIXED: _listed("process.fix", ("process", "fix")),
    MUTED: _listed("rules.disable", ("rules", "disable")),
    THRESHOLDS: _entries("rules.thresholds", ("rules", "thresholds")),
    **{f"{ROUTE}{kind}": _route(kind) for kind in KINDS},
}


def knob_values(values: Values, *, turnable: Callable[[str], bool] = lambda _: True) -> Settings:
    """What the loop sees: the knobs whose settings are all `turnable`, by dotted name."""
    found: dict[str, Any] = {}
    for name, real in REAL.items():
        if all(map(turnable, real.sources)) and (value := real.read(values)) is not None:
            found[name] = value
    return found


def setting_of(knob: str) -> str | None:
    """The setting that says what a knob stands at, with its entry; None for one that the product does not have, or that is no setting."""
    real = REAL.get(knob)
    if real is None or not real.sources:
        return None
    return real.sources[0] if real.entry is None else f"{real.sources[0]}.{real.entry}"


def written(changes: Settings, values: Values) -> Mapping[Path, Any]:
    """What changes of knobs are in the file. Raises KeyError for a knob that the product does not have."""
    result: dict[Path, Any] = {}
    for name, value in changes.items():
        result |= REAL[name].write(value, values)
    return result


def as_settings(changes: Settings, values: Values) -> dict[str, Any]:
    """The settings, by dotted name, with which `changes` are in force."""
    result: dict[str, Any] = {}
    for knob, value in changes.items():
        if (whole := REAL[knob].whole) is not None:
            result |= whole(value, values)
    single = {knob: value for knob, value in changes.items() if REAL[knob].whole is None}
    for path, value in written(single, values).items():
        name = ".".join(path[:2])
        if len(path) == 2:
            result[name] = tuple(value) if isinstance(value, list) else value
        else:
            result[name] = {**result.get(name, {}), path[2]: value}
    return result

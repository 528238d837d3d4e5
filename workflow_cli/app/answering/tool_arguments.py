"""Arguments for a tool: held against its schema, and, where it is plain what belongs there, taken from a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflow_cli.app.answering.ports import Tool

MAX_BYTES = 8 * 1024
_DEPTH = 12
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_TOPIC = ("query", "question", "q", "search", "search_query", "topic", "subject")
_PATH = ("path", "file", "file_path", "filepath", "filename", "uri", "repo_path", "directory", "dir")
_ZONE = ("timezone", "tz", "time_zone")
_PATHS = re.compile(r"(?<![\w./:-])(?:[\w.~-]*/[\w./-]*[\w-]|[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4})(?![\w/])")
_ZONES = re.compile(r"\b(?:[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+){1,2}|UTC)\b")


def faults_of(arguments: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments, in words; empty where nothing is that this can judge.

    Knows type, required, properties, additionalProperties, enum, const, items, length and bounds. What it does not
    know is for the server to judge: it never refuses what may be right.
    """
    faults: list[str] = []
    _check(arguments, schema, "arguments", faults, 0)
    return faults


def _check(value: Any, schema: Any, where: str, faults: list[str], depth: int) -> None:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
    if kinds and not any(_is_a(value, one) for one in kinds):
        faults.append(f"{where} is not of the type {' or '.join(map(str, kinds))}")
        return
    if "enum" in schema and isinstance(schema["enum"], list) and value not in schema["enum"]:
        faults.append(f"{where} is none of the values it may have")
    if "const" in schema and value != schema["const"]:
        faults.append(f"{where} is not the one value it may have")
    if isinstance(value, dict):
        _check_object(value, schema, where, faults, depth)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, schema.get("items"), f"{where}[{index}]", faults, depth + 1)
    else:
        _check_bounds(value, schema, where, faults)


def _check_object(value: dict[str, Any], schema: Mapping[str, Any], where: str, faults: list[str], depth: int) -> None:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required")
    faults += [f"{where}.{name} is missing" for name in required or [] if name not in value]
    for name, item in value.items():
        if name in properties:
            _check(item, properties[name], f"{where}.{name}", faults, depth + 1)
        elif schema.get("additionalProperties") is False:
            faults.append(f"{where}.{name} is not known")


def _check_bounds(value: Any, schema: Mapping[str, Any], where: str, faults: list[str]) -> None:
    for key, too_far in (
        ("minimum", lambda bound: value < bound),
        ("maximum", lambda bound: value > bound),
        ("minLength", lambda bound: len(value) < bound),
        ("maxLength", lambda bound: len(value) > bound),
    ):
        bound = schema.get(key)
        fits = (int, float) if key.endswith("imum") else (str,)
        if isinstance(bound, (int, float)) and isinstance(value, fits) and too_far(bound):
            faults.append(f"{where} is beyond its {key} of {bound}")


def _is_a(value: Any, kind: str) -> bool:
    if kind not in _TYPES:
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def taken_from(question: str, tool: Tool) -> dict[str, str] | None:
    """The arguments that the question itself holds for a tool; None where that is not plain.

    A tool that needs nothing gets nothing. One that needs a single text gets the subject, the only path, the only
    time zone or the only value of a list that the question names, by what the argument is called.
    """
    schema = tool.input_schema
    required = schema.get("required") or []
    properties = schema.get("properties") or {}
    if not required:
        return {}
    if len(required) != 1 or not isinstance(properties.get(required[0]), Mapping):
        return None
    name = str(required[0])
    value = _value(question, name, properties[name])
    if value is None or faults_of({name: value}, schema):
        return None
    return {name: value}


def _value(question: str, name: str, schema: Mapping[str, Any]) -> str | None:
    if schema.get("type") != "string":
        return None
    choices = schema.get("enum")
    if isinstance(choices, list):
        return _only(
            [c for c in choices if isinstance(c, str) and re.search(rf"(?<!\w){re.escape(c)}(?!\w)", question)]
        )
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold()
    if plain in _ZONE:
        return _only(_ZONES.findall(question))
    if plain in _PATH:
        return _only(_PATHS.findall(question))
    return question.strip() if plain in _TOPIC else None


def _only(found: list[str]) -> str | None:
    different = list(dict.fromkeys(found))
    return different[0] if len(different) == 1 else None

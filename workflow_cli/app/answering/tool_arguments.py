"""Arguments for a tool: held against its schema, and, where it is plain what belongs there, taken from a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflow_cli.app.answering.ports import Tool
from workflow_cli.domain.answering.json_schema import faults

MAX_LENGTH = 8 * 1024
_TOPIC = ("query", "question", "q", "search", "search_query", "topic", "subject")
_PATH = ("path", "file", "file_path", "filepath", "filename", "uri", "repo_path", "directory", "dir")
_ZONE = ("timezone", "tz", "time_zone")
_PATHS = re.compile(r"(?<![\w./:-])(?:[\w.~-]*/[\w./-]*[\w-]|[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4})(?![\w/])")
_ZONES = re.compile(r"\b(?:[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+){1,2}|UTC)\b")


def faults_of(arguments: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments, in words. A schema that makes no sense is a fault of its own: it is a server's.

    Words of the schema that are not known here are left to the server.
    """
    if not isinstance(arguments, Mapping) or len(str(arguments)) > MAX_LENGTH:
        return ["the arguments are no object of a reasonable size"]
    try:
        return faults(arguments, schema)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        return ["the tool's own schema cannot be followed"]


def taken_from(question: str, tool: Tool) -> dict[str, str] | None:
    """The arguments that the question itself holds for a tool; None where that is not plain.

    A tool that needs nothing gets nothing. One that needs a single text gets the subject, the only path, the only
    time zone or the only value of a list that the question names, by what the argument is called.
    """
    schema = tool.input_schema
    required, properties = schema.get("required") or [], schema.get("properties") or {}
    if not isinstance(required, list) or not isinstance(properties, Mapping):
        return None
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

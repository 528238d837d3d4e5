"""What a question holds for one argument of a tool, by the argument's name and schema; nothing where it is in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final


class _Nothing(Enum):
    NOTHING = "nothing"


#: No value, where None could be one.
NOTHING: Final = _Nothing.NOTHING

_TOPIC = frozenset(("query", "question", "q", "search", "search_query", "topic", "subject"))
_PATH = frozenset(
    (
        "path",
        "paths",
        "file",
        "files",
        "file_path",
        "filepath",
        "filename",
        "uri",
        "repo_path",
        "repository",
        "directory",
        "dir",
        "folder",
    )
)
_ZONE = re.compile(r"(?:^|_)(?:timezone|tz|time_zone)$")
_TIME = frozenset(("time", "at", "time_of_day"))
_REVISION = frozenset(("revision", "rev", "commit", "sha", "ref", "target", "commit_sha", "commit_hash"))
_FROM, _TO = frozenset(("source", "from", "src")), frozenset(("target", "to", "destination", "dest", "dst"))

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_QUOTED = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|「([^」\n]+)」|`([^`\n]+)`|(?<!\w)'([^'\n]+)'(?!\w)"
)
_PATHS = re.compile(
    r"(?<![\w./:-])(?:[\w.~-]*/[\w./-]*[\w-](?![\w/])|[\w.~-]+/(?=[\s?!,;:.)]|$)|[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4}(?![\w/]))"
)
_ZONES = re.compile(r"\b(?:[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+){1,2}|UTC)\b")
_TIMES = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])")
_REVISIONS = re.compile(r"(?<![\w/])(?:[0-9a-f]{7,40}|HEAD(?:[~^]\d*)*)(?![\w/])")
_OF_DESCRIPTION = re.compile(r"'([\w-]+)'")
_INTEGER, _NUMBER = re.compile(r"[+-]?\d{1,18}"), re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?")


def named_value(question: str, name: str, schema: Mapping[str, Any]) -> Any:
    """The value that the question gives an argument as `name=value` or `name: "value"`."""
    given = re.search(
        rf"(?<![\w-]){re.escape(name)}\s?(?:=\s?|:\s?(?=[\"'`]))(?:\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`|([^\s,;\"'`]+))",
        question,
    )
    if given is None:
        return NOTHING
    quoted = next((part for part in given.groups()[:3] if part is not None), None)
    return _typed(quoted if quoted is not None else given[4].rstrip(".?!"), schema)


def plain_value(question: str, name: str, schema: Mapping[str, Any]) -> Any:
    """The only thing in the question that can be meant, by what the argument is called."""
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "array":
        items = schema.get("items")
        paths = list(dict.fromkeys(_PATHS.findall(question)))
        return paths if paths and plain_name(name) in _PATH and _is_text(items) else NOTHING
    if isinstance(schema.get("enum"), list):
        return _only(choice for choice in schema["enum"] if isinstance(choice, str) and _says(question, choice))
    return _text(question, name, schema) if _is_text(schema) else NOTHING


def quoted_value(question: str, schema: Mapping[str, Any]) -> Any:
    """The only words of the question that stand in quotation marks."""
    return _only(_quotations(question)) if _is_text(schema) and "enum" not in schema else NOTHING


def plain_name(name: str) -> str:
    """A name in small letters with `_` between its words."""
    return re.sub(r"[\W_]+", "_", _HUMP.sub("_", name)).casefold()


def _text(question: str, name: str, schema: Mapping[str, Any]) -> Any:
    plain = plain_name(name)
    if _ZONE.search(plain):
        return _by_role(question, plain, _ZONES)
    if plain in _TIME:
        return _only(_TIMES.findall(question))
    if plain in _REVISION and (found := _only(_REVISIONS.findall(question))) is not NOTHING:
        return found
    if plain in _PATH or plain.endswith("_path"):
        return _only(_PATHS.findall(question) or _quotations(question))
    # Some servers write the values into the description alone.
    choices = _OF_DESCRIPTION.findall(str(schema.get("description", "")))
    if len(choices) > 1:
        return _only(choice for choice in choices if _says(question, choice))
    return question.strip() if plain in _TOPIC else NOTHING


def _by_role(question: str, plain: str, pattern: re.Pattern[str]) -> Any:
    """The only one; of two, of which an argument's name says which, the one after `from` or after `to`."""
    words = set(plain.split("_"))
    for role, before in ((_FROM, r"from|von|desde|de|из|da"), (_TO, r"to|into|in|nach|a|à|в")):
        if words & role:
            return _only(m[1] for m in re.finditer(rf"\b(?:{before})\s+({pattern.pattern})", question))
    return _only(pattern.findall(question))


def _quotations(question: str) -> list[str]:
    return [next(part for part in found.groups() if part is not None).strip() for found in _QUOTED.finditer(question)]


def _says(question: str, choice: str) -> bool:
    return bool(choice) and re.search(rf"(?<![\w-]){re.escape(choice)}(?![\w-])", question, re.IGNORECASE) is not None


def _is_text(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "string"


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A text as the type that the schema asks for."""
    match schema.get("type"):
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text) if "." in text else int(text)
        case "boolean" if text.casefold() in ("true", "false"):
            return text.casefold() == "true"
        case "string":
            return text
    return text if "type" not in schema else NOTHING


def _only(found: Iterable[Any]) -> Any:
    different = list(dict.fromkeys(found))
    return different[0] if len(different) == 1 else NOTHING

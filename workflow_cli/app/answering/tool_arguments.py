"""Arguments for a tool: held against its schema, and, where it is plain what belongs there, taken from a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_cli.app.answering.ports import Tool
from workflow_cli.app.answering.tool_values import NOTHING, named_value, plain_name, plain_value, quoted_value
from workflow_cli.domain.answering.json_schema import faults

MAX_LENGTH = 8 * 1024
_PLACE = re.compile(r"(?:^|_)(?:repo|repository|directory|dir|folder|root|workspace|cwd|project)(?:_|$)")
_PATH = re.compile(r"(?:^|_)path$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a question holds for a tool. `missing` names what the tool needs and the question does not plainly say.

    `held` are those of the arguments that stand in the question. `loose` tells of one that nothing else speaks for: a
    directory that is not named and taken for the root of the tree, or words in quotation marks.
    """

    arguments: Mapping[str, Any]
    held: Mapping[str, Any]
    missing: tuple[str, ...] = ()
    loose: bool = False


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


def taken_from(question: str, tool: Tool, *, root: str | None = None) -> Taken | None:
    """The arguments that the question itself holds for a tool; None where its schema cannot be followed.

    What a tool needs is given as `name=value`, or is the only thing in the question that can be meant: a path, a time
    zone, a value of a list, words in quotation marks, the subject. A default of the schema will do, and for a
    directory that is not named the `root`. What a tool does not need is given only by its name.
    """
    schema = tool.input_schema
    required, properties = schema.get("required") or [], schema.get("properties") or {}
    if not isinstance(required, list) or not isinstance(properties, Mapping):
        return None
    told = {str(name): of for name, of in properties.items() if isinstance(of, Mapping)}
    if any(name not in told for name in required):
        return None
    held = {name: value for name, of in told.items() if (value := named_value(question, name, of)) is not NOTHING}
    open_ = [name for name in required if name not in held]
    held |= {name: value for name in open_ if (value := plain_value(question, name, told[name])) is not NOTHING}
    missing = [name for name in open_ if name not in held]
    filled = {name: value for name in missing if (value := _filled(told[name], name, tool, root)) is not NOTHING}
    loose = any("default" not in told[name] for name in filled)
    if (
        len(open_) == 1
        and not filled
        and missing
        and (quoted := quoted_value(question, told[missing[0]])) is not NOTHING
    ):
        # Of several arguments it would be a guess which one the words in quotation marks are for.
        held[missing[0]], loose = quoted, True
    arguments = {**filled, **held}
    missing = [name for name in required if name not in arguments]
    if not missing and faults_of(arguments, schema):
        return None
    return Taken(arguments=arguments, held=held, missing=tuple(missing), loose=loose)


def _filled(schema: Mapping[str, Any], name: str, tool: Tool, root: str | None) -> Any:
    """What an argument is that the question does not name: its default, or the root."""
    if "default" in schema:
        return schema["default"]
    return root if root is not None and _is_directory(name, schema, tool) else NOTHING


def _is_directory(name: str, schema: Mapping[str, Any], tool: Tool) -> bool:
    """Whether an argument is a directory, by what it or its tool is called."""
    if schema.get("type") != "string":
        return False
    plain = plain_name(name)
    return bool(_PLACE.search(plain) or (_PATH.search(plain) and _PLACE.search(plain_name(tool.name))))

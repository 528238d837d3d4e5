"""Reads YAML as YAML 1.2 core says, into plain data that remembers its lines.

`yes`, `no`, `on`, `off` and dates are strings, keys are strings as written, and a key given twice is an
error: what the OpenSpec command itself reads. A `%YAML 1.1` line makes `yes` and its like truth values.
ruamel.yaml parses; the plain data is built here, because its own constructors make dates of strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

YamlPath = tuple[str | int, ...]

# An alias costs a few bytes and may stand for a whole tree: without a limit 1 kB could fill the memory.
MAX_NODES = 100_000
MAX_DEPTH = 100

_CORE = {
    "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    "int": re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"),
    "float": re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
    ),
}
# Nothing in it has a meaning of its own to YAML. The bounds keep clear of those for keys and numbers.
_PLAIN_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,79}): ([A-Za-z0-9][A-Za-z0-9._-]{0,79})\Z")
_MOST_PLAIN_LINES = 50
# A document may ask for the older version, in which `yes` and `on` are truth values too.
_ASKS_FOR_1_1 = re.compile(r"\ufeff?(?:[#%][^\n]*\n)*%YAML[ \t]+1\.1\b")
_TRUE_1_1 = frozenset(("y", "yes", "true", "on"))
_BOOL_1_1 = r"(?:[yYnN]|[yY]es|YES|[nN]o|NO|[tT]rue|TRUE|[fF]alse|FALSE|[oO]n|ON|[oO]ff|OFF)\Z"
#: What is wrong most often: a sentence that YAML reads as something else.
_MEND = "mend that place; a text with `: ` or ` #` in it, or one that begins with a sign, goes between quotes"
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """`value` is None, bool, int, float, str, list or dict with string keys; None for an empty document."""

    value: Any
    name: str
    lines: Mapping[YamlPath, int]

    def line_of(self, path: YamlPath) -> int | None:
        """The line, from 1, of the key or list item at `path`; None when there is none."""
        return self.lines.get(path)

    def where(self, path: YamlPath) -> str:
        """`name:line` of the nearest part of `path` that the document has."""
        for length in range(len(path), 0, -1):
            line = self.line_of(path[:length])
            if line is not None:
                return f"{self.name}:{line}"
        return self.name


def load_yaml(data: bytes, name: str) -> YamlDocument:
    """Read one YAML document; `name` is how errors call the file.

    Raises DocumentError, with the line, for bytes that are not UTF-8, for anything YAML forbids, for a
    duplicate key, for a key that is not a scalar, for nesting beyond MAX_DEPTH, and for aliases that contain
    themselves or grow beyond MAX_NODES nodes.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8", where=f"{name}:{line}", hint="save it as UTF-8") from error
    if plain := _plain_mapping(text):
        return YamlDocument(plain[0], name, plain[1])
    node = _compose(text, name)
    builder = _Builder(name, _core_of(text))
    value = None if node is None else builder.build(node, ())
    return YamlDocument(value, name, builder.lines)


def _plain_mapping(text: str) -> tuple[dict[str, Any], dict[YamlPath, int]] | None:
    """The value and lines of a text of nothing but plain `key: word` lines; None for any other text.

    Most changes have such a file and nothing else in YAML: importing the parser and reading it costs a short
    command a tenth of its time.
    """
    value: dict[str, Any] = {}
    lines: dict[YamlPath, int] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _PLAIN_LINE.match(line)
        if match is None or match[1] in value or number > _MOST_PLAIN_LINES:
            return None
        kind = next((kind for kind, pattern in _CORE.items() if pattern.match(match[2])), None)
        value[match[1]] = match[2] if kind is None else _plain(kind, match[2])
        lines[match[1],] = number
    return value, lines


def _compose(text: str, name: str) -> Any:
    import warnings

    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

    parser = YAML(typ="safe", pure=True)
    parser.Resolver = _core_resolver(_core_of(text))
    parser.max_depth = MAX_DEPTH
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # YAML allows it
            return parser.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise DocumentError(f"not YAML: {error.problem or error.context}", where=where, hint=_MEND) from error
    except YAMLError as error:
        raise DocumentError(f"not YAML: {str(error).splitlines()[0]}", where=name, hint=_MEND) from error
    except ValueError as error:  # an escape beyond the last code point ends so in ruamel.yaml
        raise DocumentError(f"not YAML: {error}", where=name, hint=_MEND) from error


def plain_value(node: Any) -> Any:
    """The plain data of a node that the parser made, by the core rules. Raises DocumentError."""
    return _Builder("", _CORE).build(node, ())


def _core_of(text: str) -> Mapping[str, re.Pattern[str]]:
    return {**_CORE, "bool": re.compile(_BOOL_1_1)} if _ASKS_FOR_1_1.match(text) else _CORE


def _core_resolver(core: Mapping[str, re.Pattern[str]]) -> Any:
    from ruamel.yaml.resolver import VersionedResolver

    rules = {None: [(_TAG + kind, pattern) for kind, pattern in core.items()]}

    class CoreResolver(VersionedResolver):
        """The four scalar types of the YAML 1.2 core schema and no others."""

        @property
        def versioned_resolver(self) -> Any:
            return rules

    return CoreResolver


class _Builder:
    """Turns nodes into plain data and notes the line of every key and item."""

    def __init__(self, name: str, core: Mapping[str, re.Pattern[str]]) -> None:
        self.lines: dict[YamlPath, int] = {}
        self._name = name
        self._core = core
        self._nodes = 0
        self._open: set[int] = set()

    def build(self, node: Any, path: YamlPath) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._error(node, f"more than {MAX_NODES:,} values, counting what aliases repeat")
        if isinstance(node.value, str):
            return self._scalar(node)
        if id(node) in self._open:
            raise self._error(node, "an alias contains itself")
        self._open.add(id(node))
        try:
            return self._mapping(node, path) if node.id == "mapping" else self._sequence(node, path)
        finally:
            self._open.remove(id(node))

    def _sequence(self, node: Any, path: YamlPath) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            self.lines[(*path, index)] = _line(item)
            items.append(self.build(item, (*path, index)))
        return items

    def _mapping(self, node: Any, path: YamlPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise self._error(key_node, "a key must be a plain word")
            key = _joined(key)
            if key in result:
                first = self.lines[(*path, key)]
                raise self._error(key_node, f"the key {key!r} is there twice, first on line {first}")
            self.lines[(*path, key)] = _line(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        kind = str(node.tag).removeprefix(_TAG)
        pattern = self._core.get(kind)
        if pattern is None:
            return _joined(text)
        if not pattern.match(text):
            raise self._error(node, f"{text!r} is not of the type {kind}")
        try:
            return _plain(kind, text)
        except ValueError as error:
            raise self._error(node, "a number with too many digits") from error

    def _error(self, node: Any, message: str) -> DocumentError:
        mark = node.start_mark
        return DocumentError(message, where=f"{self._name}:{mark.line + 1}:{mark.column + 1}")


def _plain(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE_1_1
    if kind == "int":
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    return float(re.sub(r"\.(?=[in])", "", text.lower()))  # Python says inf and nan without the dot


def _joined(text: str) -> str:
    """Surrogate pairs, as JSON escapes write them, joined into the characters they mean."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1

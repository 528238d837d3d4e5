"""The kinds of single values a setting can have: how each is read, checked, described and shown.

Plain classes, because every command makes them all when it starts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from workflow_cli.settings.secret import Secret


class BadValue(ValueError):
    """A value is not of its kind; the message says what was expected, `part` where in a value of several parts.

    `others` are the faults of its other parts.
    """

    def __init__(self, message: str, part: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.part = part
        self.others: tuple[BadValue, ...] = ()


class Flag:
    """true or false."""

    expected = "true or false"

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return value

    def from_text(self, text: str) -> Any:
        return {"true": True, "1": True, "yes": True, "on": True}.get(
            text.lower(), {"false": False, "0": False, "no": False, "off": False}.get(text.lower(), text)
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole:
    """A whole number between two bounds, both included."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    @property
    def expected(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def parse(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return value

    def from_text(self, text: str) -> Any:
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else text

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Share:
    """A part of a whole, from 0 to 1."""

    expected = "a number from 0 to 1"

    def parse(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return float(value)

    def from_text(self, text: str) -> Any:
        return float(text) if re.fullmatch(r"[0-9]{0,3}\.?[0-9]{1,9}", text) else text

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "maximum": 1}


class Decimal:
    """A number between two bounds, both included."""

    def __init__(self, least: float, most: float) -> None:
        self.least = least
        self.most = most

    @property
    def expected(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"

    def parse(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.least <= value <= self.most:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return value

    def from_text(self, text: str) -> Any:
        if re.fullmatch(r"[0-9]{1,18}", text):
            return int(text)
        return float(text) if re.fullmatch(r"[0-9]{0,15}\.[0-9]{1,9}", text) else text

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class Size:
    """A number of bytes, plain or with a unit; units are powers of 1024 (KiB) or 1000 (kB)."""

    expected = "a number of bytes, such as 10485760 or 10 MiB"
    _FORM: ClassVar = r"([0-9]{1,15}) ?(B|kB|MB|GB|KiB|MiB|GiB)?"
    _UNITS: ClassVar = {
        "B": 1,
        "kB": 1000,
        "MB": 1000**2,
        "GB": 1000**3,
        "KiB": 1024,
        "MiB": 1024**2,
        "GiB": 1024**3,
    }

    def parse(self, value: Any) -> int:
        found = None if isinstance(value, bool) else re.fullmatch(self._FORM, str(value))
        if not found or int(found[1]) == 0:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return int(found[1]) * self._UNITS[found[2] or "B"]

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{self._FORM}$"}]}


class Choice:
    """One word of a few."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.words)

    def parse(self, value: Any) -> str:
        if value not in self.words:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return str(value)

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class Word:
    """A word without spaces, such as the id of a rule."""

    expected = "a word without spaces"

    def parse(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"\S+", value):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return value

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\S+$"}


class OneLine:
    """A line of text, or null for none."""

    def __init__(self, most: int) -> None:
        self.most = most

    @property
    def expected(self) -> str:
        return f"one line of at most {self.most} characters, or null for none"

    def parse(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > self.most:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return value

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.most}


class CommandLine:
    """A program and its arguments, or null for none; no shell reads them."""

    expected = "a list of a program and its arguments, or null for none"

    def parse(self, value: Any) -> tuple[str, ...] | None:
        if value is None:
            return None
        texts = isinstance(value, (list, tuple)) and all(isinstance(part, str) and "\0" not in part for part in value)
        if not texts or not value or not value[0]:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return tuple(value)

    def from_text(self, text: str) -> Any:
        import shlex

        try:
            return shlex.split(text)
        except ValueError:
            return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1}


class FilePath:
    """A path; with `inside` a project's own file may only name places under its root."""

    def __init__(self, *, inside: bool = False, optional: bool = True) -> None:
        self.inside = inside
        self.optional = optional

    @property
    def expected(self) -> str:
        return "a path, or null for none" if self.optional else "a path"

    def parse(self, value: Any) -> Path | None:
        if value is None and self.optional:
            return None
        if not isinstance(value, (str, Path)) or not str(value) or "\0" in str(value):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return Path(os.path.expanduser(value))

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"] if self.optional else "string"}


class WebAddress:
    """An http or https address without a user name or password in it."""

    expected = "an address such as http://127.0.0.1:1234"

    def parse(self, value: Any) -> str:
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value if isinstance(value, str) else "")
            good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
        except ValueError:
            good = False
        if not good:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        if parts.username is not None or parts.password is not None:
            raise BadValue("an address holds no user name or password; a token goes into LM_API_TOKEN")
        return str(value).rstrip("/")

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri", "pattern": "^https?://"}


class SecretText:
    """A secret, or null for none."""

    expected = "a text, or null for none"

    def parse(self, value: Any) -> Secret | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise BadValue(f"expected {self.expected}")  # without what was found
        return Secret(value) if value else None

    def from_text(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "writeOnly": True}


def each_part(value: Mapping[str, Any], parse: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Every entry parsed. Raises BadValue with the faults of all of them."""
    parsed: dict[str, Any] = {}
    faults: list[BadValue] = []
    for name, item in value.items():
        try:
            parsed[name] = parse(name, item)
        except BadValue as error:
            faults.append(error)
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]
    return parsed


def plain(value: Any) -> Any:
    """`value` as JSON has it: paths and secrets as strings, tuples as lists."""
    if isinstance(value, (Path, Secret)):
        return str(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return value


def shown(value: Any) -> str:
    """`value` as an error quotes it: one short line."""
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""The kinds of values that are made of others: none or one, several, or one for each name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workflow_cli.settings.kinds import BadValue, each_part, shown

if TYPE_CHECKING:
    from workflow_cli.settings.kind import Kind


class Optional:
    """A value of another kind, or null for none."""

    __slots__ = ("kind",)

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    @property
    def expected(self) -> str:
        return f"{self.kind.expected}, or null for none"

    def parse(self, value: Any) -> Any:
        return None if value is None else self.kind.parse(value)

    def from_text(self, text: str) -> Any:
        return self.kind.from_text(text)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.kind.schema(), {"type": "null"}]}


class ListOf:
    """A list without repetitions; in the environment its items are separated by commas."""

    def __init__(self, item: Kind, *, may_be_empty: bool = True) -> None:
        self.item = item
        self.may_be_empty = may_be_empty

    @property
    def expected(self) -> str:
        return f"a list, each item {self.item.expected}"

    def parse(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        if not value and not self.may_be_empty:
            raise BadValue(f"expected at least one item, each {self.item.expected}; found none")
        return tuple(dict.fromkeys(self.item.parse(item) for item in value))

    def from_text(self, text: str) -> Any:
        return [self.item.from_text(part.strip()) for part in text.split(",") if part.strip()]

    def schema(self) -> dict[str, Any]:
        least = {} if self.may_be_empty else {"minItems": 1}
        return {"type": "array", "items": self.item.schema(), "uniqueItems": True, **least}


class OneOrMore:
    """A list without repetitions, or its only item by itself; in the environment items are separated by spaces."""

    def __init__(self, item: Kind) -> None:
        self.item = item

    @property
    def expected(self) -> str:
        return f"{self.item.expected}, or a list of such"

    def parse(self, value: Any) -> tuple[Any, ...]:
        items = value if isinstance(value, (list, tuple)) else [value]
        if not items:
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return tuple(dict.fromkeys(self.item.parse(item) for item in items))

    def from_text(self, text: str) -> Any:
        return [self.item.from_text(part) for part in text.split()]

    def schema(self) -> dict[str, Any]:
        one = self.item.schema()
        return {"anyOf": [one, {"type": "array", "items": one, "uniqueItems": True, "minItems": 1}]}


class MappingTo:
    """A mapping from words, or from `keys` alone; in the environment `word=value` pairs are separated by commas."""

    def __init__(self, key: str, item: Kind, keys: tuple[str, ...] | None = None) -> None:
        self.key = key
        self.item = item
        self.keys = keys

    @property
    def expected(self) -> str:
        known = f" ({', '.join(self.keys)})" if self.keys else ""
        return f"a mapping from {self.key}{known} to {self.item.expected}"

    def parse(self, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return MappingProxyType(each_part(value, self._item))

    def _item(self, name: str, value: Any) -> Any:
        if self.keys is not None and name not in self.keys:
            raise BadValue(f"no {self.key} {shown(name)}; there are {', '.join(self.keys)}", (name,))
        try:
            return self.item.parse(value)
        except BadValue as error:
            raise BadValue(f"{name}: {error}", (name, *error.part)) from error

    def from_text(self, text: str) -> Any:
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        return {name.strip(): self.item.from_text(value.strip()) for name, _, value in pairs}

    def schema(self) -> dict[str, Any]:
        names = {} if self.keys is None else {"propertyNames": {"enum": list(self.keys)}}
        return {"type": "object", "additionalProperties": self.item.schema(), **names}

"""What every kind of value can do. No command needs it to run, and a protocol takes longer to make than the kinds."""

from __future__ import annotations

from typing import Any, Protocol


class Kind(Protocol):
    """`parse` takes what a file holds and raises BadValue; `from_text` makes that of a variable's text."""

    @property
    def expected(self) -> str: ...
    def parse(self, value: Any) -> Any: ...
    def from_text(self, text: str) -> Any: ...
    def schema(self) -> dict[str, Any]: ...

"""`${VARIABLE}` in the configuration of servers, as the hosts of MCP servers write it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\$\{([^${}]*)\}")
_NAME = re.compile(r"(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\Z", re.S)


class BadServer(ValueError):
    """The configuration of one server cannot be used; the message says why, and holds no secret."""


def expanded(text: str, environment: Mapping[str, str]) -> str:
    """`text` with `${NAME}`, `${env:NAME}` and `${NAME:-default}` replaced. Raises BadServer for one without a value.

    An empty variable counts as one without a value where there is a default, as in a shell.
    """

    def value(place: re.Match[str]) -> str:
        named = _NAME.match(place[1])
        if named is None:
            raise BadServer(f"{place[0]} is no variable that is known here")
        found = environment.get(named[1])
        if named[2] is not None:
            return found or named[2]
        if found is None:
            raise BadServer(f"{place[0]} has no value: set the variable {named[1]}")
        return found

    return _PLACE.sub(value, text)


def values_in(text: str, environment: Mapping[str, str]) -> list[str]:
    """What each variable of the text stands for."""
    return [expanded(place[0], environment) for place in _PLACE.finditer(text)]

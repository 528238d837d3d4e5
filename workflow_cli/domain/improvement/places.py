"""One name for a place in the specs, however it was written: `cart/Requirement: Limits > Scenario: Too many`.

Answers cite full addresses, people name places as they like; both have to mean the same place to be compared.
"""

from __future__ import annotations

import re

_FULL = re.compile(r"openspec/specs/(?P<capability>[^#]+)/spec\.md#(?P<address>.*)", re.S)
_REQUIREMENT = re.compile(r"(?:^|> )\s*(Requirement:.*)", re.S)


def place_of(address: str) -> str:
    """The short name of a place in a main spec; anything else is as it was written."""
    full = _FULL.fullmatch(address)
    if full is not None:
        requirement = _REQUIREMENT.search(full["address"])
        return f"{full['capability']}/{_spaced(requirement[1])}" if requirement else address
    capability, slash, rest = address.partition("/Requirement:")
    if slash and "#" not in capability:
        return f"{capability}/{_spaced(f'Requirement:{rest}')}"
    return address


def _spaced(text: str) -> str:
    return " ".join(text.split())

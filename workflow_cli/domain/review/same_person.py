"""Whether two names are one person's."""

from __future__ import annotations

import re


def is_same_person(one: str, other: str) -> bool:
    """By address where both have one, else by name."""
    addresses = [re.search(r"<([^<>]+)>\s*\Z", name) for name in (one, other)]
    if addresses[0] and addresses[1]:
        return addresses[0][1].casefold() == addresses[1][1].casefold()
    plain = [re.sub(r"\s*<[^<>]*>\s*\Z", "", name) for name in (one, other)]
    return " ".join(plain[0].split()).casefold() == " ".join(plain[1].split()).casefold()

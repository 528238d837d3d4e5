"""What the repair of a rule made of one recorded document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """`id` is the hash of the document's bytes. `failing`: the rule found something in it.

    `mended`: afterwards it finds nothing more. `spoilt`: something else is found then, the repair made a second time makes
    something else of it, or a document that passed was changed.
    """

    id: str
    failing: bool
    mended: bool
    spoilt: bool

"""Which questions choose, which decide, and which are kept for the audit.

By hash of the cluster, so that paraphrases of one question are never on both sides, and nobody assigns them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

#: An event that helped to decide so often decides no more.
USES = 5


class Part(StrEnum):
    DEV = "dev"
    CONFIRM = "confirm"
    VAULT = "vault"


@lru_cache(maxsize=65536)
def part_of(cluster: str) -> Part:
    """DEV for 50 %, CONFIRM for 30 %, VAULT for 20 % of all clusters."""
    number = int.from_bytes(hashlib.sha256(b"split/1\0" + cluster.encode("utf-8", "surrogatepass")).digest()[:4])
    share = number / 2**32
    return Part.DEV if share < 0.5 else Part.CONFIRM if share < 0.8 else Part.VAULT


def may_decide(cluster: str, item: str, uses: Mapping[str, int]) -> bool:
    """Whether an item's cluster is of CONFIRM and the item not used up; `uses` counts the experiments it helped to decide."""
    return part_of(cluster) is Part.CONFIRM and uses.get(item, 0) < USES

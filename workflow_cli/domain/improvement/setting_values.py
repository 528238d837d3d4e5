"""Settings as the loop sees them: names and plain values, with a fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: Full names, such as `answers.cache_ttl`, to what JSON can hold.
Settings = Mapping[str, Any]


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no spaces: equal values have equal bytes. Raises ValueError for NaN."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )


def fingerprint(value: Any, *, length: int = 16) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:length]


def with_changes(settings: Settings, changes: Settings) -> Settings:
    return {**settings, **changes}


def before(settings: Settings, changes: Settings) -> Settings:
    """What the changes replace; None for what was not there."""
    return {name: settings.get(name) for name in changes}

"""Work that makes many objects and no cycles, without looking for some in between."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            # What was made is taken for old, or all of it would be looked through at once.
            gc.freeze()
            gc.unfreeze()
            gc.enable()

"""Running a coroutine that waits for nothing, without an event loop, which takes longer to import than to answer."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class Waits(Exception):
    """The coroutine waits for something, and has been closed; call it anew in an event loop."""


def run_now(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """What the coroutine returns. Raises Waits where it would have to wait, and whatever it raises."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    except RuntimeError as error:
        # Whoever asks for the running loop, to wait in it, is told so before it can wait.
        if "no running event loop" in str(error):
            raise Waits from error
        raise
    coroutine.close()
    raise Waits

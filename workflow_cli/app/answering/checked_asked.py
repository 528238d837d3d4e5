"""A question as a caller hands it in, with everything about it checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.context import checked_context
from workflow_cli.domain.answering.kind import kind_of
from workflow_cli.domain.answering.route import ANSWERERS
from workflow_cli.errors import UsageError


def checked_answerers(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Raises UsageError for one that there is not."""
    for name in names or ():
        if name not in ANSWERERS:
            raise UsageError(f"no answerer {name!r}", where="--answerer", hint="there are " + ", ".join(ANSWERERS))
    return None if names is None else tuple(dict.fromkeys(names))


def checked_asked(
    text: str,
    *,
    change: str | None,
    context: Mapping[str, object],
    changes: Callable[[], Collection[str]],
    more_keys: Collection[str] = (),
    asker: str | None = None,
    answerers: tuple[str, ...] | None = None,
) -> Asked:
    """`text` was checked before. `changes` gives the names of all changes, and is only called where one is named.

    Raises UsageError for a change that there is not, FaultyInput for the context.
    """
    if change is not None and change not in (known := changes()):
        raise UsageError(f"no change {change!r}", where="--change", hint=_nearest(change, known))
    return Asked(
        text=text,
        kind=kind_of(text),
        change=change,
        context=checked_context(context, more_keys=more_keys),
        asker=asker,
        answerers=answerers,
    )


def _nearest(change: str, changes: Collection[str]) -> str:
    from difflib import get_close_matches

    nearest = get_close_matches(change, changes, n=3)
    return f"nearest: {', '.join(nearest)}" if nearest else "workflow process --changes lists them"

"""The ids of events so far, as far back as one may come again: a line that is there twice counts once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from operator import lt

_LEAST_TO_FORGET = 20_000


class SeenIds:
    """Ids sort by time, so most runs of them only rise, and then none can have been there. Such runs are kept as they are
    until somebody has to look into them.
    """

    def __init__(self) -> None:
        self._when: dict[str, float] = {}
        self._runs: list[tuple[float, Sequence[str], Sequence[datetime]]] = []
        self._greatest = ""
        self._forget_from = _LEAST_TO_FORGET

    def take(self, ids: Sequence[str], moments: Sequence[datetime], newest: float) -> bool:
        """Keep them; False, with none of them kept, where one is empty or was there before. `newest` is of them."""
        if ids[0] > self._greatest and all(map(lt, ids, islice(ids, 1, None))):
            self._runs.append((newest, ids, moments))
            self._greatest = ids[-1]
            return True
        when = self._looked_into()
        if not all(ids) or len(set(ids)) < len(ids) or not when.keys().isdisjoint(ids):
            return False
        when.update(zip(ids, [moment.timestamp() for moment in moments], strict=True))
        self._greatest = max(self._greatest, max(ids))
        return True

    def when(self, id: str) -> float | None:
        """The moment of the event that has the id; None where there was none, or where it was forgotten."""
        return self._looked_into().get(id)

    def keep(self, id: str, at: float) -> None:
        self._looked_into()[id] = at
        self._greatest = max(self._greatest, id)

    def forget(self, oldest: float) -> None:
        """Let go of those before, where there are enough of them to be worth the time."""
        gone = 0
        while gone < len(self._runs) and self._runs[gone][0] < oldest:
            gone += 1
        del self._runs[:gone]
        if len(self._when) > self._forget_from:
            self._when = {id: at for id, at in self._when.items() if at >= oldest}
            self._forget_from = max(_LEAST_TO_FORGET, 2 * len(self._when))

    def since(self, oldest: float) -> list[list[object]]:
        """The ids with their moments, sorted."""
        when = self._looked_into()
        return [[id, at] for id, at in sorted(when.items()) if at >= oldest]

    def remember(self, ids: Iterable[Sequence[object]]) -> None:
        """Take back what `since` gave; all others are forgotten."""
        self._when = dict(ids)  # type: ignore[arg-type]
        self._runs = []
        self._greatest = max(self._when, default="")

    def _looked_into(self) -> dict[str, float]:
        for _, ids, moments in self._runs:
            self._when.update(zip(ids, [moment.timestamp() for moment in moments], strict=True))
        self._runs = []
        return self._when

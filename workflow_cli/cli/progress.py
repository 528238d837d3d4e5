"""A progress bar on stderr, for people only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Fewer items are done before a bar could be read.
_WORTH_A_BAR = 20


@contextmanager
def progress_bar(total: int, *, shown: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Yields what to call before each item; nothing is drawn where stderr is no terminal."""
    if not shown or total < _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda done, total, name: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def advance(done: int, _total: int, name: str) -> None:
            bar.update(task, completed=done, description="".join(c for c in name if c.isprintable())[:60])

        yield advance

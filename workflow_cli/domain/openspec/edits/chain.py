"""An operation that takes several steps, each on what the one before it left."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.openspec.edits.ledger import Ledger
from workflow_cli.domain.openspec.edits.page import Page


class Chain:
    """`page` is the document after the steps so far; `edits` lead there from the page it began with."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._ledger = Ledger(page.source.data)

    def make(self, edits: Sequence[Edit]) -> Page:
        self._ledger.make(edits)
        self.page = Page(apply(self.page.source, edits), self.page.kind, self.page.path, self.page.main)
        return self.page

    @property
    def edits(self) -> tuple[Edit, ...]:
        return self._ledger.edits

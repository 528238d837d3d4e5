"""Takes specs and changes through validate, analyse, ask and draft, and reports what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from workflow_cli.app.process_events import record_item
from workflow_cli.app.process_item import ItemSteps, as_reported
from workflow_cli.app.process_options import ProcessOptions
from workflow_cli.app.report import (
    Degraded,
    DraftOffer,
    DraftState,
    Item,
    ItemFault,
    ItemKind,
    Report,
    StepOutcome,
)
from workflow_cli.app.selection import Selection
from workflow_cli.app.steps import Steps
from workflow_cli.domain.digest import digest
from workflow_cli.errors import StaleDocument

if TYPE_CHECKING:
    from workflow_cli.app.ports import (
        Clock,
        Documents,
        EventLog,
        ModelReviews,
        QuestionFormat,
        Review,
        SpecTree,
        StepRecord,
    )

#: Repairs committed in one item in one run; each makes a finding go, so no item needs as many.
_MOST_FIXES = 1000
#: How often a repair of one item is drafted anew because its document was written in the meantime.
_MOST_LOOKS = 20

#: Called before each item with how many are done, how many there are, and the item's name.
Progress = Callable[[int, int, str], None]


class Process:
    """One run over one tree."""

    def __init__(
        self,
        tree: SpecTree,
        record: StepRecord,
        questions: QuestionFormat,
        documents: Callable[[], Documents],
        events: EventLog,
        clock: Clock,
        options: ProcessOptions,
        review: Review | None = None,
        model: ModelReviews | None = None,
    ) -> None:
        self._record = record
        self._events = events
        self._options = options
        self._review = review
        self._unmended: list[ItemFault] = []
        salt = digest([options.version, tree.common_fingerprint()])
        steps = Steps(record, clock, salt=salt, fresh=options.fresh)
        self._each = ItemSteps(tree, steps, questions, documents, clock, options, model)

    def run(self, selection: Selection, progress: Progress | None = None) -> Report:
        """Every selected item, one after the other; one that fails does not stop the others."""
        wanted: list[tuple[ItemKind, str]] = [
            *((ItemKind.SPEC, id) for id in selection.specs),
            *((ItemKind.CHANGE, name) for name in selection.changes),
        ]
        items: list[Item] = []
        for index, (kind, id) in enumerate(wanted):
            if progress:
                progress(index, len(wanted), id)
            item = self._fixed(kind, id) if self._options.may_fix and self._review else self._each.item(kind, id)
            items.append(item)
            record_item(self._events, item)
            if any(step.name == "ask" and step.outcome is StepOutcome.DONE for step in item.steps):
                from workflow_cli.app.feedback.record_finding_verdict import record_answers

                record_answers(self._events, item)
        ordered = selection.changes and "validate" in self._options.steps
        order = self._each.around.order(selection.changes) if ordered else ()
        degraded = [Degraded(what="record", why=self._record.degraded)] if self._record.degraded else []
        degraded += [Degraded(what="questions", why=why) for why in self._each.asking.unwritten]
        degraded += [Degraded(what="model", why=why) for why in self._each.model.missing]
        return Report(
            root=self._options.root,
            items=items,
            strict=self._options.strict,
            fail_level=self._options.fail_level,
            order=order,
            degraded=degraded,
            faults=(*self._each.asking.faults, *self._unmended),
        )

    def _left(self, item: Item) -> tuple[DraftOffer, ...]:
        """What nobody asked to have mended, and is offered."""
        return tuple(draft for draft in item.drafts if draft.rule not in self._options.fixed)

    def _fixed(self, kind: ItemKind, id: str) -> Item:
        """The item after every repair that may be committed, and with those that wait for a person."""
        review = self._review
        assert review is not None
        committed: list[DraftOffer] = []
        waiting: dict[str, DraftOffer] = {}
        looks = _MOST_LOOKS
        # A model reads the item once, when all that may be mended is.
        self._each.model.pause()
        while True:
            item = self._each.item(kind, id)
            # What may be written comes first: a commit makes the drafts for the same document stale.
            wanted = [o for o in self._each.offers if self._options.fix or o.rule in self._options.fixed]
            offers = [o for o in wanted if o.draft.id not in waiting]
            free = (o for o in offers if not review.needs_approval(o.draft))
            offer = next(free, offers[0] if offers else None)
            if offer is None and self._each.model.resume():
                continue
            if offer is None or len(committed) == _MOST_FIXES:
                others = () if self._options.fix else self._left(item)
                return replace(item, drafts=(*committed, *waiting.values(), *others))
            try:
                submitted = review.submit(offer.draft)
            except StaleDocument as error:
                # Another run may have mended the same, or a person saved the document: then this was of an older text.
                looks -= 1
                if not looks:
                    message = f"{offer.rule} in {id} is not mended: {error.message}"
                    self._unmended.append(ItemFault(message=message, where=error.where, hint=error.hint))
                    return replace(item, drafts=(*committed, *waiting.values(), *self._left(item)))
                self._each.look_anew()
                continue
            if submitted.revision is None:
                waiting[offer.draft.id] = as_reported(offer, DraftState.WAITING)
            else:
                committed.append(as_reported(offer, DraftState.COMMITTED, submitted.revision.number))
                self._each.look_anew()

"""The events a draft leaves on its way: one each time its fate is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.domain.review.approval_record import change_of
from workflow_cli.domain.review.draft import UNDOES, Author, AuthorKind, Draft
from workflow_cli.domain.review.revision import Revision

if TYPE_CHECKING:
    from workflow_cli.app.ports import EventLog

#: What binds the revision that records a decision to the draft it is about.
APPROVES = "approves"


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftEvents:
    """`revisions` reads the history, which is looked at only where something is undone."""

    events: EventLog
    revisions: Callable[[], Sequence[Revision]]

    def happened(self, outcome: str, draft: Draft, rules: Sequence[str]) -> None:
        """Tell that a draft was `drafted`, `approved`, `rejected` or `dropped`; `rules` are why it needs a person."""
        self._append(outcome, draft.id, draft.author, rules, change=_name_of(change_of(draft)))

    def committed(self, draft: Draft, revision: Revision) -> None:
        """Tell that a draft was written and, where it takes another one back, that this one was undone."""
        if APPROVES in draft.provenance:
            return  # the decision has its own event
        change = _name_of(change_of(draft))
        self._append(
            "committed",
            draft.id,
            draft.author,
            revision.reasons,
            change=change,
            revision=revision.number,
            documents=[file.path for file in revision.files],
        )
        if UNDOES not in draft.provenance:
            return
        undone = next((r for r in self.revisions() if r.id == draft.provenance[UNDOES]), None)
        if undone is not None:
            self._append(
                "undone",
                undone.draft[: len(draft.id)],
                undone.author,
                undone.reasons,
                change=change,
                revision=undone.number,
                by_draft=draft.id,
            )

    def _append(self, outcome: str, id: str, author: Author, rules: Sequence[str], **more: object) -> None:
        self.events.append(
            {
                "kind": "draft",
                "outcome": outcome,
                "draft": id,
                "author_kind": author.kind.value,
                # Who a person is stands in the history alone.
                "author": None if author.kind is AuthorKind.PERSON else author.name,
                "reasons": list(dict.fromkeys(rules)),
                **more,
            }
        )


def _name_of(directory: str | None) -> str | None:
    return None if directory is None else directory.rpartition("/")[2]

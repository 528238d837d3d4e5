"""Drafts that agents make: always kept for a person, whatever the policy would let pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflow_cli.app.update_documents import UpdateDocuments
from workflow_cli.domain.review.draft import Author, AuthorKind
from workflow_cli.errors import AlreadyThere, Refused, SaidAlready, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.misfits import Misfit
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.propose_change import ProposalRequest, ProposeChange, Proposed
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.app.update_documents import Prepared, Request
    from workflow_cli.domain.review.draft import Draft
    from workflow_cli.domain.review.policy import Reason

#: Nobody reviews more, and an agent in a loop must not fill the disk.
MOST_WAITING = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A draft that waits now; `reasons` is what the policy has to say about it.

    `misfits` is what would be wrong with open changes.
    """

    draft: Draft
    reasons: tuple[Reason, ...]
    unchanged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgentDrafts:
    """`agent` is the name of who drafts. What it wrote is marked as a model's, which no policy forgets."""

    documents: Documents
    review: ReviewDrafts
    agent: str

    @property
    def author(self) -> Author:
        return Author(kind=AuthorKind.MODEL, name=self.agent)

    def update(self, requests: Sequence[Request], *, because: str | None) -> Kept:
        """Draft edits. Raises what preparing them raises, and what `_keep` raises."""
        use_case = UpdateDocuments(
            documents=self.documents, needs_approval=self.review.needs_approval, author=self.author, because=because
        )
        with self.documents.lock():
            prepared: Prepared = use_case.prepare(requests)
            if prepared.draft.is_empty:
                raise AlreadyThere(
                    "the documents say that already: " + "; ".join(prepared.unchanged), hint="there is nothing to draft"
                )
            return self._keep(prepared.draft, unchanged=prepared.unchanged, warnings=prepared.warnings)

    def propose(self, propose: ProposeChange, request: ProposalRequest, *, even_so: bool) -> tuple[Proposed, Kept]:
        """Draft a new change. Raises SaidAlready where the tree says it already, unless `even_so`."""
        with self.documents.lock():
            proposed = propose.prepare(request)
            if proposed.duplicates and not even_so:
                said = "; ".join(f"{one.place}: {one.quote}" for one in proposed.duplicates[:3])
                raise SaidAlready(
                    f"the tree says it already: {said}", hint="change what is there, or say that it is meant"
                )
            return proposed, self._keep(replace(proposed.draft, author=self.author))

    def _keep(self, draft: Draft, *, unchanged: Sequence[str] = (), warnings: Sequence[str] = ()) -> Kept:
        """Raises DraftRejected where a person said no to it, Refused where too many drafts wait."""
        reasons = self.review.needs_approval(draft)
        self.review.approval_of(draft)
        waiting = self.review.drafts.ids()
        if draft.id not in waiting and len(waiting) >= MOST_WAITING:
            raise Refused(
                f"{len(waiting)} drafts wait for a person, and no more are taken",
                hint="a person decides about them: workflow review list",
            )
        self.review.keep_waiting(draft, reasons)
        return Kept(draft=draft, reasons=tuple(reasons), unchanged=tuple(unchanged), warnings=tuple(warnings))


def agent_name(*named: str | None) -> str:
    """The first name that says something, on one line and of a bounded length. Raises UsageError where none does."""
    for name in named:
        plain = " ".join("".join(c if c.isprintable() else " " for c in name or "").split())[:80]
        if plain:
            return plain
    raise UsageError("who asks is not known", hint="give `agent`, a name for whoever reviews it")

"""What its author takes back again before it was agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.review.draft import UNDOES, AuthorKind, Draft
from workflow_cli.domain.review.meaning.subject import DELTA_PATH
from workflow_cli.domain.review.revision import Revision
from workflow_cli.domain.review.same_person import is_same_person


def taken_back(draft: Draft, revisions: Sequence[Revision]) -> frozenset[str]:
    """Deltas from which the draft only takes what its author had added, by an edit that needed no approval.

    What such an edit had put there weakened nothing, and was nobody else's: without it the delta says what it said
    before. An undo of an undo is not meant, because that may take away what somebody else had written.
    """
    undone = next((r for r in revisions if r.id == draft.provenance.get(UNDOES)), None)
    if (
        undone is None
        or undone.reasons
        or UNDOES in undone.provenance
        or not draft.author.kind is undone.author.kind is AuthorKind.PERSON
        or not is_same_person(draft.author.name, undone.author.name)
    ):
        return frozenset()
    return frozenset(file.path for file in draft.files if DELTA_PATH.fullmatch(file.path))

"""The events a draft leaves on its way: one each time its fate is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.domain.review.draft import UNDOES, Author, AuthorKind, Draft
from workflow_cli.domain.review.revision import Revision

if TYPE_CHECKING:
    from workflow_cli.app.ports import EventLog

_OPEN = re.compile(r"openspec/changes/(?!archive(?:/|\Z))([^/]+)(?:/.*)?")
_ARCHIVED = re.compile(r"openspec/changes/archive/(?:[0-9]{4}-[0-9]{2}-[0-9]{2}-)?([^/]+)(?:/.*)?")
#: What binds the revision that records a decision to the draft it is about.
APPROVES = "approves"


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftEvents:
    """`revisions` reads the history, which is looked at only where something is undone."""

    events: EventLog
    revisions: Callable[[], Sequence[Revision]]

    def happened(self, outcome: str, draft: Draft, rules: Sequence[str]) -> None:
        """Tell that a draft was `drafted`, `approved`, `rejected` or `dropped`; `rules` are why it needs a person."""
        self._append(outcome, draft.id, draft.author, rules, change=_change_of(draft))

    def committed(self, draft: Draft, revision: Revision) -> None:
        """Tell that a draft was written and, where it takes another one back, that this one was undone."""
        if APPROVES in draft.provenance:
            return  # the decision has its own event
        self._append(
            "committed",
            draft.id,
            draft.author,
            revision.reasons,
            change=_change_of(draft),
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
                change=_change_of(undone),
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


def _change_of(written: Draft | Revision) -> str | None:
    """The name of the one change that it is about, the same before and after it was archived."""
    # A file that lies beside the directories of changes, such as a list of them, belongs to none.
    paths = [file.path.rpartition("/")[0] for file in written.files]
    paths += [path for move in written.moves for path in (move.source, move.target)]
    # Where it moves, its own name is the one outside of the archive: that may begin with a date, too.
    names = _names(_OPEN, paths) or _names(_ARCHIVED, paths)
    return names.pop() if len(names) == 1 else None


def _names(place: re.Pattern[str], paths: Sequence[str]) -> set[str]:
    return {match[1] for path in paths if (match := place.fullmatch(path))}

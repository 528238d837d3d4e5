"""Drafts that need a person: kept waiting, shown, approved or rejected, and committed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from workflow_cli.app.draft_events import APPROVES
from workflow_cli.app.ports import ApprovalFiles, Clock, Documents, Drafts
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.approval_record import ApprovalRecord, approval_paths, change_of, record_of
from workflow_cli.domain.review.draft import ID_DIGITS, UNDOES, Author, AuthorKind, Draft, FileChange, draft_of
from workflow_cli.domain.review.of_the_loop import awaits_decision
from workflow_cli.domain.review.policy import Policy, Reason
from workflow_cli.domain.review.revision import Revision
from workflow_cli.domain.review.same_person import is_same_person
from workflow_cli.errors import DocumentError, DraftRejected, StaleDocument, UsageError

_ID = re.compile(r"[0-9a-f]{4,64}")
#: So many processes in a row may be killed just behind their commit, and nothing of it is left.
_LOOKED_AT = 10
_PLAIN_PATH = re.compile(r"openspec/changes/(?!archive/)[^/]+/(?:proposal|design|tasks)\.md")


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """`revision` is None where the draft waits for a person; `reasons` say why it needed, or needs, one."""

    draft: Draft
    reasons: tuple[Reason, ...]
    revision: Revision | None

    @property
    def waiting(self) -> bool:
        return self.revision is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """`stale` are the files that are no longer what the draft was made against, unless it was its own commit, `revision`,
    that changed them."""

    draft: Draft
    reasons: tuple[Reason, ...]
    stale: tuple[str, ...]
    record: ApprovalRecord | None
    revision: Revision | None = None

    @property
    def state(self) -> str:
        if self.revision is not None:
            return "written"
        if self.record is not None and not self.record.is_approved:
            return "rejected"
        if self.stale:
            return "stale"
        return "approved" if self.record is not None else "waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """`path` is the approval's file. `revision` is what the draft's commit left, if it was committed."""

    draft: Draft
    record: ApprovalRecord
    path: str
    revision: Revision | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A draft, by its id, about which there is nothing left to decide: `revision` is its commit."""

    draft: str
    revision: Revision


@dataclass(frozen=True, kw_only=True)
class ReviewDrafts:
    """`happened` is told what becomes of drafts: `drafted`, `approved`, `rejected` or `dropped`, and the rules behind it.

    That a draft was committed is told by the documents, which write also those that never waited.
    """

    documents: Documents
    drafts: Drafts
    approvals: ApprovalFiles
    policy: Policy
    clock: Clock
    happened: Callable[[str, Draft, Sequence[str]], None] = lambda _outcome, _draft, _rules: None

    # -- for whoever writes ----------------------------------------------------------------------------------

    def needs_approval(self, draft: Draft) -> tuple[Reason, ...]:
        """Why a person must approve it first. What an archived change announces was decided with the change."""
        if self._is_plain(draft):
            return ()
        # Comparing requirements is imported for drafts that may hold some: a ticked task has to be quick.
        from workflow_cli.app.announced import announced_by_moves
        from workflow_cli.domain.review.assess import assess
        from workflow_cli.domain.review.taken_back import taken_back

        return assess(
            draft,
            self.policy,
            announced=announced_by_moves(draft, self.documents.read),
            taken_back=taken_back(draft, self.documents.revisions()) if UNDOES in draft.provenance else frozenset(),
        )

    def _is_plain(self, draft: Draft) -> bool:
        """Whether a person only writes to the proposal, design or tasks of an open change: no rule minds that."""
        return (
            draft.author.kind is AuthorKind.PERSON
            and not draft.moves
            and all(_PLAIN_PATH.fullmatch(file.path) and not self.policy.protects(file.path) for file in draft.files)
        )

    def approval_of(self, draft: Draft) -> Approval | None:
        """The approval of exactly this draft. Raises DraftRejected where somebody said no to it."""
        record = self._record(draft)
        if record is None:
            return None
        approval = record.approval
        if not record.is_approved:
            raise DraftRejected(
                f"{approval.by} rejected draft {draft.id}: {approval.because}",
                by=approval.by,
                because=approval.because,
                hint=f"make another draft, or change the decision: workflow review approve {draft.id}",
            )
        return approval if self._may_approve(approval.by, draft) is None else None

    def keep_waiting(self, draft: Draft, reasons: Sequence[Reason]) -> None:
        """Keep a draft for the person it needs; one that waits already is not told of again."""
        new = draft.id not in self.drafts.ids()
        self.drafts.save(draft, at=self._now())
        if new:
            self.happened("drafted", draft, [reason.rule for reason in reasons])

    def committed(self, draft: Draft) -> None:
        """Somebody made and committed the same draft again: it waits no longer."""
        self.drafts.drop(draft.id)

    def forget_written(self, newest: Iterable[Revision]) -> None:
        """Those of the last revisions wait no longer: a process was killed before it could forget its own."""
        kept = set(self.drafts.ids())
        for revision in islice(newest, _LOOKED_AT if kept else 0):
            draft = self.drafts.load(revision.draft) if revision.draft[:ID_DIGITS] in kept else None
            if draft is not None and self._may_be_written(draft, self._stale(draft)):
                self.drafts.drop(draft.id)

    def submit(self, draft: Draft) -> Submitted:
        """Commit a draft at once where the policy allows it or a person approved it; else keep it waiting.

        Raises what committing raises, and DraftRejected.
        """
        with self.documents.lock():
            reasons = self.needs_approval(draft)
            approval = self.approval_of(draft) if reasons else None
            if reasons and approval is None:
                self.keep_waiting(draft, reasons)
                return Submitted(draft=draft, reasons=reasons, revision=None)
            return Submitted(draft=draft, reasons=reasons, revision=self._commit(draft, approval, reasons))

    # -- for whoever reviews ---------------------------------------------------------------------------------

    def waiting(self, *, damaged: Callable[[DocumentError], None] | None = None) -> list[Waiting]:
        """Every draft that is kept and not written yet, in the order in which they came; rejected ones too.

        Drafts that cannot be read are handed to `damaged`; without it, the first raises its DocumentError.
        """
        found = []
        for id in self.drafts.ids():
            try:
                draft = self.drafts.load(id)
            except DocumentError as error:
                if damaged is None:
                    raise
                damaged(error)
                continue
            if draft is not None and (waiting := self._waiting(draft)).revision is None:
                found.append(waiting)
        return found

    def show(self, id: str) -> Waiting:
        return self._waiting(self._draft(id))

    def approve(self, id: str, *, by: Author, because: str, commit: bool = True) -> Decided | Written:
        """Write the approval down and, with `commit`, commit the draft as it was shown; once each, however often it is said.

        Raises StaleDocument where a file is no longer what the draft was made against, UsageError for an approver
        who must not approve it.
        """
        with self.documents.lock():
            if (written := self._written(id)) is not None:
                self.drafts.drop(written.draft)
                return written
            draft = self._draft(id)
            self._refuse_stale(draft)
            reasons = self.needs_approval(draft)
            record, path = self._decide(draft, Decision.APPROVED, by, because, reasons)
            revision = self._commit(draft, record.approval, reasons) if commit else None
            return Decided(draft=draft, record=record, path=path, revision=revision)

    def reject(self, id: str, *, by: Author, because: str) -> Decided:
        """Write the no down, with its reason. The draft is kept, so that one can still look at it."""
        with self.documents.lock():
            if (written := self._written(id)) is not None:
                raise _nothing_to_decide(written)
            draft = self._draft(id)
            reasons = self.needs_approval(draft)
            record, path = self._decide(draft, Decision.REJECTED, by, because, reasons)
            return Decided(draft=draft, record=record, path=path, revision=None)

    def approve_as_it_is(self, draft: Draft, reasons: Sequence[Reason], *, by: Author, because: str) -> Decided:
        """Approve what is in the tree already, such as edits made by hand: only the approval is written."""
        with self.documents.lock():
            record, path = self._decide(draft, Decision.APPROVED, by, because, reasons)
            return Decided(draft=draft, record=record, path=path, revision=None)

    def drop(self, id: str) -> Draft:
        """Forget a draft that waits. What was decided about it stays written.

        Raises UsageError for one that the loop would make again, as nobody decided about it.
        """
        draft = self._draft(id)
        if awaits_decision(draft) and self._record(draft) is None and not self._waiting(draft).stale:
            raise UsageError(
                "the loop waits for a yes or a no, and would make this draft again",
                where=f"draft {draft.id}",
                hint=f"workflow review reject {draft.id} --because ...",
            )
        self.drafts.drop(draft.id)
        self.happened("dropped", draft, ())
        return draft

    # -- inside ------------------------------------------------------------------------------------------------

    def _draft(self, id: str) -> Draft:
        draft = self._kept(id)
        if draft is None:
            if (written := self._written(id)) is not None:
                raise _nothing_to_decide(written)
            raise UsageError(f"no draft {id!r} waits here", hint="workflow review list")
        return draft

    def _kept(self, id: str) -> Draft | None:
        # At most the hash itself; anything else would be a path, or a pattern.
        return self.drafts.load(id) if _ID.fullmatch(id) else None

    def _written(self, id: str) -> Written | None:
        """The draft whose hash begins so, where it is in the history and nobody took that back.

        It may be kept still, where a process was killed behind its commit. One that could be committed now was made again.
        """
        if not _ID.fullmatch(id):
            return None
        draft = self._kept(id)
        if draft is None:
            return self._in_history(id)
        return self._in_history(draft.hash) if self._may_be_written(draft, self._stale(draft)) else None

    def _in_history(self, hash: str) -> Written | None:
        """The one draft whose hash begins so and that nobody took back."""
        revisions = self.documents.revisions()
        taken_back = {revision.provenance.get(UNDOES) for revision in revisions}
        found = {r.draft: r for r in revisions if r.draft.startswith(hash) and r.id not in taken_back}
        if len(found) != 1:
            return None
        ((whole, revision),) = found.items()
        return Written(draft=whole[:ID_DIGITS], revision=revision)

    def _waiting(self, draft: Draft) -> Waiting:
        stale = self._stale(draft)
        written = self._in_history(draft.hash) if self._may_be_written(draft, stale) else None
        return Waiting(
            draft=draft,
            reasons=self.needs_approval(draft),
            stale=() if written else stale,
            record=self._record(draft),
            revision=written.revision if written else None,
        )

    @staticmethod
    def _may_be_written(draft: Draft, stale: Sequence[str]) -> bool:
        """Not if it could be committed now: no directory is moved twice to where it lies already."""
        return bool(draft.moves or stale)

    def _stale(self, draft: Draft) -> tuple[str, ...]:
        return tuple(f.path for f in draft.files if self.documents.read(f.path) != f.before)

    def _refuse_stale(self, draft: Draft) -> None:
        for path in self._stale(draft):
            raise StaleDocument(
                "the file changed since the draft was made; nothing was written",
                where=path,
                hint="make the draft again; what was said about the old one is void",
            )

    def _record(self, draft: Draft) -> ApprovalRecord | None:
        found = self._recorded(draft)
        return found and found[0]

    def _recorded(self, draft: Draft) -> tuple[ApprovalRecord, str] | None:
        """What was decided about exactly this draft, and the file that says so."""
        for path in approval_paths(draft):
            data = self.documents.read(path)
            if data is not None:
                record = self.approvals.parse(data, path)
                if record.approval.draft == draft.hash and record.is_whole:
                    return record, path
        return None

    def _decide(
        self, draft: Draft, decision: Decision, by: Author, because: str, reasons: Sequence[Reason]
    ) -> tuple[ApprovalRecord, str]:
        if by.kind is not AuthorKind.PERSON:
            raise UsageError(f"{by} cannot decide about drafts; only people can")
        if decision is Decision.APPROVED and (refusal := self._may_approve(by.name, draft)):
            raise UsageError(refusal, where="--as")
        if not because.strip():
            raise UsageError("an approval and a rejection need a reason", where="--because")
        if (known := self._recorded(draft)) is not None:
            said = known[0].approval
            if (said.decision, said.by, said.because) == (decision, by.name, because.strip()):
                return known  # written down before a process was killed, or with --no-commit
        approval = Approval(draft=draft.hash, decision=decision, by=by.name, because=because.strip(), at=self._now())
        record = record_of(draft, approval, reasons)
        path = self._path(draft)
        verb = "approve" if decision is Decision.APPROVED else "reject"
        self.documents.commit(
            draft_of(
                [FileChange(path=path, before=self.documents.read(path), after=self.approvals.render(record))],
                author=by,
                operations=[f"{verb} draft {draft.id}"],
                because=approval.because,
                provenance={APPROVES: draft.hash},
            )
        )
        self.happened(decision.value, draft, [reason.rule for reason in reasons])
        return record, path

    def _path(self, draft: Draft) -> str:
        """In the draft's change, if that is there: an approval alone must not look like a change."""
        change = change_of(draft)
        paths = approval_paths(draft)
        if change is None:
            return paths[-1]
        there = any(file.before is not None and file.path.startswith(f"{change}/") for file in draft.files)
        moves = any(move.source == change for move in draft.moves)
        return paths[0] if there or moves or self.documents.read(f"{change}/proposal.md") is not None else paths[-1]

    def _may_approve(self, name: str, draft: Draft) -> str | None:
        """Why somebody of that name must not approve the draft."""
        own = is_same_person(name, draft.author.name)
        if own and draft.author.kind is not AuthorKind.PERSON:
            return f"{draft.author} wrote the draft and cannot approve it"
        if own and self.policy.other_person:
            return "somebody else than its author must approve a draft here (policy.other_person)"
        return None

    def _commit(self, draft: Draft, approval: Approval | None, reasons: Sequence[Reason]) -> Revision:
        rules = tuple(dict.fromkeys(reason.rule for reason in reasons))
        revision = self.documents.commit(draft, approval=approval, reasons=rules)
        self.drafts.drop(draft.id)
        return revision

    def _now(self) -> str:
        return self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _nothing_to_decide(written: Written) -> UsageError:
    number = written.revision.number
    return UsageError(
        f"draft {written.draft} was written already, in revision {number}", hint=f"workflow history undo {number}"
    )

"""Documents changed by operations: read, drafted, looked over, committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import main_spec_of
from workflow_cli.domain.openspec.archiving.place import ARCHIVE
from workflow_cli.domain.openspec.edits.apply import Edited, apply_operations
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.review.draft import Author, Draft, FileChange, draft_of
from workflow_cli.errors import EditRefused, StaleDocument, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.update_plan import Plan, PlannedFile
    from workflow_cli.domain.openspec.edits.operation import Operation
    from workflow_cli.domain.review.approval import Approval
    from workflow_cli.domain.review.policy import Reason
    from workflow_cli.domain.review.revision import Revision

NeedsApproval = Callable[[Draft], "Sequence[Reason]"]
ApprovalOf = Callable[[Draft], "Approval | None"]
ConfirmDraft = Callable[["Prepared"], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What to do to one document, by its POSIX path from the root."""

    path: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileResult:
    """What the operations on one document came to; `before` None is a document that is new."""

    request: Request
    before: bytes | None
    edited: Edited


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A draft, with why it needs an approval, if it does."""

    draft: Draft
    files: tuple[FileResult, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def done(self) -> list[str]:
        return [f"{file.request.path}: {line}" for file in self.files for line in file.edited.done]

    @property
    def unchanged(self) -> list[str]:
        return [f"{file.request.path}: {line}" for file in self.files for line in file.edited.unchanged]

    @property
    def warnings(self) -> list[str]:
        return [f"{file.request.path}: {line}" for file in self.files for line in file.edited.warnings]


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """`revision` is None where nothing was written: nothing to do, `declined`, or `waiting` for an approval."""

    prepared: Prepared
    revision: Revision | None = None
    waiting: bool = False
    declined: bool = False


def no_approval_needed(_draft: Draft) -> Sequence[Reason]:
    """The policy of a tree that has none."""
    return ()


def no_approval(_draft: Draft) -> Approval | None:
    return None


@dataclass(frozen=True, kw_only=True)
class UpdateDocuments:
    """Carries operations out on documents; nothing is written unless all of them can be."""

    documents: Documents
    needs_approval: NeedsApproval = no_approval_needed
    approval_of: ApprovalOf = no_approval
    author: Author
    because: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, requests: Sequence[Request]) -> Prepared:
        """What would be written, from the documents as they are. Writes nothing.

        Raises EditRefused, AddressNotFound or AddressAmbiguous for the first operation that cannot be carried
        out, DocumentError for a document that cannot be read.
        """
        files = tuple(self._file(request) for request in _joined(requests))
        draft = draft_of(
            [FileChange(path=f.request.path, before=f.before, after=f.edited.data) for f in files if f.edited.edits],
            author=self.author,
            operations=[line for file in files for line in file.edited.done],
            because=self.because,
            provenance=self.provenance,
        )
        return Prepared(draft=draft, files=files, reasons=() if draft.is_empty else tuple(self.needs_approval(draft)))

    def update(self, requests: Sequence[Request], *, confirm: ConfirmDraft | None = None) -> Updated:
        """Prepare and commit as one step. With `confirm`, somebody sees the draft first, outside the lock.

        Raises what `prepare` raises, and StaleDocument where a document changed while it was looked at.
        """
        seen = None
        if confirm is not None:
            seen = self.prepare(requests)
            if not seen.draft.is_empty and not confirm(seen):
                return Updated(prepared=seen, declined=True)
        return self._commit(lambda: self.prepare(requests), seen)

    def apply(self, plan: Plan) -> Updated:
        """Commit what was planned, on documents that may have changed since.

        A change elsewhere in a document does no harm: the operations must only replace the same text by the same
        text as when they were planned. Raises StaleDocument where they would not.
        """
        return self._commit(lambda: self._prepare_plan(plan), None)

    def _commit(self, prepare: Callable[[], Prepared], seen: Prepared | None) -> Updated:
        with self.documents.lock():
            prepared = prepare()
            if prepared.draft.is_empty:
                return Updated(prepared=prepared)
            if seen is not None and prepared.draft.hash != seen.draft.hash:
                raise StaleDocument("a document changed while it was looked at; nothing was written")
            approval = self.approval_of(prepared.draft) if prepared.reasons else None
            if prepared.reasons and approval is None:
                return Updated(prepared=prepared, waiting=True)
            rules = tuple(dict.fromkeys(reason.rule for reason in prepared.reasons))
            return Updated(
                prepared=prepared, revision=self.documents.commit(prepared.draft, approval=approval, reasons=rules)
            )

    def _file(self, request: Request) -> FileResult:
        before = self.documents.read(request.path)
        kind = PageKind.of(request.path)
        if before is None and kind in (PageKind.SPEC, PageKind.OTHER):
            raise EditRefused("there is no such document", where=request.path, hint="a change brings new specs")
        if request.path.startswith(f"{ARCHIVE}/"):
            raise EditRefused(
                "an archived change says what was done, and is not edited",
                where=request.path,
                hint="write a change, or take the archiving back: workflow history undo",
            )
        main = main_spec_of(request.path)
        edited = apply_operations(
            kind,
            before or b"",
            request.operations,
            path=request.path,
            main=self.documents.read(main) if main else None,
        )
        return FileResult(request=request, before=before, edited=edited)

    def _prepare_plan(self, plan: Plan) -> Prepared:
        now = {file.path: self.documents.read(file.path) for file in plan.files}
        for file in plan.files:
            if file.base is not None and now[file.path] is None:
                raise _stale(file.path, "the document is not there any more")
        if all(now[file.path] == file.after for file in plan.files):
            # Not left to the operations: one that took a requirement away no longer finds it.
            return self._nothing_left(plan, now)
        requests = [Request(path=file.path, operations=file.operations) for file in plan.files]
        try:
            prepared = self.prepare(requests)
        except WorkflowError as error:
            if all(file.still_applies(self.documents.read(file.path)) for file in plan.files):
                raise
            raise _stale(error.where, str(error)) from error
        for file, result in zip(plan.files, prepared.files, strict=True):
            _refuse_other_edits(file, result)
        return self._nothing_left(plan, now) if prepared.draft.is_empty else prepared

    def _nothing_left(self, plan: Plan, now: Mapping[str, bytes | None]) -> Prepared:
        """The documents say all of it, whether they were edited elsewhere since or not."""
        files = tuple(
            FileResult(
                request=Request(path=file.path, operations=file.operations),
                before=now[file.path],
                edited=Edited(
                    data=now[file.path] or b"", edits=(), done=(), unchanged=("the plan was carried out already",)
                ),
            )
            for file in plan.files
        )
        return Prepared(draft=draft_of([], author=self.author, operations=(), because=self.because), files=files)


def _refuse_other_edits(file: PlannedFile, result: FileResult) -> None:
    from workflow_cli.app.update_plan import changes_of

    before = result.before or b""
    if file.still_applies(result.before):
        if result.edited.data != file.after or file.changes != changes_of(before, result.edited.edits):
            raise EditRefused(
                "the plan's text is not what its operations make of the document",
                where=file.path,
                hint="plan anew; a plan file is not to be edited",
            )
        return
    if not result.edited.edits:
        return  # the document says all of it already, as after the plan was applied once
    if file.changes != changes_of(before, result.edited.edits):
        line = None
        if result.edited.edits:
            from workflow_cli.domain.markdown.source import Source

            line = Source(before).line_of(result.edited.edits[0].span.start) + 1
        raise _stale(f"{file.path}:{line}" if line else file.path, "somebody else changed the same text")


def _stale(where: str | None, why: str) -> StaleDocument:
    return StaleDocument(
        f"changed since it was planned: {why}; nothing was written", where=where, hint="make the plan again"
    )


def _joined(requests: Sequence[Request]) -> list[Request]:
    """One request for each document, in the order they are first named."""
    by_path: dict[str, tuple[Operation, ...]] = {}
    for request in requests:
        by_path[request.path] = (*by_path.get(request.path, ()), *request.operations)
    return [Request(path=path, operations=operations) for path, operations in by_path.items()]

"""`update` with its documents and review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.errors import AlreadyThere, DocumentError, UsageError
from workflow_cli.wiring import MOST_WRITTEN, file_in_place, person, read_file, replace_file
from workflow_cli.wiring.documents import DocumentsRun

if TYPE_CHECKING:
    from workflow_cli.app.update_documents import ConfirmDraft, Prepared, Request, Updated, UpdateDocuments
    from workflow_cli.domain.review.draft import Author


class UpdateRun(DocumentsRun):
    """One run of `update`, with its documents open; use it as a context manager."""

    _model: str | None = None

    def drafted_by_model(
        self, instruction: str, paths: Sequence[str], *, here: str, because: str | None, dry: bool
    ) -> tuple[list[Request], str | None]:
        """Requests that a model made of an instruction, and the reason for the history; from now on it is their
        author. Raises what `edits_by_instruction` raises, UsageError for a path that names no document.

        A failure is that of the update, unless nothing was to be written (`dry`).
        """
        from workflow_cli.app.model_review.documents_named import excerpts_named
        from workflow_cli.domain.review.draft import Author, AuthorKind
        from workflow_cli.wiring.model_review import edits_by_instruction

        def try_out(requests: Sequence[Request]) -> None:
            self._use_case(Author(kind=AuthorKind.MODEL, name=""), None).prepare(requests)

        failed: dict[str, object] = {"kind": "update", "outcome": "failed"}
        with nullcontext() if dry else self.failure_recorded(failed):
            drafted = edits_by_instruction(
                self._root,
                self._settings,
                self._events,
                instruction=instruction,
                documents=excerpts_named(self.documents, paths, here=here, deltas_of=self._deltas_of),
                try_out=try_out,
            )
        self._model = drafted.model
        return list(drafted.requests), because or drafted.because or instruction

    def prepare(
        self, requests: Sequence[Request], *, author: str | None, because: str | None, plan: Path | None
    ) -> Prepared:
        """The draft, saved to `plan` if that is named. Raises AlreadyThere for a file that is no plan."""
        from workflow_cli.domain.review.draft import Author, AuthorKind

        # Who it is matters to nobody before something is written, and asking git takes a while.
        nobody = Author(kind=AuthorKind.PERSON, name=author or "")
        prepared = self._use_case(self._writing_model or nobody, because).prepare(requests)
        if plan is not None:
            from workflow_cli.app.update_plan import is_plan, plan_of, plan_to_json

            old = file_in_place(plan)
            if old is not None and not is_plan(old):
                raise AlreadyThere("this file is no plan, and is kept", where=str(plan), hint="choose another name")
            data = plan_to_json(plan_of(prepared))
            if len(data) > MOST_WRITTEN:
                hint = "make several smaller plans"
                raise DocumentError(f"the plan is larger than {MOST_WRITTEN} bytes", where=str(plan), hint=hint)
            replace_file(plan, data, base=old)
        return prepared

    def update(
        self, requests: Sequence[Request], *, author: str | None, because: str | None, confirm: ConfirmDraft | None
    ) -> Updated:
        use_case = self._use_case(self._writing_model or person(self._root, author), because)
        return self._recorded(lambda: use_case.update(requests, confirm=confirm))

    def apply(self, file: Path, *, author: str | None, because: str | None) -> Updated:
        """Commit the plan in a file. Raises UsageError for a file that is none, StaleDocument where it is stale."""
        from workflow_cli.app.update_plan import plan_from_json

        data = read_file(file)
        if data is None:
            hint = "workflow update … --plan FILE writes one"
            raise UsageError("there is no such file", where=str(file), hint=hint)
        plan = plan_from_json(data, str(file))
        use_case = self._use_case(person(self._root, author), because or plan.because)
        return self._recorded(lambda: use_case.apply(plan))

    def _deltas_of(self, directory: str) -> list[str]:
        from workflow_cli.wiring.documents import spec_tree

        change = spec_tree(self._root, self._settings).read_change(directory.rpartition("/")[2])
        return [document.file for _, document in change.delta_documents]

    @property
    def _writing_model(self) -> Author | None:
        if self._model is None:
            return None
        from workflow_cli.domain.review.draft import Author, AuthorKind

        return Author(kind=AuthorKind.MODEL, name=self._model)

    def _use_case(self, author: Author, because: str | None) -> UpdateDocuments:
        from workflow_cli.app.update_documents import UpdateDocuments

        return UpdateDocuments(
            documents=self.documents,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
            author=author,
            because=because,
        )

    def _recorded(self, run: Callable[[], Updated]) -> Updated:
        with self.recorded("update") as event:
            updated = run()
            draft = updated.prepared.draft
            if updated.waiting:
                self.review.keep_waiting(draft, updated.prepared.reasons)
            elif updated.revision is not None and updated.prepared.reasons:
                self.review.committed(draft)
            event |= {
                "outcome": "waiting" if updated.waiting else "written" if updated.revision else "unchanged",
                "documents": len(draft.files),
                "operations": sum(len(file.request.operations) for file in updated.prepared.files),
                "revision": updated.revision.number if updated.revision else None,
            }
            return updated

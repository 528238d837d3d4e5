"""Documents: read, edited, proposed, and their history."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.api.on_project import OnProject
from workflow_cli.api.question_router import check_who
from workflow_cli.errors import AlreadyThere, SaidAlready, UsageError

if TYPE_CHECKING:
    import os

    from workflow_cli.api.results import Degraded, Excerpt, Proposal, Revision, Update
    from workflow_cli.app.agent_drafts import Kept
    from workflow_cli.app.propose_change import ProposalRequest, Proposed
    from workflow_cli.app.update_documents import Updated
    from workflow_cli.wiring.off_loop import GoOn
    from workflow_cli.wiring.update import UpdateRun

#: An edit list, one edit of it, or the loose form `{"performance_improvements": ["caching"], "add_x": True}`.
Edits = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class DocumentManager(OnProject):
    """Reads documents, and writes them as `workflow update` and `propose` do: what the policy wants a person for, waits.

    Paths are those of the commands: from the root, `add-login/design.md`, or a capability for its spec. A write that is cancelled
    before its commit has begun writes nothing; one that has begun is finished, and stands in the history.
    """

    async def read_openspec(self, path: str | os.PathLike[str]) -> Excerpt:
        """The text of a document, or of the place in it that `PATH#ADDRESS` names.

        Raises UsageError where there is no such document, AddressNotFound or AddressAmbiguous, DocumentError.
        """
        project = self._project

        def work() -> Excerpt:
            from workflow_cli.wiring.agents import AgentWork

            with AgentWork(project.root, project.settings) as run:
                return run.read(project.inside(path), from_line=None, most=sys.maxsize)

        return await project.in_thread(work)

    async def update_openspec(
        self,
        path: str | os.PathLike[str],
        updates: Edits,
        *,
        because: str | None = None,
        author: str | None = None,
        agent: str | None = None,
    ) -> Update:
        """Carry edits out on a document: all of them, or none. See `state` of what is returned for whether it was written.

        `updates` are edits as in an `--edits` file, or the loose form: a name with texts makes sure that the section of that name
        has them as list items, a name with True that there is such a task. What is there already changes nothing.

        `author` is the person who does it, by default whom git knows, and `because` the reason, both for the history. What an
        `agent` drafts always waits for a person.

        Raises UsageError where there is no such document, FaultyInput for edits that are none, AddressNotFound or
        AddressAmbiguous, EditRefused, DraftRejected where a person said no to just this, StaleDocument, DocumentError.
        """
        check_who(author, agent)
        project = self._project

        def work(go_on: GoOn) -> Update:
            from workflow_cli.wiring.edit_requests import requests_of
            from workflow_cli.wiring.update import UpdateRun

            with UpdateRun(project.root, project.settings, go_on=go_on) as run:
                requests = requests_of(updates, project.inside(path), run.documents)
                updated = run.update(requests, author=author or project.person, because=because, confirm=None)
                return _updated(updated, run)

        def draft() -> Update:
            from workflow_cli.api.results import Update
            from workflow_cli.app.agent_drafts import agent_name
            from workflow_cli.wiring.agents import AgentWork

            with AgentWork(project.root, project.settings) as run:
                try:
                    kept = run.draft_update(
                        updates, path=project.inside(path), because=because, agent=agent_name(agent)
                    )
                except AlreadyThere as error:
                    return Update(state="unchanged", draft=None, unchanged=(error.message,))
                return _kept(kept, run.events.degraded)

        return await project.writing(work if agent is None else lambda _: draft())

    async def create_proposal(
        self,
        title: str,
        content: str | None = None,
        *,
        capabilities: Sequence[str] = (),
        id: str | None = None,
        because: str | None = None,
        author: str | None = None,
        agent: str | None = None,
        even_if_said: bool = False,
    ) -> Proposal:
        """Write a new change that is strictly valid at once. `content` are notes, whose words are taken over literally.

        `capabilities` are what it changes; otherwise they are told from the notes. `id` names it, instead of the title. What an
        `agent` proposes waits for a person.

        Raises UsageError for a title or notes that say too little, SaidAlready where the tree says it already, unless
        `even_if_said`, and where a change of that name is open; Refused, DraftRejected, DocumentError.
        """
        check_who(author, agent)
        project = self._project

        def request() -> ProposalRequest:
            from workflow_cli.app.propose_change import ProposalRequest

            return ProposalRequest(
                title=title,
                capabilities=tuple(capabilities),
                notes=None if content is None else content.encode("utf-8", "surrogateescape"),
                notes_from="content",
                because=because,
                id=id,
            )

        def work(go_on: GoOn) -> Proposal:
            from workflow_cli.wiring.propose import ProposeRun

            with (
                ProposeRun(project.root, project.settings, author=author or project.person, go_on=go_on) as run,
                run.recorded("propose") as event,
            ):
                run.settle()
                proposed = run.use_case.prepare(request())
                event["change"] = proposed.id
                if proposed.duplicates and not even_if_said:
                    raise _said_already(proposed)
                submitted = run.commit(proposed, event)
                return _proposal(proposed, revision=submitted.revision, degraded=run.degraded)

        def draft() -> Proposal:
            from workflow_cli.app.agent_drafts import agent_name
            from workflow_cli.wiring.agents import AgentWork

            with AgentWork(project.root, project.settings) as run:
                proposed, _ = run.propose(request(), even_so=even_if_said, agent=agent_name(agent))
                return _proposal(proposed, revision=None, degraded=_events(run.events.degraded))

        return await project.writing(work if agent is None else lambda _: draft())

    async def get_change_history(self, path: str | os.PathLike[str]) -> tuple[Revision, ...]:
        """The revisions that touched a document or a directory, under every name it had, newest first.

        Raises UsageError where nothing is there and no revision touched it, DocumentError.
        """
        project = self._project

        def work() -> tuple[Revision, ...]:
            from workflow_cli.app.document_path import locate
            from workflow_cli.wiring.history import HistoryRun

            with HistoryRun(project.root, project.settings) as run:
                named = posixpath.normpath(project.inside(path))
                found = run.documents.revisions(path=named)
                if not found and not (project.root / named).exists():
                    try:
                        found = run.documents.revisions(path=locate(run.documents, named, ()))
                    except UsageError:
                        raise UsageError(
                            "nothing is there, and no revision touched it",
                            where=named,
                            hint="workflow history list names what was",
                        ) from None
                return tuple(reversed(found))

        return await project.in_thread(work)


def _updated(updated: Updated, run: UpdateRun) -> Update:
    from workflow_cli.api.results import Update
    from workflow_cli.domain.review.draft_diff import draft_diff

    prepared = updated.prepared
    draft = prepared.draft
    return Update(
        state="waiting" if updated.waiting else "unchanged" if updated.revision is None else "written",
        draft=None if draft.is_empty else draft.id,
        files=tuple(file.path for file in draft.files),
        operations=tuple(prepared.done),
        unchanged=tuple(prepared.unchanged),
        warnings=tuple(prepared.warnings),
        reasons=prepared.reasons,
        misfits=tuple(run.misfits(draft)),
        diff=draft_diff(draft),
        revision=updated.revision,
        degraded=_degraded(run.degraded),
    )


def _kept(kept: Kept, missing: Sequence[str]) -> Update:
    from workflow_cli.api.results import Update
    from workflow_cli.domain.review.draft_diff import draft_diff

    draft = kept.draft
    return Update(
        state="waiting",
        draft=draft.id,
        files=tuple(file.path for file in draft.files),
        operations=draft.operations,
        unchanged=kept.unchanged,
        warnings=kept.warnings,
        reasons=kept.reasons,
        misfits=kept.misfits,
        diff=draft_diff(draft),
        degraded=_degraded(_events(missing)),
    )


def _proposal(proposed: Proposed, *, revision: Revision | None, degraded: Sequence[Mapping[str, str]]) -> Proposal:
    from workflow_cli.api.results import Proposal
    from workflow_cli.domain.review.draft_diff import draft_diff

    draft = proposed.draft
    return Proposal(
        state="waiting" if revision is None else "written",
        change=proposed.id,
        title=proposed.title,
        path=proposed.directory,
        draft=draft.id,
        files=tuple(file.path for file in draft.files),
        reasons=tuple(proposed.reasons),
        related=tuple(proposed.overlaps),
        questions=tuple(proposed.gaps),
        diff=draft_diff(draft),
        revision=revision,
        degraded=_degraded(degraded),
    )


def _said_already(proposed: Proposed) -> SaidAlready:
    said = "; ".join(f"{one.place}: {one.quote}" for one in proposed.duplicates[:3])
    return SaidAlready(f"the tree says it already: {said}", hint="change what is there, or give even_if_said=True")


def _events(reasons: Sequence[str]) -> list[dict[str, str]]:
    return [{"what": "events", "why": reason} for reason in reasons]


def _degraded(missing: Sequence[Mapping[str, str]]) -> tuple[Degraded, ...]:
    from workflow_cli.api.results import Degraded

    return tuple(Degraded(**one) for one in missing)

"""Every acting cycle as an OpenSpec change, written, carried out and archived like those of people.

Nothing here decides anything: a change that cannot be written or archived now is tried again in the next cycle, and
what kept it is in `problems`. The ledger alone says what was decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.app.improve.own_text import OwnText
from workflow_cli.app.improve.ports import HumanDecision
from workflow_cli.domain.improvement.change_text import (
    CAPABILITY,
    VETO,
    agent_files,
    change_name,
    tuning_files,
    with_result,
)
from workflow_cli.domain.improvement.gap_text import added_requirement, gap_files, requirement_of
from workflow_cli.domain.improvement.places import place_of
from workflow_cli.domain.improvement.real_settings import Path
from workflow_cli.domain.review.draft import Draft, FileChange, draft_of
from workflow_cli.domain.review.of_the_loop import (
    ADVICE,
    AGENT,
    DECIDED,
    EXPERIMENT,
    GAP,
    LOOP,
    PART,
    PROPOSAL,
    RESULT,
    SETTINGS,
    awaits_decision,
)
from workflow_cli.errors import EditRefused, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.improve.context import Context
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.state import Held

CHANGES = "openspec/changes"
_FILES = ("proposal.md", "tasks.md", "experiment.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """What is known of the tree, read anew at each call; `archive` and `undo_archive` write it as the commands do.

    `files` are those in a directory, `obstacle` is what keeps a change from being archived with its specs.

    `archived` gives the names in the archive, `addresses` those of a requirement and its scenarios. `place` is the capability
    that a question is nearest to.
    """

    open: Callable[[], Collection[str]]
    archived: Callable[[], Collection[str]]
    requirements: Callable[[str], Collection[str]]
    addresses: Callable[[str, str], Collection[str]]
    place: Callable[[str], str]
    files: Callable[[str], Collection[str]]
    obstacle: Callable[[str], str | None]
    archive: Callable[[str, bool], None]
    undo_archive: Callable[[str], None]


def _directory(experiment: Experiment) -> str:
    return f"{CHANGES}/{change_name(experiment)}"


class ChangeProposals:
    """See Proposals. `values` gives what changes of knobs are in the file, `current` what is in force; `text_of` the words of a question's hash."""

    def __init__(
        self,
        documents: Documents,
        review: ReviewDrafts,
        tree: Tree,
        *,
        values: Callable[[Mapping[str, Any]], Mapping[Path, Any]],
        current: Callable[[Path], Any],
        text_of: Callable[[str], str | None],
    ) -> None:
        self._documents = documents
        self._review = review
        self._tree = tree
        self._values = values
        self._current = current
        self._text_of = text_of
        self._own = OwnText(documents, tree.files)
        self.problems: list[str] = []

    # -- the port ----------------------------------------------------------------------------------------------

    def open(self, experiment: Experiment) -> None:
        """See Proposals. Experiments whose arms are the same change nothing, and have no change."""
        if not experiment.same:
            self._guarded(experiment, lambda: self._open(experiment))

    def close(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None:
        """See Proposals."""
        if not experiment.same:
            self._guarded(experiment, lambda: self._close(experiment, ruling, numbers))

    def decisions(self) -> Mapping[str, HumanDecision]:
        """See Proposals."""
        found: dict[str, HumanDecision] = {}
        refused: dict[str, HumanDecision] = {}
        for waiting in self._review.waiting(damaged=lambda error: self.problems.append(str(error))):
            if not awaits_decision(waiting.draft) or (record := waiting.record) is None:
                continue
            said = HumanDecision(agreed=record.is_approved, by=record.approval.by, because=record.approval.because)
            of_settings = waiting.draft.provenance.get(PART) in SETTINGS
            if not (of_settings and said.agreed):  # what was agreed to is seen in the settings
                (refused if of_settings else found)[waiting.draft.provenance[EXPERIMENT]] = said
        for revision in self._documents.revisions():
            id, approval = revision.provenance.get(EXPERIMENT), revision.approval
            if id is not None and revision.provenance.get(PART) in DECIDED and approval is not None:
                found[id] = HumanDecision(agreed=True, by=approval.by, because=approval.because)
        return found | refused

    def agreed_to(self, held: Held) -> HumanDecision | None:
        """Who approved just that draft of settings, which wrote it; None where nobody has."""
        for revision in self._documents.revisions() if held.draft else ():
            if revision.draft.startswith(held.draft) and (approval := revision.approval) is not None:
                return HumanDecision(agreed=True, by=approval.by, because=approval.because)
        return None

    def obstacle(self, experiment: Experiment) -> str | None:
        """See Proposals."""
        obstacle = self._in_the_way(experiment)
        if obstacle is not None:
            self.problems.append(f"{change_name(experiment)}: {obstacle}")
        return obstacle

    def _in_the_way(self, experiment: Experiment) -> str | None:
        name, directory = change_name(experiment), _directory(experiment)
        draft = self._kept(experiment)
        if draft is not None and not self._was_written(experiment):
            stale = next((file.path for file in draft.files if self._documents.read(file.path) != file.before), None)
            return None if stale is None else f"{stale} is there already; move it away, or archive {name} yourself"
        if name not in self._tree.open():  # not locked: what is only looked at writes nothing
            return None
        if foreign := self._own.foreign(experiment.id, directory):
            more = f" (nor {len(foreign) - 1} more)" if len(foreign) > 1 else ""
            return (
                f"{foreign[0]} is not what {self._approver(experiment)} approved{more}, so nothing is archived; take that edit back, or "
                f"look at it (git diff) and, if you want it so, workflow archive {name}"
            )
        if (refused := self._tree.obstacle(name)) is not None:
            return f"{refused}; it is tried again once that is gone; to give it up, delete {directory}"
        return None

    def _approver(self, experiment: Experiment) -> str:
        for revision in self._documents.revisions():
            if revision.provenance.get(EXPERIMENT) == experiment.id and revision.approval is not None:
                return revision.approval.by
        return "somebody"

    def is_replaced(self, experiment: Experiment) -> bool:
        """See Proposals."""
        name = change_name(experiment)
        archived = None if name in self._tree.open() else self._archived(name)
        if archived is None:
            return False
        place = f"{CHANGES}/archive/{archived}"
        return bool(self._own.foreign(experiment.id, _directory(experiment), at=place, specs_alone=True))

    def carry_out(self, experiment: Experiment) -> Sequence[str]:
        """See Proposals. The approval committed the change; archiving it puts the requirement into the specs."""
        name = change_name(experiment)
        draft = self._kept(experiment)
        if draft is not None:
            with self._documents.lock():  # which first sees to a commit that was cut off
                written = self._was_written(experiment)
            if written:
                self._review.drop(draft.id)  # a process was killed behind the commit
            else:
                self._review.submit(draft)  # approved with --no-commit
        if name in self._open_changes():
            self._tree.archive(name, False)
        # Where somebody deleted it, a requirement of that name is not what was approved.
        return [] if self._archived(name) is None else self._made(experiment)

    def _made(self, experiment: Experiment) -> list[str]:
        """The addresses of the requirement that a change added and of its scenario."""
        for revision in self._documents.revisions():
            if revision.provenance.get(EXPERIMENT) != experiment.id or revision.provenance.get(PART) != GAP:
                continue
            for file in revision.files:
                if file.path.endswith("/spec.md") and file.after is not None:
                    capability = file.path.split("/")[-2]
                    requirement = added_requirement(self._documents.content(file.after).decode("utf-8", "replace"))
                    return [place_of(address) for address in self._tree.addresses(capability, requirement)]
        return []

    def is_undone(self, experiment: Experiment) -> bool:
        """See Proposals. Taking an archive back leaves the change open again."""
        return change_name(experiment) in self._open_changes()

    def withdraw(self, experiment: Experiment) -> None:
        """See Proposals."""
        archived = self._archived(change_name(experiment))
        if archived is not None:
            self._tree.undo_archive(archived)

    def requirement(self, document: Mapping[str, Any]) -> tuple[str, str] | None:
        """The capability that a requirement would be added to, and its text; None where the words of the question are gone."""
        asked = [self._text_of(str(question)) for question in (document.get("question"), *document.get("also", ()))]
        questions = [question for question in asked if question is not None]
        answer = document.get("answer")
        if asked[0] is None or not isinstance(answer, str):
            return None
        capability = self._tree.place(questions[0])
        return capability, requirement_of(questions, answer, self._tree.requirements(capability))

    # -- keeping up with the ledger ----------------------------------------------------------------------------

    def settle(self, context: Context) -> None:
        """Bring the changes into line with the ledger, whatever kept them from it: they follow it, and never lead."""
        state = context.state
        there = {name for name in self._open_changes() if name.startswith("loop-")}
        drafts = self._drafts() if state.vetoed else ()
        written = self._written_ones()
        for experiment in state.experiments.values():
            if experiment.same:
                continue
            ended = state.finished.get(experiment.id)
            name = change_name(experiment)
            if ended is None:
                if name not in there and (experiment.id in state.waiting or state.running is experiment):
                    self.open(experiment)
            elif experiment.document is None or experiment.is_code or experiment.is_advice:
                is_late = experiment.document is None and experiment.id not in written
                if is_late and (ended[0] != "keep" or self._is_in_force(experiment)):
                    self._guarded(experiment, lambda one=experiment: self._open_late(one))  # type: ignore[misc]
                    there.add(name)
                if name in there or (ended[0] == "rolled_back" and self._says_kept(name)):
                    self.close(experiment, ended[0], state.results[experiment.id])
            elif (ended[0] == "rolled_back" and name in there) or (ended[0] == VETO and experiment.id in drafts):
                self.close(experiment, ended[0], state.results[experiment.id])
        self._drop_what_is_over(state.held)

    def _drop_what_is_over(self, held: Mapping[str, Held]) -> None:
        """Drafts of settings that nothing waits for any more, or that were made anew since somebody edited those."""
        drafts = self._review.drafts
        for id in drafts.ids():
            try:
                draft = drafts.load(id)
            except WorkflowError:
                continue  # whoever lists the drafts is told
            if draft is None or draft.author != LOOP or draft.provenance.get(PART) not in SETTINGS:
                continue
            known = held.get(str(draft.provenance.get(EXPERIMENT)))
            if known is None or known.draft != id:
                waiting = self._review.show(id)
                if waiting.stale or waiting.record is not None:
                    self._review.drop(id)

    def _guarded(self, experiment: Experiment, work: Callable[[], None]) -> None:
        try:
            work()
        except WorkflowError as error:
            name, said = change_name(experiment), str(error)
            self.problems.append(said if name in said else f"{name}: {said}")

    # -- inside ------------------------------------------------------------------------------------------------

    def _open(self, experiment: Experiment) -> None:
        with self._documents.lock():
            if self._was_written(experiment):
                return
            if experiment.document is not None:
                draft = self._to_decide(experiment)
                if draft is not None and draft.id not in {waiting.draft.id for waiting in self._review.waiting()}:
                    # Also where the policy of the project is off: class C is never automatic.
                    self._review.keep_waiting(draft, self._review.needs_approval(draft))
                return
            files = self._tuning_files(experiment)
            self._submit(experiment, self._new(experiment, files), PROPOSAL, [f"add change {change_name(experiment)}"])

    def _open_late(self, experiment: Experiment) -> None:
        """Write down one that ended before it could be written, with what was there before it as the ledger has it."""
        before = self._values(experiment.before)
        files = self._tuning_files(experiment, current=before.get)
        self._submit(experiment, self._new(experiment, files), PROPOSAL, [f"add change {change_name(experiment)}"])

    def _is_in_force(self, experiment: Experiment) -> bool:
        return all(self._current(path) == value for path, value in self._values(experiment.changes).items())

    def _written_ones(self) -> set[str | None]:
        """The experiments whose change was written at some time."""
        return {
            revision.provenance.get(EXPERIMENT)
            for revision in self._documents.revisions()
            if revision.provenance.get(PART) in (PROPOSAL, *DECIDED)
        }

    def _was_written(self, experiment: Experiment) -> bool:
        return experiment.id in self._written_ones()

    def _gap(self, experiment: Experiment) -> Draft | None:
        requirement = self.requirement(experiment.document or {})
        if requirement is None:
            self.problems.append(f"{change_name(experiment)}: the words of the question are not known any more")
            return None
        capability, text = requirement
        is_new = not self._tree.requirements(capability)
        files = gap_files(experiment, capability=capability, requirement=text, is_new=is_new)
        return self._asking_for(experiment, files, f"add a requirement to {capability}", GAP)

    def _to_decide(self, experiment: Experiment) -> Draft | None:
        if experiment.is_code:
            return self._agent(experiment)
        return self._advice(experiment) if experiment.is_advice else self._gap(experiment)

    def _asking_for(self, experiment: Experiment, files: Mapping[str, str], what: str, part: str) -> Draft:
        return draft_of(
            self._new(experiment, files),
            author=LOOP,
            operations=[f"add change {change_name(experiment)}", what],
            because=experiment.hypothesis,
            provenance={EXPERIMENT: experiment.id, PART: part},
        )

    def _advice(self, experiment: Experiment) -> Draft:
        files = self._tuning_files(experiment)
        return self._asking_for(experiment, files, "put the advice in force, once it is approved", ADVICE)

    def _tuning_files(
        self, experiment: Experiment, *, current: Callable[[Path], Any] | None = None
    ) -> Mapping[str, str]:
        changes = self._values(experiment.changes)
        before = {path: (current or self._current)(path) for path in changes}
        # What mappings say beside what is changed is the same.
        changes = {path: value for path, value in changes.items() if before[path] != value}
        return tuning_files(experiment, changes, before, self._tree.requirements(CAPABILITY))

    def _agent(self, experiment: Experiment) -> Draft:
        files = agent_files(experiment, self._tree.requirements(CAPABILITY))
        return self._asking_for(experiment, files, "run the coding agent for it, once it is approved", AGENT)

    def _new(self, experiment: Experiment, files: Mapping[str, str]) -> list[FileChange]:
        directory = _directory(experiment)
        return [
            FileChange(path=f"{directory}/{name}", before=None, after=text.encode("utf-8", "replace"))
            for name, text in files.items()
        ]

    def _open_changes(self) -> Collection[str]:
        """The names of the open changes, once a commit that was cut off has been seen to: it may have archived one."""
        with self._documents.lock():
            return self._tree.open()

    def _close(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None:
        name = change_name(experiment)
        if experiment.is_advice and ruling != VETO:
            if (kept := self._kept(experiment)) is not None:
                self._review.submit(kept)  # approved with --no-commit
        elif experiment.document is not None:
            draft = self._kept(experiment)
            if experiment.is_code and ruling != VETO:
                if draft is not None:
                    self._review.submit(draft)  # approved with --no-commit
                if name in self._open_changes():
                    self._write_result(experiment, ruling, numbers)
                    self._tree.archive(name, True)
            elif ruling == "rolled_back" and name in self._open_changes():
                self._write_result(experiment, ruling, numbers)
                self._tree.archive(name, True)
            elif ruling == VETO and draft is not None:
                self._review.drop(draft.id)
            if not (experiment.is_advice and ruling == VETO):
                return  # the change of an advice is there, where a person said no to the settings alone
        if name not in self._open_changes():
            archived = self._archived(name)
            if ruling != "rolled_back" or archived is None:
                return
            # The specs say what was kept: that is taken back, and the change archived without them.
            self._tree.undo_archive(archived)
            if name not in self._open_changes():
                return
        foreign = self._own.foreign(experiment.id, _directory(experiment), specs_alone=True) if ruling == "keep" else ()
        if foreign:
            raise EditRefused(
                f"{foreign[0]} is not what the loop wrote, so it is not archived; take that edit back, or look at it (git diff) and, "
                f"if you want it so, workflow archive {name}",
                where=name,
            )
        self._write_result(experiment, ruling, numbers)
        self._tree.archive(name, ruling != "keep")

    def _write_result(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None:
        directory = _directory(experiment)
        with self._documents.lock():
            before = {
                name: data for name in _FILES if (data := self._documents.read(f"{directory}/{name}")) is not None
            }
            texts = {name: data.decode("utf-8", "surrogateescape") for name, data in before.items()}
            after = with_result(texts, experiment, ruling, numbers)
            changes = [
                FileChange(
                    path=f"{directory}/{name}",
                    before=before.get(name),
                    after=text.encode("utf-8", "surrogateescape"),
                )
                for name, text in after.items()
            ]
            self._submit(experiment, changes, RESULT, [f"result of {change_name(experiment)}: {ruling}"])

    def _submit(
        self, experiment: Experiment, changes: Sequence[FileChange], part: str, operations: Sequence[str]
    ) -> None:
        draft = draft_of(
            changes,
            author=LOOP,
            operations=operations,
            because=experiment.hypothesis,
            provenance={EXPERIMENT: experiment.id, PART: part},
        )
        if not draft.is_empty:
            self._review.submit(draft)

    def _kept(self, experiment: Experiment) -> Draft | None:
        for waiting in self._review.waiting(damaged=lambda _: None):
            said = waiting.draft.provenance
            if said.get(EXPERIMENT) == experiment.id and said.get(PART) in DECIDED:
                return waiting.draft
        return None

    def _drafts(self) -> set[str]:
        """The experiments whose drafts lie before people, decided about or not."""
        waiting = self._review.waiting(damaged=lambda _: None)
        return {str(one.draft.provenance.get(EXPERIMENT)) for one in waiting}

    def _says_kept(self, name: str) -> bool:
        """Whether the archive has the change as one that was kept."""
        archived = self._archived(name)
        data = None if archived is None else self._documents.read(f"{CHANGES}/archive/{archived}/experiment.json")
        try:
            result = json.loads(data or b"{}").get("result")
        except (ValueError, RecursionError, AttributeError):
            return False  # somebody's own words now
        return isinstance(result, dict) and result.get("ruling") == "keep"

    def _archived(self, name: str) -> str | None:
        """The change as the archive calls it: with its date in front."""
        return next((one for one in self._tree.archived() if one == name or one.endswith(f"-{name}")), None)

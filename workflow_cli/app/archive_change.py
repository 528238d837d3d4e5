"""Archives changes: what each says goes into the main specs, and its directory into the archive, as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from workflow_cli.app.archive_plan import Plan
from workflow_cli.app.archive_plans import ArchivePlans
from workflow_cli.app.archive_report import ArchivedChange, ArchiveReport, Outcome, Refused
from workflow_cli.app.base_texts import BaseTexts
from workflow_cli.app.ports import Clock, Commits, Documents, EventLog, SpecTree
from workflow_cli.app.report import ItemFault
from workflow_cli.domain.openspec.across import contentions, safe_order
from workflow_cli.domain.openspec.archiving.accepted_loss import AcceptedLoss
from workflow_cli.domain.openspec.archiving.place import archived_place
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.review.approval import Approval
from workflow_cli.domain.review.draft import Author, Draft
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import WorkflowError

#: Asks a person a yes-or-no question; None where nobody can be asked.
Confirm = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveOptions:
    """`force_loss` are the names of what may be lost."""

    author: Author
    yes: bool = False
    skip_specs: bool = False
    force_loss: tuple[str, ...] = ()
    dry_run: bool = False
    keep_going: bool = False
    because: str | None = None


class ArchiveChange:
    """One run over one tree.

    `needs_approval` says why a person must approve a draft first, and `approval_of` finds the approval of one.
    `unanswered` warns of the questions of a change that nobody answered.
    """

    def __init__(
        self,
        tree: SpecTree,
        documents: Documents,
        commits: Commits,
        clock: Clock,
        events: EventLog,
        options: ArchiveOptions,
        *,
        confirm: Confirm | None = None,
        needs_approval: Callable[[Draft], Sequence[Reason]] = lambda _draft: (),
        approval_of: Callable[[Draft], Approval | None] = lambda _draft: None,
        unanswered: Callable[[str], Iterable[Finding]] = lambda _change: (),
    ) -> None:
        self._tree = tree
        self._documents = documents
        self._clock = clock
        self._events = events
        self._options = options
        self._confirm = confirm
        self._needs_approval = needs_approval
        self._approval_of = approval_of
        self._unanswered = unanswered
        self._accepted = AcceptedLoss(options.force_loss)
        self._plans = ArchivePlans(
            tree,
            documents,
            BaseTexts(documents, commits),
            clock,
            accepted=self._accepted,
            skip_specs=options.skip_specs,
            author=options.author,
            because=options.because,
        )

    def run(self, names: Sequence[str]) -> ArchiveReport:
        """The changes named, one after the other; nothing after the first that is refused is touched."""
        return self._each(names, chosen=True)

    def run_all(self) -> ArchiveReport:
        """Every change whose tasks are all done and which is valid, in an order that loses nothing."""
        changes = [self._tree.read_change(name) for name in self._tree.change_names()]
        done = [change for change in changes if _unfinished(change) == 0 and any(True for _ in change.tasks)]
        order = safe_order([c.name for c in done], contentions(done, self._tree.read_main)).changes
        report = self._each(order, chosen=False)
        waiting = [
            ArchivedChange(change=c.name, outcome=Outcome.LEFT, why=_why_not_done(c)) for c in changes if c not in done
        ]
        return replace(report, changes=[*report.changes, *waiting])

    def _each(self, names: Sequence[str], *, chosen: bool) -> ArchiveReport:
        results: list[ArchivedChange] = []
        stopped = False
        for name in names:
            if stopped:
                results.append(ArchivedChange(change=name, outcome=Outcome.NOT_REACHED, why="an earlier one stopped"))
                continue
            started = self._clock.elapsed()
            try:
                result = self._archived_before(name) or self._guarded(name, chosen=chosen, alone=len(names) == 1)
            except BaseException as error:
                self._record(
                    ArchivedChange(change=name, outcome=Outcome.FAILED),
                    self._clock.elapsed() - started,
                    error=type(error).__name__,
                )
                raise
            results.append(result)
            self._record(result, self._clock.elapsed() - started)
            went = result.outcome in (Outcome.ARCHIVED, Outcome.ALREADY, Outcome.WOULD_ARCHIVE, Outcome.LEFT)
            stopped = not went and not self._options.keep_going
        unused = tuple(self._accepted.unused)
        return ArchiveReport(changes=results, dry_run=self._options.dry_run, unused_force_loss=unused)

    def _archived_before(self, name: str) -> ArchivedChange | None:
        """What was asked for is so already: by this very call, where it was killed behind its commit."""
        target = None if name in self._tree.change_names() else archived_place(name, self._tree.archived_names())
        if target is None:
            return None
        by = (r for r in self._documents.revisions() if any(move.target == target for move in r.moves))
        return ArchivedChange(
            change=name, outcome=Outcome.ALREADY, target=target, revision=max(by, key=_number, default=None)
        )

    def _guarded(self, name: str, *, chosen: bool, alone: bool) -> ArchivedChange:
        try:
            return self._archive(name, chosen=chosen)
        except WorkflowError as error:
            if alone:
                raise
            fault = ItemFault(message=error.message, where=error.where, hint=error.hint)
            return ArchivedChange(change=name, outcome=Outcome.FAILED, fault=fault, fault_exit_code=error.exit_code)

    def _archive(self, name: str, *, chosen: bool) -> ArchivedChange:
        options = self._options
        unfinished = _unfinished(self._tree.read_change(name))
        agreed = options.yes or unfinished == 0 or (not options.dry_run and self._ask(name, unfinished))
        # A person takes a while to answer; only then is the tree held.
        with nullcontext() if options.dry_run else self._documents.lock():
            plan = self._plans.plan(name).with_warnings(self._unanswered(name))
            if not chosen and plan.is_invalid:
                return plan.left("not valid; `workflow process` says why")
            if not agreed:
                plan = plan.with_refusal(_incomplete(unfinished))
            elif not options.yes and (now := _unfinished(plan.change)) > unfinished:
                plan = plan.with_refusal(_incomplete(now))
            if not chosen and plan.has_to_wait:
                return plan.left("another open change could not be archived after it")
            if plan.refusals:
                return plan.refused()
            return self._commit(plan)

    def _commit(self, plan: Plan) -> ArchivedChange:
        draft = plan.draft
        reasons = tuple(self._needs_approval(draft))
        approval = self._approval_of(draft) if reasons else None
        if self._options.dry_run:
            self._plans.foresee(plan)
            return plan.result(Outcome.WOULD_ARCHIVE, reasons=reasons)
        if reasons and approval is None:
            return plan.result(Outcome.WAITING, reasons=reasons)
        revision = self._documents.commit(draft, approval=approval, reasons=[r.rule for r in reasons])
        return plan.result(Outcome.ARCHIVED, reasons=reasons, revision=revision)

    def _ask(self, name: str, unfinished: int) -> bool:
        return self._confirm is not None and self._confirm(f"{name}: {_tasks(unfinished)} not done. Archive it anyway?")

    def _record(self, result: ArchivedChange, seconds: float, **more: object) -> None:
        self._events.append(
            {
                "kind": "archive",
                "item": f"change/{result.change}",
                "outcome": result.outcome.value,
                "rules": [r.rule for r in result.refusals],
                "specs": len(result.specs),
                "revision": result.revision.number if result.revision else None,
                "duration_ms": round(seconds * 1000, 3),
                **more,
            }
        )


def _number(revision: Revision) -> int:
    return revision.number


def _unfinished(change: Change) -> int:
    return sum(not task.done for _, task in change.tasks)


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")


def _incomplete(count: int) -> Refused:
    return Refused(
        rule="tasks-incomplete",
        message=f"{_tasks(count)} not done",
        hint="finish them, or say --yes to archive it all the same",
    )


def _why_not_done(change: Change) -> str:
    unfinished = _unfinished(change)
    return f"{_tasks(unfinished)} not done" if unfinished else "it has no tasks that could be done"

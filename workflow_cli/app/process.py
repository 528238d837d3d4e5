"""Takes specs and changes through validate, analyse, ask and draft, and reports what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from workflow_cli.app.digest import digest
from workflow_cli.app.evaluation import Evaluation
from workflow_cli.app.item_json import (
    draft_from_json,
    draft_to_json,
    finding_from_json,
    finding_to_json,
    question_from_json,
    question_to_json,
)
from workflow_cli.app.model_review.in_process import ModelStep
from workflow_cli.app.process_events import record_item
from workflow_cli.app.report import (
    Degraded,
    DraftOffer,
    DraftState,
    Item,
    ItemFault,
    ItemKind,
    Report,
    Step,
    StepOutcome,
)
from workflow_cli.app.selection import Selection
from workflow_cli.app.steps import Steps
from workflow_cli.app.surroundings import Surroundings
from workflow_cli.app.unreadable import as_item_fault, readable
from workflow_cli.domain.openspec.discovered import Fault, SpecFile
from workflow_cli.domain.openspec.finding import Level
from workflow_cli.errors import DocumentError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.fixes import Offer
    from workflow_cli.app.ports import (
        Clock,
        Documents,
        EventLog,
        ModelReviews,
        QuestionFormat,
        Review,
        SpecTree,
        StepRecord,
    )
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.rule import Rule
    from workflow_cli.domain.questions.question import Question

STEPS = ("validate", "analyse", "ask", "draft")

#: Repairs committed in one item in one run; each makes a finding go, so no item needs as many.
_MOST_FIXES = 1000

#: Called before each item with how many are done, how many there are, and the item's name.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessOptions:
    """`version` is the program's; results of another version are not reused. `fix` commits what `draft` offers."""

    version: str
    root: str
    steps: tuple[str, ...] = STEPS
    strict: bool = False
    fail_level: Level = Level.ERROR
    enabled_rules: tuple[str, ...] = ()
    disabled_rules: tuple[str, ...] = ()
    rule_levels: Mapping[str, Level] = field(default_factory=dict)
    max_questions: int = 5
    accept_recommended: bool = False
    fresh: bool = False
    fix: bool = False


class Process:
    """One run over one tree."""

    def __init__(
        self,
        tree: SpecTree,
        record: StepRecord,
        questions: QuestionFormat,
        documents: Callable[[], Documents],
        events: EventLog,
        clock: Clock,
        options: ProcessOptions,
        review: Review | None = None,
        model: ModelReviews | None = None,
    ) -> None:
        self._tree = tree
        self._record = record
        self._questions = questions
        self._documents = documents
        self._events = events
        self._clock = clock
        self._options = options
        self._review = review
        self._steps = Steps(
            record, clock, salt=digest([options.version, tree.common_fingerprint()]), fresh=options.fresh
        )
        self._around = Surroundings(tree, self._steps)
        self._model = ModelStep(model if "analyse" in options.steps else None, self._steps, clock)
        self._offers: list[Offer] = []

    def run(self, selection: Selection, progress: Progress | None = None) -> Report:
        """Every selected item, one after the other; one that fails does not stop the others."""
        wanted: list[tuple[ItemKind, str]] = [
            *((ItemKind.SPEC, id) for id in selection.specs),
            *((ItemKind.CHANGE, name) for name in selection.changes),
        ]
        items: list[Item] = []
        for index, (kind, id) in enumerate(wanted):
            if progress:
                progress(index, len(wanted), id)
            item = self._fixed(kind, id) if self._options.fix and self._review else self._item(kind, id)
            items.append(item)
            record_item(self._events, item)
        ordered = selection.changes and "validate" in self._options.steps
        order = self._around.order(selection.changes) if ordered else ()
        degraded = [Degraded(what="record", why=self._record.degraded)] if self._record.degraded else []
        degraded += [Degraded(what="model", why=why) for why in self._model.missing]
        return Report(
            root=self._options.root,
            items=items,
            strict=self._options.strict,
            fail_level=self._options.fail_level,
            order=order,
            degraded=degraded,
        )

    def _item(self, kind: ItemKind, id: str) -> Item:
        return self._spec(id) if kind is ItemKind.SPEC else self._change(id)

    def _fixed(self, kind: ItemKind, id: str) -> Item:
        """The item after every repair that may be committed, and with those that wait for a person."""
        review = self._review
        assert review is not None
        committed: list[DraftOffer] = []
        waiting: dict[str, DraftOffer] = {}
        # A model reads the item once, when all that may be mended is.
        self._model.pause()
        while True:
            item = self._item(kind, id)
            # What may be written comes first: a commit makes the drafts for the same document stale.
            offers = [o for o in self._offers if o.draft.id not in waiting]
            free = (o for o in offers if not review.needs_approval(o.draft))
            offer = next(free, offers[0] if offers else None)
            if offer is None and self._model.resume():
                continue
            if offer is None or len(committed) == _MOST_FIXES:
                return replace(item, drafts=(*committed, *waiting.values()))
            submitted = review.submit(offer.draft)
            if submitted.revision is None:
                waiting[offer.draft.id] = _as_reported(offer, DraftState.WAITING)
            else:
                committed.append(_as_reported(offer, DraftState.COMMITTED, submitted.revision.number))
                # What depends on the tree has to be looked at anew.
                self._around = Surroundings(self._tree, self._steps)

    # -- one item ------------------------------------------------------------------------------------------

    def _spec(self, id: str) -> Item:
        spec = self._around.spec_file(id)
        evaluation = Evaluation(kind=ItemKind.SPEC, id=id, file=spec.file)
        return self._guarded(evaluation, lambda: self._evaluate_spec(spec, evaluation))

    def _change(self, name: str) -> Item:
        evaluation = Evaluation(kind=ItemKind.CHANGE, id=name, file=f"openspec/changes/{name}")
        return self._guarded(evaluation, lambda: self._evaluate_change(name, evaluation))

    def _guarded(self, evaluation: Evaluation, work: Callable[[], None]) -> Item:
        try:
            work()
        except WorkflowError as error:
            evaluation.fault = ItemFault(message=error.message, where=error.where, hint=error.hint)
        except OSError as error:
            evaluation.fault = ItemFault(message=f"cannot be read: {error.strerror or error}", where=evaluation.file)
        return evaluation.item(strict=self._options.strict)

    def _evaluate_spec(self, spec: SpecFile, out: Evaluation) -> None:
        key = self._around.spec_fingerprint(spec.id)
        read = cache(lambda: readable(spec.fault or self._around.main(spec.id) or _gone(spec)))
        name = f"spec/{spec.id}"

        def check() -> Any:
            from workflow_cli.domain.openspec.check import check_spec
            from workflow_cli.domain.openspec.spec import read_spec

            return [finding_to_json(f) for f in check_spec(read_spec(spec.id, read()))]

        def analyse(own: bool) -> Callable[[], Any]:
            def work() -> Any:
                from workflow_cli.app.analyse import analyse_one_spec
                from workflow_cli.domain.openspec.rule import TreeSummary

                tree = TreeSummary() if own else self._around.summary()
                found = analyse_one_spec(spec.id, read(), tree, self._rules, own=own)
                return [finding_to_json(f) for f in found]

            return work

        if "validate" in self._options.steps:
            self._find(out, name, "validate", key, check)
        if "analyse" in self._options.steps:
            self._find(out, name, "analyse", digest([key, self._rule_key]), analyse(own=True))
            self._find(
                out, name, "compare", digest([key, self._rule_key, self._around.fingerprint]), analyse(own=False)
            )

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import creators_in, offers_for_spec

            return offers_for_spec(spec.id, read(), out.findings, self._rules, creators_in(self._tree))

        if "draft" in self._options.steps:
            self._draft(out, name, key, offers)

    def _evaluate_change(self, name: str, out: Evaluation) -> None:
        key = self._around.change_fingerprint(name)
        read = cache(lambda: self._unchanging(name, key))
        item = f"change/{name}"

        def check() -> Any:
            from workflow_cli.domain.openspec.check import check_change

            change = read()
            found = check_change(change, self._around.main)
            return {
                "findings": [finding_to_json(f) for f in found],
                "faults": [[f.file, f.code, f.message] for f in change.faults],
            }

        def analyse(own: bool) -> Callable[[], Any]:
            def work() -> Any:
                from workflow_cli.app.analyse import analyse_one_change
                from workflow_cli.domain.openspec.rule import TreeSummary

                tree = TreeSummary(capabilities=self._around.capabilities) if own else self._around.summary()
                found = analyse_one_change(read(), self._around.main, tree, self._rules, own=own)
                return [finding_to_json(f) for f in found]

            return work

        if "validate" in self._options.steps:
            result = self._take(out, item, "validate", key, check)
            out.findings.extend(self._around.settled(name, map(finding_from_json, result["findings"])))
            if result["faults"]:
                out.fault = as_item_fault(*result["faults"][0])
            out.findings.extend(self._around.contentions_of(name))
        if "analyse" in self._options.steps:
            own_key = digest([key, self._rule_key, self._around.capability_key])
            self._find(out, item, "analyse", own_key, analyse(own=True))
            self._find(
                out, item, "compare", digest([key, self._rule_key, self._around.fingerprint]), analyse(own=False)
            )
        said = self._model.take(item, key, read, out)
        if "ask" in self._options.steps:
            self._ask(name, key, read, out, said.questions)

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import offers_for_change
            from workflow_cli.domain.openspec.rule import TreeSummary

            tree = TreeSummary(capabilities=self._around.capabilities)
            mended = offers_for_change(read(), self._around.main, out.findings, self._rules, tree)
            return [*mended, *said.offers(read(), self._around.main)]

        if "draft" in self._options.steps:
            self._draft(out, item, key, offers, said.edits)

    def _ask(self, name: str, key: str, read: Callable[[], Change], out: Evaluation, also: Sequence[Question]) -> None:
        options = self._options
        existing = self._tree.read_questions(name)
        parts = [key, self._rule_key, self._around.fingerprint, str(options.max_questions)]
        parts += [str(options.accept_recommended), ",".join(options.steps), *(q.id for q in also)]

        def key_with(data: bytes | None) -> str:
            return digest([*parts, "" if data is None else data.decode("utf-8", "surrogateescape")])

        item = f"change/{name}"
        recorded = self._steps.recorded(item, "ask", key_with(existing))
        if recorded is not None:
            out.questions = [question_from_json(q) for q in recorded]
            out.steps.append(Step(name="ask", outcome=StepOutcome.REUSED))
            return
        from workflow_cli.app.ask import ask

        started = self._clock.elapsed()
        out.questions, written = ask(
            read(),
            self._around.main,
            self._documents,
            self._questions,
            existing,
            findings=out.findings,
            summary=self._around.summary(),
            contentions=self._around.contention_values(name),
            limit=options.max_questions,
            accept_recommended=options.accept_recommended,
            also=also,
        )
        self._steps.keep(item, "ask", key_with(written), [question_to_json(q) for q in out.questions])
        out.steps.append(self._done("ask", started))

    def _draft(
        self, out: Evaluation, item: str, key: str, offers: Callable[[], list[Offer]], edits: Sequence[str] = ()
    ) -> None:
        """What could be mended. Where nothing is of a kind that can be, nothing is loaded for it."""
        from workflow_cli.domain.openspec.fixable import FIXABLE

        self._offers = []
        fixable = sorted({f"{f.rule} {f.place}" for f in out.findings if f.rule in FIXABLE})
        if not fixable and not edits:
            return

        def work() -> Any:
            self._offers = offers()
            return [draft_to_json(_as_reported(offer)) for offer in self._offers]

        if self._options.fix:
            started = self._clock.elapsed()
            out.drafts += map(draft_from_json, work())
            out.steps.append(self._done("draft", started))
            return
        archive = self._tree.archived_names() if item.startswith("spec/") else ()
        drafts_key = digest([key, self._rule_key, *self._options.steps, "", *fixable, "", *archive, "", *edits])
        out.drafts += map(draft_from_json, self._take(out, item, "draft", drafts_key, work))

    # -- what the items share ------------------------------------------------------------------------------

    def _find(self, out: Evaluation, item: str, name: str, key: str, work: Callable[[], Any]) -> None:
        out.findings.extend(finding_from_json(f) for f in self._take(out, item, name, key, work))

    def _take(self, out: Evaluation, item: str, name: str, key: str, work: Callable[[], Any]) -> Any:
        try:
            result, step = self._steps.take(item, name, key, work)
        except Exception:
            out.steps.append(Step(name=name, outcome=StepOutcome.FAILED))
            raise
        out.steps.append(step)
        return result

    def _done(self, name: str, started: float) -> Step:
        milliseconds = round((self._clock.elapsed() - started) * 1000, 3)
        return Step(name=name, outcome=StepOutcome.DONE, milliseconds=milliseconds)

    @cached_property
    def _rules(self) -> Sequence[Rule]:
        from workflow_cli.app.analyse import selected_rules

        options = self._options
        return selected_rules(options.enabled_rules, options.disabled_rules, options.rule_levels)

    @cached_property
    def _rule_key(self) -> str:
        options = self._options
        levels = [f"{rule}={level}" for rule, level in sorted(options.rule_levels.items())]
        return digest([*sorted(options.enabled_rules), "", *sorted(options.disabled_rules), "", *levels])

    def _unchanging(self, name: str, key: str) -> Change:
        """The change as it stood when `key` was taken, or as it stands once it holds still."""
        change = self._around.change(name)
        if self._tree.change_fingerprint(name) != key:
            raise DocumentError(
                "the documents changed while they were read",
                where=f"openspec/changes/{name}",
                hint="run the command again",
            )
        return change


def _as_reported(offer: Offer, state: DraftState = DraftState.OFFERED, revision: int | None = None) -> DraftOffer:
    return DraftOffer(
        id=offer.draft.id,
        rule=offer.rule,
        path=offer.path,
        operations=offer.draft.operations,
        state=state,
        revision=revision,
    )


def _gone(spec: SpecFile) -> Fault:
    return Fault(file=spec.file, code="ENOENT", message="No such file or directory")

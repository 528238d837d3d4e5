"""The steps of one spec or change: each taken, or reused where its inputs did not change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

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
from workflow_cli.app.process_options import ProcessOptions
from workflow_cli.app.report import (
    DraftOffer,
    DraftState,
    Item,
    ItemFault,
    ItemKind,
    Step,
    StepOutcome,
)
from workflow_cli.app.steps import Steps
from workflow_cli.app.surroundings import Surroundings
from workflow_cli.app.unreadable import as_item_fault, readable
from workflow_cli.domain.digest import digest
from workflow_cli.domain.openspec.discovered import Fault, SpecFile
from workflow_cli.errors import DocumentError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.fixes import Offer
    from workflow_cli.app.ports import Clock, Documents, ModelReviews, QuestionFormat, SpecTree
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.rule import Rule
    from workflow_cli.domain.questions.question import Question


class ItemSteps:
    """`around` is what the items share of the tree. `offers` are the repairs that the last item's steps drafted."""

    def __init__(
        self,
        tree: SpecTree,
        steps: Steps,
        questions: QuestionFormat,
        documents: Callable[[], Documents],
        clock: Clock,
        options: ProcessOptions,
        model: ModelReviews | None = None,
    ) -> None:
        self._tree = tree
        self._steps = steps
        self._questions = questions
        self._documents = documents
        self._clock = clock
        self._options = options
        self.around = Surroundings(tree, steps)
        self.model = ModelStep(model if "analyse" in options.steps else None, steps, clock)
        self.offers: list[Offer] = []
        #: Why questions could not be written beside their changes, each reason once.
        self.unwritten: dict[str, None] = {}

    def item(self, kind: ItemKind, id: str) -> Item:
        """What the steps find of one item; why it could not be evaluated is part of it."""
        return self._spec(id) if kind is ItemKind.SPEC else self._change(id)

    def look_anew(self) -> None:
        """Something was written: what depends on the tree is no longer known."""
        self.around = Surroundings(self._tree, self._steps)

    def _spec(self, id: str) -> Item:
        spec = self.around.spec_file(id)
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
        key = self.around.spec_fingerprint(spec.id)
        read = cache(lambda: readable(spec.fault or self.around.main(spec.id) or _gone(spec)))
        name = f"spec/{spec.id}"

        def check() -> Any:
            from workflow_cli.domain.openspec.check import check_spec
            from workflow_cli.domain.openspec.spec import read_spec

            return [finding_to_json(f) for f in check_spec(read_spec(spec.id, read()))]

        def analyse(own: bool) -> Callable[[], Any]:
            def work() -> Any:
                from workflow_cli.app.analyse import analyse_one_spec
                from workflow_cli.domain.openspec.rule import TreeSummary

                tree = TreeSummary() if own else self.around.summary()
                found = analyse_one_spec(spec.id, read(), tree, self._rules, own=own)
                return [finding_to_json(f) for f in found]

            return work

        if "validate" in self._options.steps:
            self._find(out, name, "validate", key, check)
        if "analyse" in self._options.steps:
            self._find(out, name, "analyse", digest([key, self._rule_key]), analyse(own=True))
            self._find(out, name, "compare", digest([key, self._rule_key, self.around.fingerprint]), analyse(own=False))

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import creators_in, offers_for_spec

            return offers_for_spec(spec.id, read(), out.findings, self._rules, creators_in(self._tree))

        if "draft" in self._options.steps:
            self._draft(out, name, key, offers)

    def _evaluate_change(self, name: str, out: Evaluation) -> None:
        key = self.around.change_fingerprint(name)
        read = cache(lambda: self._unchanging(name, key))
        item = f"change/{name}"

        def check() -> Any:
            from workflow_cli.domain.openspec.check import check_change

            change = read()
            found = check_change(change, self.around.main)
            return {
                "findings": [finding_to_json(f) for f in found],
                "faults": [[f.file, f.code, f.message] for f in change.faults],
            }

        def analyse(own: bool) -> Callable[[], Any]:
            def work() -> Any:
                from workflow_cli.app.analyse import analyse_one_change
                from workflow_cli.domain.openspec.rule import TreeSummary

                tree = TreeSummary(capabilities=self.around.capabilities) if own else self.around.summary()
                found = analyse_one_change(read(), self.around.main, tree, self._rules, own=own)
                return [finding_to_json(f) for f in found]

            return work

        if "validate" in self._options.steps:
            result = self._take(out, item, "validate", key, check)
            out.findings.extend(self.around.settled(name, map(finding_from_json, result["findings"])))
            if result["faults"]:
                out.fault = as_item_fault(*result["faults"][0])
            out.findings.extend(self.around.contentions_of(name))
        if "analyse" in self._options.steps:
            own_key = digest([key, self._rule_key, self.around.capability_key])
            self._find(out, item, "analyse", own_key, analyse(own=True))
            self._find(out, item, "compare", digest([key, self._rule_key, self.around.fingerprint]), analyse(own=False))
        said = self.model.take(item, key, read, out)
        if "ask" in self._options.steps:
            self._ask(name, key, read, out, said.questions)

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import offers_for_change
            from workflow_cli.domain.openspec.rule import TreeSummary

            tree = TreeSummary(capabilities=self.around.capabilities)
            mended = offers_for_change(read(), self.around.main, out.findings, self._rules, tree)
            return [*mended, *said.offers(read(), self.around.main)]

        if "draft" in self._options.steps:
            self._draft(out, item, key, offers, said.edits)

    def _ask(self, name: str, key: str, read: Callable[[], Change], out: Evaluation, also: Sequence[Question]) -> None:
        options = self._options
        existing = self._tree.read_questions(name)
        parts = [key, self._rule_key, self.around.fingerprint, str(options.max_questions)]
        parts += [str(options.accept_recommended), ",".join(options.steps), *(q.id for q in also)]

        def key_with(data: bytes | None) -> str:
            return digest([*parts, "" if data is None else data.decode("utf-8", "surrogateescape")])

        item = f"change/{name}"
        recorded = self._steps.recorded(item, "ask", key_with(existing))
        if recorded is not None:
            out.questions = [question_from_json(q) for q in recorded]
            out.steps.append(Step(name="ask", outcome=StepOutcome.REUSED))
            return
        from workflow_cli.app.ask import ask, write_questions

        started = self._clock.elapsed()
        change = read()
        out.questions, data = ask(
            change,
            self.around.main,
            self._questions,
            existing,
            findings=out.findings,
            summary=self.around.summary(),
            contentions=self.around.contention_values(name),
            limit=options.max_questions,
            accept_recommended=options.accept_recommended,
            also=also,
        )
        try:
            write_questions(self._documents, change, existing, data)
        except DocumentError as error:
            # A checkout that can only be read is evaluated all the same; only who wants an answer written needs it.
            if options.accept_recommended or not error.is_forbidden:
                raise
            self.unwritten[f"not written beside the changes: {error}"] = None
        else:
            self._steps.keep(item, "ask", key_with(data), [question_to_json(q) for q in out.questions])
        out.steps.append(self._done("ask", started))

    def _draft(
        self, out: Evaluation, item: str, key: str, offers: Callable[[], list[Offer]], edits: Sequence[str] = ()
    ) -> None:
        """What could be mended. Where nothing is of a kind that can be, nothing is loaded for it."""
        from workflow_cli.domain.openspec.fixable import FIXABLE

        self.offers = []
        fixable = sorted({f"{f.rule} {f.place}" for f in out.findings if f.rule in FIXABLE})
        if not fixable and not edits:
            return

        def work() -> Any:
            self.offers = offers()
            return [draft_to_json(as_reported(offer)) for offer in self.offers]

        if self._options.fix or any(f.rule in self._options.fixed for f in out.findings):
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
        return selected_rules(
            options.enabled_rules, options.disabled_rules, options.rule_levels, options.rule_thresholds
        )

    @cached_property
    def _rule_key(self) -> str:
        options = self._options
        levels = [f"{rule}={level}" for rule, level in sorted(options.rule_levels.items())]
        thresholds = [f"{rule}={least!r}" for rule, least in sorted(options.rule_thresholds.items())]
        return digest(
            [*sorted(options.enabled_rules), "", *sorted(options.disabled_rules), "", *levels, "", *thresholds]
        )

    def _unchanging(self, name: str, key: str) -> Change:
        """The change as it stood when `key` was taken, or as it stands once it holds still."""
        change = self.around.change(name)
        if self._tree.change_fingerprint(name) != key:
            raise DocumentError(
                "the documents changed while they were read",
                where=f"openspec/changes/{name}",
                hint="run the command again",
            )
        return change


def as_reported(offer: Offer, state: DraftState = DraftState.OFFERED, revision: int | None = None) -> DraftOffer:
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

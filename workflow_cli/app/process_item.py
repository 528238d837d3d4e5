"""The steps of one spec or change: each taken, or reused where its inputs did not change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from workflow_cli.app.ask_step import AskStep
from workflow_cli.app.evaluation import Evaluation
from workflow_cli.app.item_json import (
    draft_from_json,
    draft_to_json,
    finding_from_json,
    finding_to_json,
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
from workflow_cli.errors import ChangedMeanwhile, DocumentError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.fixes import Offer
    from workflow_cli.app.ports import Clock, Documents, ModelReviews, QuestionFormat, SpecTree
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.discovered import SpecFile
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.openspec.rule import Rule


#: How often an item is looked at that changes while it is: another run may be mending one finding of it after the other.
_MOST_LOOKS = 20


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
        self._clock = clock
        self._options = options
        self.around = Surroundings(tree, steps)
        self.model = ModelStep(model if "analyse" in options.steps else None, steps, clock)
        self.asking = AskStep(tree, steps, questions, documents, clock, options)
        self.offers: list[Offer] = []

    def item(self, kind: ItemKind, id: str) -> Item:
        """What the steps find of one item; why it could not be evaluated is part of it."""
        one = self._spec if kind is ItemKind.SPEC else self._change
        for _ in range(_MOST_LOOKS - 1):
            try:
                return one(id, still=False)
            except ChangedMeanwhile:
                self.look_anew()
        return one(id, still=True)

    def look_anew(self) -> None:
        """Something was written: what depends on the tree is no longer known."""
        self.around = Surroundings(self._tree, self._steps)

    def _spec(self, id: str, *, still: bool) -> Item:
        spec = self.around.spec_file(id)
        evaluation = Evaluation(kind=ItemKind.SPEC, id=id, file=spec.file if spec else f"openspec/specs/{id}/spec.md")
        return self._guarded(evaluation, lambda: self._evaluate_spec(spec, evaluation), still=still)

    def _change(self, name: str, *, still: bool) -> Item:
        evaluation = Evaluation(kind=ItemKind.CHANGE, id=name, file=f"openspec/changes/{name}")
        return self._guarded(evaluation, lambda: self._evaluate_change(name, evaluation), still=still)

    def _guarded(self, evaluation: Evaluation, work: Callable[[], None], *, still: bool) -> Item:
        """Unless the item has to stand `still` by now, raises ChangedMeanwhile where it does not."""
        try:
            work()
        except WorkflowError as error:
            if isinstance(error, ChangedMeanwhile) and not still:
                raise
            evaluation.fault = ItemFault(message=error.message, where=error.where, hint=error.hint)
        except OSError as error:
            evaluation.fault = ItemFault(message=f"cannot be read: {error.strerror or error}", where=evaluation.file)
        return evaluation.item(strict=self._options.strict)

    def _evaluate_spec(self, spec: SpecFile | None, out: Evaluation) -> None:
        if spec is None:
            raise _gone(out.file)
        key = self.around.spec_fingerprint(spec.id)
        read = cache(lambda: self._unchanging_spec(spec))
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
            self._compare(out, name, key, analyse(own=False))

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import creators_in, offers_for_spec

            return offers_for_spec(spec.id, read(), out.findings, self._rules, creators_in(self._tree))

        if "draft" in self._options.steps:
            self._draft(out, name, key, offers)

    def _evaluate_change(self, name: str, out: Evaluation) -> None:
        key = self.around.change_fingerprint(name)
        if key is None:
            raise _gone(out.file)
        read = cache(lambda: self._unchanging(name))
        item = f"change/{name}"

        def all_the_same(work: Callable[[], Any]) -> Callable[[], Any]:
            """The main specs that it aims at are read after it, and `key` stands for them too."""

            def checked() -> Any:
                result = work()
                if self._tree.change_fingerprint(name) != key:
                    raise _changed(out.file)
                return result

            return checked

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
            result = self._take(out, item, "validate", key, all_the_same(check))
            out.findings.extend(self.around.settled(name, map(finding_from_json, result["findings"])))
            if result["faults"]:
                out.fault = as_item_fault(*result["faults"][0])
            out.findings.extend(self.around.contentions_of(name))
        if "analyse" in self._options.steps:
            own_key = digest([key, self._rule_key, self.around.capability_key])
            self._find(out, item, "analyse", own_key, all_the_same(analyse(own=True)))
            self._compare(out, item, key, analyse(own=False))
        said = self.model.take(item, key, read, out)
        if "ask" in self._options.steps:
            self.asking.take(name, digest([key, self._rule_key]), self.around, read, out, said.questions)

        def offers() -> list[Offer]:
            from workflow_cli.app.fixes import offers_for_change
            from workflow_cli.domain.openspec.rule import TreeSummary

            tree = TreeSummary(capabilities=self.around.capabilities)
            mended = offers_for_change(read(), self.around.main, out.findings, self._rules, tree)
            return [*mended, *said.offers(read(), self.around.main)]

        if "draft" in self._options.steps:
            self._draft(out, item, key, offers, said.edits)

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

    def _compare(self, out: Evaluation, item: str, key: str, work: Callable[[], Any]) -> None:
        """With the rest of the tree, which need not stand still: what then was found is told, and not recorded."""
        whole = digest([key, self._rule_key, self.around.fingerprint])
        found = self._take(out, item, "compare", whole, work, holds=lambda: self.around.holds)
        out.findings.extend(map(finding_from_json, found))

    def _take(
        self,
        out: Evaluation,
        item: str,
        name: str,
        key: str,
        work: Callable[[], Any],
        holds: Callable[[], bool] = lambda: True,
    ) -> Any:
        try:
            result, step = self._steps.take(item, name, key, work, holds=holds)
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

    def _unchanging(self, name: str) -> Change:
        """Raises ChangedMeanwhile for one that is not what its fingerprint stands for."""
        change = self.around.change(name)
        if f"change/{name}" in self.around.moved:
            raise _changed(f"openspec/changes/{name}")
        return change

    def _unchanging_spec(self, spec: SpecFile) -> Document:
        """Raises ChangedMeanwhile for one that is not what its fingerprint stands for, or is gone."""
        found = spec.fault or self.around.main(spec.id)
        if found is None or f"spec/{spec.id}" in self.around.moved:
            raise _changed(spec.file)
        return readable(found)


def as_reported(offer: Offer, state: DraftState = DraftState.OFFERED, revision: int | None = None) -> DraftOffer:
    return DraftOffer(
        id=offer.draft.id,
        rule=offer.rule,
        path=offer.path,
        operations=offer.draft.operations,
        state=state,
        revision=revision,
    )


def _changed(where: str) -> ChangedMeanwhile:
    return ChangedMeanwhile("the documents changed while they were read", where=where, hint="run the command again")


def _gone(where: str) -> DocumentError:
    return DocumentError("was there when the run began, and is not any more", where=where)

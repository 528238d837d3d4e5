"""Making the plans of archives: each as if those before it had been carried out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from workflow_cli.app.archive_plan import Plan
from workflow_cli.app.archive_refusals import (
    REFUSED,
    documents_of,
    in_the_way,
    openspec_refuses,
    refusing,
    zero_delta,
)
from workflow_cli.app.archive_report import Refused
from workflow_cli.app.archive_specs import spec_results, told
from workflow_cli.app.base_texts import BaseTexts, Sighting
from workflow_cli.app.ports import Clock, Documents, SpecTree
from workflow_cli.domain.openspec.across import Contention, contention_findings, contentions, shut_out
from workflow_cli.domain.openspec.archiving.accepted_loss import AcceptedLoss
from workflow_cli.domain.openspec.archiving.older_text import bring_up_to_date
from workflow_cli.domain.openspec.archiving.place import ARCHIVE, archive_name, main_file
from workflow_cli.domain.openspec.archiving.witness import WITNESS, read_witness, witness
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.check import findings_and_rehearsal
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, Origin
from workflow_cli.domain.openspec.rehearse import Rehearsal, gate
from workflow_cli.domain.openspec.validate_change import validate_change
from workflow_cli.domain.openspec.verdict import is_valid
from workflow_cli.domain.review.draft import Author, DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.errors import DocumentError


class ArchivePlans:
    """Plans for the changes of one run. What a dry run foresaw counts for the plans after it."""

    def __init__(
        self,
        tree: SpecTree,
        documents: Documents,
        bases: BaseTexts,
        clock: Clock,
        *,
        accepted: AcceptedLoss,
        skip_specs: bool,
        author: Author,
        because: str | None,
    ) -> None:
        self._tree = tree
        self._documents = documents
        self._bases = bases
        self._clock = clock
        self._accepted = accepted
        self._skip_specs = skip_specs
        self._author = author
        self._because = because
        self._foreseen: dict[str, bytes | None] = {}
        self._sightings: list[Sighting] = []
        self._gone: set[str] = set()
        self._mains: dict[str, Document | Fault | None] = {}

    def plan(self, name: str) -> Plan:
        """Raises DocumentError where the change or a main spec it aims at cannot be read."""
        plan, contended = self._plan(name)
        waits = tuple(self._shutting_out(plan, contended))
        return replace(plan, refusals=(*plan.refusals, *waits), has_to_wait=bool(waits) and not plan.refusals)

    def _plan(self, name: str) -> tuple[Plan, Sequence[Contention]]:
        """The plan by itself, and how the change stands to the other open ones."""
        self._mains.clear()
        change = self._tree.read_change(name)
        if change.faults:
            fault = change.faults[0]
            raise DocumentError(f"cannot be read: {fault.message}", where=fault.file)
        bases = {} if self._skip_specs else self._bases.of(change, self._sightings)
        brought = bring_up_to_date(change, self._main, bases, accepts=self._accepted.accepts)
        findings, rehearsal = self._checked(brought.change)
        refusals = [
            *in_the_way(change, self._tree, self._documents, self._today()),
            *zero_delta(change, skip_specs=self._skip_specs),
            *openspec_refuses(brought, rehearsal.refusal),
            *refusing(brought.findings, documents_of(change, self._main), self._accepted),
            *refusing(findings, documents_of(brought.change, self._main), self._accepted, brought.on_disk),
        ]
        rivals = [] if self._skip_specs else list(self._rivals(change))
        contended = contentions([change, *rivals], self._main) if rivals else []
        warnings = [
            *(f for f in brought.findings if not f.refuses),
            *(brought.on_disk(f) for f in findings if _worth_saying(f)),
            *contention_findings(name, contended),
        ]
        target = f"{ARCHIVE}/{archive_name(name, self._today())}"
        plan = Plan(
            change=change,
            draft=self._draft(change, rehearsal, rivals, target),
            target=target,
            up_to_date=brought,
            specs=tuple(spec_results(rehearsal)),
            refusals=tuple(dict.fromkeys(refusals)),
            warnings=tuple(dict.fromkeys(warnings)),
            is_invalid=not is_valid(findings, strict=False),
        )
        return plan, contended

    def _checked(self, change: Change) -> tuple[list[Finding], Rehearsal]:
        if not self._skip_specs:
            return findings_and_rehearsal(change, self._main)
        # Nothing is merged, so nothing can be lost; validation is asked all the same, as by OpenSpec.
        findings = validate_change(change, self._main)
        return findings, Rehearsal(refusal=gate(change, findings))

    def foresee(self, plan: Plan) -> None:
        """Plan what follows as if this one had been carried out."""
        files = {file.path: file for file in plan.draft.files}
        self._foreseen.update((path, file.after) for path, file in files.items())
        self._gone.add(plan.change.name)
        if value := plan.draft.provenance.get(WITNESS):
            self._sightings.append(
                Sighting(
                    at=self._clock.now(),
                    when=f"before {plan.change.name} is archived",
                    texts=read_witness(value),
                    before=lambda path: files[path].before if path in files else self._documents.read(path),
                )
            )

    def _today(self) -> date:
        return self._clock.now().astimezone().date()

    def _main(self, id: str) -> Document | Fault | None:
        """The main spec as it was when the plan began."""
        if id not in self._mains:
            file = main_file(id)
            if file in self._foreseen:
                data = self._foreseen[file]
                self._mains[id] = None if data is None else Document(file=file, data=data)
            else:
                self._mains[id] = self._tree.read_main(id)
        return self._mains[id]

    # -- other open changes --------------------------------------------------------------------------------

    def _rivals(self, change: Change) -> Iterator[Change]:
        """The other open changes with a delta for one of the same capabilities."""
        own = [id for id, _ in change.delta_documents]
        for name in self._tree.change_names():
            if name == change.name or name in self._gone:
                continue
            if any(self._documents.read(f"openspec/changes/{name}/specs/{id}/spec.md") is not None for id in own):
                yield self._tree.read_change(name)

    def _shutting_out(self, plan: Plan, contended: Sequence[Contention]) -> Iterator[Refused]:
        """Reasons to wait; somebody may accept one by naming the change that cannot be archived any more."""
        suspected = list(shut_out(plan.change.name, contended))
        if not suspected:
            return
        after = self._after(plan)
        for other in dict.fromkeys(name for name, _ in suspected):
            if not after._is_refused(other) or self._accepted.accepts(other):
                suspected = [(name, finding) for name, finding in suspected if name != other]
        for other, finding in suspected:
            yield Refused(
                rule=finding.rule,
                message=finding.message,
                where=finding.place.file,
                line=finding.place.line,
                hint=finding.hint,
                names=(other,),
            )

    def _after(self, plan: Plan) -> ArchivePlans:
        """Plans as they would be made once this one had been carried out, with nothing accepted."""
        after = ArchivePlans(
            self._tree,
            self._documents,
            self._bases,
            self._clock,
            accepted=AcceptedLoss(()),
            skip_specs=False,
            author=self._author,
            because=None,
        )
        after._foreseen, after._sightings, after._gone = dict(self._foreseen), list(self._sightings), set(self._gone)
        after.foresee(plan)
        return after

    def _is_refused(self, name: str) -> bool:
        """Whether a change could not be archived whatever is named: two edits may be put together, or one chosen."""
        return any(refusal.rule == REFUSED for refusal in self._plan(name)[0].refusals)

    # -- the draft -----------------------------------------------------------------------------------------

    def _draft(self, change: Change, rehearsal: Rehearsal, rivals: Sequence[Change], target: str) -> Draft:
        merged = dict(rehearsal.merged)
        after: dict[str, bytes | None] = {**dict(rehearsal.written), **dict.fromkeys(rehearsal.retired)}
        files = []
        for id, data in after.items():
            base = merged[id].base
            files.append(FileChange(path=main_file(id), before=base.data if base else None, after=data))
        seen = witness(rivals, after)
        return draft_of(
            files,
            author=self._author,
            operations=[f"archive {change.name}", *(told(result) for result in spec_results(rehearsal))],
            because=self._because,
            provenance={WITNESS: seen} if seen else {},
            moves=[DirectoryMove(source=change.directory, target=target)],
        )


def _worth_saying(finding: Finding) -> bool:
    return finding.level is Level.WARNING and finding.origin is Origin.BUILTIN and not finding.refuses

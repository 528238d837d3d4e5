"""Whether everything that needed a person's approval has one: for CI, and for whoever merges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workflow_cli.app.ports import ApprovalFiles, Documents, Reference
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.review.approval_record import ApprovalRecord, is_approval_path
from workflow_cli.domain.review.assess import assess
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft, FileChange, content_hash, draft_of
from workflow_cli.domain.review.meaning.subject import Announced, announced
from workflow_cli.domain.review.policy import Policy, Reason
from workflow_cli.domain.review.revision import FileRevision
from workflow_cli.domain.review.same_person import is_same_person
from workflow_cli.errors import DocumentError

#: Who made the difference between two states of a tree is not known here.
NOBODY = Author(kind=AuthorKind.PERSON, name="unknown")

_ARCHIVED_DELTA = re.compile(r"openspec/changes/archive/[^/]+/specs/(?P<id>.+)/spec\.md")
_APPROVAL_NAME = re.compile(r"approvals/[^/]+\.yaml\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncovered:
    """One place that lacks a valid approval. `rule` is a policy rule's id, or says what is wrong with an approval."""

    rule: str
    path: str
    line: int | None
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """`base` names the state that the tree was compared with; None where only the history was looked at.

    `approvals` is how many approvals were read, `covered` how many reasons they cover.
    """

    base: str | None
    findings: tuple[Uncovered, ...]
    approvals: int
    covered: int
    revisions: int


@dataclass(frozen=True)
class CheckApprovals:
    documents: Documents
    approvals: ApprovalFiles
    policy: Policy
    reference: Reference | None = None
    base: str | None = None
    _broken: list[Uncovered] = field(default_factory=list)

    def run(self) -> CheckReport:
        """Compare with the reference, if there is one, and look through the history, if there is any."""
        findings = [*self._uncovered, *self._altered, *self._unfit, *self._history]
        findings = [*self._broken, *findings]
        return CheckReport(
            base=self.base,
            findings=tuple(dict.fromkeys(findings)),
            approvals=len(self._records),
            covered=len(self._reasons) - len(self._uncovered),
            revisions=len(self.documents.revisions()),
        )

    def uncovered_difference(self, approver: str) -> tuple[Draft, tuple[Reason, ...]]:
        """The files of the difference that lack an approval, as a draft, and why they need one.

        Its author is `approver` where some of it is theirs, else one of those who edited the files.
        """
        paths = {finding.path for finding in self._uncovered}
        changes = [change for change in self._difference.files if change.path in paths]
        names = self.reference.authors(sorted(paths)) if self.reference and paths else ()
        name = next((name for name in names if is_same_person(name, approver)), next(iter(names), NOBODY.name))
        author = Author(kind=AuthorKind.PERSON, name=name)
        draft = draft_of(changes, author=author, operations=[f"edit {change.path}" for change in changes])
        return draft, tuple(reason for reason in self._reasons if reason.path in paths)

    # -- what differs ----------------------------------------------------------------------------------------

    @cached_property
    def _changed(self) -> Sequence[str]:
        return self.reference.changed() if self.reference else ()

    @cached_property
    def _difference(self) -> Draft:
        assert self.reference is not None or not self._changed
        changes = [
            FileChange(path=path, before=self.reference.content(path), after=self.documents.read(path))
            for path in self._changed
            if self.reference and not is_approval_path(path)
        ]
        return draft_of(changes, author=NOBODY)

    @cached_property
    def _announced(self) -> Announced:
        """What changes announce that were archived, or opened again, since."""
        found: dict[str, frozenset[str]] = {}
        for change in self._difference.files:
            delta = _ARCHIVED_DELTA.fullmatch(change.path)
            if delta and (change.before is None or change.after is None):
                path = f"openspec/specs/{delta['id']}/spec.md"
                names = announced(path, [Document(change.path, change.after or change.before or b"")])
                found[path] = found.get(path, frozenset()) | names
        return found

    @cached_property
    def _reasons(self) -> tuple[Reason, ...]:
        return assess(self._difference, self.policy, announced=self._announced)

    # -- what is approved ------------------------------------------------------------------------------------

    @cached_property
    def _records(self) -> Mapping[str, ApprovalRecord]:
        found = {}
        for path in self.approvals.paths():
            data = self.documents.read(path)
            if data is None:
                continue
            try:
                record = self.approvals.parse(data, path)
            except DocumentError as error:
                self._broken.append(_broken(path, error.message))
                continue
            if record.is_whole:
                found[path] = record
            else:
                self._broken.append(_broken(path, "its hash is not that of the files it names"))
        return found

    @cached_property
    def _steps(self) -> Mapping[str, Sequence[FileRevision]]:
        """By path, from which content to which an approval leads."""
        found: dict[str, list[FileRevision]] = {}
        for record in self._records.values():
            if self._counts(record):
                for file in record.files:
                    found.setdefault(file.path, []).append(file)
        return found

    def _counts(self, record: ApprovalRecord) -> bool:
        by = record.approval.by
        own = self.policy.other_person and is_same_person(by, record.author.name)
        return record.is_approved and bool(by.strip() and record.approval.because.strip()) and not own

    @cached_property
    def _uncovered(self) -> tuple[Uncovered, ...]:
        paths = dict.fromkeys(reason.path for reason in self._reasons)
        covered = {path for path in paths if self._is_covered(path)}
        return tuple(
            Uncovered(
                rule=reason.rule,
                path=reason.path,
                line=reason.line,
                message=f"{reason.message}{self._of_another_text(reason)}",
                hint=f'workflow review approve --base {self.base} --because "..."',
            )
            for reason in self._reasons
            if reason.path not in covered
        )

    def _of_another_text(self, reason: Reason) -> str:
        """That the same was approved, where the file had another text around it, as before others' work was merged."""
        for path, record in self._records.items():
            same = any(
                (one.rule, one.path, one.message) == (reason.rule, reason.path, reason.message)
                for one in record.reasons
            )
            if same and self._counts(record):
                return f"; {path} approved that in another text of the file"
        return ""

    def _is_covered(self, path: str) -> bool:
        """Whether approvals, and edits that need none, lead from what the file was to what it is."""
        change = next((c for c in self._difference.files if c.path == path), None)
        return change is not None and self._lead(path, content_hash(change.before), content_hash(change.after))

    def _lead(self, path: str, start: str | None, goal: str | None) -> bool:
        known = self._known(path)
        reached, new = {start}, [start]
        while new and goal not in reached:
            here = new.pop()
            for there in self._next(path, here, known, reached):
                reached.add(there)
                new.append(there)
        return goal in reached

    def _known(self, path: str) -> Mapping[str | None, bytes | None]:
        """Every text the file is known to have had, with the present one and that of the reference.

        And with the line ends of other checkouts, where an approval names it so: git may write them otherwise on another machine.
        """
        texts = [self.documents.read(path), *self._between(path)]
        if self.reference is not None:
            texts.append(self.reference.content(path))
        named = {hash for step in self._steps.get(path, ()) for hash in (step.before, step.after)}
        other = [text for data in texts if named for text in _with_other_line_ends(data or b"")]
        known: dict[str | None, bytes | None] = {hash: text for text in other if (hash := content_hash(text)) in named}
        return known | {content_hash(data): data for data in texts}

    def _next(
        self,
        path: str,
        here: str | None,
        known: Mapping[str | None, bytes | None],
        reached: set[str | None],
    ) -> Iterable[str | None]:
        approved = {step.after for step in self._steps.get(path, ()) if step.before == here} - reached
        yield from approved
        if here not in known:
            return
        for there, data in known.items():
            if there in reached or there in approved:
                continue
            step = draft_of([FileChange(path=path, before=known[here], after=data)], author=NOBODY)
            if not assess(step, self.policy, announced=self._announced):
                yield there

    def _between(self, path: str) -> Iterable[bytes]:
        if self.reference:
            yield from self.reference.between(path)
        for step in self._steps.get(path, ()):
            for hash in (step.before, step.after):
                if hash is not None:
                    try:
                        yield self.documents.content(hash)
                    except DocumentError:
                        continue  # a checkout elsewhere has another history, or none

    # -- what is wrong with approvals --------------------------------------------------------------------------

    @cached_property
    def _altered(self) -> tuple[Uncovered, ...]:
        """Approvals that are not what they were: they are written once, and move with their change."""
        if self.reference is None:
            return ()
        there = {content_hash(self.documents.read(path)) for path in self.approvals.paths()}
        found = []
        for path in self._changed:
            before = self.reference.content(path) if is_approval_path(path) else None
            if before is None or content_hash(before) in there or self._decided_anew(path, before):
                continue
            gone = self.documents.read(path) is None
            if gone and self._went_with_its_change(path):
                continue
            found.append(
                Uncovered(
                    rule="approval-altered",
                    path=path,
                    line=None,
                    message="the approval was deleted" if gone else "the approval was edited",
                    hint="take the file back from the history",
                )
            )
        return tuple(found)

    def _decided_anew(self, path: str, before: bytes) -> bool:
        """A no may become a yes, and a yes a no, as long as it is about the same draft."""
        record = self._records.get(path)
        try:
            old = self.approvals.parse(before, path)
        except DocumentError:
            return record is not None  # mended
        return (
            record is not None
            and old.approval.draft == record.approval.draft
            and old.approval.decision is not record.approval.decision
        )

    def _went_with_its_change(self, path: str) -> bool:
        change = _APPROVAL_NAME.sub("", path)
        return change != "openspec/" and self.documents.read(f"{change}proposal.md") is None

    @cached_property
    def _unfit(self) -> tuple[Uncovered, ...]:
        """New approvals whose text has changed since, and rejected texts that are in the tree all the same."""
        found = []
        for path in self._changed:
            record = self._records.get(path)
            if record is None:
                continue
            for file in record.files:
                data = self.documents.read(file.path)
                now = content_hash(data)
                if not record.is_approved:
                    same = {now, *map(content_hash, _with_other_line_ends(data or b""))}
                    if file.after in same and file.before not in same:
                        found.append(_unfit("rejected-text", file.path, path, f"{record.approval.by} rejected it"))
                elif now not in (file.before, None) and not self._lead(file.path, file.after, now):
                    found.append(_unfit("approval-void", file.path, path, "the text has changed since"))
        return tuple(found)

    @cached_property
    def _history(self) -> tuple[Uncovered, ...]:
        """Revisions that needed an approval, or were written by a model, and have none for just that draft."""
        found = []
        for revision in self.documents.revisions():
            approval = revision.approval
            needed = bool(revision.reasons) or (
                revision.author.kind is AuthorKind.MODEL and "model-written" not in self.policy.off
            )
            if needed and (approval is None or approval.draft != revision.draft):
                path = next((file.path for file in revision.files), revision.moves[0].source if revision.moves else "")
                found.append(
                    Uncovered(
                        rule=revision.reasons[0] if revision.reasons else "model-written",
                        path=path,
                        line=None,
                        message=f"revision {revision.number} by {revision.author} needed an approval and has none",
                        hint=f"workflow history show {revision.number}",
                    )
                )
        return tuple(found)


def _with_other_line_ends(data: bytes) -> tuple[bytes, ...]:
    if b"\n" not in data:
        return ()
    plain = data.replace(b"\r\n", b"\n")
    return tuple(text for text in (plain, plain.replace(b"\n", b"\r\n")) if text != data)


def _broken(path: str, why: str) -> Uncovered:
    return Uncovered(
        rule="approval-broken", path=path, line=None, message=why, hint="take the file back from the history"
    )


def _unfit(rule: str, path: str, approval: str, why: str) -> Uncovered:
    return Uncovered(
        rule=rule,
        path=path,
        line=None,
        message=f"{approval}: {why}",
        hint="take the text back, or approve what is there now",
    )

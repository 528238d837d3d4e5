"""What was typed for `workflow update`, as operations on documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import locate
from workflow_cli.app.update_documents import Request
from workflow_cli.domain.openspec.edits.operation import (
    AddRequirement,
    AddScenario,
    AddTask,
    AppendSection,
    CheckTask,
    ModifyRequirement,
    Operation,
    RemoveRequirement,
    RenameRequirement,
    SetSection,
    UncheckTask,
)
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents

HERE = "."
_WITH_TEXT = ("add_requirement", "add_scenario", "modify_requirement", "set_section", "append_section")
_SEPARATOR = " > "


# Comparing and printing are left out: so many fields would cost a short command a noticeable part of its time.
@dataclass(kw_only=True, eq=False, repr=False)
class Typed:
    """The options as they were given; see the command's help."""

    paths: tuple[str, ...]
    check_task: tuple[str, ...]
    uncheck_task: tuple[str, ...]
    add_task: tuple[str, ...]
    add_requirement: str | None
    add_scenario: str | None
    modify_requirement: str | None
    rename_requirement: str | None
    remove_requirement: tuple[str, ...]
    set_section: str | None
    append_section: str | None
    edits: str | None
    text: str | None
    file: str | None
    bullet: tuple[str, ...]
    to: str | None
    group: str | None
    migration: str | None
    create: bool
    because: str | None

    def refuse_beside_apply(self, *, plan: Path | None, dry_run: bool) -> None:
        """Raises UsageError for anything that does not go with `--apply`."""
        given = [f.name for f in fields(self) if f.name != "because" and getattr(self, f.name)]
        if given or plan or dry_run:
            raise UsageError("--apply commits what the plan holds; it goes with --because and --as only")

    def refuse_beside_ai(self, *, author: str | None) -> None:
        """Raises UsageError for anything that does not go with `--ai`."""
        given = [f.name for f in fields(self) if f.name not in ("because", "paths") and getattr(self, f.name)]
        if given:
            raise UsageError(f"--ai drafts the edits by itself; leave out --{given[0].replace('_', '-')}")
        if author is not None:
            raise UsageError("with --ai the model is the author; a person approves what it drafted", where="--as")
        if not self.paths:
            raise UsageError("no document was named", hint='workflow update PATH --ai "..."')

    def requests(self, documents: Documents, *, here: str, max_bytes: int) -> list[Request]:
        """One request for each document and what is done to it; no text is read from a file beyond `max_bytes`.

        Raises UsageError, DocumentError, and what `locate` raises.
        """
        self._refuse_strays()
        found: list[Request] = []
        own = self._has_own
        for path in self.paths:
            document, _, address = path.partition("#")
            if own:
                operations = self._operations(address, max_bytes)
                found.append(Request(path=locate(documents, document, operations, here=here), operations=operations))
        if self.edits is not None:
            found += self._listed(documents, here, max_bytes)
        if not found:
            raise UsageError("nothing to do", hint="name an edit, such as --check-task 1.2, or --edits FILE")
        return found

    @property
    def _has_own(self) -> bool:
        lists = (self.check_task, self.uncheck_task, self.add_task, self.remove_requirement)
        return any(lists) or any(getattr(self, name) is not None for name in (*_WITH_TEXT, "rename_requirement"))

    def _refuse_strays(self) -> None:
        if self._has_own and not self.paths:
            raise UsageError("no document was named", hint="workflow update PATH ...")
        texts = [name for name in _WITH_TEXT if getattr(self, name) is not None]
        if len(texts) > 1:
            raise UsageError("one edit with a text at a time", hint="--edits FILE takes several")
        if self.text is not None and self.file is not None:
            raise UsageError("--text and --file are two texts; give one")
        given = self.text is not None or self.file is not None
        if given and not texts:
            raise UsageError("--text and --file go with an edit that takes a text")
        if texts and not given and not self.bullet:
            raise UsageError(f"--{texts[0].replace('_', '-')} needs its text", hint="--text TEXT, or --file FILE")
        if self.bullet and self.append_section is None:
            raise UsageError("--bullet goes with --append-section")
        if self.bullet and given:
            raise UsageError("--bullet and --text are two texts; give one")
        if (self.rename_requirement is None) != (self.to is None):
            raise UsageError("--rename-requirement NAME and --to NEW go together")
        if self.group is not None and not self.add_task:
            raise UsageError("--group goes with --add-task")

    def _operations(self, address: str, max_bytes: int) -> tuple[Operation, ...]:
        """In an order in which the ones make room for the others: old goes first, tasks last."""
        found: list[Operation] = []
        body = self._body(max_bytes) if self.text is not None or self.file is not None else ""
        for name in self.remove_requirement:
            found.append(
                RemoveRequirement(requirement=_at(name, address), reason=self.because, migration=self.migration)
            )
        if self.rename_requirement is not None and self.to is not None:
            found.append(RenameRequirement(requirement=_at(self.rename_requirement, address), to=self.to))
        if self.modify_requirement is not None:
            found.append(_modified(_at(self.modify_requirement, address), body))
        if self.add_requirement is not None:
            found.append(AddRequirement(name=self.add_requirement, text=body))
        if self.add_scenario is not None:
            found.append(_scenario(self.add_scenario, address, body))
        if self.set_section is not None:
            found.append(SetSection(section=_below(self.set_section, address), text=body, create=self.create))
        if self.append_section is not None:
            section = _below(self.append_section, address)
            texts: list[tuple[str | None, str | None]] = [(None, item) for item in self.bullet] or [(body, None)]
            found += [AppendSection(section=section, text=t, bullet=b, create=self.create) for t, b in texts]
        found += [CheckTask(task=_at(task, address)) for task in self.check_task]
        found += [UncheckTask(task=_at(task, address)) for task in self.uncheck_task]
        group = self.group or (address or None)
        found += [AddTask(text=task, group=group, create=self.create) for task in self.add_task]
        return tuple(found)

    def _body(self, max_bytes: int) -> str:
        if self.text is not None:
            return self.text
        assert self.file is not None
        data = _read(self.file, max_bytes)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError("not UTF-8", where=self.file) from error

    def _listed(self, documents: Documents, here: str, max_bytes: int) -> list[Request]:
        from workflow_cli import wiring
        from workflow_cli.domain.openspec.edits.parse import parse_edits

        assert self.edits is not None
        value = wiring.edit_list(_read(self.edits, max_bytes), self.edits)
        found: list[Request] = []
        if isinstance(value, dict):
            from workflow_cli.app.loose_update import loose_requests

            for path in self.paths:
                found += loose_requests(documents, path, value, here=here)
            return found
        requests = parse_edits(value)
        for request in requests:
            named = [request.path] if request.path is not None else [p.partition("#")[0] for p in self.paths]
            if not named:
                raise UsageError("an edit names no document", where=self.edits, hint="give PATH, or `path` in the edit")
            operations = (request.operation,)
            found += [Request(path=locate(documents, n, operations, here=here), operations=operations) for n in named]
        return found


def _read(name: str, max_bytes: int) -> bytes:
    from workflow_cli.cli.given_file import read_given

    return read_given(name, max_bytes=max_bytes, missing=UsageError)


def _at(name: str, address: str) -> str:
    """The name; where it is `.`, what the path's address names."""
    if name != HERE:
        return name
    if not address:
        raise UsageError("'.' stands for what PATH#ADDRESS names, and there is no address")
    return address


def _below(section: str, address: str) -> str:
    """A section below the one the path's address names."""
    return _at(section, address) if section == HERE or not address else f"{address}{_SEPARATOR}{section}"


def _modified(name: str, body: str) -> ModifyRequirement:
    is_heading: Callable[[str], bool] = lambda line: line.startswith(("### Requirement:", "#### "))  # noqa: E731
    whole = any(is_heading(line) for line in body.splitlines())
    return ModifyRequirement(requirement=name, block=body if whole else None, text=None if whole else body)


def _scenario(named: str, address: str, body: str) -> AddScenario:
    requirement, separator, name = named.rpartition(_SEPARATOR)
    requirement = _at(requirement, address) if separator else address
    if name == HERE:
        raise UsageError("'.' is no name for a new scenario", hint='--add-scenario ". > Bad password"')
    if not requirement:
        raise UsageError(
            f"--add-scenario {named!r} does not say of which requirement", hint='--add-scenario "Login > Bad password"'
        )
    return AddScenario(requirement=requirement.rpartition(_SEPARATOR)[2], name=name, text=body)

"""New names that people cannot tell from others that are there; nothing is wrong with them for a computer."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.delta import read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.openspec.look import look, told_apart
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import read_spec


def lookalikes(kind: PageKind, before: bytes, after: bytes, *, path: str, main: bytes | None) -> Iterator[str]:
    """What is to be said of each name of a spec or delta that only `after` has."""
    known = {requirement.name for requirement in _requirements(kind, before, path)}
    requirements = _requirements(kind, after, path)
    others = [requirement.name for requirement in requirements]
    in_main = [] if main is None else [requirement.name for requirement in _requirements(PageKind.SPEC, main, path)]
    for name in others:
        if name not in known and (other := _twin(name, [*others, *in_main])):
            yield _told("requirement", name, other)
    for source, target in _renames(kind, after, path):
        if target not in known and (other := _twin(target, [one for one in in_main if one != source])):
            yield _told("requirement", target, other)
    scenarios_before = {
        (one.name, scenario.name) for one in _requirements(kind, before, path) for scenario in one.scenarios
    }
    for requirement in requirements:
        names = [scenario.name for scenario in requirement.scenarios]
        for name in names:
            if (requirement.name, name) not in scenarios_before and (other := _twin(name, names)):
                yield _told("scenario", name, other)


def _requirements(kind: PageKind, data: bytes, path: str) -> tuple[Requirement, ...]:
    document = Document(path, data)
    if kind is PageKind.SPEC:
        return read_spec("", document).requirements
    delta = read_delta("", document)
    return (*delta.added, *delta.modified)


def _renames(kind: PageKind, data: bytes, path: str) -> list[tuple[str, str]]:
    if kind is PageKind.SPEC:
        return []
    return [(rename.source, rename.target) for rename in read_delta("", Document(path, data)).renamed]


def _twin(name: str, others: list[str]) -> str | None:
    return next((other for other in others if other != name and look(other) == look(name)), None)


def _told(what: str, name: str, other: str) -> str:
    return f'{what} "{name}" looks like "{other}", but is another name{told_apart(name, other)}'

"""Commits of every kind, each with the tree it starts from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange, draft_of

AUTH = "openspec/specs/auth/spec.md"
MAIL = "openspec/specs/mail/spec.md"
CHANGE = "openspec/changes/add-login"
ADA = Author(kind=AuthorKind.PERSON, name="Ada <ada@example.org>")

FILES = {
    AUTH: b"# auth\r\n" * 400,
    MAIL: b"# mail\n" * 300,
    f"{CHANGE}/proposal.md": b"# Proposal\n",
    f"{CHANGE}/tasks.md": b"- [ ] 1\n",
    f"{CHANGE}/specs/auth/spec.md": b"## ADDED\n",
}


@dataclass(frozen=True)
class Scenario:
    name: str
    draft: Draft
    earlier: int = 2


def change(path: str, after: bytes | None) -> FileChange:
    return FileChange(path=path, before=FILES.get(path), after=after)


def _draft(*changes: FileChange, moves: tuple[DirectoryMove, ...] = ()) -> Draft:
    return draft_of(changes, author=ADA, because="a test", moves=moves)


ARCHIVE = DirectoryMove(source=CHANGE, target="openspec/changes/archive/2026-01-01-add-login")

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("the first commit of all", _draft(change(AUTH, b"new\n")), earlier=0),
        Scenario("one file", _draft(change(AUTH, FILES[AUTH] + b"more\n"))),
        Scenario("a new file in new directories", _draft(change("openspec/specs/a/b/spec.md", b"new\n"))),
        Scenario("a file goes, and its directory with it", _draft(change(MAIL, None))),
        Scenario(
            "several files",
            _draft(
                change(AUTH, b"new auth\n"),
                change(MAIL, None),
                change(f"{CHANGE}/tasks.md", b"- [x] 1\n"),
                change("openspec/specs/new/spec.md", b"new\n"),
            ),
        ),
        Scenario("a move", _draft(moves=(ARCHIVE,))),
        Scenario(
            "an archive: specs, then the move",
            _draft(change(AUTH, b"merged\n"), change(f"{CHANGE}/tasks.md", b"- [x] 1\n"), moves=(ARCHIVE,)),
        ),
    )
}


def open_documents(root: Path) -> DocumentsOnDisk:
    return DocumentsOnDisk(root, clock=SystemClock(), lock_timeout=20)


def prepare(root: Path, scenario: Scenario) -> None:
    """Write the files, and give them a short history that leaves them as they are."""
    for path, data in FILES.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (root / AUTH).chmod(0o666)  # of which the usual umask takes something away
    documents = open_documents(root)
    for number in range(scenario.earlier):
        before, after = (FILES[AUTH], b"between\n")[:: 1 if number % 2 == 0 else -1]
        documents.commit(draft_of([FileChange(path=AUTH, before=before, after=after)], author=ADA))
    documents.close()


def snapshot(root: Path) -> dict[str, bytes | None]:
    """Every file with its bytes and every directory with None, `.workflow` left out."""
    found: dict[str, bytes | None] = {}
    for directory, names, files in os.walk(root):
        if directory == str(root):
            names[:] = [name for name in names if name != ".workflow"]
        for name in names:
            found[os.path.relpath(os.path.join(directory, name), root)] = None
        for name in files:
            path = os.path.join(directory, name)
            found[os.path.relpath(path, root)] = Path(path).read_bytes()
    return found


def expected(root: Path, scenario: Scenario, copy: Callable[[], Path]) -> tuple[dict[str, bytes | None], ...]:
    """The tree before and after the commit."""
    done = copy()
    documents = open_documents(done)
    documents.commit(scenario.draft)
    documents.close()
    return snapshot(root), snapshot(done)

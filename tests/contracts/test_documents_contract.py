"""What every `Documents` promises, held against the one on disk and the one in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.documents import DocumentsInMemory
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.errors import DocumentError, StaleDocument

SPEC = "openspec/specs/auth/spec.md"
TASKS = "openspec/changes/add-login/tasks.md"
ARCHIVED = "openspec/changes/archive/2026-01-01-add-login"
ADA = Author(kind=AuthorKind.PERSON, name="Ada <ada@example.org>")


@dataclass
class Tree:
    """`put` and `get` are somebody else's hands on the files; `put` with None removes one."""

    documents: Any
    put: Callable[[str, bytes | None], None]
    get: Callable[[str], bytes | None]

    def write(self, *changes: tuple[str, bytes | None], **words: Any) -> Any:
        """Commit these new contents, against what is there."""
        files = [FileChange(path=path, before=self.get(path), after=after) for path, after in changes]
        return self.documents.commit(draft_of(files, **{"author": ADA, **words}))


def on_disk(root: Path) -> Iterator[Tree]:
    def put(path: str, data: bytes | None) -> None:
        place = root / path
        if data is None:
            place.unlink()
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)

    documents = DocumentsOnDisk(root, clock=SystemClock())
    yield Tree(documents, put, lambda path: (root / path).read_bytes() if (root / path).exists() else None)
    documents.close()


def in_memory(root: Path) -> Iterator[Tree]:
    documents = DocumentsInMemory()

    def put(path: str, data: bytes | None) -> None:
        documents.files.pop(path, None)
        if data is not None:
            documents.files[path] = data

    yield Tree(documents, put, lambda path: documents.files.get(path))


@pytest.fixture(params=[on_disk, in_memory])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tree]:
    yield from request.param(tmp_path)


def draft(*files: FileChange, **words: Any) -> Draft:
    return draft_of(files, **{"author": ADA, **words})


class TestReading:
    def test_a_file_gives_its_bytes(self, tree: Tree) -> None:
        tree.put(SPEC, b"\xef\xbb\xbf# A\r\n\xff no utf-8")
        assert tree.documents.read(SPEC) == b"\xef\xbb\xbf# A\r\n\xff no utf-8"

    def test_no_file_is_none(self, tree: Tree) -> None:
        assert tree.documents.read(SPEC) is None

    @pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "openspec//x", "./x", "x\0y"])
    def test_a_path_that_leads_elsewhere_is_refused(self, tree: Tree, path: str) -> None:
        with pytest.raises(DocumentError):
            tree.documents.read(path)

    def test_the_history_of_an_untouched_tree_is_empty(self, tree: Tree) -> None:
        assert list(tree.documents.revisions()) == []
        assert list(tree.documents.verify()) == []


class TestCommit:
    def test_a_new_file_is_written_with_its_directories(self, tree: Tree) -> None:
        tree.write((SPEC, b"new"))
        assert tree.get(SPEC) == b"new"

    def test_a_file_is_replaced(self, tree: Tree) -> None:
        tree.put(SPEC, b"old")
        tree.write((SPEC, b"new"))
        assert tree.get(SPEC) == b"new"

    def test_a_file_is_removed(self, tree: Tree) -> None:
        tree.put(SPEC, b"old")
        tree.write((SPEC, None))
        assert tree.get(SPEC) is None

    def test_several_files_and_a_move_are_one_revision(self, tree: Tree) -> None:
        tree.put(TASKS, b"- [ ] 1")
        tree.write((SPEC, b"new"), (TASKS, b"- [x] 1"), moves=[DirectoryMove(source=TASKS[:-9], target=ARCHIVED)])
        assert tree.get(f"{ARCHIVED}/tasks.md") == b"- [x] 1"
        assert (tree.get(TASKS), tree.get(SPEC)) == (None, b"new")
        assert len(tree.documents.revisions()) == 1

    def test_an_empty_draft_is_no_commit(self, tree: Tree) -> None:
        with pytest.raises(ValueError, match="empty"):
            tree.documents.commit(draft(FileChange(path=SPEC, before=None, after=None)))
        assert list(tree.documents.revisions()) == []

    @pytest.mark.parametrize(("of", "decision"), [("another", Decision.APPROVED), ("this", Decision.REJECTED)])
    def test_an_approval_allows_its_own_draft_only(self, tree: Tree, of: str, decision: Decision) -> None:
        plan = draft(FileChange(path=SPEC, before=None, after=b"new"))
        hash = plan.hash if of == "this" else "0" * 64
        approval = Approval(draft=hash, decision=decision, by="Ada", because="", at="2026-01-01T00:00:00Z")
        with pytest.raises(ValueError, match="approval"):
            tree.documents.commit(plan, approval=approval)
        assert tree.get(SPEC) is None

    @pytest.mark.parametrize("there", [b"theirs", None])
    def test_a_file_that_changed_stops_everything(self, tree: Tree, there: bytes | None) -> None:
        tree.put(SPEC, b"old")
        tree.put(TASKS, b"old")
        stale = draft(
            FileChange(path=SPEC, before=b"old", after=b"new"), FileChange(path=TASKS, before=b"old", after=b"new")
        )
        tree.put(TASKS, there)
        with pytest.raises(StaleDocument):
            tree.documents.commit(stale)
        assert (tree.get(SPEC), tree.get(TASKS)) == (b"old", there)
        assert list(tree.documents.revisions()) == []

    def test_a_file_that_should_not_be_there_stops_everything(self, tree: Tree) -> None:
        tree.put(SPEC, b"theirs")
        with pytest.raises(StaleDocument):
            tree.documents.commit(draft(FileChange(path=SPEC, before=None, after=b"new")))
        assert tree.get(SPEC) == b"theirs"

    def test_a_file_that_must_only_stay_as_it_is_counts_too(self, tree: Tree) -> None:
        tree.put(SPEC, b"theirs")
        careful = Draft(
            files=(
                FileChange(path=SPEC, before=b"old", after=b"old"),
                FileChange(path=TASKS, before=None, after=b"new"),
            ),
            author=ADA,
        )
        with pytest.raises(StaleDocument):
            tree.documents.commit(careful)
        assert tree.get(TASKS) is None

    def test_a_move_onto_something_is_refused(self, tree: Tree) -> None:
        tree.put(TASKS, b"- [ ] 1")
        tree.put(f"{ARCHIVED}/tasks.md", b"earlier")
        with pytest.raises((DocumentError, StaleDocument)):
            tree.write((SPEC, b"new"), moves=[DirectoryMove(source=TASKS[:-9], target=ARCHIVED)])
        assert (tree.get(TASKS), tree.get(f"{ARCHIVED}/tasks.md"), tree.get(SPEC)) == (b"- [ ] 1", b"earlier", None)

    def test_it_may_stand_inside_a_lock_that_is_held(self, tree: Tree) -> None:
        with tree.documents.lock(), tree.documents.lock():
            tree.write((SPEC, b"new"))
        assert tree.get(SPEC) == b"new"


class TestHistory:
    def test_a_revision_says_everything_about_its_commit(self, tree: Tree) -> None:
        plan = draft(
            FileChange(path=SPEC, before=None, after=b"new"),
            operations=["add requirement Login"],
            because="asked for\x1b[31m",
            author=Author(kind=AuthorKind.MODEL, name="some-model"),
            provenance={"question": "q-1", "answer": "a-1"},
        )
        yes = Approval(draft=plan.hash, decision=Decision.APPROVED, by="Ada", because="fine", at="2026-01-01T00:00:00Z")
        returned = tree.documents.commit(plan, approval=yes, reasons=["written-by-model"])
        (kept,) = tree.documents.revisions()
        assert kept == returned
        assert (kept.number, kept.draft, kept.approval, kept.reasons) == (1, plan.hash, yes, ("written-by-model",))
        assert (kept.author, kept.because, kept.operations) == (plan.author, plan.because, plan.operations)
        assert dict(kept.provenance) == {"question": "q-1", "answer": "a-1"}
        assert [(f.path, f.before) for f in kept.files] == [(SPEC, None)]

    def test_numbers_count_from_one_without_gaps(self, tree: Tree) -> None:
        for n in range(3):
            tree.write((SPEC, b"%d" % n))
        revisions = tree.documents.revisions()
        assert [r.number for r in revisions] == [1, 2, 3]
        assert len({r.id for r in revisions}) == 3

    def test_every_text_found_or_written_can_be_had_again(self, tree: Tree) -> None:
        tree.put(SPEC, b"found")
        tree.write((SPEC, b"written"))
        tree.write((SPEC, None))
        first, second = tree.documents.revisions()
        hashes = (first.files[0].before, first.files[0].after, second.files[0].before)
        assert [tree.documents.content(hash) for hash in hashes] == [b"found", b"written", b"written"]

    def test_a_text_that_was_never_there_is_an_error(self, tree: Tree) -> None:
        with pytest.raises(DocumentError):
            tree.documents.content("0" * 64)

    def test_the_revisions_of_a_path_follow_moves_both_ways(self, tree: Tree) -> None:
        tree.write((TASKS, b"1"))
        tree.write((SPEC, b"other"))
        tree.documents.commit(draft(moves=[DirectoryMove(source=TASKS[:-9], target=ARCHIVED)]))
        tree.write((f"{ARCHIVED}/tasks.md", b"2"))
        for name in (TASKS, f"{ARCHIVED}/tasks.md"):
            assert [r.number for r in tree.documents.revisions(path=name)] == [1, 3, 4]
        assert [r.number for r in tree.documents.revisions(path=SPEC)] == [2]

    def test_a_check_says_what_a_commit_would_and_writes_nothing(self, tree: Tree) -> None:
        tree.put(SPEC, b"one\n")
        tree.documents.check(draft_of([FileChange(path=SPEC, before=b"one\n", after=b"two\n")], author=ADA))
        assert tree.get(SPEC) == b"one\n"
        assert not tree.documents.revisions()
        with pytest.raises(StaleDocument):
            tree.documents.check(draft_of([FileChange(path=SPEC, before=b"three\n", after=b"two\n")], author=ADA))

    def test_the_same_draft_again_is_stale(self, tree: Tree) -> None:
        once = draft(FileChange(path=SPEC, before=None, after=b"new"))
        tree.documents.commit(once)
        with pytest.raises(StaleDocument):
            tree.documents.commit(once)
        assert len(tree.documents.revisions()) == 1

"""The documents on disk when things go wrong: faults of the system, other hands, and the place itself."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.as_nobody import NOBODY
from tests.faults.scenarios import ADA, AUTH, FILES, MAIL, SCENARIOS, Scenario, expected, open_documents, prepare
from tests.faults.scenarios import snapshot as tree_of
from tests.faults.write_points import At, count, watched
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.adapters.history_store import HistoryStore
from workflow_cli.domain.review.draft import DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.errors import DocumentError, StaleDocument, WorkflowError

REPOSITORY = Path(__file__).parents[2]
OPEN_FILES = Path("/proc/self/fd")
ONE_FILE, SEVERAL = SCENARIOS["one file"], SCENARIOS["several files"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    prepare(root, ONE_FILE)
    return root


@pytest.fixture
def documents(root: Path) -> DocumentsOnDisk:
    return open_documents(root)


def draft(*files: FileChange, moves: tuple[DirectoryMove, ...] = ()) -> Draft:
    return draft_of(files, author=ADA, moves=moves)


def change(path: str, after: bytes | None) -> FileChange:
    return FileChange(path=path, before=FILES.get(path), after=after)


def refused(documents: DocumentsOnDisk, draft: Draft, error: type[WorkflowError] = DocumentError) -> WorkflowError:
    """The refusal, after which the tree is as it was and nothing is in the history."""
    seen, revisions = tree_of(documents.root), len(documents.revisions())
    with pytest.raises(error) as raised:
        documents.commit(draft)
    assert tree_of(documents.root) == seen
    assert len(documents.revisions()) == revisions
    return raised.value


class Copies:
    """Copies of a scenario's tree, and how it looks before and after the commit."""

    def __init__(self, place: Path, scenario: Scenario) -> None:
        self.template, self.root, self.scenario = place / "template", place / "tree", scenario
        self.template.mkdir()
        prepare(self.template, scenario)
        self.before, self.after = expected(self.template, scenario, self.copy)

    def copy(self) -> Path:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.template, self.root)
        return self.root

    def points(self) -> list[str]:
        documents = open_documents(self.copy())
        return count(lambda: documents.commit(self.scenario.draft))

    def check_and_commit(self) -> None:
        """The commit can be made now, unless it is there already, and the history is whole."""
        documents = open_documents(self.root)
        if tree_of(self.root) == self.before:
            documents.commit(self.scenario.draft)
        assert tree_of(self.root) == self.after
        assert documents.verify() == []
        assert len(documents.revisions()) == self.scenario.earlier + 1
        documents.close()


def in_between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have `act` done by somebody else when every base was compared and nothing is written yet."""
    real = HistoryStore.begin

    def begin(self: HistoryStore, *arguments: object) -> None:
        real(self, *arguments)  # type: ignore[arg-type]
        act()

    monkeypatch.setattr(HistoryStore, "begin", begin)


def _can_do_without() -> bool:
    """Whether the call is one for the start of the machine, or for git to ignore what is kept."""
    stack = traceback.extract_stack()
    return any(frame.filename.endswith("stray_files.py") or frame.name == "have_git_ignore" for frame in stack)


def open_files() -> int:
    return len(os.listdir(OPEN_FILES))


class TestFaultsOfTheSystem:
    @pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
    def test_a_fault_at_any_point_changes_nothing(self, tmp_path: Path, scenario: Scenario) -> None:
        """Whatever call fails, with whatever error: the tree is as before, and the next commit succeeds."""
        trees = Copies(tmp_path, scenario)
        points = trees.points()
        codes = [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO]
        for number, point in enumerate(points, 1):
            if point.startswith("after"):
                continue  # no call that could fail
            code = codes[number % len(codes)]

            dispensable: list[bool] = []

            def fail(code: int = code, dispensable: list[bool] = dispensable) -> None:
                dispensable.append(_can_do_without())
                raise OSError(code, os.strerror(code))

            documents = open_documents(trees.copy())
            stops = False
            hook = At(number, fail)
            with watched(hook):
                try:
                    documents.commit(scenario.draft)
                except DocumentError:
                    stops = True
            point = hook.points[number - 1]  # the two threads of a commit may have passed in another order
            # Nor does what is in the lock's file stop anything by being missing.
            assert stops == (point not in ("ftruncate", "pwrite") and not any(dispensable)), point
            assert tree_of(trees.root) == (trees.before if stops else trees.after), point
            documents.close()
            trees.check_and_commit()

    @pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
    def test_an_interrupt_at_any_point_leaves_all_or_nothing(self, tmp_path: Path, scenario: Scenario) -> None:
        """At once, without a next start; and the history says the same as the tree."""
        trees = Copies(tmp_path, scenario)
        points = trees.points()
        for number, point in enumerate(points, 1):

            def interrupt() -> None:
                raise KeyboardInterrupt

            documents = open_documents(trees.copy())
            with watched(At(number, interrupt)), pytest.raises(KeyboardInterrupt):
                documents.commit(scenario.draft)
            seen, made = tree_of(trees.root), len(documents.revisions()) - scenario.earlier
            assert (seen, made) in ((trees.before, 0), (trees.after, 1)), point
            documents.close()
            trees.check_and_commit()

    def test_a_directory_that_may_not_be_written_is_refused(self, tmp_path: Path) -> None:
        """Root may write everywhere, so as root somebody without rights tries it, where they may go."""
        prepare(tmp_path / "warm", ONE_FILE)
        with tempfile.TemporaryDirectory() as place:
            root = Path(place) / "project"
            prepare(root, ONE_FILE)
            directory = root / "openspec" / "specs" / "auth"
            if os.geteuid() == 0:
                for path in (Path(place), *Path(place).rglob("*")):
                    os.chown(path, NOBODY, NOBODY)
            directory.chmod(0o555)
            seen = tree_of(root)
            command = [sys.executable, "-m", "tests.faults.as_nobody", str(root), str(tmp_path / "warm")]
            said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
            assert said.stdout.startswith(f"{AUTH}: cannot write: Permission denied; nothing was changed")
            assert said.stdout.endswith(f"; {ONE_FILE.earlier} revisions\n")
            assert tree_of(root) == seen
            directory.chmod(0o755)

    def test_a_full_disk_that_stays_full_changes_nothing(self, root: Path, documents: DocumentsOnDisk) -> None:
        """Every later call that needs room fails too, those of taking back included."""
        seen = tree_of(root)

        def full(name: str) -> None:
            if name in ("open", "write", "mkdir", "before INSERT", "before DELETE", "before UPDATE"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def from_the_third_open(name: str, opened: list[str] = []) -> None:  # noqa: B006 - counts
            opened.append(name)
            if opened.count("open") > 2 and name != "before INSERT":
                full(name)

        with watched(from_the_third_open), pytest.raises(DocumentError, match="No space left"):
            documents.commit(SEVERAL.draft)
        assert tree_of(root) == seen
        documents.close()
        again = open_documents(root)
        assert again.commit(SEVERAL.draft).number == 3
        assert again.verify() == []

    @pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="this system does not say which files are open")
    def test_what_is_replaced_is_closed_after_that_and_not_kept_by_hundreds(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Closing the last that knows an old text has the system free its room, so that waits for the flush."""
        many = [FileChange(path=f"openspec/specs/auth/{n}.md", before=b"old", after=b"new") for n in range(200)]
        for file in many:
            (root / file.path).write_bytes(b"old")
        documents.commit(ONE_FILE.draft)
        before, seen = open_files(), []
        with watched(lambda name: seen.append(open_files()) if name == "rename" else None):
            documents.commit(draft(*many))
        assert 50 < max(seen) - before < 100
        assert open_files() == before
        in_between(monkeypatch, lambda: (root / MAIL).write_bytes(b"theirs"))
        both = draft(FileChange(path=AUTH, before=ONE_FILE.draft.files[0].after, after=b"new"), change(MAIL, b"new"))
        with pytest.raises(StaleDocument):
            documents.commit(both)
        assert open_files() == before

    def test_a_history_that_can_have_no_log_is_written_all_the_same(self, root: Path) -> None:
        """As on a file system without shared memory."""
        with contextlib.closing(sqlite3.connect(root / ".workflow" / "history.db")) as database:
            assert database.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
        documents = open_documents(root)
        documents.commit(SEVERAL.draft)
        assert not (root / ".workflow" / "history.db-wal").exists()
        assert documents.verify() == []
        documents.close()


class TestAMachineThatStopped:
    """The plan is in the log, the new bytes are beside the documents, and only these have reached the disk."""

    STRAY = "openspec/specs/auth/.workflow-0123456789abcdef-0.tmp"

    @pytest.fixture
    def another_start(self, root: Path, documents: DocumentsOnDisk) -> Path:
        """The file that says for which start of the machine the tree was looked through; another one by now."""
        with documents.lock():
            pass
        documents.close()
        said = root / ".workflow" / "machine-start"
        if not said.exists():
            pytest.skip("this system does not tell its starts apart, so nothing is written before the plan is flushed")
        said.write_text("another")
        return said

    def test_bytes_whose_plan_was_lost_are_removed(self, root: Path, another_start: Path, tmp_path: Path) -> None:
        before, lost = tree_of(root), tmp_path / "lost"
        shutil.copytree(root / ".workflow", tmp_path / "state")
        both = draft(change(AUTH, b"new"), change(MAIL, b"new"))
        switched: list[str] = []

        def stop(name: str) -> None:
            if name == "rename" and not switched:
                switched.append(name)
                shutil.copytree(root / "openspec", lost / "openspec")

        with watched(stop):
            open_documents(root).commit(both)
        (tmp_path / "state").rename(lost / ".workflow")
        assert len(strays(lost)) == 2
        documents = open_documents(lost)
        with documents.lock():
            pass
        assert tree_of(lost) == before
        assert documents.verify() == []
        assert documents.commit(both).number == ONE_FILE.earlier + 1
        assert tree_of(lost) == tree_of(root)

    def test_the_tree_is_looked_through_once_a_start(self, root: Path, another_start: Path) -> None:
        for _ in range(2):
            (root / self.STRAY).write_bytes(b"")
            documents = open_documents(root)
            with documents.lock():
                pass
            documents.close()
        assert (root / self.STRAY).exists()
        assert another_start.read_text() != "another"

    def test_only_files_of_ours_are_removed_and_none_through_a_link(
        self, root: Path, another_start: Path, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        kept = [elsewhere / Path(self.STRAY).name, root / f"{self.STRAY}.md", root / f"{self.STRAY}x"]
        kept += [root / AUTH.replace("spec.md", ".workflow-notes-0.tmp")]
        for path in (*kept, root / self.STRAY):
            path.write_bytes(b"text")
        (root / "openspec" / "linked").symlink_to(elsewhere)
        with open_documents(root).lock():
            pass
        assert not (root / self.STRAY).exists()
        assert [path.read_bytes() for path in kept] == [b"text"] * len(kept)

    @pytest.mark.parametrize("why", ["nothing tells starts apart", "a document elsewhere"])
    def test_where_strays_would_not_be_found_the_plan_is_flushed_first(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch, why: str
    ) -> None:
        path = "workflow.yaml" if why == "a document elsewhere" else AUTH
        if why == "nothing tells starts apart":
            monkeypatch.setattr("workflow_cli.adapters.documents.remove_strays", lambda root: False)
        seen: list[str] = []
        with documents.lock(), watched(seen.append):
            documents.commit(draft(change(path, b"new")))
        flushed = seen.index("fsync")
        assert "write" not in seen[:flushed]
        assert "write" in seen[flushed:]


def strays(root: Path) -> list[str]:
    return [path for path in tree_of(root) if path.endswith(".tmp")]


class TestOtherHands:
    def test_an_edit_between_check_and_write_is_kept(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        in_between(monkeypatch, lambda: (root / MAIL).write_bytes(b"theirs"))
        with pytest.raises(StaleDocument):
            documents.commit(draft(change(AUTH, b"new"), change(MAIL, b"new")))
        assert (root / MAIL).read_bytes() == b"theirs"
        assert (root / AUTH).read_bytes() == FILES[AUTH]

    def test_a_link_put_in_a_directorys_place_is_not_followed(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "spec.md").write_bytes(FILES[AUTH])
        directory = root / "openspec" / "specs" / "auth"

        def swap() -> None:
            directory.rename(tmp_path / "aside")
            directory.symlink_to(elsewhere)

        in_between(monkeypatch, swap)
        with pytest.raises(WorkflowError):
            documents.commit(draft(change(AUTH, b"new"), change(MAIL, b"new")))
        assert [p.name for p in elsewhere.iterdir()] == ["spec.md"]
        assert (elsewhere / "spec.md").read_bytes() == FILES[AUTH]
        assert [p.name for p in (tmp_path / "aside").iterdir()] == ["spec.md"]
        assert (tmp_path / "aside" / "spec.md").read_bytes() == FILES[AUTH]
        assert (root / MAIL).read_bytes() == FILES[MAIL]

    def test_a_link_put_in_a_files_place_is_not_followed(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret"
        secret.write_bytes(FILES[AUTH])

        def swap() -> None:
            (root / AUTH).unlink()
            (root / AUTH).symlink_to(secret)

        in_between(monkeypatch, swap)
        with pytest.raises(DocumentError, match="link"):
            documents.commit(draft(change(AUTH, b"new")))
        assert secret.read_bytes() == FILES[AUTH]
        assert (root / AUTH).is_symlink()

    def test_a_file_replaced_by_a_directory_is_refused(
        self, root: Path, documents: DocumentsOnDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def swap() -> None:
            (root / AUTH).unlink()
            (root / AUTH).mkdir()

        in_between(monkeypatch, swap)
        with pytest.raises(DocumentError):
            documents.commit(draft(change(AUTH, b"new"), change(MAIL, b"new")))
        assert (root / AUTH).is_dir()
        assert list((root / AUTH).iterdir()) == []
        assert (root / MAIL).read_bytes() == FILES[MAIL]

    def test_what_a_killed_commit_left_never_overwrites_an_edit(self, root: Path, documents: DocumentsOnDisk) -> None:
        """The rest is taken back, the conflict is told, and what would have been written stays in the history."""
        cut_off(documents)
        assert (root / AUTH).read_bytes() == b"ours auth"
        (root / MAIL).write_bytes(b"theirs")
        again = open_documents(root)
        assert again.read(MAIL) == b"theirs"
        assert again.read(AUTH) == FILES[AUTH]
        assert "mail/spec.md was changed by somebody else" in again.notices[0]
        ((_, body, _),) = again.interrupted()
        kept = {path: again.content(after) for path, _, after in json.loads(body)["files"]}
        assert kept == {AUTH: b"ours auth", MAIL: b"ours mail"}
        assert again.verify() == []

    def test_what_a_killed_commit_left_is_finished_and_told(self, root: Path, documents: DocumentsOnDisk) -> None:
        cut_off(documents)
        again = open_documents(root)
        assert (again.read(AUTH), again.read(MAIL)) == (b"ours auth", b"ours mail")
        assert again.notices == ["a commit that had been cut off was finished: revision 3"]

    def test_whoever_looked_before_it_began_sees_to_it_all_the_same(
        self, root: Path, documents: DocumentsOnDisk
    ) -> None:
        assert documents.read(AUTH) == FILES[AUTH]
        assert documents.commit(ONE_FILE.draft).number == 3
        documents.commit(draft(FileChange(path=AUTH, before=ONE_FILE.draft.files[0].after, after=FILES[AUTH])))
        cut_off(documents)
        assert documents.read(MAIL) == b"ours mail"
        assert [revision.number for revision in documents.revisions()] == [1, 2, 3, 4, 5]

    def test_a_commit_of_its_own_that_could_not_be_taken_back_is_seen_to_at_the_next_look(
        self, root: Path, documents: DocumentsOnDisk
    ) -> None:
        seen, broken = tree_of(root), True

        def fail(name: str) -> None:
            if broken and name in ("before UPDATE", "before DELETE"):
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        with watched(fail), pytest.raises(DocumentError):
            documents.commit(ONE_FILE.draft)
        assert pending(root)
        broken = False
        assert documents.read(AUTH) == FILES[AUTH]
        assert not pending(root)
        assert tree_of(root) == seen
        assert documents.commit(ONE_FILE.draft).number == 3


def pending(root: Path) -> int:
    with contextlib.closing(sqlite3.connect(root / ".workflow" / "history.db")) as database:
        return int(database.execute("SELECT count(*) FROM revision WHERE plan IS NOT NULL").fetchone()[0])


def cut_off(documents: DocumentsOnDisk) -> None:
    """Commit both specs in another process, which is killed at a point of that name; if none is given, when the first is
    written and the second is not."""
    command = [sys.executable, "-m", "tests.faults.cut_off", str(documents.root)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode == -signal.SIGKILL


class TestThePlace:
    @pytest.mark.parametrize("name", [".git/config", ".GIT/config", "a/.git/hooks/x", ".workflow/history.db"])
    def test_gits_files_and_our_own_are_no_documents(self, documents: DocumentsOnDisk, name: str) -> None:
        refused(documents, draft(FileChange(path=name, before=None, after=b"x")))

    def test_a_link_that_leads_out_is_neither_read_nor_written(
        self, root: Path, documents: DocumentsOnDisk, tmp_path: Path
    ) -> None:
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "spec.md").write_bytes(b"x")
        (root / "openspec" / "specs" / "out").symlink_to(tmp_path / "outside")
        path = "openspec/specs/out/spec.md"
        with pytest.raises(DocumentError, match="leads out"):
            documents.read(path)
        with pytest.raises(DocumentError, match="link"):
            documents.commit(draft(FileChange(path=path, before=b"x", after=b"y")))

    def test_a_link_inside_the_tree_is_read_and_not_written(self, root: Path, documents: DocumentsOnDisk) -> None:
        (root / "openspec" / "specs" / "twin").symlink_to("auth")
        path = "openspec/specs/twin/spec.md"
        assert documents.read(path) == FILES[AUTH]
        with pytest.raises(DocumentError, match="link"):
            documents.commit(draft(FileChange(path=path, before=FILES[AUTH], after=b"y")))
        assert (root / AUTH).read_bytes() == FILES[AUTH]

    @pytest.mark.parametrize("path", ["openspec/specs/AUTH/spec.md", "openspec/specs/auth/Spec.md"])
    def test_a_name_that_differs_only_in_case_is_refused(self, documents: DocumentsOnDisk, path: str) -> None:
        error = refused(documents, draft(FileChange(path=path, before=None, after=b"x")))
        assert "differs only in case" in str(error)

    @pytest.mark.parametrize("second", ["openspec/specs/New/spec.md", "openspec/specs/NEW/other.md"])
    def test_two_names_of_one_draft_that_differ_only_in_case_are_refused(
        self, documents: DocumentsOnDisk, second: str
    ) -> None:
        names = ("openspec/specs/new/spec.md", second)
        refused(documents, draft(*(FileChange(path=name, before=None, after=b"x") for name in names)))

    def test_a_move_to_a_name_that_differs_only_in_case_is_refused(self, documents: DocumentsOnDisk) -> None:
        move = DirectoryMove(source="openspec/specs/mail", target="openspec/specs/AUTH")
        refused(documents, draft(moves=(move,)))

    def test_a_state_directory_that_is_a_link_is_refused(self, tmp_path: Path) -> None:
        root = tmp_path / "linked"
        root.mkdir()
        (tmp_path / "elsewhere").mkdir()
        (root / ".workflow").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(DocumentError, match="no link"):
            open_documents(root).commit(draft(FileChange(path=AUTH, before=None, after=b"x")))
        assert list((tmp_path / "elsewhere").iterdir()) == []

    @pytest.mark.parametrize("mode", [0o640, 0o644, 0o666])
    def test_a_file_keeps_its_mode(self, root: Path, documents: DocumentsOnDisk, mode: int) -> None:
        (root / AUTH).chmod(mode)
        documents.commit(ONE_FILE.draft)
        assert stat.S_IMODE((root / AUTH).stat().st_mode) == mode

    def test_reading_makes_nothing(self, tmp_path: Path) -> None:
        documents = open_documents(tmp_path)
        assert documents.read(AUTH) is None
        assert list(documents.revisions()) == []
        assert documents.verify() == []
        assert list(tmp_path.iterdir()) == []

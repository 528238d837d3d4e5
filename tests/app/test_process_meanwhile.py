"""What a run makes of documents that somebody writes while it reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.trees import ADDED, MODIFIED, add_change, add_spec, write
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.app.process import Process
from workflow_cli.app.process_options import ProcessOptions
from workflow_cli.app.report import Item, Report
from workflow_cli.app.selection import Selection
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.review.draft import Draft
from workflow_cli.wiring.process import QuestionsFile

UNDECIDED = ADDED.replace("after each payment.", "within [NEEDS CLARIFICATION: how long?] of each payment.")
INVALID = "nonsense\n"


class Record:
    degraded: str | None = None

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Any] = {}

    def get(self, item: str, step: str, key: str) -> Any | None:
        return self.rows.get((item, step, key))

    def put(self, item: str, step: str, key: str, result: Any) -> None:
        self.rows[item, step, key] = result


class NoEvents:
    def append(self, event: Mapping[str, object]) -> None:
        pass


class BusyTree(OpenSpecFiles):
    """Somebody writes just before a document is read: `writes` is called each time."""

    def __init__(self, root: Path, writes: Callable[[str], None]) -> None:
        super().__init__(root, max_file_bytes=1 << 20)
        self._writes = writes

    def read_change(self, name: str) -> Change:
        self._writes(f"change/{name}")
        return super().read_change(name)

    def read_main(self, id: str) -> Document | Fault | None:
        self._writes(f"spec/{id}")
        return super().read_main(id)


class BusyDocuments(DocumentsOnDisk):
    """Somebody saves, without the lock, whenever something is to be committed."""

    saves: Callable[[], None]

    def commit(self, draft: Draft, **how: Any) -> Any:
        self.saves()
        return super().commit(draft, **how)


def processed(
    root: Path,
    *,
    writes: Callable[[str], None] = lambda _: None,
    saves: Callable[[], None] = lambda: None,
    record: Record | None = None,
    steps: tuple[str, ...] = ("validate", "analyse", "ask", "draft"),
    with_specs: bool = True,
) -> Report:
    tree = BusyTree(root, writes)
    documents = BusyDocuments(root, clock=SystemClock())
    documents.saves = saves
    try:
        options = ProcessOptions(version="1", root=str(root), steps=steps)
        run = Process(tree, record or Record(), QuestionsFile(), lambda: documents, NoEvents(), SystemClock(), options)
        specs = tuple(spec.id for spec in tree.spec_files()) if with_specs else ()
        return run.run(Selection(specs=specs, changes=tuple(tree.change_names())))
    finally:
        documents.close()


def the(report: Report, id: str) -> Item:
    return next(item for item in report.items if item.id == id)


class Times:
    """Does something the first times that it is called for."""

    def __init__(self, most: int, what: Callable[[int], object], only: str | None = None) -> None:
        self.done = 0
        self._most, self._what, self._only = most, what, only

    def __call__(self, item: str | None = None) -> None:
        if self.done < self._most and self._only in (None, item):
            self.done += 1
            self._what(self.done)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    add_spec(tmp_path)
    add_change(tmp_path, "add-receipts", UNDECIDED)
    return tmp_path


@pytest.mark.parametrize("times", [1, 3, 10])
def test_a_change_that_is_saved_while_it_is_read_is_looked_at_anew(shop: Path, times: int) -> None:
    """What is told is of the text that stands there at the end."""
    tasks = shop / "openspec/changes/add-receipts/tasks.md"
    busy = Times(times, lambda n: write(tasks, f"## 1. Work\n- [ ] 1.{n} Send\n"), "change/add-receipts")
    item = the(processed(shop, writes=busy), "add-receipts")
    assert (busy.done, item.valid, item.fault) == (times, True, None)


def test_a_change_that_never_stands_still_is_a_fault_of_its_own(shop: Path) -> None:
    """The others are evaluated, and the run ends."""
    tasks = shop / "openspec/changes/add-receipts/tasks.md"
    busy = Times(10_000, lambda n: write(tasks, f"## 1. Work\n- [ ] 1.{n} Send\n"), "change/add-receipts")
    report = processed(shop, writes=busy)
    fault = the(report, "add-receipts").fault
    assert fault
    assert fault.message == "the documents changed while they were read"
    assert (the(report, "auth").valid, report.exit_code) == (True, 3)


def test_a_spec_that_is_saved_while_it_is_read_is_looked_at_anew(shop: Path) -> None:
    """And what is recorded of the new text does not pass for the old one's when that comes back."""
    record = Record()
    spec = shop / "openspec/specs/auth/spec.md"
    before = spec.read_text()
    busy = Times(1, lambda _: spec.write_text(INVALID), "spec/auth")
    assert the(processed(shop, writes=busy, record=record, steps=("validate",)), "auth").valid is False
    spec.write_text(before)
    assert the(processed(shop, record=record, steps=("validate",)), "auth").valid is True


def test_a_main_spec_that_is_saved_meanwhile_counts_for_the_change_that_aims_at_it(tmp_path: Path) -> None:
    """A change may be valid beside one text of it, and not beside the other."""
    record = Record()
    spec = add_spec(tmp_path)
    add_change(tmp_path, "edit", MODIFIED)
    before = spec.read_text()
    renamed = before.replace("Requirement: Sign in", "Requirement: Log in")
    busy = Times(1, lambda _: spec.write_text(renamed), "spec/auth")
    found = the(processed(tmp_path, writes=busy, record=record, steps=("validate",), with_specs=False), "edit")
    assert {finding.rule for finding in found.findings} >= {"archive-refused"}
    spec.write_text(before)
    assert the(processed(tmp_path, record=record, steps=("validate",)), "edit").findings == ()


def test_an_item_that_goes_away_is_told_and_the_others_are_evaluated(shop: Path) -> None:
    """As where another process archives it."""
    directory = shop / "openspec/changes/add-receipts"
    add_change(shop, "edit", MODIFIED)
    moved = Times(1, lambda _: directory.rename(shop / "gone"), "change/add-receipts")
    report = processed(shop, writes=moved, steps=("validate",))
    fault = the(report, "add-receipts").fault
    assert fault
    assert "is not any more" in fault.message
    assert the(report, "edit").fault is None


@pytest.mark.parametrize("times", [1, 10])
def test_a_questions_file_that_is_saved_meanwhile_is_read_again(shop: Path, times: int) -> None:
    """Nothing of what was saved is lost, and what it says counts."""
    file = shop / "openspec/changes/add-receipts/questions.yaml"
    saves = Times(times, lambda n: write(file, f"# saved {n} times\nquestions: []\n"))
    report = processed(shop, saves=saves)
    item = the(report, "add-receipts")
    assert (item.fault, report.faults, saves.done) == (None, (), times)
    assert item.open_blocking
    assert file.read_text().startswith(f"# saved {times} times\n")
    assert item.questions[0].id in file.read_text()


def test_a_questions_file_that_is_saved_all_the_time_takes_no_verdict_away(shop: Path) -> None:
    """The run says what it could not write; what it found of the change stands."""
    file = shop / "openspec/changes/add-receipts/questions.yaml"
    saves = Times(10_000, lambda n: write(file, f"# saved {n} times\nquestions: []\n"))
    report = processed(shop, saves=saves)
    item = the(report, "add-receipts")
    assert (item.valid, item.fault, len(item.open_blocking)) == (True, None, 1)
    assert [fault.where for fault in report.faults] == ["openspec/changes/add-receipts/questions.yaml"]
    assert report.exit_code == 3
    assert file.read_text() == f"# saved {saves.done} times\nquestions: []\n"


def test_a_questions_file_that_is_half_saved_is_read_once_it_is_whole(shop: Path) -> None:
    """Half of it is no YAML; that is a fault only where it stays so."""
    file = write(shop / "openspec/changes/add-receipts/questions.yaml", "questions:\n  - id: [\n")
    tree_read = OpenSpecFiles.read_questions
    looks = 0

    def whole_at_the_second_look(self: OpenSpecFiles, change: str) -> bytes | None:
        nonlocal looks
        looks += 1
        if looks == 2:
            file.write_text("# whole\nquestions: []\n")
        return tree_read(self, change)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenSpecFiles, "read_questions", whole_at_the_second_look)
        report = processed(shop)
    assert (the(report, "add-receipts").fault, report.faults) == (None, ())
    assert file.read_text().startswith("# whole\n")

"""The index says what the files say, however it came about."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rights import only_what_modes_allow
from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.domain.answering.glossary import read_glossary
from workflow_cli.domain.answering.passages import cut

SPEC = """\
## Purpose
Keeps strangers out.

## Requirements

### Requirement: Lockout
The system SHALL lock an account after five wrong passwords.

#### Scenario: Fifth attempt
- **WHEN** the fifth password is wrong
- **THEN** the account is locked for an hour

### Requirement: Reminder
The system SHALL mail a reminder before a password expires.
"""
DELTA = """\
## ADDED Requirements

### Requirement: Unlocking
A clerk SHALL be able to unlock an account.
"""
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write(tmp_path, "openspec/specs/auth/spec.md", SPEC)
    write(tmp_path, "openspec/changes/add-unlocking/specs/auth/spec.md", DELTA)
    write(tmp_path, "openspec/changes/archive/2026-01-01-add-lockout/specs/auth/spec.md", SPEC)
    return tmp_path


def write(root: Path, path: str, text: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)


def opened(root: Path, *, memory: bool = False, full_text_search: bool = True) -> SqlitePassageIndex:
    path = None if memory else root / ".workflow" / "state.db"
    return SqlitePassageIndex(root, path, max_file_bytes=10 << 20, full_text_search=full_text_search)


def titles(index: SqlitePassageIndex, question: str, **options: str) -> list[str]:
    return [e.passage.title for e in index.search(question, limit=10, **options)]  # type: ignore[arg-type]


@pytest.fixture(params=[True, False], ids=["full text search", "without"])
def index(tree: Path, request: pytest.FixtureRequest) -> Iterator[SqlitePassageIndex]:
    found = opened(tree, full_text_search=request.param)
    assert found.refresh() == []
    yield found
    found.close()


def test_the_passage_that_says_it_is_found_in_other_forms_of_its_words(index: SqlitePassageIndex) -> None:
    (best, *_) = index.search("When are accounts locked?", limit=5)
    assert best.passage.path == "openspec/specs/auth/spec.md"
    assert best.passage.title in ("Requirement: Lockout", "Scenario: Fifth attempt")
    assert best.coverage == 1.0


def test_archived_copies_of_what_holds_are_not_listed(index: SqlitePassageIndex) -> None:
    assert not any(e.passage.archived for e in index.search("lock account password", limit=20))


def test_the_change_asked_about_comes_first(index: SqlitePassageIndex) -> None:
    assert titles(index, "account", change="add-unlocking")[0] == "Requirement: Unlocking"


def test_nothing_is_found_for_words_that_are_nowhere(index: SqlitePassageIndex) -> None:
    assert titles(index, "zebra crossing") == []


@pytest.mark.parametrize("text", ["", " ", "?!", '"', "NEAR(", "a AND OR NOT *", "\0", "\ud800", "col:umn", "'; DROP"])
def test_no_question_is_an_error(index: SqlitePassageIndex, text: str) -> None:
    index.search(text, limit=3)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=80), limit=st.integers(-1, 5), change=st.none() | st.text(max_size=5))
def test_search_never_raises(index: SqlitePassageIndex, text: str, limit: int, change: str | None) -> None:
    assert len(index.search(text, limit=limit, change=change)) <= max(limit, 0)


def test_both_ways_of_ranking_agree(tree: Path) -> None:
    with_search, without = opened(tree, memory=True), opened(tree, memory=True, full_text_search=False)
    for one in (with_search, without):
        one.refresh()
    for question in ("locked account", "reminder mail", "fifth password wrong", "unlock", "strangers"):
        first, second = with_search.search(question, limit=9), without.search(question, limit=9)
        assert [e.passage for e in first] == [e.passage for e in second]
        for one, other in zip(first, second, strict=True):
            assert one.score == pytest.approx(other.score, rel=1e-6)


def test_a_document_that_is_only_supposed_is_found_in_a_copy(index: SqlitePassageIndex, tree: Path) -> None:
    path = "openspec/specs/auth/spec.md"
    more = "\n### Requirement: Zebras\nZebras SHALL cross first.\n"
    for name, text in ((path, (tree / path).read_text("utf-8") + more), ("openspec/specs/zoo/spec.md", more)):
        with closing(index.supposing(name, text.encode())) as supposed:
            assert titles(supposed, "zebra crossing") == ["Requirement: Zebras"]
            assert titles(supposed, "locked account") == titles(index, "locked account")
            assert supposed.search("zebras", limit=1)[0].passage.path == name
        assert titles(index, "zebra crossing") == []
        assert index.refresh() == []


def test_words_of_the_glossary_are_searched_for(tree: Path) -> None:
    index = SqlitePassageIndex(
        tree, None, max_file_bytes=1 << 20, glossary=read_glossary([["lockout", "ban", "five strikes"]])
    )
    index.refresh()
    assert titles(index, "ban")[0] == "Requirement: Lockout"


def test_scripts_without_spaces_are_searched_by_neighbouring_letters(tmp_path: Path) -> None:
    text = (
        "### Requirement: 账户锁定\n系统必须在五次错误密码后锁定账户。\n\n### Requirement: 提醒\n系统必须发送邮件。\n"
    )
    write(tmp_path, "openspec/specs/a/spec.md", text)
    index = opened(tmp_path, memory=True)
    index.refresh()
    assert titles(index, "什么时候锁定账户？")[0] == "Requirement: 账户锁定"


# -- keeping up ------------------------------------------------------------------------------------------------


def everything(index: SqlitePassageIndex) -> list[tuple[object, ...]]:
    connection = index._connection
    rows = connection.execute(
        "SELECT f.path, p.line, p.end_line, p.address, p.kind, p.text, p.section_hash, p.title, p.around, p.body"
        " FROM passage p JOIN passage_file f ON f.id = p.file ORDER BY f.path, p.line"
    ).fetchall()
    vocabulary = connection.execute("SELECT term, doc, cnt FROM passage_terms ORDER BY term").fetchall()
    connection.execute("INSERT INTO passage_words (passage_words) VALUES ('integrity-check')")
    return [*rows, *vocabulary]


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "remove", "refresh", "reopen"]),
        st.sampled_from(["specs/a/spec.md", "specs/b/spec.md", "changes/c/tasks.md", "changes/archive/d/design.md"]),
        st.sampled_from(
            [SPEC, DELTA, SPEC.replace("five", "nine"), "", "- [ ] 1.1 lock\n", "\xff\x00\n# H\nx\n", "# 锁定\n账户\n"]
        ),
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=EDITS)
def test_an_index_kept_up_is_the_same_as_one_made_anew(
    edits: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("tree")
    index = opened(root)
    for what, path, text in edits:
        file = root / "openspec" / path
        if what == "write":
            write(root, f"openspec/{path}", text)
        elif what == "remove":
            file.unlink(missing_ok=True)
        elif what == "refresh":
            index.refresh()
        else:
            index.close()
            index = opened(root)
    index.refresh()
    anew = opened(root, memory=True)
    anew.refresh()
    assert everything(index) == everything(anew)
    index.close()
    anew.close()


def test_only_files_that_changed_are_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tree).refresh()
    for path in tree.rglob("*.md"):
        os.utime(path, ns=(1_700_000_000_000_000_001, 1_700_000_000_000_000_001))
    index = opened(tree)
    # Their state changed just now, so that they are read once more, and then no longer.
    monkeypatch.setattr("workflow_cli.adapters.passage_intake.may_change_unseen", lambda stamp: False)
    index.refresh()
    write(tree, "openspec/specs/auth/spec.md", SPEC + "\nMore of a reminder.\n")
    reads: list[str] = []
    read = index._files.read
    monkeypatch.setattr(type(index._files), "read", lambda self, path: reads.append(path) or read(path))
    index.refresh()
    assert reads == ["openspec/specs/auth/spec.md"]


def test_an_edit_that_leaves_size_and_time_alone_is_seen_while_the_file_is_young(tree: Path) -> None:
    """Another edit within the same tick of the clock: what was read that shortly after writing is read again."""
    index = opened(tree)
    path = tree / "openspec/specs/auth/spec.md"
    index.refresh()
    times = path.stat()
    write(tree, "openspec/specs/auth/spec.md", SPEC.replace("reminder", "postcard"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    index.refresh()
    assert titles(index, "postcard")


def test_a_change_of_the_hash_of_a_section_is_seen_before_a_refresh(index: SqlitePassageIndex, tree: Path) -> None:
    (best, *_) = index.search("mail a reminder", limit=1)
    place = best.passage.path, best.passage.address
    assert index.current_hash(*place) == best.passage.section_hash
    write(tree, place[0], "\n\n" + SPEC)
    assert index.current_hash(*place) == best.passage.section_hash
    write(tree, place[0], SPEC.replace("reminder", "postcard"))
    assert index.current_hash(*place) not in (None, best.passage.section_hash)
    write(tree, place[0], SPEC.replace("Requirement: Reminder", "Requirement: Other"))
    assert index.current_hash(*place) is None
    (tree / place[0]).unlink()
    assert index.current_hash(*place) is None


def test_instructions_for_agents_and_hidden_directories_are_no_documents(tree: Path) -> None:
    write(tree, "openspec/AGENTS.md", "# Zebra\nzebra\n")
    write(tree, "openspec/.cache/notes.md", "# Zebra\nzebra\n")
    index = opened(tree)
    index.refresh()
    assert titles(index, "zebra") == []


def test_a_link_that_leads_out_is_told_and_not_followed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("# Zebra\nzebra\n")
    (tree / "openspec" / "linked.md").symlink_to(outside)
    index = opened(tree)
    assert index.refresh() == ["openspec/linked.md: the link leads out of the tree"]
    assert titles(index, "zebra") == []


# -- faults ----------------------------------------------------------------------------------------------------


def test_a_damaged_database_is_put_aside_and_made_anew(tree: Path) -> None:
    write(tree, ".workflow/state.db", b"no database at all, but long enough to be one" * 50)
    index = opened(tree)
    assert index.refresh() == ["state.db was damaged and has been put aside"]
    assert titles(index, "reminder")
    assert (tree / ".workflow" / "state.damaged").exists()
    assert opened(tree).refresh() == []


@pytest.mark.parametrize("kept", [1, 2, 4, 8])
def test_damage_beyond_the_first_pages_is_found_when_it_is_read(tree: Path, kept: int) -> None:
    for number in range(40):
        write(tree, f"openspec/specs/c{number}/spec.md", SPEC.replace("Reminder", f"Reminder {number}"))
    opened_and_refreshed(tree).close()
    path = tree / ".workflow" / "state.db"
    data = path.read_bytes()
    path.write_bytes(data[: kept * 4096] + b"\xa5" * (len(data) - kept * 4096))
    index = opened(tree)
    degraded = list(index.refresh())
    assert "Requirement: Reminder" in titles(index, "reminder")
    degraded += index.refresh()
    assert any("damaged" in reason or "in memory" in reason for reason in degraded)
    index.close()
    again = opened(tree)
    assert list(again.refresh()) == []
    assert "Requirement: Reminder" in titles(again, "reminder")


def opened_and_refreshed(root: Path) -> SqlitePassageIndex:
    index = opened(root)
    index.refresh()
    return index


def test_a_directory_that_cannot_be_written_ends_in_memory(tree: Path) -> None:
    tree.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with only_what_modes_allow():
            index = opened(tree)
            assert "in memory" in index.refresh()[0]
            assert titles(index, "reminder")
    finally:
        tree.chmod(stat.S_IRWXU)


def test_a_file_where_the_state_directory_should_be_ends_in_memory(tree: Path) -> None:
    (tree / ".workflow").write_text("in the way")
    index = opened(tree)
    assert "in memory" in index.refresh()[0]
    assert titles(index, "reminder")


def test_a_database_that_another_process_holds_ends_in_memory(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow_cli.adapters.state_database._BUSY_MILLISECONDS", 50)
    opened(tree).close()
    holder = sqlite3.connect(tree / ".workflow" / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    index = opened(tree)
    assert "in memory" in index.refresh()[0]
    assert titles(index, "reminder")
    holder.close()


def test_an_index_of_another_version_is_made_anew(tree: Path) -> None:
    index = opened_and_refreshed(tree)
    index._connection.execute("UPDATE passage_index SET version = 'of long ago'")
    index._connection.execute("DELETE FROM passage")
    index.close()
    assert titles(opened_and_refreshed(tree), "reminder")


def test_an_index_serves_with_and_without_full_text_search_in_turn(tree: Path) -> None:
    for full_text_search in (True, False, True):
        index = opened(tree, full_text_search=full_text_search)
        index.refresh()
        assert titles(index, "reminder")[0] == "Requirement: Reminder"
        index.close()


def test_processes_that_index_at_once_agree(tree: Path) -> None:
    for number in range(30):
        write(tree, f"openspec/specs/c{number}/spec.md", SPEC.replace("Reminder", f"Reminder {number}"))
    program = (
        "import sys; from pathlib import Path; from workflow_cli.adapters.passage_index import SqlitePassageIndex\n"
        "root = Path(sys.argv[1]); index = SqlitePassageIndex(root, root / '.workflow/state.db', max_file_bytes=1 << 20)\n"
        "assert index.refresh() == [], index.refresh(); print(len(index.search('reminder', limit=100)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, tree], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=120)[0] for process in running}) == 1
    assert {process.returncode for process in running} == {0}
    kept, anew = opened_and_refreshed(tree), opened(tree, memory=True)
    anew.refresh()
    assert everything(kept) == everything(anew)


@pytest.mark.parametrize(
    "data",
    [
        b"# H\n\n" + b"a" * 2_000_000,
        b"# H\n\nlock" + "锁".encode() * 100_000,
        b"# H\nlock \x00\x01\x1b[2J\n",
        b"### Requirement: \xff\xfe lock\nx\n",
        b"".join(b"## lock %d\nx\n" % n for n in range(10_000)),
        b"lock " * 200_000,
    ],
    ids=["long word", "long run", "control", "no UTF-8", "headings", "long line"],
)
def test_hostile_documents_are_indexed_like_any_other(tree: Path, data: bytes) -> None:
    write(tree, "openspec/specs/hostile/spec.md", data)
    index = opened_and_refreshed(tree)
    assert titles(index, "mail reminder")[0] == "Requirement: Reminder"
    known = {one.passage.address for one in cut("openspec/specs/hostile/spec.md", data)}
    for e in index.search("lock", limit=50):
        assert e.passage.address in known or "hostile" not in e.passage.path


def test_a_document_beyond_the_limit_is_told(tree: Path) -> None:
    write(tree, "openspec/specs/huge/spec.md", b"x" * 2_000)
    index = SqlitePassageIndex(tree, None, max_file_bytes=1_000)
    assert index.refresh() == ["openspec/specs/huge/spec.md: larger than the limit of 1000 bytes"]


def test_the_database_is_private(tree: Path) -> None:
    opened_and_refreshed(tree)
    assert stat.S_IMODE((tree / ".workflow" / "state.db").stat().st_mode) == 0o600


def test_a_path_that_is_no_utf8_is_indexed(tree: Path) -> None:
    directory = os.fsencode(tree / "openspec" / "specs") + b"/caf\xe9"
    try:
        os.mkdir(directory)
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    with open(directory + b"/spec.md", "wb") as file:
        file.write(b"### Requirement: Zebra\nA zebra SHALL cross.\n")
    index = opened_and_refreshed(tree)
    (found,) = index.search("zebra", limit=5)
    assert os.fsencode(found.passage.path) == b"openspec/specs/caf\xe9/spec.md"
    assert index.current_hash(found.passage.path, found.passage.address) == found.passage.section_hash

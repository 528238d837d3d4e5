"""`workflow questions`, as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.trees import SPEC, add_change
from tests.rights import only_what_modes_allow
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.app.answering.ports import PendingQuestion

Run = Callable[..., subprocess.CompletedProcess[str]]
SCHEMAS = Path(__file__).parents[2] / "workflow_cli" / "schemas"
MARA = ("--as", "Mara <mara@example.org>")


def published(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def ask(tree: Path, *texts: str, **more: Any) -> list[str]:
    store = SqliteQuestionStore(tree, clock=SystemClock())
    ids = []
    for number, text in enumerate(texts):
        at = f"2026-03-01T12:{number:02}:00.000Z"
        ids.append(
            store.put(PendingQuestion(**{"id": "", "text": text, "asker": "agent-7", "asked_at": at, **more})).id
        )
    store.close()
    return ids


def document(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(run.stdout)
    published("pending-questions").validate(value)
    return value


@pytest.fixture
def spec(tree: Path) -> Path:
    path = tree / "openspec" / "specs" / "auth" / "spec.md"
    path.parent.mkdir()
    path.write_text(SPEC.format(id="auth"))
    return path


@pytest.mark.parametrize("what", ["directory", "file", "both"])
def test_questions_are_read_where_nothing_may_be_written(workflow: Run, tree: Path, spec: Path, what: str) -> None:
    """Nothing is made beside the file; an answer is refused."""
    (id,) = ask(tree, "What opens after the password?")
    state = tree / ".workflow"
    if what != "directory":
        (state / "questions.db").chmod(0o400)
    if what != "file":
        state.chmod(0o500)
    try:
        with only_what_modes_allow():
            listed = workflow("questions", "list", "--format", "json")
            answered = workflow("questions", "answer", id, "The account page.", *MARA)
            dry = workflow("loop", "--dry-run")
    finally:
        state.chmod(0o700)
    assert listed.returncode == 0, listed.stderr
    assert [entry["id"] for entry in document(listed)["questions"]] == [id]
    assert answered.returncode == 3
    assert dry.returncode == 0, dry.stderr


def test_questions_that_may_not_be_read_are_told(workflow: Run, tree: Path, spec: Path) -> None:
    ask(tree, "What opens after the password?")
    (tree / ".workflow/questions.db").chmod(0)
    with only_what_modes_allow():
        listed = workflow("questions", "list")
    assert listed.returncode == 3
    assert "the questions cannot be opened: Permission denied" in listed.stderr


def test_a_question_is_listed_shown_and_answered(workflow: Run, tree: Path, spec: Path) -> None:
    """By the beginning of its id; with who gave it, and the line that says so."""
    (id,) = ask(tree, "What opens after the password?", change="add-receipts", context={"file": "app/login.py"})
    listed = workflow("questions")
    assert listed.stdout == (
        f"{id}  open  2026-03-01 12:00Z, agent-7 about add-receipts: What opens after the password?\n"
    )
    assert "next: workflow questions answer ID" in listed.stderr

    shown = workflow("questions", "show", id[:8]).stdout
    assert f"question:    {id}\nstate:       open\nasked by:    agent-7\n" in shown
    assert "context file: app/login.py\n\nWhat opens after the password?\n" in shown

    source = ("--source", "openspec/specs/auth/spec.md:9")
    done = workflow("questions", "answer", id[:8], "The account page.", *source, *MARA)
    assert (done.returncode, done.stdout) == (0, f"answered {id} for agent-7\n")
    assert "unsourced" not in done.stderr

    after = workflow("questions", "show", id).stdout
    assert "answered by Mara <mara@example.org>, " in after
    assert "The account page.\n  openspec/specs/auth/spec.md:9  “The shop SHALL open the account page after" in after
    assert workflow("questions", "list").stdout == ""
    assert workflow("questions", "list", "--answered").stdout.startswith(f"{id}  answered by Mara")
    (event,) = [
        json.loads(line)
        for line in (tree / ".workflow" / "metrics.jsonl").read_text().splitlines()
        if '"kind":"question.answered"' in line
    ]
    assert (event["question"], event["by"], event["askers"], event["sources"], event["replaced"]) == (
        id, "person", 1, 1, False,
    )  # fmt: skip
    assert "account" not in json.dumps(event)


def test_without_a_source_it_is_marked(workflow: Run, tree: Path, spec: Path) -> None:
    """And the git identity is taken where nobody is named."""
    (id,) = ask(tree, "Why?")
    environment = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Jo"}
    environment |= {"GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "jo@x.org"}
    done = workflow("questions", "answer", id, "Because.", env=environment)
    assert "unsourced: no document is cited" in done.stderr
    given = document(workflow("questions", "show", id, "--format", "json"))["question"]["answer"]
    assert (given["by"], given["by_agent"], given["unsourced"], given["sources"]) == ("Jo <jo@x.org>", False, True, [])


def test_an_answer_is_not_overwritten_by_accident(workflow: Run, tree: Path) -> None:
    """The same again is fine, another one is status 5, and --replace says that it is meant."""
    (id,) = ask(tree, "How long?")
    assert workflow("questions", "answer", id, "a day", *MARA).returncode == 0
    again = workflow("questions", "answer", id, " a day\n", *MARA)
    assert (again.returncode, again.stdout) == (0, f"{id} has that answer already\n")
    other = workflow("questions", "answer", id, "a week", *MARA)
    assert (other.returncode, other.stdout) == (5, "")
    assert "has another answer, by Mara" in other.stderr
    assert "--replace" in other.stderr
    assert workflow("questions", "answer", id, "a week", "--replace", *MARA).returncode == 0
    assert workflow("questions", "show", id).stdout.endswith("a week\n")


def test_answers_come_from_a_file_too(workflow: Run, tree: Path) -> None:
    """Of several lines."""
    (id,) = ask(tree, "How?")
    (tree / "answer.md").write_text("First this.\n\nThen that.\n", encoding="utf-8")
    assert workflow("questions", "answer", id, "--file", "answer.md", *MARA).returncode == 0
    assert workflow("questions", "show", id).stdout.endswith("First this.\n\nThen that.\n")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("answer", "q0000", "x"), 2, "no question 'q0000'"),
        (("answer", "q", "x"), 2, "no question 'q'"),
        (("answer", "{id}"), 2, "give the answer as TEXT"),
        (("answer", "{id}", "x", "--file", "y"), 2, "give the answer as TEXT"),
        (("answer", "{id}", "  "), 2, "it is empty"),
        (("answer", "{id}", "x", "--source", "auth"), 2, "PATH:LINE was expected"),
        (("answer", "{id}", "x", "--source", "openspec/specs/auth/spec.md:99"), 2, "says nothing that could be cited"),
        (("answer", "{id}", "x", "--source", "openspec/specs/auth/spec.md:2"), 2, "says nothing that could be cited"),
        (("answer", "{id}", "x", "--source", "../secret.md:1"), 2, "no document"),
        (("answer", "{id}", "x", "--source", "/etc/passwd:1"), 2, "no document"),
        (("answer", "{id}", "--file", "nowhere.md"), 3, "no such file"),
        (("show", "q0000"), 2, "no question"),
        (("drop", "q0000"), 2, "no question"),
        (("list", "--answered", "--all"), 2, "exclude each other"),
        (("import", "nowhere.yaml"), 3, "no such file"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    workflow: Run, tree: Path, spec: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    """One clear error, nothing on stdout, the question still open."""
    (id,) = ask(tree, "How long?")
    done = workflow("questions", *(argument.replace("{id}", id) for argument in arguments))
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert workflow("questions").stdout.startswith(f"{id}  open")


def test_several_that_begin_alike_are_named(workflow: Run, tree: Path) -> None:
    """Rather than one of them taken."""
    store = SqliteQuestionStore(tree, clock=SystemClock())
    for id in ("qabc1", "qabc2"):
        store.put(PendingQuestion(id=id, text=id, asker=None, asked_at="2026-03-01T12:00:00.000Z"))
    store.close()
    done = workflow("questions", "answer", "qabc", "x")
    assert done.returncode == 2
    assert "qabc1, qabc2" in done.stderr


def test_what_agents_write_cannot_act_on_a_terminal(workflow: Run, tree: Path) -> None:
    """Escapes, line ends and directions are shown."""
    (id,) = ask(tree, "a\x1b[2J\n::error::b\u202e", asker="\x1b]0;x\x07")
    for arguments in (("list",), ("show", id), ("drop", id)):
        shown = workflow("questions", *arguments).stdout
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert workflow("questions").stdout == ""


class TestInBulk:
    def fill(self, path: Path, answers: dict[str, str]) -> None:
        """Write the answers behind `answer:`, as a person does in an editor."""
        lines, current = [], ""
        for line in path.read_text("utf-8").splitlines():
            current = line.removeprefix("  - id:").strip() if line.startswith("  - id:") else current
            lines.append(f"    answer: {answers[current]}" if line == "    answer:" and current in answers else line)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def test_exported_answered_in_an_editor_imported(self, workflow: Run, tree: Path, spec: Path) -> None:
        """The rest stays open; a second import changes nothing."""
        first, second, third = ask(
            tree, "How long: a day?", "Warum “so”?\n二行目", "- no #list", context={"goal": "x: y"}
        )
        done = workflow("questions", "export", "q.yaml")
        assert (done.returncode, done.stdout) == (0, "wrote 3 questions to q.yaml\n")
        exported = load_yaml((tree / "q.yaml").read_bytes(), "q.yaml").value
        published("question-sheet").validate(exported)
        assert [item["question"] for item in exported["questions"]] == [
            "How long: a day?",
            "Warum “so”?\n二行目",
            "- no #list",
        ]
        self.fill(tree / "q.yaml", {first: "no, a week", third: "yes"})
        taken = workflow("questions", "import", "q.yaml", *MARA)
        assert taken.returncode == 0
        assert taken.stdout == f"answered {first}: How long: a day?\nanswered {third}: - no #list\n"
        assert "2 answers taken, 0 there already, 1 left open" in taken.stderr
        assert workflow("questions").stdout.startswith(f"{second}  open")
        again = document(workflow("questions", "import", "q.yaml", "--format", "json"))
        assert ([q["id"] for q in again["unchanged"]], again["answered"], again["left"]) == ([first, third], [], 1)
        shown = document(workflow("questions", "show", first, "--format", "json"))["question"]["answer"]
        assert (shown["text"], shown["by"]) == ("no, a week", "Mara <mara@example.org>")

    @pytest.mark.parametrize("name", ["q.json", "printed"])
    def test_as_json(self, workflow: Run, tree: Path, spec: Path, name: str) -> None:
        """As a file, or as the command prints it."""
        (id,) = ask(tree, "How\tlong? \U0001f600")
        if name == "q.json":
            assert workflow("questions", "export", name).returncode == 0
            sheet = json.loads((tree / name).read_text("utf-8"))
            published("question-sheet").validate(sheet)
        else:
            sheet = document(workflow("questions", "export", "--format", "json"))
        sheet["questions"][0] |= {
            "answer": "a day", "by": "Jo", "sources": ["openspec/specs/auth/spec.md:9"],
        }  # fmt: skip
        (tree / "filled.json").write_text(json.dumps(sheet), encoding="utf-8")
        assert workflow("questions", "import", "filled.json", *MARA).returncode == 0
        given = document(workflow("questions", "show", id, "--format", "json"))["question"]["answer"]
        assert (given["by"], given["unsourced"], given["sources"][0]["line"]) == ("Jo", False, 9)

    def test_every_fault_is_told_and_nothing_is_taken(self, workflow: Run, tree: Path, spec: Path) -> None:
        """With its line."""
        first, second, third = ask(tree, "How long?", "How deep?", "How wide?")
        (tree / "q.yaml").write_text(
            f"""\
schema: 1
questions:
  - id: {first}
    question: How long?
    answer: a day
  - id: {second}
    question: How high?
    answer: 12
  - id: q123
    answer: x
  - id: {first}
    question: How long?
    anser: a week
  - question: no id
  - id: {third}
    change: add-other
    question: How wide?
    answer: wide
    sources: ["openspec/specs/auth/spec.md:99", nowhere.md:1]
extra: 1
""",
            encoding="utf-8",
        )
        done = workflow("questions", "import", "q.yaml", "--format", "json", *MARA)
        assert done.returncode == 2
        error = json.loads(done.stdout)["error"]
        assert error["message"] == "10 faults in q.yaml"
        assert "q.yaml:8: answer: a text was expected, not a number; put it in quotes" in error["faults"]
        assert f"q.yaml:11: {first} stands there twice" in error["faults"]
        assert "q.yaml:13: unknown key 'anser'" in error["faults"]
        assert "q.yaml:14: it has no id" in error["faults"]
        assert "q.yaml:9: there is no question 'q123'" in error["faults"]
        assert "q.yaml:6: the question is another one than was asked; ask it anew" in error["faults"]
        assert len(workflow("questions").stdout.splitlines()) == 3

    def test_other_answers_are_status_5(self, workflow: Run, tree: Path) -> None:
        """Unless they are to be replaced."""
        (id,) = ask(tree, "How long?")
        workflow("questions", "export", "q.yaml")
        self.fill(tree / "q.yaml", {id: "a day"})
        assert workflow("questions", "answer", id, "a week", *MARA).returncode == 0
        done = workflow("questions", "import", "q.yaml", *MARA)
        assert done.returncode == 5
        assert f"{id} has another answer, by Mara" in done.stderr
        assert workflow("questions", "import", "q.yaml", "--replace", *MARA).returncode == 0
        assert workflow("questions", "show", id).stdout.endswith("a day\n")

    def test_a_file_that_may_hold_answers_is_not_overwritten(self, workflow: Run, tree: Path) -> None:
        """Status 2; to stdout it can always be written."""
        ask(tree, "How long?")
        (tree / "q.yaml").write_text("mine")
        assert workflow("questions", "export", "q.yaml").returncode == 2
        assert (tree / "q.yaml").read_text() == "mine"
        printed = workflow("questions", "export")
        published("question-sheet").validate(load_yaml(printed.stdout.encode(), "-").value)

    @pytest.mark.parametrize("text", ["", "a: [", "questions: 1", "\xff", "[]", "questions:\n  - 3\n"])
    def test_what_is_no_such_file_is_an_error(self, workflow: Run, tree: Path, text: str) -> None:
        """Never a traceback."""
        ask(tree, "How long?")
        (tree / "q.yaml").write_bytes(text.encode("latin-1"))
        done = workflow("questions", "import", "q.yaml")
        assert done.returncode in (2, 3)
        assert done.stderr.startswith("error: ")


def test_nothing_asked_is_no_error_and_makes_no_file(workflow: Run, tree: Path) -> None:
    """Every listing is empty."""
    assert document(workflow("questions", "list", "--format", "json"))["questions"] == []
    assert "no question waits here; those of changes: --changes" in workflow("questions").stderr
    assert workflow("questions", "export").stdout.endswith("questions: []\n")
    assert not (tree / ".workflow").exists()


def test_the_clarifying_questions_of_changes_can_be_listed_too(workflow: Run, tree: Path, spec: Path) -> None:
    """They stay in their files, and are answered there; one that is damaged hides no other."""
    directory = add_change(tree)
    (directory / "questions.yaml").write_text(
        "questions:\n  - id: q1\n    question: Which receipt?\n    blocking: true\n"
    )
    add_change(tree, "other").joinpath("questions.yaml").write_text("questions: [")
    listed = document(workflow("questions", "list", "--changes", "--format", "json"))
    (one,) = listed["of_changes"]
    assert (one["change"], one["id"], one["text"], one["blocking"]) == ("add-receipts", "q1", "Which receipt?", True)
    assert listed["degraded"][0]["what"].startswith("openspec/changes/other/questions.yaml")
    shown = workflow("questions", "list", "--changes")
    assert "openspec/changes/add-receipts/questions.yaml  q1  blocking: Which receipt?\n" in shown.stdout
    assert document(workflow("questions", "list", "--format", "json"))["of_changes"] is None


def test_every_document_follows_the_published_schema(workflow: Run, tree: Path) -> None:
    """`answer` and `drop`, beside those above."""
    (id,) = ask(tree, "How long?")
    assert document(workflow("questions", "answer", id, "a day", "--format", "json", *MARA))["changed"] is True
    assert document(workflow("questions", "answer", id, "a day", "--format", "json", *MARA))["changed"] is False
    assert document(workflow("questions", "drop", id, "--format", "json"))["question"]["answer"]["text"] == "a day"
    assert document(workflow("questions", "list", "--all", "--format", "json"))["questions"] == []


@pytest.mark.parametrize(
    ("asked", "id", "next_step"),
    [
        (False, "q04", "none was asked yet; those of changes: workflow questions list --changes"),
        (True, "q04", "workflow questions list --all --changes names every one"),
        (True, "{of_change}", "it is one of a change: write the answer behind `answer:` in openspec/changes/"),
    ],
)
def test_an_unknown_id_leads_to_where_the_questions_are(
    workflow: Run, tree: Path, asked: bool, id: str, next_step: str
) -> None:
    """An empty list would help nobody, and the questions of changes are no others to whoever reads the report."""
    if asked:
        ask(tree, "How long?")
    add_change(
        tree, delta="## ADDED Requirements\n\n### Requirement: Fast\nThe shop SHALL answer within TBD seconds.\n"
    )
    report = json.loads(workflow("process", "--all", "--format", "json").stdout)
    of_change = report["items"][0]["questions"][0]["id"]
    done = workflow("questions", "show", id.replace("{of_change}", of_change))
    assert done.returncode == 2
    assert f"\n  next: {next_step}" in done.stderr


def test_an_empty_list_says_what_is_not_there(workflow: Run, tree: Path) -> None:
    assert (
        "no question was answered yet; those that wait: workflow questions list"
        in workflow("questions", "list", "--answered").stderr
    )
    assert "no question was asked yet" in workflow("questions", "list", "--all").stderr

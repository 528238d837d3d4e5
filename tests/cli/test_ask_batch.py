"""`workflow ask --batch`: many questions, in their order, none lost."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import HOWTO, LINE, PLAIN, UNKNOWN, add_auth, answers_in, hold_to_the_files, report_of
from tests.cli.conftest import Run
from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_steps import Hang


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_thousand_questions_keep_their_order_and_their_ids(workflow: Run, tree: Path) -> None:
    """Each line is whole, and the last one sums up."""
    add_auth(tree)
    kinds = (PLAIN, UNKNOWN, "When does the shop end a session without a request?", "Is an account locked?")
    texts = [f"Question {n}: {kinds[n % 4]}" for n in range(1000)]
    entries = [json.dumps({"id": f"n{n}", "question": text}) if n % 2 else text for n, text in enumerate(texts)]
    (tree / "questions.txt").write_text("\n".join(entries), encoding="utf-8")
    done = workflow("ask", "--offline", "--no-queue", "--batch", "questions.txt", "--format", "jsonl")
    *lines, last = lines_of(done)
    assert [line["question"]["text"] for line in lines] == texts
    assert [line["id"] for line in lines] == [f"n{n}" if n % 2 else str(n + 1) for n in range(1000)]
    for line in lines:
        LINE.validate(line)
        hold_to_the_files(line["answer"], tree)
    statuses = [line["answer"]["status"] for line in lines]
    assert last["summary"] == {
        "questions": 1000,
        "answered": statuses.count("answered"),
        "not_in_specs": statuses.count("not_in_specs"),
        "pending": 0,
        "refused": 0,
        "failed": 0,
    }
    assert statuses.count("answered") > 0
    assert (done.returncode, last["exit_code"]) == (1, 1)


def test_json_is_one_document_and_text_is_for_people(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    (tree / "q").write_text(f"{PLAIN}\n\n{UNKNOWN}\n", encoding="utf-8")
    done = workflow("ask", "--offline", "--batch", "q", "--format", "json")
    report = report_of(done)
    assert done.returncode == 4
    assert [answer["status"] for answer in answers_in(report)] == ["answered", "pending"]
    assert [entry["id"] for entry in report["answers"]] == ["1", "3"]
    done = workflow("ask", "--offline", "--batch", "q")
    assert done.stdout.startswith(f"1. {PLAIN}\n")
    assert f"2. {UNKNOWN}\n" in done.stdout
    assert "2 questions: 1 answered, 1 pending" in done.stderr


def test_questions_may_come_from_stdin(environment: dict[str, str], tree: Path) -> None:
    add_auth(tree)
    command = [sys.executable, "-m", "workflow_cli", "ask", "--offline", "--batch", "-", "--format", "jsonl"]
    entry = json.dumps({"question": PLAIN, "context": {"file": "a.py"}})
    done = subprocess.run(command, input=f"{entry}\n".encode(), cwd=tree, env=environment, capture_output=True)
    first = json.loads(done.stdout.splitlines()[0])
    assert (done.returncode, first["question"]["context"]) == (0, {"file": "a.py"})


def test_every_fault_of_a_file_is_told_before_anybody_is_asked(workflow: Run, tree: Path) -> None:
    add_auth(tree)
    lines = [
        PLAIN,
        '{"question": ""}',
        '{"question": 5}',
        '{"text": "a"}',
        '{"id": "1", "question": "Is it so?"}',
        "{not json",
        '{"question": "a b", "context": {"prompt": "x"}}',
        '{"question": "a b", "change": "nothing"}',
    ]
    (tree / "q").write_text("\n".join(lines), encoding="utf-8")
    done = workflow("ask", "--offline", "--batch", "q", "--format", "json")
    assert done.returncode == 2
    faults = json.loads(done.stdout)["error"]["faults"]
    assert [fault.split(":")[0] for fault in faults] == [f"line {n}" for n in range(2, 9)]
    assert "is that of line 1 too" in faults[3]
    assert not (tree / ".workflow" / "metrics.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "said", "code"),
    [(None, "no such file", 3), (b"\n\n", "no question", 2), (b"\xff\xfe", "not UTF-8", 3)],
)
def test_a_file_that_cannot_be_used_is_one_error(
    workflow: Run, tree: Path, content: bytes | None, said: str, code: int
) -> None:
    if content is not None:
        (tree / "q").write_bytes(content)
    done = workflow("ask", "--offline", "--batch", "q")
    assert (done.returncode, said in done.stderr, done.stdout) == (code, True, "")


def test_an_interrupted_batch_keeps_what_it_has(environment: dict[str, str], tree: Path) -> None:
    """The lines before are whole; answers that waited for their turn behind a slow one are told too."""
    with LmStudioServer() as server:
        server.script(*[Hang()] * 8)
        add_auth(tree, f"lm_studio:\n  base_url: {server.base_url}\n")
        questions = [PLAIN, HOWTO, f"So: {PLAIN}"]
        (tree / "q").write_text("\n".join(questions), encoding="utf-8")
        command = [sys.executable, "-m", "workflow_cli", "ask", "--batch", "q", "--format", "jsonl"]
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert server.wait_until(lambda: bool(server.chats()))
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert [json.loads(line)["question"]["text"] for line in said.splitlines()[:2]] == [questions[0], questions[2]]
    assert b"Traceback" not in errors


def test_who_reads_a_batch_may_leave_early(environment: dict[str, str], tree: Path) -> None:
    """As with `| head -1`: no bug, and what was told is whole."""
    add_auth(tree)
    (tree / "q").write_text("\n".join(f"{n}: {PLAIN}" for n in range(400)), encoding="utf-8")
    command = [sys.executable, "-m", "workflow_cli", "ask", "--offline", "--batch", "q", "--format", "jsonl"]
    process = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), errors) == (141, b"")
    assert json.loads(line)["question"]["text"] == f"0: {PLAIN}"


def test_a_signal_that_was_ignored_before_stays_ignored(environment: dict[str, str], tree: Path) -> None:
    """So a shell starts a job in the background: Ctrl-C is meant for the one in front."""
    with LmStudioServer() as server:
        server.script(*[Hang()] * 2)
        add_auth(tree, f"lm_studio:\n  base_url: {server.base_url}\nanswers:\n  deadline: 5\n  attempts: 1\n")
        (tree / "q").write_text(f"{PLAIN}\n{HOWTO}\n", encoding="utf-8")
        command = f"trap '' INT; exec {shlex.quote(sys.executable)} -m workflow_cli ask --batch q --format jsonl"
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert server.wait_until(lambda: bool(server.chats()))
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, json.loads(said.splitlines()[-1])["exit_code"]) == (0, 0), errors

"""The search for an advice with the real GEPA and a server that speaks LM Studio's dialect: kept where it helps, never for noise."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import events_of
from tests.cli.conftest import Run
from tests.cli.running import run_command
from tests.cli.test_loop_levers import shop_of_regions
from tests.e2e.loop_log import verdict, write_log
from tests.fakes.lmstudio_answers import reply_to
from tests.fakes.lmstudio_server import LmStudioServer, loaded
from workflow_cli.wiring import settings_in_force

pytest.importorskip("gepa")

ADVICE = "Prefer the passage whose title names the subject of the question."
ADA = ("--as", "Ada <ada@example.org>")
Says = Callable[[Mapping[str, Any]], str | None]


def parts_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """What is told by the program, and what is asked."""
    messages = [str(message["content"]) for message in body["messages"]]
    return messages[0], messages[-1]


def chance(*parts: str) -> float:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:4]) / 2**32


def is_rewrite(system: str) -> bool:
    return system.startswith("You improve one short advice")


def question_in(user: str) -> str:
    return user.rpartition(" question\n")[2].partition("\n")[0]


def helped(body: Mapping[str, Any]) -> str | None:
    """Finds nothing for most questions, unless it is told to prefer titles."""
    system, user = parts_of(body)
    if is_rewrite(system):
        return f"I would say:\n```\n{ADVICE}\n```"
    found = ADVICE in system or chance(question_in(user)) < 0.3
    return reply_to(body, "good" if found else "nothing")


class Noise:
    """Whatever it is told, it is right half of the time; and it always has another advice."""

    def __init__(self) -> None:
        self.written = 0

    def __call__(self, body: Mapping[str, Any]) -> str | None:
        system, user = parts_of(body)
        if is_rewrite(system):
            self.written += 1
            return f"```\nPlease answer with even greater care than before, in manner {self.written}.\n```"
        told = system.partition("Advice, as far as")[2]
        return reply_to(body, "good" if chance(question_in(user), told) < 0.5 else "nothing")


def thinking(body: Mapping[str, Any]) -> str | None:
    """Its thoughts never end."""
    system, user = parts_of(body)
    if is_rewrite(system):
        return f"<think>The advice might be\n```\n{ADVICE}\n```\nbut then again"
    return reply_to(body, "good" if chance(question_in(user)) < 0.3 else "nothing")


def asked_and_judged(environment: Mapping[str, str], tree: Path, server: LmStudioServer, *, regions: int = 18) -> None:
    """Questions of which people told where they are answered, put to the model alone."""
    (tree / "workflow.yaml").write_text(
        f"# ours\nlm_studio: {{base_url: '{server.base_url}'}}\n"
        "answers: {order_howto: [model], breaker_failures: 1000}\n"
        "loop: {search_prompts: true, levers: [prompt-text], model_calls_a_day: 2000}\n",
        encoding="utf-8",
    )
    places = {
        question.replace("What is the", "How do I set the"): place
        for question, place in shop_of_regions(tree, regions).items()
        if "coupon" not in question and "parcel" not in question
    }
    (tree / "asked.txt").write_text("".join(f"{question}\n" for question in places), encoding="utf-8")
    # One after the other, so that events come in the order of the questions.
    one = {**environment, "WORKFLOW_ANSWERS__BATCH_AT_ONCE": "1"}
    patiently(tree, one, "ask", "--batch", "asked.txt", "--no-queue", "--format", "jsonl")
    now = datetime.now(UTC)
    events = events_of(tree)
    assert {event["question_kind"] for event in events} == {"howto"}
    write_log(
        tree,
        [
            verdict(
                n,
                event,
                now + timedelta(seconds=1),
                accepted=False,
                client=f"c{n % 7}",
                places=[place, f"{place} > Scenario: One more"],
            )
            for n, (event, place) in enumerate(zip(events, places.values(), strict=True))
        ],
    )


def loop(tree: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return patiently(tree, environment, "loop", *arguments)


def patiently(tree: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """As `workflow`, with the time that some hundred calls may take on a machine that has other things to do."""
    return run_command(*arguments, cwd=tree, env=environment, timeout=500)


def reason_of(done: subprocess.CompletedProcess[str]) -> str:
    found = [d["reason"] for d in json.loads(done.stdout)["deferred"] if d["lever"] == "prompt-text"]
    return str(found[-1])


def history(workflow: Run) -> str:
    return workflow("loop", "history", "--all", "--format", "json").stdout


def rewrites(server: LmStudioServer) -> int:
    return sum(is_rewrite(parts_of(request.body)[0]) for request in server.chats())


def test_an_advice_that_helps_is_approved_and_put_in_force(
    workflow: Run, tree: Path, environment: dict[str, str]
) -> None:
    """Found on some questions, decided on others, approved by a person; then told to the model, a tenth held back."""
    with LmStudioServer(loaded("small")) as server:
        server.says = helped
        asked_and_judged(environment, tree, server)
        before = len(server.chats())
        done = loop(tree, environment)
        assert done.returncode == 4, done.stdout + done.stderr + history(workflow)
        assert done.stdout.startswith("proposed: loop-prompt-text-")
        searched = len(server.chats()) - before - rewrites(server)
        assert 200 <= searched <= 600
        assert settings_in_force(tree).answers.advice is None
        (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
        assert ADVICE in workflow("review", "show", draft["id"]).stdout
        assert workflow("loop").stdout == ""  # one search a day, and it waits
        assert workflow("review", "approve", draft["id"], "--because", "sounds right", *ADA).returncode == 0
        followed = workflow("loop").stdout
        assert followed.startswith("followed a decision: loop-prompt-text-")
        assert ": keep [kept: loop-prompt-text-" in followed
        assert f": answers.advice = {ADVICE[:20]}" in followed
        assert settings_in_force(tree).answers.advice == ADVICE
        assert (tree / "workflow.yaml").read_text("utf-8").startswith("# ours\n")
        status = json.loads(workflow("loop", "status", "--format", "json").stdout)
        assert status["standing"] == "probation"
        assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0

        (tree / "asked.txt").write_text(
            "".join(f"How do I set the refund limit of region r{n}, please?\n" for n in range(1, 17)), encoding="utf-8"
        )
        sent = len(server.chats())
        workflow("ask", "--batch", "asked.txt", "--no-queue", "--format", "jsonl")
        told = [ADVICE in parts_of(request.body)[0] for request in server.chats()[sent:]]
        events = events_of(tree)[-16:]
        assert told.count(True) == sum(event["arm"] == "base" for event in events) > 0
        assert told.count(False) == sum(event["arm"] == "holdback" for event in events)
        report = json.loads(workflow("loop", "report", "--format", "json").stdout)
        assert report["kept"][0]["lever"] == "prompt-text"
        assert report["kept"][0]["e"] >= 20


def test_pure_noise_is_not_kept(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    """Whatever the search prefers, other questions do not bear it out."""
    with LmStudioServer(loaded("small")) as server:
        server.says = noise = Noise()
        asked_and_judged(environment, tree, server)
        done = loop(tree, environment, "--explain", "--format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert reason_of(done).startswith(("not_better: ", "nothing_better"))
        assert noise.written > 0
        assert rewrites(server) == noise.written
    assert json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"] == []
    assert settings_in_force(tree).answers.advice is None


def test_a_thought_that_is_cut_off_is_no_advice(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    with LmStudioServer(loaded("small")) as server:
        server.says = thinking
        asked_and_judged(environment, tree, server)
        done = loop(tree, environment, "--explain", "--format", "json")
        assert rewrites(server) > 0
    assert reason_of(done) == "nothing_better"
    assert json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"] == []


def test_nothing_is_searched_for_unless_asked(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    """Neither by default, nor dry, nor where replies are good already."""
    with LmStudioServer(loaded("small")) as server:
        asked_and_judged(environment, tree, server, regions=8)
        settings = (tree / "workflow.yaml").read_text("utf-8")
        (tree / "workflow.yaml").write_text(settings.replace("search_prompts: true, ", ""), encoding="utf-8")
        assert reason_of(loop(tree, environment, "--explain", "--format", "json")) == "not_configured"
        (tree / "workflow.yaml").write_text(settings, encoding="utf-8")
        assert reason_of(loop(tree, environment, "--dry-run", "--explain", "--format", "json")) == "dry_run"
        sent = len(server.chats())
        # All were rejected: that is headroom enough only for a few that matter.
        path = tree / ".workflow/metrics.jsonl"
        kept = [line for line in path.read_text("utf-8").splitlines() if '"verdict"' not in line]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        assert reason_of(loop(tree, environment, "--explain", "--format", "json")).startswith("no_headroom")
        assert len(server.chats()) == sent

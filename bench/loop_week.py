"""A week of cron in minutes: `python -m bench.loop_week [TREE]`, on a copy of a tree of the corpus.

What is real: the router, the retrieval over the tree, the log, the settings, the drafts, the changes, the ledger, and the loop
itself, run once an hour as cron would. What is not: the clock, the tool, and the people, who ask what the scenarios of
the tree say, and accept an answer that cites the requirement it came from. The tool hangs at first; an hour after the
loop shortened its time-out, its server is replaced by one that never hangs and takes longer than that: a kept change
turns bad. Prints what every cycle did, and then `workflow loop report`.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from workflow_cli.adapters.event_log import JsonlEventLog
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.kind import kind_of
from workflow_cli.domain.answering.passages import cut
from workflow_cli.domain.answering.route import TOOLS
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.ask import AskRun
from workflow_cli.wiring.loop import LoopRun

SETTINGS = """\
# The settings of the team
retrieval:
  passages: 1        # one is enough, we thought
answers:
  attempts: 1
  breaker_failures: 1000             # the repository will come back
  budgets: {tools: 10, model: 240}   # the repository may take its time
network:
  offline: true
loop:
  levers: [retrieval-depth, field-weight, shorter-timeout]
"""
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
LOOKUPS, TOOL_QUESTIONS = 14, 14
PEOPLE = ("ada", "bob", "cy", "dora", "emil")


class Time:
    """What all parts of the week take for the clock."""

    def __init__(self) -> None:
        self.at = START.timestamp()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def elapsed(self) -> float:
        return self.at


class RepositoryTool:
    """Hangs in seven of ten calls; replaced, it never does and takes three seconds."""

    name = TOOLS

    def __init__(self, time: Time, chance: random.Random) -> None:
        self.replaced = False
        self.budget = 10.0
        self._time = time
        self._chance = chance

    async def answer(self, asked: Asked, evidence: Sequence[Any]) -> Found | Nothing:  # noqa: ARG002 - the port's
        takes = 3.0 if self.replaced else 3600.0 if self._chance.random() < 0.7 else self._chance.uniform(0.2, 1.2)
        self._time.at += min(takes, self.budget)
        if takes > self.budget:
            raise AnswererFailed(FailureKind.TIMEOUT, f"no answer within {self.budget:g} s")
        return Found(text=f"commit {self._chance.getrandbits(28):07x}", confidence=0.6, unsourced=True)


def questions_of(root: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """What a scenario says happens, asked; and the addresses that answer it: the scenario and its requirement."""
    tree = OpenSpecFiles(root, max_file_bytes=10_000_000)
    for spec in tree.spec_files():
        path = f"openspec/specs/{spec.id}/spec.md"
        for piece in cut(path, (root / path).read_bytes()):
            passage = piece.passage
            if passage.kind.value != "scenario":
                continue
            when = next((line for line in passage.text.splitlines() if "**WHEN**" in line), None)
            if when is not None and kind_of(text := _asked(when)) is QuestionKind.LOOKUP:
                yield text, frozenset({passage.address, passage.address.rpartition(" > ")[0]})


def _asked(when: str) -> str:
    return f"What is right when {when.partition('**WHEN**')[2].strip().rstrip('.')}?"


class Week:
    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.time = Time()
        self.chance = random.Random(seed)
        self.tool = RepositoryTool(self.time, self.chance)
        self.questions = list(questions_of(root))
        self.chance.shuffle(self.questions)
        self.shortened_at: int | None = None
        self.events = JsonlEventLog(
            root / ".workflow" / "metrics.jsonl", clock=self.time, max_bytes=1 << 30, inside=root
        )

    def hour(self, number: int) -> None:
        settings = settings_in_force(self.root)
        texts = self._lookups() if number < 72 else self._tool_questions(number)
        with AskRun(self.root, settings, events=self.events) as run:
            self._put_in_place(run)
            for text, gold in texts:
                self.time.at += 3600 / len(texts) - 5
                self._ask(run, text, gold)

    def _lookups(self) -> list[tuple[str, frozenset[str]]]:
        return [self.chance.choice(self.questions) for _ in range(LOOKUPS)]

    def _tool_questions(self, number: int) -> list[tuple[str, frozenset[str]]]:
        return [
            (f"What is the latest commit of service {number}-{one}?", frozenset[str]()) for one in range(TOOL_QUESTIONS)
        ]

    def _put_in_place(self, run: AskRun) -> None:
        """The tool of the week and its clock, in whichever arm a question is answered."""
        from dataclasses import replace

        use_case: Any = run.use_case
        real = use_case._draw

        def of_the_week(means: Any) -> Any:
            return replace(means, clock=self.time, answerers={**means.answerers, TOOLS: self.tool}, find=None)

        def draw(asked: Asked) -> Any:
            drawn = real(asked)
            means = use_case._means if drawn is None or drawn.means is None else drawn.means
            self.tool.budget = means.policy.budgets.get(TOOLS, 10.0)
            return drawn if drawn is None or drawn.means is None else replace(drawn, means=of_the_week(drawn.means))

        use_case._clock = self.time
        use_case._means = of_the_week(use_case._means)
        use_case._draw = draw

    def _ask(self, run: AskRun, text: str, gold: frozenset[str]) -> None:
        asker = self.chance.choice(PEOPLE)
        asked = Asked(text=text, kind=kind_of(text), asker=asker)
        outcome = anyio.run(lambda: run.use_case.answer(asked, queue=False))
        answer = outcome.answer
        if answer is None or answer.status.value != "answered":
            return
        right = not gold or not gold.isdisjoint(source.address for source in answer.sources)
        self.time.at += 1
        self.events.append(
            {
                "kind": "verdict",
                "outcome": "accepted" if right else "rejected",
                "answer_id": answer.id,
                "question_event": None,
                "client": asker,
                "because": "as in the specs" if right else "it is elsewhere",
                "places": [] if right else sorted(gold)[-1:],
            }
        )

    def cron(self, number: int) -> None:
        """One run of `workflow loop`, at the full hour."""
        with LoopRun(
            self.root, settings_in_force(self.root), load=lambda: settings_in_force(self.root), clock=self.time
        ) as run:
            with run.held() as held:
                assert held
                done = run.cycle()
            if done.did:
                moment = self.time.now()
                print(f"{moment:%a %H:%M}  {'; '.join(done.did)}", flush=True)
            changed = any(
                kept.experiment.lever == "shorter-timeout" and kept.state != "rolled_back" for kept in run.story().kept
            )
        if changed and self.shortened_at is None:
            self.shortened_at = number
        if self.shortened_at is not None and number > self.shortened_at:
            self.tool.replaced = True


def main() -> int:
    repository = Path(__file__).parents[1]
    trees = [argument for argument in sys.argv[1:] if argument != "--explain"]
    named = trees[0] if trees else str(repository.parent / "shared/corpus/Fission-AI+OpenSpec")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "tree"
        shutil.copytree(named, root)
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)
        shutil.rmtree(root / ".git", ignore_errors=True)
        (root / "workflow.yaml").write_text(SETTINGS, encoding="utf-8")
        (root / ".workflow").mkdir()
        before = (root / "workflow.yaml").read_bytes()
        week = Week(root, seed=7)
        print(f"{len(week.questions)} questions from the scenarios of {Path(named).name}; settings before:\n{SETTINGS}")
        for number in range(7 * 24):
            week.hour(number)
            week.time.at = (START + timedelta(hours=number + 1)).timestamp()
            week.cron(number)
        after = (root / "workflow.yaml").read_text("utf-8")
        if "--explain" in sys.argv:
            with LoopRun(root, settings_in_force(root), load=lambda: settings_in_force(root), clock=week.time) as run:
                for (lever, scope), reason in sorted(run.story().deferred.items()):
                    print(f"  {lever} ({scope}): {reason}")
        print(f"\nsettings after ({'changed' if after.encode() != before else 'unchanged'}):\n{after}")
        command = [sys.executable, "-m", "workflow_cli", "loop", "report", "--root", str(root)]
        print(subprocess.run(command, cwd=repository, capture_output=True, encoding="utf-8", check=True).stdout)
        report = subprocess.run([*command, "--format", "json"], cwd=repository, capture_output=True, check=True).stdout
        states = [kept["state"] for kept in json.loads(report)["kept"]]
        print(f"kept {states.count('kept') + states.count('probation')}, taken back {states.count('rolled_back')}")
        return 0 if "rolled_back" in states and len(states) > states.count("rolled_back") else 1


if __name__ == "__main__":
    sys.exit(main())

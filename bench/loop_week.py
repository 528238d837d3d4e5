"""A week of cron in minutes: `python -m bench.loop_week [TREE] [--write] [--first HOUR] [--last HOUR]`, on a copy of a tree of the corpus.

What is real: the router, the retrieval over the tree, the log, the settings, the drafts, the changes, the ledger, and the loop
itself: every hour the command `workflow loop --once`, as cron would, in a process of its own. What is not: the clock, chance,
which is seeded, the tool, and the people, who ask what the scenarios of the tree say, and accept an answer that cites the
requirement it came from. The tool hangs at first; when the loop has shortened its time-out, its server is replaced by one that
never hangs and takes longer than that: a kept change turns bad. Prints what cron would have mailed, and then
`workflow loop report`; with `--write` puts both into `docs/explanation/week-of-cron.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
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

REPOSITORY = Path(__file__).resolve().parents[1]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
STORY = REPOSITORY / "docs" / "explanation" / "week-of-cron.md"

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
  levers: [retrieval-depth, field-weight, shorter-timeout, longer-timeout]
"""
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
WEEK = range(7 * 24)
#: How soon the hold-back shows the loss depends on it: 100 requests, of which a tenth are held back, are few.
SEED = 7
PEOPLE = ("ada", "bob", "cy", "dora", "emil")


PAGE = """\
# A week of cron

<!-- Written by `python -m bench.loop_week --write`, in a few minutes; change that. -->

The loop, once an hour for a week, over a copy of a real OpenSpec tree: {tree}, whose scenarios give {questions} questions. Router,
retrieval, log, settings, changes, ledger and the command are the product's own, each run of `workflow loop --once` a process of its own.
The clock, the tool and the people are made. For two days people ask what a scenario says, accept an answer that cites the
requirement it came from, and else name the right place. Then they ask a tool, which hangs in seven of ten calls. As soon as
the loop has shortened the time that it gets, its server is replaced by one that never hangs and takes three seconds: a change that
was right turns bad. Chance is seeded, so that the week can be had again; how soon a tenth of the requests shows such a loss
depends on it.

The settings on Monday morning:

```yaml
{before}
```

## What cron mailed

`0 * * * *  workflow loop --once`: {silent} of {runs} runs had nothing to say, and said nothing. The others:

```text
{mails}
```

After the rollback the settings were {restored}.

## What a person reads a week later

```console
$ workflow loop report
{report}
```

The settings by then:

```yaml
{after}
```

What is gained is counted only as long as a change was compared with what was there before, a tenth of the questions: until its
probation was over. That is little, so that the interval is wide; what it gains afterwards nobody measures. `predictions` tells how often experiments, kept or not, measured
what had been expected of them: an interval of level 0.8, shrunk because the best of several candidates was partly lucky, and as wide
as so few pairs make it. It is for reading; no decision looks at it. [How the loop proves that it improves](improvement.md) says what
the other numbers mean.
"""


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

    def __init__(self, time: Time, chance: Random) -> None:
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
    """For `lookup_hours` people ask what the documents say, and then what the tool knows; so many questions `an_hour`.

    `mails` are the lines of cron, each with its time; `restored` says whether a rollback gave back the bytes of the settings.
    """

    def __init__(self, root: Path, seed: int, *, lookup_hours: int = 48, an_hour: int = 14) -> None:
        self.root = root
        self.settings = root / "workflow.yaml"
        self.lookup_hours, self.an_hour = lookup_hours, an_hour
        self.mails: list[str] = []
        self.restored: bool | None = None
        self._before = b""
        self.time = Time()
        self.chance = Random(seed)
        self.tool = RepositoryTool(self.time, Random(f"tool/{seed}"))
        self.questions = list(questions_of(root))
        self.chance.shuffle(self.questions)
        self.events = JsonlEventLog(
            root / ".workflow" / "metrics.jsonl", clock=self.time, max_bytes=1 << 30, inside=root
        )

    def hour(self, number: int) -> None:
        settings = settings_in_force(self.root)
        texts = self._lookups() if number < self.lookup_hours else self._tool_questions(number)
        with AskRun(self.root, settings, events=self.events) as run:
            self._put_in_place(run)
            for text, gold in texts:
                self.time.at += 3600 / len(texts) - 5
                self._ask(run, text, gold)

    def _lookups(self) -> list[tuple[str, frozenset[str]]]:
        return [self.chance.choice(self.questions) for _ in range(self.an_hour)]

    def _tool_questions(self, number: int) -> list[tuple[str, frozenset[str]]]:
        return [
            (f"What is the latest commit of service {number}-{one}?", frozenset[str]()) for one in range(self.an_hour)
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

    def cron(self) -> None:
        """`workflow loop --once`, at the full hour: what it prints is what cron mails."""
        before = self.settings.read_bytes()
        said = self.workflow("loop", "--once")
        if said:
            moment = self.time.now()
            self.mails += [f"{moment:%a %H:%M}  {line}" for line in said.splitlines()]
            print(*self.mails[-len(said.splitlines()) :], sep="\n", flush=True)
        if "registered: shorter-timeout; keep" in said and not self.tool.replaced:
            self.tool.replaced, self._before = True, before
        if "roll_back" in said:
            self.restored = self.settings.read_bytes() == self._before

    def workflow(self, *arguments: str) -> str:
        """What the command prints at this moment; anything but success ends the week."""
        moment = self.time.now().isoformat()
        command = [sys.executable, "-m", "bench.at_moment", moment, *arguments, "--root", str(self.root)]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8")
        if done.returncode != 0 or done.stderr:
            raise SystemExit(f"{' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def live(tree: Path, place: Path, *, seed: int = SEED, hours: Sequence[int] = WEEK, **asked: int) -> Week:
    """The week of a copy of the tree, or some hours of it; `asked` as in `Week`."""
    root = place / "tree"
    shutil.copytree(tree, root, ignore=shutil.ignore_patterns(".git", ".workflow"))
    subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)
    (root / "workflow.yaml").write_text(SETTINGS, encoding="utf-8")
    (root / ".workflow").mkdir()
    week = Week(root, seed=seed, **asked)
    urandom = os.urandom
    try:
        for number in hours:
            os.urandom = Random(f"{seed}/{number}").randbytes
            week.time.at = (START + timedelta(hours=number)).timestamp()
            week.hour(number)
            week.time.at = (START + timedelta(hours=number + 1)).timestamp()
            week.cron()
    finally:
        os.urandom = urandom
    return week


def page(week: Week, tree: Path, hours: range) -> str:
    part = "" if hours == WEEK else f" (hours {hours[0]} to {hours[-1]} of the week alone)"
    return PAGE.format(
        tree=tree.name,
        questions=len(week.questions),
        before=SETTINGS.rstrip(),
        mails="\n".join(week.mails),
        silent=len(hours) - len({mail[:9] for mail in week.mails}),
        runs=f"{len(hours)}{part}",
        restored="byte for byte as they were before it" if week.restored else "NOT as they were before it",
        report=week.workflow("loop", "report").rstrip(),
        after=week.settings.read_text("utf-8").rstrip(),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="A week of cron on a copy of a tree.")
    parser.add_argument("tree", nargs="?", type=Path, default=CORPUS / "Fission-AI+OpenSpec")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--first", type=int, default=WEEK[0], help="the hour of the week with which to begin")
    parser.add_argument("--last", type=int, default=WEEK[-1], help="the last hour")
    parser.add_argument("--write", action="store_true", help=f"write docs/explanation/{STORY.name}")
    given = parser.parse_args()
    hours = range(given.first, given.last + 1)
    with tempfile.TemporaryDirectory() as place:
        week = live(given.tree, Path(place), seed=given.seed, hours=hours)
        text = page(week, given.tree, hours)
        print(f"\n{text}")
        states = [kept["state"] for kept in json.loads(week.workflow("loop", "report", "--format", "json"))["kept"]]
    shown = bool(week.restored) and len(states) > states.count("rolled_back")
    if shown and given.write:
        STORY.write_text(text, encoding="utf-8")
    print(f"kept {len(states) - states.count('rolled_back')}, taken back {states.count('rolled_back')}")
    return 0 if shown else 1


if __name__ == "__main__":
    sys.exit(main())

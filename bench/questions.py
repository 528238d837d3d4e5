"""Questions: routing in process, a thousand at once, and the whole command beside `openspec list`.

What is measured in process runs in one of its own, so that nothing of it counts for the memory of the others.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from figures import TIMED, Group, Target, megabytes, milliseconds, timed_rows
from made_trees import Writer
from measure import Broken, Command, environment, side_by_side
from pace import Pace
from places import OPENSPEC, PYTHON, REPOSITORY, WORKFLOW

QUESTIONS, LIMIT, SECONDS = 1_000, 64, 0.05
PASSAGES = 5_000
IDEAL = -(-QUESTIONS // LIMIT) * SECONDS


def measure(scratch: Path, rounds: int) -> Group:
    pace = Pace(scratch)
    pace.step()
    done = subprocess.run(
        [PYTHON, __file__], capture_output=True, text=True, env=environment(), cwd=REPOSITORY, check=False
    )
    pace.step()
    if done.returncode != 0:
        raise Broken(f"bench/questions.py: {done.stderr[-2000:]}")
    figures = json.loads(done.stdout)
    root = scratch / "tree"
    question = make_tree(root, 500)
    commands = [
        Command(name="openspec list", arguments=[OPENSPEC, "list"], directory=root),
        _ask("ask, from retrieval, warm index", root, [question, "--no-queue", "--offline"], cache=False),
        _ask("ask, from the cache", root, [question, "--no-queue", "--offline"], cache=True),
    ]
    commands[1].prepare()
    results = side_by_side(commands, rounds)
    base = results["openspec list"]
    slower = pace.slower
    many = figures["many"]
    return Group(
        title="Questions",
        columns=TIMED,
        rows=timed_rows(results, "openspec list"),
        targets=[
            Target(what="routing, cached, in process", figure=figures["cached"], limit=1, unit=" ms", slower=slower),
            Target(
                what=f"routing from retrieval over {figures['passages']:,} passages",
                figure=figures["retrieved"],
                limit=10,
                unit=" ms",
                slower=slower,
            ),
            Target(
                what=f"{QUESTIONS:,} questions at once, an answerer of {SECONDS * 1000:.0f} ms, limit {LIMIT}, of the ideal",
                figure=many["seconds"] / IDEAL,
                limit=1.3,
            ),
            Target(what="of them lost or answered twice", figure=many["lost"] + many["doubled"], limit=0),
            Target(what="memory of that process", figure=many["peak"] / 1e6, limit=300, unit=" MB"),
            Target(
                what="`ask` from retrieval, of `openspec list`",
                figure=results["ask, from retrieval, warm index"].median / base.median,
                limit=1,
            ),
        ],
        notes=[
            f"In process, medians: cached {figures['cached']:.2f} ms, from retrieval {figures['retrieved']:.2f} ms "
            f"(processor: {figures['used']:.2f} ms). "
            f"{QUESTIONS:,} questions took {milliseconds(many['seconds'])} (ideal {milliseconds(IDEAL)}) and at most "
            f"{megabytes(many['peak'])}."
        ],
    )


def _ask(name: str, root: Path, arguments: Sequence[str], *, cache: bool) -> Command:
    setting = root / "workflow.yaml"

    def prepare() -> None:
        setting.write_text(f"answers:\n  cache: {'true' if cache else 'false'}\n", encoding="utf-8")

    return Command(name=name, arguments=[WORKFLOW, "ask", *arguments], directory=root, prepare=prepare)


def make_tree(root: Path, requirements: int) -> str:
    """A tree of made specs, and a question in the words of one of its requirements."""
    from made_trees import growing

    growing(root, max(requirements // 10, 1))
    spec = next(iter(sorted((root / "openspec" / "specs").rglob("spec.md"))))
    lines = spec.read_text("utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("### Requirement:"))
    return next(line for line in lines[at + 1 :] if line.strip())


# -- in process ------------------------------------------------------------------------------------------------------


class _Answerer:
    """Takes its time, and counts."""

    name = "tools"

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    async def answer(self, asked: Any, _evidence: object) -> Any:
        from workflow_cli.app.answering.ports import Found

        self.calls[asked.text] += 1
        await asyncio.sleep(SECONDS)
        return Found(text=f"On {asked.text}", confidence=0.5, unsourced=True)


class _NoPassages:
    def refresh(self) -> Sequence[str]:
        return ()

    def search(self, question: str, *, limit: int, change: str | None = None) -> Sequence[Any]:  # noqa: ARG002
        return ()

    def current_hash(self, path: str, address: str) -> str | None:  # noqa: ARG002
        return None


def _asked(text: str) -> Any:
    from workflow_cli.domain.answering.asked import Asked, QuestionKind

    return Asked(text=text, kind=QuestionKind.LOOKUP)


def _router(root: Path, index: Any, answerers: dict[str, Any]) -> Any:
    from workflow_cli.adapters.answer_cache import SqliteAnswerCache
    from workflow_cli.adapters.answering_state import AnsweringState
    from workflow_cli.adapters.breaker_store import SqliteBreakers
    from workflow_cli.adapters.cited_files import CitedFiles
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.event_log import JsonlEventLog
    from workflow_cli.adapters.lease_store import SqliteLeases
    from workflow_cli.app.answering.answer_question import AnswerQuestion
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.domain.answering.route import RoutePolicy

    clock = SystemClock()
    state = AnsweringState(root / ".workflow" / "state.db")
    means = Means(
        index=index,
        answerers=answerers,
        files=CitedFiles(root, max_bytes=10_000_000),
        breakers=SqliteBreakers(state, clock),
        clock=clock,
        policy=RoutePolicy(deadline=120.0, passages=8, sure=0.8, limits={"tools": LIMIT}),
    )
    missing = {name: "left out" for name in ("specs", "model", "tools") if name not in answerers}
    return AnswerQuestion(
        means,
        cache=SqliteAnswerCache(state, entries=10_000),
        leases=SqliteLeases(state, clock),
        queue=None,
        events=JsonlEventLog(root / ".workflow" / "metrics.jsonl", clock=clock, max_bytes=1 << 30),
        missing=missing,
    )


def many_at_once(root: Path) -> dict[str, Any]:
    """A thousand different questions, all asked at the same moment; state and events are kept on disk as ever."""
    answerer = _Answerer()
    router = _router(root, _NoPassages(), {"tools": answerer})
    texts = [f"What is number {number}?" for number in range(QUESTIONS)]

    async def run() -> tuple[float, list[Any]]:
        started = time.perf_counter()
        outcomes = await asyncio.gather(*(router.answer(_asked(text), queue=False) for text in texts))
        return time.perf_counter() - started, outcomes

    seconds, outcomes = asyncio.run(run())
    right = sum(
        outcome.answer is not None and outcome.answer.text == f"On {text}"
        for outcome, text in zip(outcomes, texts, strict=True)
    )
    return {
        "seconds": seconds,
        "lost": QUESTIONS - right,
        "doubled": sum(answerer.calls.values()) - len(answerer.calls),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def routed(root: Path) -> dict[str, Any]:
    """Medians, in milliseconds, of routing to the documents and to the cache, over an index of the real kind."""
    from workflow_cli.settings import Sources, load_settings
    from workflow_cli.wiring.retrieval import passage_index, specs_answerer

    writer = Writer()
    spec = root / "openspec" / "specs"
    from_cache = 0
    for name in range(25):
        place = spec / f"capability-{name}" / "spec.md"
        place.parent.mkdir(parents=True)
        place.write_text(writer.spec(f"capability-{name}", PASSAGES // 25 // 3), encoding="utf-8")
    settings = load_settings(Sources(root=root, here=root))
    index = passage_index(root, settings)
    index.refresh()
    lines = [line for file in sorted(spec.rglob("spec.md")) for line in file.read_text("utf-8").split("\n")]
    questions = [line for before, line in pairwise(lines) if before.startswith("### Requirement:")]
    questions = questions[:: max(len(questions) // 100, 1)][:100]
    router = _router(root, index, {"specs": specs_answerer(index, settings)})
    times: dict[str, list[float]] = {"retrieved": [], "cached": []}
    used: list[float] = []
    for kind in times:
        for question in questions:
            started, processor = time.perf_counter(), time.process_time()
            begun = router.begin(_asked(f"Is it so: {question}"), queue=False)
            times[kind].append((time.perf_counter() - started) * 1000)
            used += [(time.process_time() - processor) * 1000] if kind == "retrieved" else []
            assert begun.outcome is not None
            from_cache += begun.outcome.answer.route[0].answerer == "cache"
    if from_cache < len(questions):
        raise SystemExit(f"only {from_cache} of {len(questions)} questions were answered from the cache")
    passages = index._connection.execute("SELECT count(*) FROM passage").fetchone()[0]
    index.close()
    return {
        "passages": passages,
        "used": statistics.median(used),
        **{kind: statistics.median(taken) for kind, taken in times.items()},
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        many = many_at_once(root)
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps({"many": many, **routed(Path(directory))}))


if __name__ == "__main__":
    main()

"""Identical questions under way are asked once, in a process and across processes; none is lost or answered twice."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.app.answering.conftest import SPEC, MakeRouter, Router, SetClock, asked_of, policy_with
from tests.app.answering.test_route import CITED, NOTHING, failed
from tests.fakes.answerers import quoting
from workflow_cli.adapters.answering_state import AnsweringState
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.lease_store import SqliteLeases
from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.answer_question import AnswerQuestion, Outcome
from workflow_cli.app.answering.ports import Found
from workflow_cli.app.answering.route_walk import Fresh
from workflow_cli.app.answering.routing_ports import Held, Left, Taken
from workflow_cli.domain.answering.failure import FailureKind

REPOSITORY = Path(__file__).parents[3]


def slowly(said: Any, seconds: float = 0.05) -> Any:
    async def reply(*_: object) -> Any:
        await anyio.sleep(seconds)
        return said

    return reply


def all_of(router: AnswerQuestion, texts: list[str], **more: Any) -> list[Outcome]:
    async def run() -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}

        async def one(number: int, text: str) -> None:
            outcomes[number] = await router.answer(asked_of(text, **more), queue=False)

        async with anyio.create_task_group() as group:
            for number, text in enumerate(texts):
                group.start_soon(one, number, text)
        return [outcomes[number] for number in range(len(texts))]

    return anyio.run(run)


def test_identical_questions_share_one_call(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], model=[slowly(CITED)])
    outcomes = all_of(one.use_case(), ["How long is a session?"] * 20)
    assert len(one.answerers["model"].calls) == 1
    assert len({outcome.answer.id for outcome in outcomes if outcome.answer}) == 1
    assert Counter(event["shared"] for event in one.events.events) == {False: 1, True: 19}


def test_a_shared_failure_is_everybodys(router: MakeRouter) -> None:
    one = router(model=[slowly(failed(FailureKind.UNAUTHORIZED))])
    outcomes = all_of(one.use_case(), ["How long?"] * 3, answerers=("model",))
    assert [str(outcome.fault) for outcome in outcomes] == [
        "http://127.0.0.1:1: nobody could answer: it is unauthorized"
    ] * 3


def test_where_the_first_gives_up_the_next_asks(router: MakeRouter) -> None:
    """Nobody's answer hangs on somebody who left."""

    async def run() -> tuple[Router, Outcome]:
        asked, scope = anyio.Event(), anyio.CancelScope()

        async def for_ever(*_: object) -> None:
            asked.set()
            await anyio.sleep_forever()

        one = router(specs=[NOTHING], model=[for_ever, CITED])
        case = one.use_case()

        async def first() -> None:
            with scope:
                await case.answer(asked_of(), queue=False)

        async def leave() -> None:
            await anyio.wait_all_tasks_blocked()
            scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await asked.wait()
            group.start_soon(leave)
            return one, await case.answer(asked_of(), queue=False)

    one, outcome = anyio.run(run)
    assert outcome.answer is not None
    assert outcome.answer.answerer == "model"
    assert one.answerers["model"].cancelled == 1
    assert [event["status"] for event in one.events.events] == ["interrupted", "answered"]


def test_a_thousand_questions_are_answered_once_each_within_the_limit(router: MakeRouter) -> None:
    """Each its own; half of them asked twice."""

    async def own(asked: Any, _evidence: object) -> Found:
        await anyio.sleep(0.001)
        return Found(text=f"On {asked.text}", confidence=0.5, unsourced=True)

    one = router(specs=[NOTHING], tools=[own], policy=policy_with(limits={"tools": 64}))
    one.index.search = lambda *_, **__: []  # type: ignore[method-assign]
    texts = [f"What is number {n}?" for n in range(1000)] + [f"What is number {n}?" for n in range(0, 1000, 2)]
    outcomes = all_of(one.use_case(), texts)
    assert [outcome.answer.text for outcome in outcomes if outcome.answer] == [f"On {text}" for text in texts]
    calls = Counter(text for text, _ in one.answerers["tools"].calls)
    assert set(calls.values()) == {1}
    assert len(calls) == 1000
    assert one.answerers["tools"].most <= 64


# -- across processes --------------------------------------------------------------------------------------------


@pytest.fixture
def leases(tmp_path: Path) -> Any:
    state = AnsweringState(tmp_path / "state.db")
    yield lambda clock=None, **more: SqliteLeases(state, clock or SystemClock(), **more)
    state.close()


def test_one_holds_a_question_and_leaves_its_result_to_those_who_wait(leases: Any) -> None:
    mine, theirs = leases(), leases()
    taken = mine.take("q")
    assert isinstance(taken, Taken)
    assert theirs.take("q") == Held(taken.token)
    mine.finish("q", taken.token, "done")
    assert theirs.take("q", awaited=taken.token) == Left("done")
    assert isinstance(theirs.take("q"), Taken), "who did not wait asks anew"


def test_a_lease_let_go_of_is_free(leases: Any) -> None:
    one = leases()
    taken = one.take("q")
    one.release("q", taken.token)
    assert isinstance(one.take("q"), Taken)


def test_the_lease_of_another_is_not_touched(leases: Any) -> None:
    one = leases()
    taken = one.take("q")
    one.release("q", "another")
    one.finish("q", "another", "x")
    assert one.take("q") == Held(taken.token)


def test_a_lease_runs_out_unless_it_is_renewed(leases: Any) -> None:
    clock = SetClock()
    one = leases(lasts=10, clock=clock)
    taken = one.take("q")
    for _ in range(4):
        clock.at += timedelta(seconds=9)
        one.renew("q", taken.token)
    assert one.take("q") == Held(taken.token)
    clock.at += timedelta(seconds=10)
    assert isinstance(one.take("q"), Taken)


def test_the_lease_of_a_process_that_died_is_free_at_once(leases: Any) -> None:
    one = leases(lasts=3600)
    one.take("q")
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    one._state.use(lambda database: database.execute("UPDATE lease SET pid = ?", (gone.pid,)))
    assert isinstance(one.take("q"), Taken)


def asking_process(root: Path, calls: Path) -> subprocess.Popen[str]:
    """Asks one question of an answerer that takes its time and writes down each call."""
    script = f"""
    import sys
    sys.path.insert(0, {str(REPOSITORY)!r})
    from pathlib import Path
    import anyio
    from tests.app.answering.conftest import Router, asked_of, policy_with
    from tests.app.answering.test_route import CITED, NOTHING
    from tests.fakes.answerers import ScriptedAnswerer
    from tests.fakes.questions import QuestionsInMemory
    from workflow_cli.adapters.answering_state import AnsweringState
    from workflow_cli.adapters.clock import SystemClock

    async def slowly(*_):
        with open({str(calls)!r}, "a") as file:
            file.write("call\\n")
        print("asked", flush=True)
        await anyio.sleep(1.0)
        return CITED

    answerers = {{"specs": ScriptedAnswerer("specs", [NOTHING]), "model": ScriptedAnswerer("model", [slowly])}}
    one = Router(Path({str(root)!r}), answerers, AnsweringState(Path({str(root / "state.db")!r})), QuestionsInMemory(clock=SystemClock()))
    answer = one.ask()
    print(answer.answerer, answer.route[0].answerer, flush=True)
    """
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_processes_ask_the_same_question_once(router: MakeRouter, tmp_path: Path) -> None:
    router(specs=[NOTHING])
    processes = [asking_process(tmp_path, tmp_path / "calls") for _ in range(3)]
    said = sorted(process.communicate(timeout=60)[0].split("\n")[-2] for process in processes)
    assert (tmp_path / "calls").read_text() == "call\n"
    assert said[0] in ("model cache", "model specs", "model under way")
    assert {line.split()[0] for line in said} == {"model"}


def test_a_process_killed_while_it_asks_holds_nobody_up(router: MakeRouter, tmp_path: Path) -> None:
    one = router(specs=[NOTHING], model=[CITED], state=tmp_path / "state.db")
    process = asking_process(tmp_path, tmp_path / "calls")
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n"
    process.kill()
    process.communicate()
    assert one.ask().answerer == "model"
    assert len(one.answerers["model"].calls) == 1


def test_a_lease_is_kept_as_long_as_its_question_is_answered(router: MakeRouter, tmp_path: Path) -> None:
    """However much longer that takes than a lease lasts."""
    calls: list[float] = []

    async def run() -> list[Outcome]:
        async def long(*_: object) -> Found:
            calls.append(anyio.current_time())
            await anyio.sleep(1.2)
            return CITED

        outcomes = []

        async def ask(after: float) -> None:
            one = router(specs=[NOTHING], model=[long], state=tmp_path / "state.db")
            await anyio.sleep(after)
            leases = SqliteLeases(one.state, SystemClock(), lasts=0.3)
            outcomes.append(await one.use_case(leases=leases).answer(asked_of(), queue=False))

        async with anyio.create_task_group() as group:
            group.start_soon(ask, 0.0)
            group.start_soon(ask, 0.8)
        return outcomes

    outcomes = anyio.run(run)
    assert [outcome.answer.answerer for outcome in outcomes if outcome.answer] == ["model", "model"]
    assert len(calls) == 1


def test_who_waited_for_another_process_gets_what_that_left(router: MakeRouter, tmp_path: Path) -> None:
    """Its route says so."""
    other = router(specs=[NOTHING], model=[CITED], state=tmp_path / "state.db")

    async def run() -> Outcome:
        asked, goes_on = anyio.Event(), anyio.Event()

        async def waiting(*_: object) -> Found:
            asked.set()
            await goes_on.wait()
            return CITED

        one = router(specs=[NOTHING], model=[waiting], state=tmp_path / "state.db")

        async def first() -> None:
            await one.use_case().answer(asked_of(), queue=False)

        async def let_go() -> None:
            await anyio.sleep(0.2)
            goes_on.set()

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await asked.wait()
            group.start_soon(let_go)
            return await other.use_case().answer(asked_of(), queue=False)

    second = anyio.run(run)
    assert other.answerers["model"].calls == []
    assert second.answer is not None
    assert second.answer.answerer == "model"
    assert second.answer.route[0].answerer == "under way"


def test_an_answer_that_is_there_does_not_wait_for_all_others_to_begin(router: MakeRouter) -> None:
    """Of many that are asked at the same moment, the first is told, and its place free, while others come in."""
    one = router(tools=[Found(text="So.", confidence=0.5, unsourced=True)])
    begun_when_ended: list[int] = []
    use_case = one.use_case()
    begin, begun = use_case.begin, 0

    def counted(*asked: Any, **more: Any) -> Any:
        nonlocal begun
        begun += 1
        return begin(*asked, **more)

    use_case.begin = counted  # type: ignore[method-assign]

    async def ask(number: int) -> None:
        await use_case.answer(asked_of(f"What is number {number}?"), queue=False)
        begun_when_ended.append(begun)

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for number in range(400):
                group.start_soon(ask, number)

    anyio.run(run)
    assert len(begun_when_ended) == begun == 400
    assert begun_when_ended[0] < 100


def test_who_gives_up_before_its_turn_holds_up_nobody(router: MakeRouter) -> None:
    one = router(tools=[Found(text="So.", confidence=0.5, unsourced=True)])
    use_case = one.use_case()

    async def run() -> list[Outcome]:
        async with anyio.create_task_group() as group:
            for number in range(50):
                group.start_soon(lambda number: use_case.answer(asked_of(f"Number {number}?"), queue=False), number)
            group.cancel_scope.cancel()
        return [await use_case.answer(asked_of(f"Number {number}?"), queue=False) for number in range(50)]

    assert [outcome.answer.text for outcome in anyio.run(run) if outcome.answer] == ["So."] * 50


def test_documents_are_looked_for_changes_once_for_all_that_were_asked_before(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], tools=[Found(text="So.", confidence=0.5, unsourced=True)])
    looks = looked_at(one)
    all_of(one.use_case(), [f"What is number {number}?" for number in range(200)])
    assert 1 <= len(looks) < 20


def test_who_asks_after_an_edit_is_answered_from_it(router: MakeRouter) -> None:
    """However shortly after: the questions before took no note of it, and are no reason not to look."""
    one = router(specs=[quoting(0.9)])
    looks, use_case = looked_at(one), one.use_case()

    async def run() -> list[str]:
        texts = []
        for when in ("always", "mostly", "never"):
            one.spec.write_text(SPEC.replace("without a request.", f"without a request, {when}"), encoding="utf-8")
            outcome = await use_case.answer(asked_of("What if no request comes for thirty minutes?"), queue=False)
            assert outcome.answer is not None
            texts.append(outcome.answer.text)
        return texts

    assert [text.split()[-1] for text in anyio.run(run)] == ["always", "mostly", "never"]
    assert len(looks) >= 3


def looked_at(one: Router) -> list[None]:
    """Grows whenever the documents are looked for changes."""
    looks: list[None] = []
    refresh = one.index.refresh

    def counted() -> Any:
        looks.append(None)
        return refresh()

    one.index.refresh = counted  # type: ignore[method-assign]
    return looks


def test_one_index_says_nothing_of_another(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])
    looks = looked_at(one)
    other = SqlitePassageIndex(one.root, None, max_file_bytes=1_000_000)
    fresh, clock = Fresh(), SystemClock()
    now = clock.elapsed()
    fresh.faults(one.index, clock, asked_at=now)
    fresh.faults(one.index, clock, asked_at=now)
    assert len(looks) == 1
    assert not other.search("session", limit=1)
    fresh.faults(other, clock, asked_at=now)
    assert other.search("session", limit=1)

"""What every `QuestionQueue` promises, held against the one on disk and the one in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.questions import QuestionsInMemory
from workflow_cli.adapters.question_store import SqliteQuestionStore, stamp
from workflow_cli.app.answering.ports import GivenAnswer, PendingQuestion
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.errors import AlreadyThere, Refused, UsageError

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source(
    path="openspec/specs/auth/spec.md", line=9, address="a#B", quote="The shop SHALL wait.", section_hash="0"
)


class MovableClock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return (self.time - START).total_seconds()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(params=["sqlite", "memory"])
def queue(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> Iterator[Any]:
    made: Any
    if request.param == "sqlite":
        made = SqliteQuestionStore(tmp_path, clock=clock, most_open=50)
    else:
        made = QuestionsInMemory(clock=clock, most_open=50)
    yield made
    made.close()


def question(text: str = "How long?", *, asker: str | None = "Ada", hours: float | None = None, **more: Any) -> Any:
    expires = None if hours is None else stamp(START + timedelta(hours=hours))
    return PendingQuestion(
        **{"id": "", "text": text, "asker": asker, "asked_at": stamp(START), "expires_at": expires, **more}
    )


def asked(text: str, **more: Any) -> Asked:
    return Asked(text=text, kind=QuestionKind.LOOKUP, **more)


class TestAsking:
    def test_an_entry_says_what_was_asked(self, queue: Any) -> None:
        entry = queue.put(
            question("Wie lange?\n二行", change="add-login", context={"file": "a.py"}, priority=2, hours=1)
        )
        assert entry == queue.get(entry.id)
        assert (entry.text, entry.change, dict(entry.context), entry.priority) == (
            "Wie lange?\n二行", "add-login", {"file": "a.py"}, 2,
        )  # fmt: skip
        assert (entry.asker, entry.askers, entry.answer, entry.sources) == ("Ada", ("Ada",), None, ())

    def test_ids_cannot_be_guessed_from_each_other(self, queue: Any) -> None:
        ids = {queue.put(question(f"q{n}")).id for n in range(20)}
        assert len(ids) == 20
        assert all(len(id) >= 20 and not id.isdecimal() for id in ids)

    def test_an_id_that_is_given_is_kept(self, queue: Any) -> None:
        assert queue.put(question(id="qmine")).id == "qmine"

    def test_the_same_question_is_one_entry_with_all_who_asked(self, queue: Any) -> None:
        first = queue.put(question("How long?"))
        for text, name in (("how  long", "Bo"), ("How long ?", "Ada"), ("How\nlong？", "Cy"), ("How long?", None)):
            assert queue.put(question(text, asker=name)).id == first.id
        (entry,) = queue.listed()
        assert (entry.text, entry.asker, entry.askers) == ("How long?", "Ada", ("Ada", "Bo", "Cy"))

    @pytest.mark.parametrize(
        "other", [{"change": "c"}, {"context": {"file": "a"}}, {"text": "How wide?"}, {"text": "How Long?"}]
    )
    def test_another_change_context_or_text_is_another_question(self, queue: Any, other: dict[str, Any]) -> None:
        assert queue.put(question()).id != queue.put(question(**other)).id

    def test_who_joins_can_make_it_more_urgent_and_last_longer(self, queue: Any) -> None:
        queue.put(question(priority=5, hours=1))
        queue.put(question(priority=1, hours=3))
        entry = queue.put(question(priority=9, hours=2))
        assert (entry.priority, entry.expires_at) == (1, stamp(START + timedelta(hours=3)))
        assert queue.put(question(hours=None)).expires_at is None

    def test_whoever_asks_later_gets_the_answer(self, queue: Any) -> None:
        first = queue.put(question())
        queue.answer(first.id, "a day", by="Jo")
        later = queue.put(question(asker="Bo"))
        assert (later.id, later.answer, later.answered_by, later.askers) == (first.id, "a day", "Jo", ("Ada", "Bo"))

    def test_too_many_open_questions_are_refused(self, queue: Any) -> None:
        for n in range(50):
            queue.put(question(f"question {n}"))
        with pytest.raises(Refused, match="50 questions are open"):
            queue.put(question("one more"))
        queue.put(question("question 7", asker="Bo"))
        queue.answer(queue.listed()[0].id, "yes", by="Jo")
        queue.put(question("one more"))


class TestExpiry:
    def test_an_expired_question_is_not_found_or_listed_but_still_there(self, queue: Any, clock: MovableClock) -> None:
        entry = queue.put(question(hours=1))
        assert queue.find(asked("how long")) == entry
        clock.time += timedelta(hours=1)
        assert queue.find(asked("how long")) is None
        assert (list(queue.listed()), list(queue.listed(answered=None))) == ([], [entry])
        assert queue.get(entry.id) == entry

    def test_asked_again_it_waits_anew_under_its_id(self, queue: Any, clock: MovableClock) -> None:
        entry = queue.put(question(hours=1, priority=0))
        clock.time += timedelta(hours=2)
        again = queue.put(question(asker="Bo", hours=4, priority=5, asked_at=stamp(clock.time)))
        assert (again.id, again.askers, again.priority) == (entry.id, ("Ada", "Bo"), 5)
        assert (again.asked_at, list(queue.listed())) == (stamp(clock.time), [again])

    def test_an_answer_does_not_expire(self, queue: Any, clock: MovableClock) -> None:
        entry = queue.put(question(hours=1))
        clock.time += timedelta(hours=2)
        queue.answer(entry.id, "late, but true", by="Jo")
        found = queue.find(asked("How long?"))
        assert found is not None
        assert found.answer == "late, but true"


class TestAnswering:
    def test_an_answer_says_who_gave_it_when_and_from_where(self, queue: Any, clock: MovableClock) -> None:
        id = queue.put(question()).id
        clock.time += timedelta(minutes=1)
        entry = queue.answer(id, "two\nlines\x1b", by="Jo", by_agent=True, sources=[SOURCE])
        assert entry == queue.get(id) == queue.find(asked("how long?"))
        assert (entry.answer, entry.answered_by, entry.answered_by_agent) == ("two\nlines\x1b", "Jo", True)
        assert (entry.answered_at, entry.sources) == (stamp(clock.time), (SOURCE,))

    def test_the_same_answer_again_changes_nothing(self, queue: Any, clock: MovableClock) -> None:
        id = queue.put(question()).id
        first = queue.answer(id, "a day", by="Jo")
        clock.time += timedelta(minutes=1)
        assert queue.answer(id, "a day", by="Bo") == first

    def test_another_answer_is_refused(self, queue: Any) -> None:
        id = queue.put(question()).id
        queue.answer(id, "a day", by="Jo")
        with pytest.raises(AlreadyThere, match="another answer"):
            queue.answer(id, "a week", by="Bo")
        assert queue.get(id).answer == "a day"

    def test_it_can_be_replaced_where_that_is_said(self, queue: Any) -> None:
        id = queue.put(question()).id
        queue.answer(id, "a day", by="Jo", sources=[SOURCE])
        (entry,) = queue.answer_all([GivenAnswer(id=id, text="a week", by="Bo", replace=True)])
        assert (entry.answer, entry.answered_by, entry.sources) == ("a week", "Bo", ())

    def test_an_unknown_id_is_a_usage_error(self, queue: Any) -> None:
        with pytest.raises(UsageError):
            queue.answer("q0", "x", by=None)
        queue.put(question())
        with pytest.raises(UsageError):
            queue.answer("q0", "x", by=None)
        assert queue.get("q0") is None

    def test_several_are_answered_together_or_not_at_all(self, queue: Any) -> None:
        ids = [queue.put(question(f"q{n}")).id for n in range(3)]
        with pytest.raises(UsageError):
            queue.answer_all([GivenAnswer(id=id, text="x", by="Jo") for id in (*ids, "q0")])
        assert len(queue.listed()) == 3
        queue.answer_all([GivenAnswer(id=id, text="x", by="Jo") for id in ids])
        assert len(queue.listed()) == 0

    def test_a_dropped_question_is_gone_and_may_be_asked_again(self, queue: Any) -> None:
        entry = queue.put(question())
        queue.answer(entry.id, "a day", by="Jo")
        assert queue.drop(entry.id).answer == "a day"
        assert queue.get(entry.id) is None
        with pytest.raises(UsageError):
            queue.drop(entry.id)
        again = queue.put(question())
        assert (again.answer, again.id != entry.id) == (None, True)


class TestListing:
    def test_nothing_asked_nothing_listed(self, queue: Any) -> None:
        assert [list(queue.listed(answered=which)) for which in (False, True, None)] == [[], [], []]
        assert queue.find(asked("anything")) is None

    def test_the_most_urgent_and_oldest_come_first(self, queue: Any) -> None:
        for n, (priority, minute) in enumerate([(5, 3), (5, 1), (0, 9), (5, 2)]):
            queue.put(question(f"q{n}", priority=priority, asked_at=stamp(START + timedelta(minutes=minute))))
        assert [entry.text for entry in queue.listed()] == ["q2", "q1", "q3", "q0"]

    def test_open_answered_and_all(self, queue: Any) -> None:
        first, second = (queue.put(question(f"q{n}")) for n in range(2))
        answered = queue.answer(first.id, "yes", by="Jo")
        assert list(queue.listed()) == [second]
        assert list(queue.listed(answered=True)) == [answered]
        assert list(queue.listed(answered=None)) == [answered, second]


class TestWaiting:
    def test_one_that_is_answered_is_there_at_once(self, queue: Any) -> None:
        entry = queue.answer(queue.put(question()).id, "yes", by="Jo")
        assert asyncio.run(queue.wait(entry.id, seconds=0)) == entry

    def test_none_when_the_time_is_up(self, queue: Any) -> None:
        entry = queue.put(question())
        assert asyncio.run(queue.wait(entry.id, seconds=0.05)) is None

    def test_none_for_an_unknown_id(self, queue: Any) -> None:
        assert asyncio.run(queue.wait("q0", seconds=60)) is None

    def test_everybody_who_waits_gets_the_answer(self, queue: Any) -> None:
        async def run() -> list[PendingQuestion | None]:
            ids = [queue.put(question(f"q{n % 5}")).id for n in range(40)]
            waiting = [asyncio.create_task(queue.wait(id, seconds=60)) for id in ids]
            await asyncio.sleep(0.1)
            for id in dict.fromkeys(ids):
                await asyncio.to_thread(queue.answer, id, f"answer of {id}", by="Jo")
            return list(await asyncio.gather(*waiting))

        entries = asyncio.run(run())
        assert len(entries) == 40
        assert all(entry is not None and entry.answer == f"answer of {entry.id}" for entry in entries)

    def test_who_gives_up_waiting_disturbs_nobody(self, queue: Any) -> None:
        async def run() -> PendingQuestion | None:
            id = queue.put(question()).id
            stays, leaves = (asyncio.create_task(queue.wait(id, seconds=60)) for _ in range(2))
            await asyncio.sleep(0.05)
            leaves.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaves
            queue.answer(id, "yes", by="Jo")
            return await stays

        entry = asyncio.run(run())
        assert entry is not None
        assert entry.answer == "yes"

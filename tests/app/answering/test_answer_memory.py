"""An answer is served again while the sections it cites are as they were, and not a moment longer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.answering.conftest import QUESTION, SPEC, MakeRouter, SetClock, policy_with
from tests.app.answering.test_route import CITED, NOTHING, TOLD, path_of
from tests.fakes.answerers import quoting
from workflow_cli.domain.answering.answer import AnswerStatus

TOOLS_ANSWERED = [("specs", "nothing"), ("model", "skipped"), ("tools", "answered")]


def test_the_same_question_is_answered_from_the_cache(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.9)])
    first, second = one.ask(), one.ask("after how many wrong passwords is an account  locked")
    assert path_of(second) == [("cache", "answered")]
    assert (second.id, second.text, second.sources, second.answerer) == (first.id, first.text, first.sources, "specs")
    assert len(one.answerers["specs"].calls) == 1
    assert one.events.events[-1]["cached"] is True


def test_a_changed_section_expires_the_answers_that_cite_it_and_no_others(router: MakeRouter) -> None:
    """The other section moves by a line; its answer is served with the line of now."""
    one = router(specs=[quoting(0.9)])
    lock, session = one.ask(), one.ask("When does a session end without a request?")
    assert "thirty minutes" in one.cache.by_id(session.id).answer.text or "session" in session.text
    one.spec.write_text(SPEC.replace("fifteen minutes", "twenty minutes\n- **AND** a mail is sent"), "utf-8")
    again = one.ask("When does a session end without a request?")
    assert path_of(again) == [("cache", "answered")]
    assert again.sources[0].line == session.sources[0].line + 1
    lines = one.spec.read_text("utf-8").split("\n")
    assert lines[again.sources[0].line - 1].endswith(again.sources[0].quote)
    assert path_of(one.ask()) == [("specs", "answered")]
    assert one.cache.by_id(lock.id) is None or one.cache.by_id(lock.id).answer.sources != lock.sources
    assert path_of(one.ask("When does a session end without a request?")) == [("cache", "answered")]


def test_a_deleted_file_expires_what_cites_it(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.9)])
    one.ask()
    one.spec.unlink()
    answer = one.ask()
    assert answer.status is AnswerStatus.NOT_IN_SPECS


def test_what_cites_nothing_expires_by_time(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], tools=[TOLD], policy=policy_with(cache_seconds=60))
    one.clock = SetClock()
    assert one.ask().answerer == "tools"
    one.clock.at += timedelta(seconds=59)
    assert path_of(one.ask()) == [("cache", "answered")]
    one.clock.at += timedelta(seconds=2)
    assert path_of(one.ask()) == TOOLS_ANSWERED
    one.clock.at -= timedelta(days=1)
    assert path_of(one.ask()) == TOOLS_ANSWERED, "a clock that was set back"


def test_passages_that_stood_in_for_a_model_do_not_stand_in_its_way(router: MakeRouter) -> None:
    """Asked while there was none, they are not served once there is one; a model's answer is served to both."""
    alone = router(specs=[quoting(0.5)])
    assert path_of(alone.ask()) == [("specs", "answered")]
    assert path_of(alone.ask()) == [("cache", "answered")]
    with_model = router(specs=[quoting(0.5)], model=[CITED])
    with_model.cache, with_model.state = alone.cache, alone.state
    assert with_model.ask().answerer == "model"
    assert path_of(with_model.ask()) == [("cache", "answered")]
    assert path_of(alone.ask()) == [("cache", "answered")]
    assert alone.ask().answerer == "model"


def test_an_answer_of_somebody_else_is_not_served_to_who_named_another(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.5)], model=[CITED])
    assert one.ask().answerer == "model"
    assert path_of(one.ask(answerers=("specs",))) == [("specs", "answered")]


def test_what_is_no_answer_is_asked_anew(router: MakeRouter) -> None:
    """Somebody may have written it down by now."""
    one = router(specs=[NOTHING])
    id = one.ask().id
    assert one.cache.by_id(id).question == QUESTION
    one.ask()
    assert len(one.answerers["specs"].calls) == 2


def test_without_the_cache_everybody_is_asked(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.9)], policy=policy_with(cache=False))
    one.ask()
    one.ask()
    assert len(one.answerers["specs"].calls) == 2


def test_two_processes_share_one_cache(router: MakeRouter, tmp_path: Path) -> None:
    one = router(specs=[quoting(0.9)], state=tmp_path / "state.db")
    other = router(specs=[quoting(0.9)], state=tmp_path / "state.db")
    assert path_of(one.ask()) == [("specs", "answered")]
    assert path_of(other.ask()) == [("cache", "answered")]
    other.cache.evict(other.ask().id)
    assert path_of(one.ask()) == [("specs", "answered")]


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\x00 and then nothing of it" * 40])
def test_a_damaged_cache_is_put_aside_and_said(router: MakeRouter, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "state.db").write_bytes(damage)
    outcome = router(specs=[quoting(0.9)], state=tmp_path / "state.db").outcome()
    assert outcome.answer is not None
    assert outcome.answer.status is AnswerStatus.ANSWERED
    assert [d.what for d in outcome.degraded] == (["cache"] if damage else [])


def test_a_cache_that_cannot_be_opened_only_costs_time(router: MakeRouter, tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    one = router(specs=[quoting(0.9)], state=tmp_path / "state.db")
    outcome = one.outcome()
    assert outcome.answer is not None
    assert any(d.what == "cache" and "not kept" in d.why for d in outcome.degraded)


def test_the_oldest_go_where_there_are_too_many(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.9)])
    one.cache._entries = 10
    ids = [one.ask(f"After how many wrong passwords is account {n} locked?").id for n in range(70)]
    assert one.cache.by_id(ids[0]) is None
    assert one.cache.by_id(ids[-1]) is not None

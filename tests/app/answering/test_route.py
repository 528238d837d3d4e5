"""Which answerer a question ends at, and why."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.app.answering.conftest import QUESTION, SPEC, MakeRouter, SetClock, asked_of, policy_with
from tests.fakes.answerers import quoting
from workflow_cli.app.answering.ports import Found, Nothing, Spent
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, Source, StepOutcome
from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.breaker import BreakerPolicy
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.errors import DocumentError, ServiceError

NOTHING = Nothing(reason="does not know")
TOLD = Found(text="It is noon.", confidence=0.4, unsourced=True)
LINE = "The shop SHALL lock an account after five wrong passwords."
CITED = Found(
    text="After five.",
    confidence=0.9,
    model="tiny",
    spent=(Spent(40, 10),),
    sources=(
        Source(
            path="openspec/specs/auth/spec.md",
            line=9,
            address="openspec/specs/auth/spec.md#Requirement: Lockout",
            quote=LINE,
        ),
    ),
)


def path_of(answer: Answer) -> list[tuple[str, str]]:
    return [(step.answerer, step.outcome.value) for step in answer.route]


def failed(kind: FailureKind, **more: Any) -> AnswererFailed:
    return AnswererFailed(kind, f"it is {kind.value}", where="http://127.0.0.1:1", **more)


def test_a_sure_lookup_ends_at_the_documents(router: MakeRouter) -> None:
    """No model is asked what the documents say outright."""
    one = router(specs=[quoting(0.9)], model=[CITED])
    answer = one.ask()
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.answerer == "specs"
    assert path_of(answer) == [("specs", "answered")]
    assert one.answerers["model"].calls == []
    source = answer.sources[0]
    assert SPEC.split("\n")[source.line - 1].endswith(source.quote)


@pytest.mark.parametrize("kind", [QuestionKind.HOWTO, QuestionKind.CODE])
def test_a_question_that_wants_more_than_passages_goes_to_the_model(router: MakeRouter, kind: QuestionKind) -> None:
    one = router(specs=[quoting(0.99)], model=[CITED])
    answer = one.ask(kind=kind)
    assert answer.answerer == "model"
    assert answer.model == "tiny"
    assert path_of(answer) == [("specs", "answered"), ("model", "answered")]


def test_an_unsure_lookup_goes_to_the_model_with_the_passages(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.5)], model=[CITED])
    answer = one.ask()
    assert answer.answerer == "model"
    assert one.answerers["model"].calls[0][1] > 0
    assert "below 0.8" in answer.route[0].reason


@pytest.mark.parametrize("kind", FailureKind)
def test_where_the_model_fails_the_passages_are_the_answer(router: MakeRouter, kind: FailureKind) -> None:
    """Whatever the failure, and it is said."""
    one = router(specs=[quoting(0.5)], model=[failed(kind)], policy=policy_with(attempts=1))
    outcome = one.outcome()
    answer = outcome.answer
    assert answer is not None
    assert (answer.status, answer.answerer) == (AnswerStatus.ANSWERED, "specs")
    assert [step.failure for step in answer.route[:2]] == [None, kind.value]
    assert any(d.what == "model" and f"it is {kind.value}" in d.why for d in outcome.degraded)


def test_where_the_model_finds_nothing_the_passages_are_the_answer(router: MakeRouter) -> None:
    answer = router(specs=[quoting(0.5)], model=[NOTHING], tools=[TOLD]).ask()
    assert answer.answerer == "specs"
    assert path_of(answer) == [("specs", "answered"), ("model", "nothing"), ("tools", "skipped")]


def test_what_the_documents_do_not_say_is_asked_of_tools(router: MakeRouter) -> None:
    answer = router(specs=[NOTHING], model=[NOTHING], tools=[TOLD]).ask()
    assert (answer.answerer, answer.unsourced, answer.text) == ("tools", True, "It is noon.")


def test_a_question_for_tools_goes_there_first_where_the_settings_say_so(router: MakeRouter) -> None:
    policy = policy_with(orders={"tool": ("tools", "specs")})
    one = router(specs=[quoting(0.99)], tools=[TOLD], policy=policy)
    assert path_of(one.ask("What time is it in Tokyo?")) == [("tools", "answered")]
    one = router(specs=[quoting(0.99)], tools=[failed(FailureKind.UNREACHABLE)], policy=policy)
    assert path_of(one.ask("What time is it in Oslo?")) == [("tools", "failed"), ("specs", "answered")]


def test_with_nobody_left_it_is_not_in_the_specs(router: MakeRouter) -> None:
    answer = router(specs=[NOTHING], model=[NOTHING], tools=[NOTHING]).ask()
    assert answer.status is AnswerStatus.NOT_IN_SPECS
    assert (answer.sources, answer.confidence) == ((), 0.0)


def test_a_refusal_is_one_only_where_nobody_looked_into_the_documents(router: MakeRouter) -> None:
    refusing = failed(FailureKind.REFUSED)
    assert router(specs=[NOTHING], model=[refusing]).ask().status is AnswerStatus.NOT_IN_SPECS
    answer = router(model=[refusing]).ask(answerers=("model",))
    assert answer.status is AnswerStatus.REFUSED
    assert "it is refused" in answer.text


def test_where_everybody_failed_nothing_was_evaluated(router: MakeRouter) -> None:
    """A failure is not a "no"."""
    one = router(specs=[NOTHING], model=[failed(FailureKind.UNREACHABLE)], policy=policy_with(attempts=1))
    outcome = one.outcome(answerers=("model",))
    assert outcome.answer is None
    assert isinstance(outcome.fault, ServiceError)
    assert outcome.fault.exit_code == 3
    assert "it is unreachable" in outcome.fault.message
    assert one.events.events[-1]["status"] == "failed"


def test_nobody_to_ask_is_said(router: MakeRouter) -> None:
    outcome = router(specs=[NOTHING]).outcome(answerers=("model",))
    assert outcome.answer is None
    assert "model: is not there" in str(outcome.fault)


def test_only_those_who_are_named_are_asked(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.99)], model=[CITED], tools=[TOLD])
    assert one.ask(answerers=("model",)).answerer == "model"
    assert one.answerers["specs"].calls == []
    assert one.ask("Another one: how long is a session?", answerers=("tools", "specs")).answerer == "specs"


@pytest.mark.parametrize(
    "source",
    [
        {"quote": "The shop SHALL unlock every account at once."},
        {"line": 8},
        {"path": "openspec/specs/none/spec.md"},
        {"path": "../secret.md"},
        {"path": "/etc/passwd"},
        {"quote": ""},
    ],
)
def test_an_answer_whose_quote_is_not_in_the_file_is_none(router: MakeRouter, source: dict[str, Any]) -> None:
    """However sure the model is."""
    from dataclasses import replace

    wrong = replace(CITED, sources=(replace(CITED.sources[0], **source),))
    one = router(specs=[NOTHING], model=[wrong])
    answer = one.ask()
    assert answer.status is AnswerStatus.NOT_IN_SPECS
    assert answer.route[1].reason == "none of its 1 quotes is in the files"
    assert one.events.events[-1]["unchecked"] == 1


def test_a_quote_that_does_not_stand_takes_its_share_of_the_confidence(router: MakeRouter) -> None:
    from dataclasses import replace

    half = replace(CITED, sources=(*CITED.sources, replace(CITED.sources[0], quote="This stands nowhere at all.")))
    answer = router(specs=[NOTHING], model=[half]).ask()
    assert len(answer.sources) == 1
    assert answer.confidence == pytest.approx(0.45)


def test_a_tool_whose_quotes_do_not_stand_is_unsourced(router: MakeRouter) -> None:
    from dataclasses import replace

    lying = replace(CITED, sources=(replace(CITED.sources[0], quote="This stands nowhere at all."),))
    answer = router(specs=[NOTHING], tools=[lying]).ask()
    assert (answer.unsourced, answer.sources) == (True, ())


def test_a_model_that_cites_nothing_has_no_answer(router: MakeRouter) -> None:
    answer = router(specs=[NOTHING], model=[Found(text="Trust me.", confidence=1.0, unsourced=True)]).ask()
    assert answer.status is AnswerStatus.NOT_IN_SPECS


def test_documents_that_cannot_be_searched_are_said_and_others_are_asked(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.9)], tools=[TOLD])

    def broken(*_: object, **__: object) -> Any:
        raise DocumentError("the disk is gone", where="openspec")

    one.index.search = broken  # type: ignore[method-assign]
    outcome = one.outcome()
    assert outcome.answer is not None
    assert outcome.answer.answerer == "tools"
    assert ("retrieval", "openspec: the disk is gone") in [(d.what, d.why) for d in outcome.degraded]
    del one.answerers["tools"]
    assert one.outcome("And with nobody else?").answer is None


# -- failures, retries, time -------------------------------------------------------------------------------------


def test_what_passes_is_asked_again(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], model=[failed(FailureKind.OVERLOADED, before_reply=True, retry_after=0.0), CITED])
    answer = one.ask()
    assert answer.answerer == "model"
    assert answer.route[1].attempts == 2


def test_an_overflow_is_asked_with_fewer_passages(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], model=[failed(FailureKind.CONTEXT_OVERFLOW), CITED])
    assert one.ask("How long is a session, and when is an account locked?").answerer == "model"
    first, second = (number for _, number in one.answerers["model"].calls)
    assert second == first // 2 > 0


async def _for_ever(*_: object) -> Any:
    await anyio.sleep_forever()


def test_an_answerer_that_hangs_is_cancelled_when_its_time_is_up(router: MakeRouter) -> None:
    """The call is cancelled, not left behind."""
    one = router(specs=[quoting(0.5)], model=[_for_ever], policy=policy_with(budgets={"model": 0.05}))
    answer = one.ask()
    assert answer.answerer == "specs"
    assert (answer.route[1].failure, one.answerers["model"].cancelled) == ("timeout", 1)


def test_the_deadline_of_the_question_bounds_them_all(router: MakeRouter) -> None:
    policy = policy_with(deadline=1, budgets={"model": 60, "tools": 60})
    one = router(specs=[NOTHING], model=[_for_ever], tools=[TOLD], policy=policy)
    answer = one.ask()
    assert answer.status is AnswerStatus.NOT_IN_SPECS
    assert [(s.answerer, s.outcome) for s in answer.route[1:]] == [
        ("model", StepOutcome.FAILED),
        ("tools", StepOutcome.SKIPPED),
    ]


def test_an_error_of_another_kind_is_a_failure_of_the_answerer(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.5)], model=[DocumentError("no prompt", where="p.md")])
    answer = one.ask()
    assert answer.answerer == "specs"
    assert answer.route[1].failure == "bad_reply"


def test_a_bug_is_not_hidden(router: MakeRouter) -> None:
    one = router(specs=[NOTHING], model=[ZeroDivisionError("bug")])
    with pytest.raises(ZeroDivisionError):
        one.outcome()


def test_one_that_keeps_failing_is_left_alone_then_tried(router: MakeRouter) -> None:
    """Three failures open the breaker; when its time is up one question finds out, and an answer closes it."""
    gone = failed(FailureKind.UNREACHABLE)
    policy = policy_with(attempts=1, cache=False, breaker=BreakerPolicy(failures=3, seconds=10))
    one = router(specs=[quoting(0.5)], model=[gone, gone, gone, CITED], policy=policy)
    one.clock = SetClock()
    for _ in range(3):
        assert one.ask().route[1].outcome is StepOutcome.FAILED
    outcome = one.outcome()
    assert outcome.answer is not None
    assert outcome.answer.route[1].outcome is StepOutcome.SKIPPED
    assert "kept failing (unreachable)" in outcome.answer.route[1].reason
    assert any("kept failing" in d.why for d in outcome.degraded)
    assert "the last time: " in outcome.answer.route[1].reason
    assert len(one.answerers["model"].calls) == 3
    one.clock.at += timedelta(seconds=10)
    assert one.ask().answerer == "model"
    assert one.ask().answerer == "model"


def test_the_breaker_holds_for_the_next_process_too(router: MakeRouter, tmp_path: Path) -> None:
    """Its state is in the state database."""
    gone = failed(FailureKind.UNREACHABLE)
    policy = policy_with(attempts=1, cache=False, breaker=BreakerPolicy(failures=1, seconds=60))
    assert router(specs=[quoting(0.5)], model=[gone], policy=policy, state=tmp_path / "s.db").ask().route[1].failure
    second = router(specs=[quoting(0.5)], model=[CITED], policy=policy, state=tmp_path / "s.db")
    assert second.ask().route[1].outcome is StepOutcome.SKIPPED
    assert second.answerers["model"].calls == []


# -- the person --------------------------------------------------------------------------------------------------


def test_what_nobody_answers_waits_for_a_person(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])
    answer = one.ask(queue=True, asker="ada", context={"task": "1.2"})
    assert answer.status is AnswerStatus.PENDING
    entry = one.queue.get(answer.id)
    assert (entry.text, entry.askers, entry.context) == (QUESTION, ("ada",), {"task": "1.2"})
    again = one.ask(queue=True, asker="bob", context={"task": "1.2"})
    assert again.id == answer.id
    assert one.queue.get(answer.id).askers == ("ada", "bob")


def test_a_persons_answer_serves_everybody_from_then_on(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])
    id = one.ask(queue=True).id
    one.queue.answer(id, "After five.", by="ada")
    answer = one.ask(queue=True)
    assert (answer.status, answer.text, answer.by, answer.unsourced) == (
        AnswerStatus.ANSWERED,
        "After five.",
        "ada",
        True,
    )
    assert path_of(answer) == [("given", "answered")]
    assert len(one.answerers["specs"].calls) == 1


def test_who_waits_gets_the_answer_as_it_comes(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])

    async def both() -> Answer | None:
        async def person() -> None:
            while not (open := one.queue.listed()):
                await anyio.sleep(0.01)
            one.queue.answer(open[0].id, "After five.", by="ada")

        async with anyio.create_task_group() as group:
            group.start_soon(person)
            outcome = await one.use_case().answer(asked_of(), wait=30)
        return outcome.answer

    answer = anyio.run(both)
    assert answer is not None
    assert (answer.status, answer.answerer) == (AnswerStatus.ANSWERED, "person")


def test_who_waits_in_vain_is_told_it_waits(router: MakeRouter) -> None:
    assert router(specs=[NOTHING]).ask(wait=0.05, queue=True).status is AnswerStatus.PENDING


def test_without_the_queue_it_is_not_in_the_specs(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])
    assert one.ask(queue=False).status is AnswerStatus.NOT_IN_SPECS
    assert one.ask("Some other question?", queue=True, answerers=("specs",)).status is AnswerStatus.NOT_IN_SPECS
    assert one.queue.listed() == []


def test_a_queue_that_cannot_be_written_is_said(router: MakeRouter) -> None:
    one = router(specs=[NOTHING])

    def broken(*_: object) -> Any:
        raise DocumentError("the disk is full", where="questions.db")

    one.queue.put = broken
    outcome = one.outcome(queue=True)
    assert outcome.answer is not None
    assert outcome.answer.status is AnswerStatus.NOT_IN_SPECS
    assert any(d.what == "questions" and "the disk is full" in d.why for d in outcome.degraded)


# -- events ------------------------------------------------------------------------------------------------------


def test_what_each_call_of_a_model_took_is_told_also_where_it_had_no_answer(router: MakeRouter) -> None:
    """With the attempt that it was: the first failed before it counted."""
    knows_nothing = Nothing(reason="does not know", spent=(Spent(30, 2),))
    by_tools = Found(text="Noon.", unsourced=True, spent=(Spent(7, 1), Spent(9, 3)))
    one = router(
        specs=[NOTHING], model=[failed(FailureKind.OVERLOADED, before_reply=True), knows_nothing], tools=[by_tools]
    )
    one.ask(kind=QuestionKind.TOOL)
    (event,) = one.events.events
    assert event["tokens"] == {
        "prompt": 46,
        "completion": 6,
        "calls": [
            {"answerer": "model", "attempt": 2, "prompt": 30, "completion": 2},
            {"answerer": "tools", "attempt": 1, "prompt": 7, "completion": 1},
            {"answerer": "tools", "attempt": 1, "prompt": 9, "completion": 3},
        ],
    }


def test_each_question_leaves_an_event_without_its_text(router: MakeRouter) -> None:
    one = router(specs=[quoting(0.5)], model=[CITED])
    one.ask(asker="ada")
    one.ask(f"{QUESTION.upper()}", asker="ada")
    first, second = one.events.events
    assert first["kind"] == "question"
    assert first["answerer"] == "model"
    assert first["tokens"] == {
        "prompt": 40,
        "completion": 10,
        "calls": [{"answerer": "model", "attempt": 1, "prompt": 40, "completion": 10}],
    }
    assert first["retrieval"]["k"] > 0
    assert first["cites"][0]["address"].endswith("#Requirement: Lockout")
    assert [step["answerer"] for step in first["route"]] == ["specs", "model"]
    assert (first["asker"], first["terms_hash"]) == (second["asker"], second["terms_hash"]), "asked again"
    assert first["question_hash"] != second["question_hash"]
    text = json.dumps(one.events.events)
    assert "wrong passwords" not in text.lower()


def test_what_a_model_reads_may_be_found_in_a_better_way(router: MakeRouter) -> None:
    """By meaning, where there is a model for that; one that hangs costs a part of the time, and no answer."""
    one = router(specs=[quoting(0.5)], model=[CITED], policy=policy_with(budgets={"model": 0.4}, cache=False))
    found = list(one.index.search("session", limit=3)) if one.index.refresh() == [] else []

    async def better(*_: object) -> Any:
        return found[:1]

    def asked_with(find: Any) -> Any:
        async def ask() -> Any:
            case = one.use_case()
            object.__setattr__(case._means, "find", find)
            return await case.answer(asked_of(), queue=False)

        return anyio.run(ask).answer

    assert asked_with(better).answerer == "model"
    assert one.answerers["model"].calls[-1][1] == 1
    assert asked_with(_for_ever).answerer == "model"
    assert one.answerers["model"].calls[-1][1] > 1

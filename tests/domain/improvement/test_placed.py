"""Where questions are answered, by what people said; and how passages are credited for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workflow_cli.domain.improvement.observation import Outcome
from workflow_cli.domain.improvement.replayed import (
    EVEN,
    Placed,
    Replayed,
    Sample,
    agreement_by_kind,
    answer_worth,
    placed_questions,
    rank_credit,
    samples_to_choose,
)
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary, summarise
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window

DAY = 86400.0
START = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
CHOOSING = next(name for name in (f"cluster {n}" for n in range(99)) if part_of(name) is Part.DEV)
CLUSTER = next(name for name in (f"cluster {n}" for n in range(99)) if part_of(name) is Part.CONFIRM)


class Log:
    """Questions of one cluster, and what people said of the answers."""

    def __init__(self) -> None:
        self.window = Window()
        self._count = 0

    def ask(
        self,
        *,
        day: float,
        question: str = "q",
        cites: tuple[str, ...] = ("a",),
        arm: str | None = None,
        cluster: str = CLUSTER,
        outcome: str = "answered",
        score: float | None = None,
    ) -> str:
        self._count += 1
        event: dict[str, Any] = {
            "event_id": f"e{self._count}",
            "ts": START + day * DAY,
            "kind": "answer",
            "client": f"c{self._count % 5}",
            "question_kind": "lookup",
            "cluster": cluster,
            "question": question,
            "attempts": [{"answerer": "model", "ok": True, "ms": 10}],
            "duration_ms": 10,
            "outcome": outcome,
            "score": score,
            "cites": list(cites),
            "arm": arm,
        }
        self.window.add(event)
        return str(event["event_id"])

    def say(
        self,
        id: str,
        *,
        accepted: bool,
        reference: tuple[str, ...] = (),
        client: str = "c1",
        answer: str | None = None,
        too_long: bool = False,
    ) -> None:
        self._count += 1
        self.window.add(
            {
                "event_id": f"v{self._count}",
                "ts": self.window.asked[-1].at,
                "kind": "feedback",
                "client": client,
                "answer_id": id,
                "accepted": accepted,
                "reference": list(reference),
                "answer": answer,
                "too_long": too_long,
            }
        )

    def seen(self) -> Summary:
        return summarise(self.window, Worth(), now=START + 20 * DAY, most=4000)


def test_what_was_said_once_is_known_of_every_day_and_wording() -> None:
    log = Log()
    log.say(log.ask(day=0, question="one"), accepted=True)
    log.ask(day=0.1, question="one")
    log.ask(day=1, question="one")
    log.ask(day=1, question="other", arm="treatment")
    found = placed_questions(log.seen(), Part.CONFIRM, "*")
    assert [(placed.question, placed.places) for placed in found] == [
        ("one", {"a": 1.0}),
        ("one", {"a": 1.0}),
        ("other", {"a": 1.0}),
    ]
    assert placed_questions(log.seen(), Part.DEV, "*") == []
    assert placed_questions(log.seen(), Part.CONFIRM, "code") == []


def test_nothing_is_known_of_what_nobody_judged_or_only_rejected() -> None:
    log = Log()
    log.ask(day=0)
    log.say(log.ask(day=1), accepted=False)
    assert placed_questions(log.seen(), Part.CONFIRM, "*") == []


def test_one_who_names_a_place_outweighs_one_who_accepts_and_most_outweigh_one() -> None:
    log = Log()
    log.say(log.ask(day=0, cites=("a",)), accepted=True, client="c1")
    log.say(log.ask(day=0, cites=("a",)), accepted=False, reference=("b",), client="c2")
    assert placed_questions(log.seen(), Part.CONFIRM, "*")[0].places == {"b": 1.0}
    log.say(log.ask(day=0, cites=("a",)), accepted=True, client="c3")
    log.say(log.ask(day=0, cites=("a",)), accepted=True, client="c4")
    assert placed_questions(log.seen(), Part.CONFIRM, "*")[0].places == {"a": 1.0}


def test_of_many_passages_that_were_accepted_the_first_is_the_likeliest() -> None:
    log = Log()
    log.say(log.ask(day=0, cites=("a", "b", "c", "d")), accepted=True)
    (placed,) = placed_questions(log.seen(), Part.CONFIRM, "*")
    assert sum(placed.places.values()) == 1.0
    assert list(placed.places.values()) == sorted(placed.places.values(), reverse=True)


def _credit(cites: str) -> float:
    placed = Placed(id="e", kind="lookup", cluster="c", question="q", places={"x": 1.0})
    return rank_credit(placed, Replayed(outcome=Outcome.ANSWERED, cites=tuple(cites), ms=1.0))


def test_to_be_found_counts_most_then_how_far_up_and_how_much_there_is_to_look_through() -> None:
    assert _credit("x") > _credit("xa") > _credit("ax") > _credit("abx") > _credit("abc") == 0.0
    assert _credit("abcdx") - _credit("abcd") > _credit("xabcd") - _credit("abcdx")


def test_nothing_is_better_than_what_is_beside_the_question_and_worse_than_what_answers_it() -> None:
    placed = Placed(id="e", kind="lookup", cluster="c", question="q", places={"x": 1.0})
    nothing = rank_credit(placed, Replayed(outcome=Outcome.ABSTAINED, cites=(), ms=1.0))
    assert _credit("abcdx") > nothing > _credit("a")


def test_the_place_of_one_wording_is_known_of_the_others_when_choosing() -> None:
    log = Log()
    log.say(log.ask(day=0, cluster=CHOOSING), accepted=False, reference=("b",))
    log.ask(day=1, question="in other words", cluster=CHOOSING)
    samples = {sample.question: sample.reference for sample in samples_to_choose(log.seen(), "*", 10)}
    assert {question: (one.cites, one.corrected) for question, one in samples.items() if one} == {
        "q": (("b",), True),
        "in other words": (("b",), False),
    }


def test_what_people_accepted_of_one_model_promises_nothing_for_another() -> None:
    """Where nobody knows the place, an answer is as good as those of the same model are where it is known."""
    log = Log()
    for day in range(12):
        log.say(log.ask(day=day, cluster=CHOOSING, question=f"q{day}", cites=(f"p{day}",)), accepted=True)
    seen = log.seen()
    assert seen.acceptance("lookup") > 0.9
    placed = [
        Sample(id=r.id, kind=r.kind, cluster=r.cluster, question=r.question, reference=r) for r in seen.references
    ]

    def answers(right: int) -> dict[str, float]:
        replayed = [
            Replayed(outcome=Outcome.ANSWERED, cites=(f"p{n}" if n < right else "elsewhere",), ms=10.0)
            for n in range(len(placed))
        ]
        return agreement_by_kind(seen, zip(placed, replayed, strict=True))

    assert answers(0)["lookup"] < 0.1 < 0.2 < answers(4)["lookup"] < 0.45 < answers(12)["lookup"]
    unknown = Sample(id="x", kind="lookup", cluster="new", question="new", reference=None)
    said = Replayed(outcome=Outcome.ANSWERED, cites=("anything",), ms=0.0)
    assert answer_worth(seen, unknown, said, unplaced=answers(4)["lookup"]) == answers(4)["lookup"]
    failed = [Replayed(outcome=Outcome.FAILED, cites=(), ms=10.0)] * len(placed)
    assert agreement_by_kind(seen, zip(placed, failed, strict=True)) == {}
    assert answer_worth(seen, unknown, said) == EVEN

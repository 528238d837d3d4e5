"""Fresh questions meet the file: answers stay, people's words stay, the rest follows the text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.questions.accept import accept_recommended
from workflow_cli.domain.questions.merge import merge
from workflow_cli.domain.questions.question import Answer, AnswerSource, Option, Question


def question(id: str, impact: float = 0.5, line: int = 1, **changes: object) -> Question:
    made = Question(
        id=id,
        text=f"What about {id}?",
        why="Because.",
        options=(Option(text="This", recommended=True), Option(text="That")),
        place=Place(file="specs/a/spec.md", line=line),
        impact=impact,
        uncertainty=1.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


ANSWER = Answer(text="That", source=AnswerSource.PERSON)


def test_an_answered_question_stays_as_it_was_answered() -> None:
    """Its wording belongs to the answer; only its place follows the text."""
    kept = question("a", answer=ANSWER)
    assert merge([question("a", line=9, why="New.")], [kept]) == [
        replace(kept, place=Place(file="specs/a/spec.md", line=9))
    ]


def test_an_answered_question_whose_text_is_gone_is_kept_and_resolved() -> None:
    """It counts as settled, and is open to being raised again."""
    kept = question("a", answer=ANSWER)
    (resolved,) = merge([], [kept])
    assert resolved == replace(kept, resolved=True)
    assert not resolved.is_open
    assert merge([question("a")], [resolved]) == [kept]


def test_an_unanswered_question_whose_text_is_gone_goes() -> None:
    """Nobody touched it, so nobody misses it."""
    assert merge([], [question("a")]) == []


def test_an_unanswered_question_takes_over_its_new_wording() -> None:
    """The file shows what is asked now."""
    fresh = question("a", why="Reworded.", line=4)
    assert merge([fresh], [question("a")]) == [fresh]


def test_a_question_by_hand_is_kept_and_asked() -> None:
    """Whether the text raises it or not, and also after it was reworded."""
    mine = question("mine", by_hand=True)
    assert merge([], [mine]) == [mine]
    assert merge([question("mine", why="Generated.")], [mine]) == [mine]
    assert merge([], [mine])[0].is_open


def test_new_questions_come_last_and_best_first() -> None:
    """A person's order of the file stays."""
    fresh = [question("c", 0.9), question("a", 0.1), question("b", 0.5)]
    assert [q.id for q in merge(fresh, [question("a", 0.1)])] == ["a", "c", "b"]


def test_the_limit_counts_open_elicited_questions_only() -> None:
    """By hand or answered, a question takes nobody's place."""
    kept = [question("mine", by_hand=True), question("done", answer=ANSWER), question("low", 0.1)]
    fresh = [question("done"), question("low", 0.1), question("mid", 0.5), question("top", 0.9)]
    assert [q.id for q in merge(fresh, kept, limit=2)] == ["mine", "done", "top", "mid"]


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True), st.integers(0, 6))
def test_merging_again_changes_nothing(fresh: list[int], kept: list[int], limit: int) -> None:
    """The same run twice leaves the file as it is, and the limit holds."""
    asked = [question(str(n), n / 30) for n in fresh]
    known = [question(str(n), answer=ANSWER if n % 3 == 0 else None, by_hand=n % 3 == 1) for n in kept]
    once = merge(asked, known, limit)
    assert merge(asked, once, limit) == once
    assert sum(q.is_open and not q.by_hand for q in once) <= limit


def test_accepting_takes_every_open_recommendation_and_says_so() -> None:
    """Answers of people are left alone, and where nothing is recommended, nothing is decided."""
    without = question("w", options=(Option(text="This"), Option(text="That")))
    answered = question("b", answer=ANSWER)
    taken, *others = accept_recommended([question("a"), answered, without])
    assert taken.answer == Answer(text="This", source=AnswerSource.RECOMMENDATION)
    assert others == [answered, without]


def test_an_answer_by_a_person_overrides_a_recommendation_taken() -> None:
    """The merge keeps whatever the file says now."""
    (taken,) = accept_recommended([question("a")])
    assert merge([question("a")], [replace(taken, answer=ANSWER)])[0].answer == ANSWER
    assert accept_recommended([replace(taken, answer=ANSWER)])[0].answer == ANSWER

"""What comes first, and how much of a question evidence holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.answering.query import read_question
from workflow_cli.domain.answering.rank import Candidate, rank, strength, telling
from workflow_cli.domain.words.terms import terms

SPEC = "openspec/specs/auth/spec.md"
COUNTS = {"lock": 1, "account": 3}
THINGS = read_question("lock the account")


def candidate(
    address: str = "Requirement: Login",
    *,
    path: str = SPEC,
    score: float = 10.0,
    terms: str = "lock account",
    kind: PassageKind = PassageKind.REQUIREMENT,
    change: str | None = None,
    archived: bool = False,
    section_hash: str | None = None,
) -> Candidate:
    passage = Passage(
        path=path,
        line=1,
        end_line=2,
        address=f"{path}#{address}",
        kind=kind,
        title=address,
        text="",
        section_hash=section_hash or f"{path}{address}",
        capability="auth",
        change=change,
        archived=archived,
    )
    return Candidate(passage=passage, score=score, terms=frozenset(terms.split()))


def ranked(*candidates: Candidate, change: str | None = None, touched: tuple[str, ...] = ()) -> list[str]:
    found = rank(candidates, THINGS, telling(THINGS, COUNTS, 100), change=change, touched=touched)
    return [e.passage.address for e in found]


def test_what_holds_comes_before_what_is_proposed_or_was_archived() -> None:
    now = candidate("Requirement: A")
    open_ = candidate("Requirement: B", path="openspec/changes/x/specs/auth/spec.md", change="x")
    old = candidate("Requirement: C", path="openspec/changes/archive/y/specs/auth/spec.md", change="y", archived=True)
    assert ranked(old, open_, now) == [c.passage.address for c in (now, open_, old)]


def test_an_archived_form_of_what_is_there_today_is_left_out() -> None:
    now = candidate(score=1.0)
    old = candidate(path="openspec/changes/archive/y/specs/auth/spec.md", change="y", archived=True, score=50.0)
    assert ranked(old, now) == [now.passage.address]


def test_the_change_asked_about_comes_first() -> None:
    now = candidate("Requirement: A")
    other = candidate("Requirement: B", path="openspec/changes/x/specs/auth/spec.md", change="x")
    assert ranked(now, other, change="x")[0] == other.passage.address


def test_five_scenarios_of_one_requirement_do_not_hide_another_requirement() -> None:
    first = [candidate(f"Requirement: A > Scenario: {n}", score=10.0, kind=PassageKind.SCENARIO) for n in range(5)]
    second = candidate("Requirement: B", score=9.0)
    assert ranked(*first, second)[1] == second.passage.address


def test_rare_words_weigh_more_and_words_that_are_nowhere_most() -> None:
    things = read_question("lock account unheard")
    lock, account, unheard = telling(things, COUNTS, 100).weights
    assert account < lock < unheard


def test_coverage_is_the_share_of_what_is_asked_about() -> None:
    weighed = telling(THINGS, COUNTS, 100)
    assert weighed.coverage(THINGS, frozenset({"lock", "account", "more"})) == 1.0
    assert weighed.coverage(THINGS, frozenset()) == 0.0
    assert 0.5 < weighed.coverage(THINGS, frozenset({"lock"})) < 1.0


def test_a_long_question_is_covered_by_enough_of_it() -> None:
    things = read_question(" ".join(f"thing{n}x" for n in range(40)))
    held = frozenset(form[0] for thing in things[:10] for form in thing.forms)
    assert telling(things, {}, 100).coverage(things, held) == 1.0


def held(question: str, terms: str, counts: dict[str, int] | None = None) -> float:
    things = read_question(question)
    return telling(things, counts or {}, 100).coverage(things, frozenset(terms.split()))


def test_two_letters_between_words_that_are_there_do_not_count_against_a_passage() -> None:
    """Without spaces nobody knows where words end: 点新 of 起点新插件 is none, and so it is nowhere."""
    assert held("起点新插件", "起点 新插 插件") == 1.0
    assert 0.5 < held("起点我新插件", "起点 新插 插件") < 1.0
    # 点新 is beside one that is there and one that is not.
    assert held("起点新插", "起点") > held("起点 新插", "起点 x") / 1.5
    assert held("起点新插件", "别的") == 0.0


def test_letters_that_do_not_touch_are_not_beside_each_other() -> None:
    """新闻 is missing, though what stands around it in the question is there."""
    assert held("起点 新闻 插件", "起点 插件") == pytest.approx(2 / 3)


def test_strength_is_what_the_best_of_the_first_three_holds() -> None:
    evidence = rank(
        [candidate(score=10.0, terms="account"), candidate("Requirement: B", score=9.0)],
        THINGS,
        telling(THINGS, COUNTS, 100),
    )
    assert strength(evidence) == 1.0
    assert strength([]) == 0.0


def test_another_form_of_a_word_is_held_and_changes_no_order() -> None:
    things = read_question("¿Qué pasa cuando el usuario registra la configuración?")
    weighed = telling(things, {"usuari": 3, "configuracion": 3}, 100)
    other = candidate("Requirement: A", terms="usuari configuracion registrad", score=1.0)
    first = candidate("Requirement: B", terms="usuari", score=2.0)
    (b, a) = rank([other, first], things, weighed)
    assert (b.passage, a.passage, a.coverage) == (first.passage, other.passage, 1.0)
    assert weighed.coverage(things, frozenset({"usuari", "configuracion", "regimen"})) < 1.0


@given(
    st.lists(
        st.sampled_from(["registra", "registrado", "registro", "usuario", "usuaria", "documentación", "documento", "x"])
    )
)
def test_more_words_never_hold_less(words: list[str]) -> None:
    things = read_question("¿Qué pasa cuando el usuario registra la documentación del proyecto?")
    weighed = telling(things, {}, 100)
    held = [weighed.coverage(things, frozenset(terms(" ".join(words[:n])))) for n in range(len(words) + 1)]
    assert held == sorted(held)

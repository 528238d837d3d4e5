"""Claims of a model are kept only with a proof."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.passages import found
from workflow_cli.domain.answering.claim_stream import ClaimStream
from workflow_cli.domain.answering.reply import Claim, checked, confidence_of, invented, plain_line, read_reply

LOCK = found("### Requirement: Lock\nThe system SHALL lock an account after 5 failed attempts.")
MAIL = found("### Requirement: Mail\nThe system SHALL send a mail to support@example.org at once.")


def claim(text: str, quote: str = "SHALL lock an account after 5 failed attempts", passage: int = 1) -> Claim:
    return Claim(text=text, quote=quote, passage=passage)


def test_a_claim_with_its_quote_is_kept() -> None:
    kept = checked(claim("An account is locked after 5 failed attempts."), [LOCK, MAIL], "When?")
    assert kept is not None
    assert kept.evidence is LOCK


@pytest.mark.parametrize("passage", [2, 0, -1, 99])
def test_a_quote_from_another_passage_than_named_still_counts(passage: int) -> None:
    kept = checked(claim("It is locked.", passage=passage), [LOCK, MAIL], "When?")
    assert kept is not None
    assert kept.evidence is LOCK


@pytest.mark.parametrize(
    "wrong",
    [
        claim("It is locked.", quote="SHALL lock an account after 6 failed attempts"),
        claim("It is locked.", quote="SHALL"),
        claim("It is locked.", quote=""),
        claim("It is locked after 50 attempts."),
        claim("It is locked, see https://evil.example/x?q=1"),
        claim("Write to thief@example.org."),
        claim(" ... "),
    ],
)
def test_a_claim_without_a_proof_is_dropped(wrong: Claim) -> None:
    """Also one that adds a number or an address of its own to a true quote."""
    assert checked(wrong, [LOCK, MAIL], "When is it locked?") is None


def test_numbers_of_the_question_and_addresses_of_the_passage_may_be_named() -> None:
    assert checked(claim("Not after 3 but after 5 attempts."), [LOCK], "Is it after 3?") is not None
    mail = claim("It goes to support@example.org.", quote="SHALL send a mail to support@example.org", passage=2)
    assert checked(mail, [LOCK, MAIL], "Where?") is not None


@pytest.mark.parametrize(
    ("text", "known"), [("1,000 items", "1000 items"), ("５回", "5 times"), ("v1.2", "v1.2.3 v1.2")]
)
def test_a_number_may_be_written_in_another_way(text: str, known: str) -> None:
    assert invented(text, known) == []


def test_confidence_comes_from_the_evidence() -> None:
    kept = checked(claim("It is locked."), [LOCK], "When?")
    assert kept is not None
    assert confidence_of([kept], 0) == 1.0
    assert confidence_of([kept], 3) == 0.25
    assert confidence_of([], 3) == 0.0


@given(st.text())
def test_a_claim_is_one_plain_line(text: str) -> None:
    line = plain_line(text)
    assert line == line.strip()
    assert not any(character in line for character in "\n\r\t\x1b\x00\u202e\u200b")
    assert len(line) <= 1200


@given(
    st.lists(st.tuples(st.integers(1, 9), st.text(max_size=30), st.text(max_size=30)), max_size=5, unique=True),
    st.integers(1, 40),
    st.sampled_from(['{"in_passages": true, "claims": %s}', "```json\n%s\n```", '%s {"quote": 5}']),
)
def test_claims_come_one_by_one_as_soon_as_they_are_whole(
    claims: list[tuple[int, str, str]], size: int, frame: str
) -> None:
    values = [{"passage": number, "quote": quote, "text": text} for number, quote, text in claims]
    text = frame % json.dumps(values)
    stream = ClaimStream()
    given_ = [claim for start in range(0, len(text), size) for claim in stream.feed(text[start : start + size])]
    expected = read_reply({"in_passages": True, "claims": values}).claims
    assert given_ == list(dict.fromkeys(expected))

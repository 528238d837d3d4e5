"""Laws of the policy, over texts that nobody chose."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_cli.domain.review.assess import assess
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of
from workflow_cli.domain.review.meaning.force import marks_of
from workflow_cli.domain.review.policy import Policy, Reason

PERSON = Author(kind=AuthorKind.PERSON, name="Mara")
POLICY = Policy()

WORDS = st.sampled_from(
    [
        "server",
        "session",
        "customer",
        "order",
        "receipt",
        "page",
        "notice",
        "archive",
        "payment",
        "address",
        "browser",
        "letter",
    ]
)
FORCE = st.sampled_from(["SHALL", "MUST", "SHALL NOT", "never", "unless", "30 minutes", "at most 5", "twice"])


@st.composite
def statements(draw: st.DrawFn) -> list[str]:
    """One to four sentences as lists of words, each with a word of force here and there."""
    sentences = []
    for _ in range(draw(st.integers(1, 4))):
        words = draw(st.lists(WORDS, min_size=4, max_size=10))
        for force in draw(st.lists(FORCE, max_size=2)):
            words.insert(draw(st.integers(1, len(words) - 1)), force)
        sentences.append("The " + " ".join(words) + ".")
    return sentences


def spec(statement: str, outcome: str = "the page of the order opens") -> str:
    return (
        "# shop\n\n## Purpose\nSells.\n\n## Requirements\n\n"
        f"### Requirement: Selling\n{statement}\n\n"
        f"#### Scenario: Sold\n- **WHEN** the customer pays within 5 minutes\n- **THEN** {outcome}\n"
    )


def reasons(before: str, after: str) -> tuple[Reason, ...]:
    change = FileChange(path="openspec/specs/shop/spec.md", before=before.encode(), after=after.encode())
    return assess(draft_of([change], author=PERSON), POLICY)


def told(found: tuple[Reason, ...]) -> set[tuple[str, str]]:
    return {(reason.rule, reason.message) for reason in found}


@st.composite
def typos(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A statement, and the same with two letters swapped, or one doubled or dropped, in one word of no force."""
    before = draw(statements())
    which = draw(st.integers(0, len(before) - 1))
    words = before[which].split(" ")
    plain = [i for i, word in enumerate(words) if word.islower() and word.isalpha() and len(word) > 4]
    plain = [i for i in plain if words[i] not in ("never", "unless", "twice", "minutes")]
    assume(plain)  # "page" is too short to misspell by these means
    at = draw(st.sampled_from(plain))
    word = words[at]
    place = draw(st.integers(1, len(word) - 2))
    wrong = draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
                word[:place] + word[place] + word[place:],
                word[:place] + word[place + 1 :],
            ]
        )
    )
    after = [*before]
    after[which] = " ".join([*words[:at], wrong, *words[at + 1 :]])
    return before, after


@settings(max_examples=150, deadline=None)
@given(typos())
def test_a_typo_in_a_word_without_force_never_needs_approval(pair: tuple[list[str], list[str]]) -> None:
    """Nor does its correction.

    Exactly: where one word of a sentence of at least five words is misspelled by one letter, and the sentence's
    binding words, negations, exceptions, numbers and opposites are the same as before, there is no reason.
    """
    before, after = pair
    assert [marks_of(s, "en") for s in before] == [marks_of(s, "en") for s in after]
    assert reasons(spec(" ".join(before)), spec(" ".join(after))) == ()
    assert reasons(spec(" ".join(after)), spec(" ".join(before))) == ()


@settings(max_examples=100, deadline=None)
@given(statements(), statements(), st.integers(20, 120), st.integers(20, 120), st.sampled_from(["\n", "\r\n"]))
def test_reasons_are_the_same_however_lines_are_wrapped(
    before: list[str], after: list[str], width: int, other: int, end: str
) -> None:
    """White space and line ends carry no meaning: rewrapping alone is no reason, and changes no other reason."""

    def wrapped(sentences: list[str], width: int) -> str:
        lines, line = [], ""
        for word in " ".join(sentences).split(" "):
            # A line that began with a number and a dot would be an item of a list.
            if len(line) + len(word) > width and not word[0].isdigit():
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        return "\n".join([*lines, line])

    plain = reasons(spec(" ".join(before)), spec(" ".join(after)))
    rewrapped = reasons(spec(wrapped(before, width)), spec(wrapped(after, other)).replace("\n", end))
    assert told(rewrapped) == told(plain)
    assert reasons(spec(wrapped(before, width)), spec(wrapped(before, other))) == ()


@settings(max_examples=100, deadline=None)
@given(statements(), statements())
def test_taking_the_keyword_out_always_needs_approval(before: list[str], around: list[str]) -> None:
    """Whatever stands around it."""
    sentence = "The shop SHALL send a receipt to the customer."
    weaker = "The shop MAY send a receipt to the customer."
    text = [*before, sentence, *around]
    found = reasons(spec(" ".join(text)), spec(" ".join([*before, weaker, *around])))
    assert "keyword-weakened" in {reason.rule for reason in found}


@settings(max_examples=100, deadline=None)
@given(statements(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_another_number_always_needs_approval(around: list[str], old: int, new: int) -> None:
    """And the same number never does."""

    def text(number: int) -> str:
        return spec(" ".join([*around, f"The shop SHALL keep {number} orders."]))

    rules = {reason.rule for reason in reasons(text(old), text(new))}
    assert rules == (set() if old == new else {"number-changed"})


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    """And a text beside itself gives no reason."""
    one, other = spec(before.replace("\r", " ")), spec(after)
    reasons(one.encode("utf-8", "replace").decode(), other.encode("utf-8", "replace").decode())
    same = one.encode("utf-8", "replace").decode()
    assert reasons(same, same + "\n") == ()

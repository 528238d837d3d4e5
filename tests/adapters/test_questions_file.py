"""`questions.yaml`: written for people, read back exactly, and never rewritten without need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from workflow_cli.adapters.questions_file import parse, render
from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.questions.accept import accept_recommended
from workflow_cli.domain.questions.merge import merge
from workflow_cli.domain.questions.question import Answer, AnswerSource, Option, Question
from workflow_cli.errors import DocumentError

FILE = "openspec/changes/add-login/questions.yaml"


def question(id: str = "vague-word-0a1b2c3d", **changes: object) -> Question:
    made = Question(
        id=id,
        text="“Login” says “quickly”. Which limit is behind “quickly”?",
        why="Neither the sentence nor a scenario gives a measure.",
        options=(Option(text="Drop “quickly”", recommended=True), Option(text="State a time: given as the answer")),
        place=Place(file="openspec/changes/add-login/specs/auth/spec.md", line=7),
        address="specs/auth/spec.md#Requirement: Login",
        impact=0.5,
        uncertainty=0.7,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


prose = st.lists(
    st.sampled_from(["state", "“a", "limit”,", "#1", "- x", "within:", "2", "秒", "`code`"]), min_size=30, max_size=60
)
texts = prose.map(" ".join) | st.text(min_size=1, max_size=160).filter(lambda t: t.strip() != "")
lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1, max_size=40
)
names = st.from_regex(r"[a-z]{2,8}-[0-9a-f]{8}", fullmatch=True)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    options = draw(st.lists(texts.map(str.strip), min_size=2, max_size=4, unique=True))
    # An option called `2` or `b` would be taken for the number or letter of another one.
    options = [f"{option} {'.' * (index + 3)}" for index, option in enumerate(options)]
    chosen = draw(st.integers(0, len(options) - 1))
    made = Question(
        id=draw(names),
        text=draw(texts),
        why=draw(st.text(max_size=80)),
        options=tuple(Option(text=t, recommended=i == chosen) for i, t in enumerate(options)),
        place=Place(file="specs/a/spec.md", line=draw(st.none() | st.integers(1, 999))),
        address=draw(st.none() | lines),
        impact=draw(st.floats(0, 1)),
        uncertainty=draw(st.floats(0, 1)),
        blocking=draw(st.booleans()),
        by_hand=draw(st.booleans()),
    )
    kind = draw(st.sampled_from(["open", "text", "option", "taken"]))
    if kind == "text":
        given_text = draw(texts.filter(lambda t: len(t.strip()) > 12 and t not in options))
        return replace(made, answer=Answer(text=given_text, source=AnswerSource.PERSON, by=draw(st.none() | names)))
    if kind == "option":
        return replace(made, answer=Answer(text=draw(st.sampled_from(options)), source=AnswerSource.PERSON))
    if kind == "taken":
        return accept_recommended([made])[0]
    return made


lists = st.lists(questions(), min_size=1, max_size=4, unique_by=lambda q: q.id)


@given(lists)
@settings(max_examples=examples(60), deadline=None)
def test_what_is_rendered_is_read_back_as_the_same_questions(asked: list[Question]) -> None:
    """Whatever characters the texts hold, the file gives the very same questions again."""
    assert parse(render(None, asked), FILE) == asked


@given(lists)
@settings(max_examples=examples(30), deadline=None)
def test_rendering_twice_changes_nothing(asked: list[Question]) -> None:
    """A file that says what it should is returned byte for byte."""
    first = render(None, asked)
    assert render(first, asked) is first
    assert render(first, parse(first, FILE)) is first


@given(lists, lists, st.booleans(), st.booleans(), lines)
@settings(max_examples=examples(60), deadline=None)
def test_comments_and_bytes_of_kept_entries_survive(
    before: list[Question], after: list[Question], crlf: bool, bom: bool, note: str
) -> None:
    """From any list to any other: the result reads back as asked, and a comment above the list is still there."""
    after = [q for q in after if q.id not in {b.id for b in before}]
    kept = before[: len(before) // 2]
    comment = f"# {note.strip()} noted by hand"
    text = comment + "\n" + render(None, before).decode()
    data = (text.replace("\n", "\r\n") if crlf else text).encode()
    data = b"\xef\xbb\xbf" + data if bom else data
    result = render(data, kept + after)
    assert parse(result, FILE) == kept + after
    assert result.startswith(b"\xef\xbb\xbf") is bom
    assert comment in result.decode()
    assert render(result, kept + after) is result
    if crlf:
        assert b"\n" not in result.replace(b"\r\n", b"")


@given(lists, st.data())
@settings(max_examples=examples(40), deadline=None)
def test_an_answer_changes_only_its_own_entry(asked: list[Question], data: st.DataObject) -> None:
    """Accepting or giving an answer touches no byte outside the entry it belongs to."""
    target = data.draw(st.integers(0, len(asked) - 1))
    before = render(None, [replace(q, answer=None) for q in asked])
    changed = [replace(q, answer=asked[i].answer if i == target else None) for i, q in enumerate(asked)]
    after = render(before, changed)
    assert parse(after, FILE) == changed
    blocks, new_blocks = before.split(b"  - id: "), after.split(b"  - id: ")
    if len(blocks) == len(asked) + 1:
        assert [b for i, b in enumerate(new_blocks) if i != target + 1] == [
            b for i, b in enumerate(blocks) if i != target + 1
        ]


def test_the_file_reads_like_a_form() -> None:
    """The format as documented: key by key, the answer empty."""
    assert render(None, [question()]).decode() == (
        "# Questions about this change. Answer behind `answer:` with the number or letter of an option, or in your own "
        "words.\n"
        "# Whatever else you change or add here stays as you wrote it.\n"
        "schema: 1\n"
        "questions:\n"
        "  - id: vague-word-0a1b2c3d\n"
        "    question: “Login” says “quickly”. Which limit is behind “quickly”?\n"
        "    why: Neither the sentence nor a scenario gives a measure.\n"
        "    where: openspec/changes/add-login/specs/auth/spec.md:7\n"
        '    address: "specs/auth/spec.md#Requirement: Login"\n'
        "    options:\n"
        "      - Drop “quickly”\n"
        '      - "State a time: given as the answer"\n'
        "    recommended: 1\n"
        "    answer:\n"
        "    blocking: false\n"
        "    impact: 0.5\n"
        "    uncertainty: 0.7\n"
        "    generated: e5222995\n"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1", "Drop “quickly”"),
        ("2.", "State a time: given as the answer"),
        ("b", "State a time: given as the answer"),
        ("(B)", "State a time: given as the answer"),
        ("option 2", "State a time: given as the answer"),
        ("Drop “quickly”", "Drop “quickly”"),
        ("yes", "yes"),
        ("no", "no"),
        ("true", "true"),
        ("2026-11-22", "2026-11-22"),
        ("1.10", "1.10"),
        ("3", "3"),
        ('"null"', "null"),
        ("within 2 s  # asked Ana", "within 2 s"),
        ("|\n      first\n\n      second", "first\n\nsecond\n"),
        (">-\n      folded\n      text", "folded text"),
        ("是的，两秒", "是的，两秒"),
    ],
)
def test_an_answer_is_an_option_or_the_words_as_written(written: str, meant: str) -> None:
    """Numbers and letters choose options; everything else is text, also where YAML would make something else of it."""
    data = render(None, [question()]).decode().replace("answer:\n", f"answer: {written}\n").encode()
    (answered,) = parse(data, FILE)
    assert answered.answer == Answer(text=meant, source=AnswerSource.PERSON)


@pytest.mark.parametrize("written", ["", "~", "null", '"  "'])
def test_an_empty_answer_is_none(written: str) -> None:
    """Nothing behind `answer:` leaves the question open."""
    data = render(None, [question()]).decode().replace("answer:\n", f"answer: {written}\n").encode()
    assert parse(data, FILE)[0].is_open


def test_a_recommendation_taken_is_marked_and_a_later_answer_overrides_it() -> None:
    """`source: recommendation` holds only as long as the answer is the recommended option."""
    taken = render(render(None, [question()]), accept_recommended([question()]))
    assert "    answer: Drop “quickly”\n" in taken.decode()
    assert taken.endswith(b"    source: recommendation\n")
    assert parse(taken, FILE)[0].answer == Answer(text="Drop “quickly”", source=AnswerSource.RECOMMENDATION)
    changed = taken.replace(b"answer: Drop \xe2\x80\x9cquickly\xe2\x80\x9d", b"answer: within 2 s")
    answered = parse(changed, FILE)
    assert answered[0].answer == Answer(text="within 2 s", source=AnswerSource.PERSON)
    assert accept_recommended(answered) == answered


BY_HAND = b"""\
# top
questions:   # the list
# above the first
- answer: 'no'   # by Bo
  id: vague-word-0a1b2c3d
  question:   "Why?"
  ticket: ABC-1
  # within
- question: Who owns it?
  options: [ Ana, 'Bo' ]

# at the end
"""


def test_a_file_written_by_hand_is_left_alone() -> None:
    """Odd order, quoting, spacing, extra keys and missing keys are all fine and all stay."""
    found = parse(BY_HAND, FILE)
    assert [q.by_hand for q in found] == [True, True]
    assert found[0].answer == Answer(text="no", source=AnswerSource.PERSON)
    assert found[1].options == (Option(text="Ana"), Option(text="Bo"))
    assert found[1].id.startswith("own-")
    assert render(BY_HAND, found) is BY_HAND


def test_new_questions_join_a_file_written_by_hand_in_its_own_indentation() -> None:
    """Every line that was there is still there, in the same order."""
    found = parse(BY_HAND, FILE)
    result = render(BY_HAND, [*found, question("weak-modal-00000000")])
    assert parse(result, FILE) == [*found, question("weak-modal-00000000")]
    remaining = iter(result.splitlines())
    assert all(line in remaining for line in BY_HAND.splitlines() if line)
    assert b"\n- id: weak-modal-00000000\n  question:" in result


def test_removing_an_entry_leaves_the_comments_around_it() -> None:
    """Only the entry's own lines go."""
    data = render(None, [question("a-00000001"), question("b-00000002"), question("c-00000003")])
    data = data.replace(b"  - id: b-0", b"  # about b\n  - id: b-0").replace(
        b"  - id: c-0", b"  # about c\n  - id: c-0"
    )
    result = render(data, [question("a-00000001"), question("c-00000003")])
    assert b"b-00000002" not in result
    assert b"  # about b\n" in result
    assert b"  # about c\n  - id: c-00000003" in result
    assert [q.id for q in parse(result, FILE)] == ["a-00000001", "c-00000003"]


def test_a_file_may_become_empty_and_fill_again() -> None:
    """An empty list is written as one, and new questions take its place."""
    data = b"# mine\n" + render(None, [question()])
    empty = render(data, [])
    assert parse(empty, FILE) == []
    assert empty.startswith(b"# mine\n")
    assert b"questions: []" in empty
    again = render(empty, [question("new-00000001")])
    assert parse(again, FILE) == [question("new-00000001")]
    assert render(None, []) == b""


@pytest.mark.parametrize("data", [b"", b"# only a comment\n", b"schema: 1\n", b"schema: 1\nquestions:\n", b"note: x"])
def test_a_file_without_questions_takes_the_first_one(data: bytes) -> None:
    """What is there stays in front."""
    result = render(data, [question()])
    assert parse(result, FILE) == [question()]
    assert result.startswith(data.rstrip())


def test_flow_style_takes_answers_and_new_entries() -> None:
    """A list between brackets stays one."""
    data = b"questions: [{id: a, question: Who?, options: [x, y], recommended: 1}, ]\n"
    found = parse(data, FILE)
    result = render(data, [*accept_recommended(found), question("n-00000001", by_hand=True)])
    first, second = parse(result, FILE)
    assert first.answer == Answer(text="x", source=AnswerSource.RECOMMENDATION)
    assert second.text == question().text


def test_what_a_person_rewords_is_theirs() -> None:
    """A reworded, commented or unblocked question is not overwritten by a new elicitation."""
    data = render(None, [question()])
    for old, new in (
        (b"Which limit is behind", b"How fast exactly is"),
        (b"blocking: false", b"blocking: true"),
        (b"    recommended", b"    # the first one needs Ana\n    recommended"),
        (b"    answer:", b"    owner: Ana\n    answer:"),
    ):
        edited = data.replace(old, new)
        (kept,) = parse(edited, FILE)
        assert kept.by_hand
        assert render(edited, merge([question(why="Reworded since.")], [kept])) == edited


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"questions:\n  - id: [\n", 3, "not valid YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        (b"questions:\n  - id: a\n    question: \x00\n", 3, "not valid YAML"),
        (b"- a\n", 1, "the file must be a mapping"),
        (b"schema: 7\nquestions: []\n", 1, "schema '7'"),
        (b"schema: 1\nquestions: 3\n", 2, "must be a list"),
        (b"questions:\n  - just text\n", 2, "must be a mapping"),
        (b"questions:\n  - id: a\n", 2, "without text"),
        (b"questions:\n  - {id: a, question: x}\n  - {id: a, question: y}\n", 3, "is there twice"),
        (b"questions:\n  - id: a\n    question: x\n    id: b\n", 4, "is there twice"),
        (b"questions:\n  - question: x\n    answer: [1, 2]\n", 3, "`answer` must be a text"),
        (b"questions:\n  - question: x\n    options: yes\n", 3, "must be a list"),
        (b"questions:\n  - question: x\n    options: [a, b]\n    recommended: 3\n", 4, "1 to 2"),
        (b"questions:\n  - question: x\n    blocking: maybe\n", 3, "true or false"),
        (b"questions:\n  - question: x\n    impact: 7\n", 3, "from 0 to 1"),
        (b"questions:\n  - question: x\n    source: guess\n    answer: y\n", 3, "`source` must be"),
        (b"questions:\n  - question: &a x\n    why: *a\n", 2, "anchors"),
        (b"questions:\n  - question: \xff\n", 2, "not UTF-8"),
        (b"questions:\n  - question: x\n    answer: " + b"y" * 20_001, 3, "longer than"),
        (b"#" * 1_000_001, None, "bytes"),
        (b"questions: " + b"[" * 1_050, 1, "YAML"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(data: bytes, line: int | None, said: str) -> None:
    """Path, line, what is wrong and what to do; rendering over it is refused alike."""
    with pytest.raises(DocumentError) as caught:
        parse(data, FILE)
    assert said in caught.value.message
    assert caught.value.where == (FILE if line is None else f"{FILE}:{line}")
    assert caught.value.hint
    with pytest.raises(DocumentError):
        render(data, [question()])

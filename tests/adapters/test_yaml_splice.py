"""Values set in a YAML file: comments and bytes of people stay, and the file then says what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.adapters.yaml_splice import with_values
from workflow_cli.errors import DocumentError, EditRefused

DEPTH = ("retrieval", "passages")
ORDER = ("answers", "order")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "retrieval:\n  passages: 4\n"),
        ("# all as it is\n", "# all as it is\nretrieval:\n  passages: 4\n"),
        ("retrieval:\n  passages: 1 # few\n# end\n", "retrieval:\n  passages: 4 # few\n# end\n"),
        ("retrieval:\n  thin: 0.5\n\n# end\n", "retrieval:\n  thin: 0.5\n  passages: 4\n\n# end\n"),
        ("retrieval: {thin: 0.5} # x\n", "retrieval: {thin: 0.5, passages: 4} # x\n"),
        ("retrieval: {\n  thin: 0.5 # x\n  }\n", "retrieval: {\n  thin: 0.5, # x\n  passages: 4}\n"),
        ("{retrieval: {thin: 0.5}}\n", "{retrieval: {thin: 0.5, passages: 4}}\n"),
        ("{'mcp': {}} # x\n", "{'mcp': {}, retrieval: {passages: 4}} # x\n"),
        ("retrieval:\nmcp:\n  timeout: 5", "retrieval:\n  passages: 4\nmcp:\n  timeout: 5"),
        ("retrieval:\r\n    passages: 1\r\n", "retrieval:\r\n    passages: 4\r\n"),
        ("\ufeffretrieval: {passages: 1}\n", "\ufeffretrieval: {passages: 4}\n"),
        ("mcp:\n  timeout: 5", "mcp:\n  timeout: 5\nretrieval:\n  passages: 4\n"),
    ],
)
def test_a_number(before: str | None, after: str) -> None:
    data = None if before is None else before.encode()
    assert with_values(data, {DEPTH: 4}, "workflow.yaml") == after.encode()


def test_a_list_in_its_own_style() -> None:
    block = b"answers:\n  order:\n    - specs\n    - tools # slow\n  attempts: 3\n"
    done = with_values(block, {ORDER: ["tools", "specs"]}, "workflow.yaml").decode()
    assert done == "answers:\n  order:\n    - tools # slow\n    - specs\n  attempts: 3\n"
    flow = b"answers:\n  order: [specs, tools] # mine\n"
    assert b'["tools", "specs"] # mine' in with_values(flow, {ORDER: ["tools", "specs"]}, "workflow.yaml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "a:\n  order: # mine\n    # first\n    - specs   # quick\n\n    # last\n    - tools # slow\n    # below\n  b: 1\n",
            "a:\n  order: # mine\n\n    # last\n    - tools # slow\n    # first\n    - specs   # quick\n    # below\n  b: 1\n",
        ),
        (
            "a:\n  order:\n  - specs\n  # why not\n  - person # asleep\n  - 'tools' # slow",
            "a:\n  order:\n  - 'tools' # slow\n  - specs\n  # why not\n  # asleep\n",
        ),
        ("a:\r\n  order:\r\n    - specs # x\r\n", "a:\r\n  order:\r\n    - tools\r\n    - specs # x\r\n"),
        (
            "a:\n  order: [specs, # quick\n    tools] # all\n",
            'a:\n  order: [\n    # quick\n    "tools", "specs"] # all\n',
        ),
        (
            "a: {order: [ # two\n  specs, tools # slow\n  ], b: 1}\n",
            'a: {order: [\n      # two\n      # slow\n      "tools", "specs"], b: 1}\n',
        ),
        ("a:\n  order:\n    - 'a # b' # c\n", "a:\n  order:\n    - tools\n    - specs\n    # c\n"),
    ],
)
def test_comments_inside_a_list_survive(before: str, after: str) -> None:
    done = with_values(before.encode(), {("a", "order"): ["tools", "specs"]}, "workflow.yaml").decode()
    assert done == after


def test_comments_survive_where_nothing_is_left_of_the_list() -> None:
    before = b"rules:\n  disable: # none\n    # too strict\n    - weak-modal # for now\n"
    done = with_values(before, {("rules", "disable"): []}, "workflow.yaml")
    assert done == b"rules:\n  disable: [] # none\n    # too strict\n    # for now\n"


_ITEMS = st.lists(st.sampled_from(["specs", "a b", "#", "é", "- x", "on", ""]), max_size=4, unique=True)
_NOTES = st.lists(st.sampled_from(["", "# why", "#", "# a: [b", "# - c", "#é"]), min_size=9, max_size=9)


@given(_ITEMS, _ITEMS, _NOTES, st.booleans())
def test_no_comment_is_ever_lost(old: list[str], new: list[str], notes: list[str], flow: bool) -> None:
    """Whichever items come, go and move; and the list says what was meant."""
    from workflow_cli.adapters.yaml_text import in_flow

    above, beside = notes[:4], notes[4:8]
    if flow:
        items = "".join(f"\n    {above[n]}\n    {in_flow(one)}, {beside[n]}" for n, one in enumerate(old))
        text = f"x:\n  list: [{items}\n    ] {notes[8]}\n  end: 1\n"
    else:
        items = "".join(f"    {above[n]}\n    - {in_flow(one)} {beside[n]}\n" for n, one in enumerate(old))
        text = f"x:\n  list: {notes[8]}\n{items}  end: 1\n" if old else f"x:\n  list: [] {notes[8]}\n  end: 1\n"
    done = with_values(text.encode(), {("x", "list"): new}, "f").decode()
    assert load_yaml(done.encode(), "f").value == {"x": {"list": new, "end": 1}}
    used = [note for n in range(len(old)) for note in (above[n], beside[n]) if note] + [n for n in notes[8:] if n]
    for note in set(used):
        assert done.count(note) >= used.count(note)


def test_what_it_says_already_is_not_touched() -> None:
    data = b"answers:   {order:   [ specs,person ]}\n"
    assert with_values(data, {ORDER: ["specs", "person"]}, "workflow.yaml") is data


@pytest.mark.parametrize("before", [b"retrieval: *x\n", b"a: [\n", b"retrieval: 5\n", b"- a\n"])
def test_what_cannot_be_set_is_refused(before: bytes) -> None:
    with pytest.raises((DocumentError, EditRefused)):
        with_values(before, {DEPTH: 4}, "workflow.yaml")


_WORDS = st.sampled_from(["answers", "retrieval", "mcp", "x"])
_VALUES = st.one_of(st.integers(0, 9), st.booleans(), st.lists(st.sampled_from(["specs", "a b", "#", "é"]), max_size=3))


@given(st.dictionaries(_WORDS, st.dictionaries(_WORDS, _VALUES, min_size=1), max_size=3), _WORDS, _WORDS, _VALUES)
def test_the_file_says_what_was_meant(
    whole: dict[str, dict[str, object]], section: str, leaf: str, value: object
) -> None:
    """And nothing else became different, whatever else it says."""
    data = None
    for name, entries in whole.items():
        for key, entry in entries.items():
            data = with_values(data, {(name, key): entry}, "f")  # type: ignore[dict-item]
    done = with_values(data, {(section, leaf): value}, "f")  # type: ignore[dict-item]
    expected = {**whole, section: {**whole.get(section, {}), leaf: value}}
    assert load_yaml(done, "f").value == expected

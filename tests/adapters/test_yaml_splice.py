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
    assert done == "answers:\n  order:\n    - tools\n    - specs # slow\n  attempts: 3\n"
    flow = b"answers:\n  order: [specs, tools] # mine\n"
    assert b'["tools", "specs"] # mine' in with_values(flow, {ORDER: ["tools", "specs"]}, "workflow.yaml")


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

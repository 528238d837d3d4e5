"""Keys taken out of a YAML file: everything else, and every comment, stays where it is."""

from __future__ import annotations

import pytest

from workflow_cli.adapters.yaml_removal import without_keys
from workflow_cli.errors import DocumentError, EditRefused

PATH = ("a", "b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  b: 1\n  c: 2\n", "a:\n  c: 2\n"),
        ("a:\n  c: 2\n  b: 1", "a:\n  c: 2\n"),
        ("a:\r\n  b: 1 # why\r\n  c: 2\r\n", "a:\r\n  # why\r\n  c: 2\r\n"),
        ("a:\n  # above\n  b: 1 # '# beside'\nd: 1\n", "a:\n  # above\n  # '# beside'\nd: 1\n"),
        ("a:\n  b: 'x # y' # z\n", "a:\n  # z\n"),
        (
            "a:\n  b: # head\n    # first\n    - x # one\n    - '#'\n  c: 2\n",
            "a:\n  # head\n    # first\n  # one\n  c: 2\n",
        ),
        ("a: {b: 1, c: 2} # x\n", "a: {c: 2} # x\n"),
        ("a: {c: 2, b: 1}\n", "a: {c: 2}\n"),
        ("a: {c: 2, b: 1,}\n", "a: {c: 2, }\n"),
        ("a: {b: 1}\n", "a: {}\n"),
        ("{a: {c: [1, 2], b: [1, 2]}}\n", "{a: {c: [1, 2]}}\n"),
        ("a: {c: 2, # two, of many\n  b: 1}\n", "a: {c: 2 # two, of many\n  }\n"),
        ("\ufeff\"a\":\n  'b': 1\n  c: 2\n", '\ufeff"a":\n  c: 2\n'),
        ("a:\n  c: 2\n", "a:\n  c: 2\n"),
        ("# nothing else\n", "# nothing else\n"),
    ],
)
def test_one_key(before: str, after: str) -> None:
    assert without_keys(before.encode(), [PATH], "f") == after.encode()


def test_a_section_with_the_comments_in_it() -> None:
    before = b"x: 1\na: # mine\n  # why\n  b: 1\n  c: '#'\n# below\n"
    assert without_keys(before, [("a",)], "f") == b"x: 1\n# mine\n  # why\n# below\n"


@pytest.mark.parametrize(
    "before", [b"a: [\n", b"a:\n  b: &x 1\n  c: *x\n", b"a: &m\n  b: 1\nd: *m\n", b"a: {b: [1, # one\n  2], c: 3}\n"]
)
def test_what_cannot_be_taken_out_by_itself_is_refused(before: bytes) -> None:
    with pytest.raises((DocumentError, EditRefused)):
        without_keys(before, [PATH], "f")

"""YAML 1.2 core, as the OpenSpec command reads it."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.yaml_files import YamlDocument, _plain_mapping, load_yaml
from workflow_cli.errors import DocumentError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("Y", "Y"),
        ("2026-11-22", "2026-11-22"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("=", "="),
        ("<<", "<<"),
        ("010", 10),
        ("0o10", 8),
        ("0xFF", 255),
        ("+12", 12),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.INF", -math.inf),
        ("TRUE", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("Null", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("!own 1", "1"),
        ("", None),
        ("# nothing", None),
        ("null\n...\n", None),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("1: one\nnull: none", {"1": "one", "null": "none"}),
        ("{a: 1}", {"a": 1}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("text: |\n  one\n  two\n", {"text": "one\ntwo\n"}),
    ],
)
def test_scalars_are_those_of_the_core_schema(text: str, value: Any) -> None:
    """Words and dates stay strings; only the core schema's own forms become other types."""
    assert load_yaml(text.encode(), "a.yaml").value == value


def test_a_number_that_is_none_is_read() -> None:
    """`.nan` is a float in every case the schema allows."""
    assert all(math.isnan(load_yaml(text, "a.yaml").value) for text in (b".nan", b".NaN", b".NAN"))


def test_the_lines_of_keys_and_items_are_known() -> None:
    """Lines count from 1, also behind a byte order mark and with CRLF."""
    document = load_yaml("\ufeff# top\r\na:\r\n  b: 1\r\n  c:\r\n    - x\r\n    - y: 2\r\n".encode(), "a.yaml")
    assert document.line_of(("a",)) == 2
    assert document.line_of(("a", "b")) == 3
    assert document.line_of(("a", "c", 1)) == 6
    assert document.line_of(("a", "c", 1, "y")) == 6
    assert document.line_of(("a", "z")) is None
    assert document.where(("a", "z")) == "a.yaml:2"
    assert document.where(("z",)) == "a.yaml"


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        (b"a: 1\nb: 2\na: 3\n", "a.yaml:3:1", "the key 'a' is there twice, first on line 1"),
        (b"x:\n  - a: 1\n    a: 2\n", "a.yaml:3:5", "twice"),
        (b"a: [1\n", "a.yaml:2:1", "not YAML"),
        (b"a:\n\t- 1\n", "a.yaml:2:1", "not YAML"),
        (b"a: b: c\n", "a.yaml:1:5", "not YAML"),
        (b"a: *nowhere\n", "a.yaml:1:4", "undefined alias"),
        (b"a: 1\n---\nb: 2\n", "a.yaml:2:1", "another document"),
        (b"? [a, b]\n: 1\n", "a.yaml:1:3", "a key must be a plain word"),
        (b"&a [*a]\n", "a.yaml:1:1", "an alias contains itself"),
        (b"a: 1\nb: \xff\n", "a.yaml:2", "not UTF-8"),
        (b"a: \x00\n", "a.yaml", "not YAML"),
        (b"a: !!int x\n", "a.yaml:1:4", "not of the type int"),
        (b"a: " + b"9" * 5000, "a.yaml:1:4", "too many digits"),
        (b'"\\U00110000"', "a.yaml", "not YAML"),
        (b"[" * 5000, "a.yaml", ""),
    ],
)
def test_what_yaml_forbids_is_an_error_with_its_line(data: bytes, where: str, message: str) -> None:
    """Every refusal names the file, and the line where one is known."""
    with pytest.raises(DocumentError) as caught:
        load_yaml(data, "a.yaml")
    assert (caught.value.where or "").startswith(where)
    assert message in caught.value.message


def test_aliases_cannot_fill_the_memory() -> None:
    """Nine lists of ten aliases each would stand for a milliard values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(DocumentError, match="counting what aliases repeat"):
        load_yaml("\n".join(lines).encode(), "a.yaml")


_yaml_like = st.text(alphabet="ab:-[]{}&*!?|>'\"#%@ \n\t01.~,\\xuU", max_size=60)


@given(st.binary(max_size=60) | _yaml_like.map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No input ends in another exception than DocumentError."""
    with contextlib.suppress(DocumentError):
        load_yaml(data, "a.yaml")


_key = st.text(max_size=40)  # YAML allows a key of 1,024 characters as JSON writes them
_plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_key, inner, max_size=4),
    max_leaves=12,
)


@given(_plain_data)
def test_json_is_yaml(value: Any) -> None:
    """What a JSON writer prints is read back as the same data."""

    assert load_yaml(json.dumps(value).encode(), "a.json").value == value


_word = st.text("aynotruefls019-_.:#~%'\"xeE+", min_size=1, max_size=6) | st.sampled_from(
    ["schema", "spec-driven", "2026-06-29", "true", "FALSE", "null", "0x1f", "0o17", "1e3", "1.", "1_0", "nan", "---"]
)
_plain_lines = st.lists(st.tuples(_word, _word).map(": ".join) | _word, min_size=1, max_size=4).map("\n".join)


def _as_parsed(text: str) -> YamlDocument:
    """What the parser says, kept from the short way by a comment behind the text."""
    commented = text.removesuffix("\n") + "\n#"
    assert _plain_mapping(commented) is None
    return load_yaml(commented.encode(), "a.yaml")


@given(_plain_lines, st.sampled_from(["", "\n"]))
def test_plain_lines_are_read_as_the_parser_reads_them(text: str, end: str) -> None:
    """Files of `key: word` lines alone are read without the parser, to the same values of the same types and lines."""
    if (plain := _plain_mapping(text + end)) is not None:
        parsed = _as_parsed(text)
        assert repr(plain[0]) == repr(parsed.value)
        assert plain[1] == parsed.lines


def test_a_change_s_usual_metadata_needs_no_parser() -> None:
    text = "schema: spec-driven\ncreated: 2026-06-29\nskip_specs: true\n"
    assert _plain_mapping(text) is not None
    assert _as_parsed(text) == load_yaml(text.encode(), "a.yaml")
    assert _as_parsed(text).value == {"schema": "spec-driven", "created": "2026-06-29", "skip_specs": True}


@pytest.mark.parametrize(
    "text", ["", "a: b\na: c\n", "a: b: c\n", "a: b #c\n", "a:  b\n", "a: b\n\n", "a: b\r\n", "a: 'b'\n", "a: b\n  c"]
)
def test_anything_else_is_left_to_the_parser(text: str) -> None:
    assert _plain_mapping(text) is None

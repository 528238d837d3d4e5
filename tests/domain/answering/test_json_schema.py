"""The validator agrees with a full one on every word it knows."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.json_schema import faults, simplified, unknown_words
from workflow_cli.domain.answering.reply import CLAIMS_SCHEMA

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
COUNT = st.integers(0, 3)
KINDS = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minLength": COUNT,
            "maxLength": COUNT,
            "minItems": COUNT,
            "maxItems": COUNT,
            "uniqueItems": st.booleans(),
            "minimum": st.integers(-2, 2),
            "maximum": st.integers(-2, 2),
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "description": st.just("a remark"),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "additionalProperties": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "type": KINDS,
        },
    ),
    max_leaves=6,
).filter(lambda schema: isinstance(schema, dict))


@given(SCHEMAS, VALUES)
def test_it_finds_fault_exactly_where_a_full_validator_does(schema: Any, value: Any) -> None:
    assert bool(faults(value, schema)) is not jsonschema.Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, VALUES)
def test_the_simplified_schema_allows_whatever_the_schema_allows(schema: Any, value: Any) -> None:
    """Engines may be given it: no valid reply is lost."""
    if not faults(value, schema):
        assert not faults(value, simplified(schema))


def test_references_are_followed() -> None:
    schema = {"$defs": {"n": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/n"}}
    assert faults([1, "2"], schema) == ["the reply[1] must be integer, not '2'"]
    assert simplified(schema) == {"type": "array", "items": {"type": "integer"}}


def test_a_schema_that_refers_to_itself_has_no_simple_form() -> None:
    schema = {"$defs": {"n": {"type": "array", "items": {"$ref": "#/$defs/n"}}}, "$ref": "#/$defs/n"}
    assert not faults([[], [[]]], schema)
    assert faults([[], [5]], schema)
    with pytest.raises(ValueError, match="refers to itself"):
        simplified(schema)


def test_what_is_not_checked_is_known() -> None:
    """`pattern` would restrict and is not looked at; the schemas in use hold no such word."""
    assert unknown_words({"properties": {"a": {"pattern": "x", "type": "string"}}}) == {"pattern"}
    assert unknown_words(CLAIMS_SCHEMA) == set()


@pytest.mark.parametrize("value", [True, 1e999, "1"])
def test_what_looks_like_a_whole_number_is_none(value: Any) -> None:
    assert faults(value, {"type": "integer"})

"""Items survive being stored as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.app.item_json import BadItem, item_from_json, item_to_json
from workflow_cli.app.report import Item, ItemFault, ItemKind, Step
from workflow_cli.domain.openspec.finding import Finding, Place
from workflow_cli.domain.questions.question import Answer, Option, Question

# Low surrogates are how Python holds the bytes of a file name that is not UTF-8.
texts = st.text(
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]) | st.characters(categories=["So"]), max_size=8
)
names = texts | st.sampled_from(["\udcff.md", "a\x00b", "\u2028"])
unit = st.floats(0, 1)
places = st.builds(Place, file=names, line=..., column=...)
findings = st.builds(
    Finding, rule=texts, path=names, message=texts, place=places, line=..., hint=st.none() | texts, refuses=...
)
questions = st.builds(
    Question,
    id=texts,
    text=texts,
    why=texts,
    options=st.lists(st.builds(Option, text=texts, recommended=...), max_size=2).map(tuple),
    place=places,
    address=st.none() | texts,
    impact=unit,
    uncertainty=unit,
    blocking=...,
    answer=st.none() | st.builds(Answer, text=texts, by=st.none() | texts),
)
items = st.builds(
    Item,
    kind=st.sampled_from(ItemKind),
    id=names,
    file=names,
    valid=st.none() | st.booleans(),
    findings=st.lists(findings, max_size=2).map(tuple),
    tolerated=st.lists(findings, max_size=2).map(tuple),
    questions=st.lists(questions, max_size=2).map(tuple),
    steps=st.lists(st.builds(Step, name=texts, milliseconds=st.floats(0, 1e9)), max_size=2).map(tuple),
    fault=st.none() | st.builds(ItemFault, message=texts, where=st.none() | names, hint=st.none() | texts),
)


@settings(max_examples=60)
@given(items)
def test_an_item_comes_back_as_it_went(item: Item) -> None:
    """Through the JSON text, so that nothing rests on Python's own values."""
    assert item_from_json(json.loads(json.dumps(item_to_json(item)))) == item


def _stored() -> dict[str, Any]:
    return json.loads(
        json.dumps(
            {
                **item_to_json(Item(kind=ItemKind.SPEC, id="a", file="f", valid=True)),
                "findings": [
                    {
                        "rule": "r",
                        "level": "ERROR",
                        "path": "p",
                        "line": None,
                        "message": "m",
                        "origin": "openspec",
                        "hint": None,
                        "place": {"file": "f", "line": 1, "column": None},
                        "refuses": False,
                        "score": 0.9,
                    }
                ],
            }
        )
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["kind"], "capability"),
        (["kind"], None),
        (["valid"], 1),
        (["id"], None),
        (["findings"], {}),
        (["findings", 0], "text"),
        (["findings", 0, "level"], "error"),
        (["findings", 0, "line"], True),
        (["findings", 0, "line"], "3"),
        (["findings", 0, "place"], None),
        (["findings", 0, "place", "file"], 3),
        (["findings", 0, "score"], "0.9"),
        (["steps"], [{"name": "x", "outcome": "done", "milliseconds": "1"}]),
        (["fault"], "broken"),
    ],
)
def test_a_value_of_another_shape_is_refused(path: list[Any], value: Any) -> None:
    """A record that an older or newer version wrote is no item, and says which field is wrong."""
    stored = _stored()
    assert item_from_json(stored).findings[0].place.line == 1
    target = stored
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(BadItem):
        item_from_json(stored)


@pytest.mark.parametrize("value", [None, [], "item", {}])
def test_something_that_is_no_item_is_refused(value: Any) -> None:
    """Also where it is not even an object."""
    with pytest.raises(BadItem):
        item_from_json(value)

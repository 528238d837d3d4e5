"""The table of event kinds is what the page says, what the code writes, and what its readers ask for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from workflow_cli.domain.events.kinds import EVERY, KINDS, Form
from workflow_cli.domain.feedback.reading import READ, READ_OF_EVERY

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/reference/events.md").read_text("utf-8")
_NAME = re.compile(r"`([a-z_.]+)`")
#: One name for two things: calls of tools of servers, and of our own by agents.
SECTIONS = [(_NAME.findall(title), text) for title, text in re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", PAGE, re.M)]


def fields_of(kind: str) -> Mapping[str, Form]:
    return {**EVERY, **KINDS[kind]}


def sections(kind: str) -> str:
    return "".join(text for kinds, text in SECTIONS if kind in kinds)


def test_the_page_has_every_kind_and_no_other() -> None:
    assert {kind for kinds, _ in SECTIONS for kind in kinds} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_field_of_a_kind(kind: str) -> None:
    named = set(_NAME.findall(sections(kind)))
    assert set(KINDS[kind]) - named == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_of_the_page_name_no_other_field(kind: str) -> None:
    of_all = {name for kinds, _ in SECTIONS if kind in kinds for other in kinds for name in fields_of(other)}
    for table in re.findall(r"^\| field \|.*\n((?:\|.*\n)+)", sections(kind), re.M):
        named = {name for row in table.splitlines()[1:] for name in _NAME.findall(row.split("|")[1])}
        assert named - of_all == set()


def of_form(value: Any, form: Form) -> bool:
    if form in (Form.TEXT, Form.MESSAGE, Form.MOMENT):
        return isinstance(value, str)
    if form is Form.FLAG:
        return isinstance(value, bool)
    if form is Form.COUNT:
        return isinstance(value, int) and not isinstance(value, bool)
    if form in (Form.NUMBER, Form.DURATION):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if form is Form.TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, list if form in (Form.ROUTE, Form.CITES) else dict)


def faults(event: Mapping[str, Any]) -> list[str]:
    """Fields of an event that the table does not have, or in another form."""
    forms = fields_of(event["kind"])
    return [
        name for name, value in event.items() if not (name in forms and (value is None or of_form(value, forms[name])))
    ]


def test_the_examples_of_the_page_are_events() -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", PAGE, re.S)]
    assert len(examples) > 5
    assert {example["kind"]: found for example in examples if (found := faults(example))} == {}


def written() -> Iterator[tuple[str, str, list[str]]]:
    """Every mapping in the code that says which kind of event it is: where, the kind, and the names in it."""
    for path in sorted((REPOSITORY / "workflow_cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Dict):
                names = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                said = dict(zip(node.keys, node.values, strict=True))
                kinds = [
                    v.value
                    for k, v in said.items()
                    if isinstance(k, ast.Constant) and k.value == "kind" and isinstance(v, ast.Constant)
                ]
                if kinds and kinds[0] in KINDS:
                    yield path.name, kinds[0], names


def test_the_code_writes_no_field_that_is_not_in_the_table() -> None:
    found = list(written())
    assert len({kind for _, kind, _ in found}) > 10
    assert [(where, kind, name) for where, kind, names in found for name in names if name not in fields_of(kind)] == []


def test_feedback_reads_only_what_there_is() -> None:
    """`change`, `item` and `faults` of any kind: those that have none do without."""
    for kind, names in READ.items():
        assert set(names) <= set(KINDS[kind])
    of_any = {name for fields in KINDS.values() for name in fields} | set(EVERY)
    assert set(READ_OF_EVERY) <= of_any


def test_the_loop_reads_only_what_there_is() -> None:
    """What its translation asks an event for."""
    tree = ast.parse((REPOSITORY / "workflow_cli/domain/improvement/from_events.py").read_text("utf-8"))
    asked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "record"
        and isinstance(node.args[0], ast.Constant)
    }
    assert {"route", "cites", "because"} & asked
    made = {"answer"}  # by the translation itself, of what a person answered
    assert asked - made <= {name for fields in KINDS.values() for name in fields} | set(EVERY)

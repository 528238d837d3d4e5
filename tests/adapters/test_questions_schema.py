"""The published JSON Schema of `questions.yaml` says what the reader does."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from workflow_cli.adapters.questions_entries import KEYS
from workflow_cli.adapters.questions_file import parse, render
from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.questions.accept import accept_recommended
from workflow_cli.domain.questions.question import Option, Question
from workflow_cli.errors import DocumentError


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files("workflow_cli").joinpath("schemas/questions.schema.json").read_text())
    return loaded


def load(data: bytes) -> object:
    return YAML(typ="safe", pure=True).load(data.decode())


def test_the_schema_is_one_and_knows_every_key() -> None:
    """A key the writer uses is described."""
    jsonschema.Draft202012Validator.check_schema(schema())
    assert set(schema()["$defs"]["question"]["properties"]) == set(KEYS)


def test_what_is_written_fits_the_schema() -> None:
    """Open, answered and by hand."""
    made = Question(
        id="a-00000001",
        text="Which?",
        why="So.",
        options=(Option(text="1", recommended=True), Option(text="no")),
        place=Place(file="f.md", line=1),
        impact=0.5,
        uncertainty=0.5,
    )
    for asked in ([made], accept_recommended([made]), []):
        jsonschema.validate(load(render(b"", asked)), schema())


@pytest.mark.parametrize(
    "data",
    [
        b"schema: 2\n",
        b"- a\n",
        b"questions: 3\n",
        b"questions:\n  - id: a\n",
        b"questions:\n  - question: x\n    answer: [1]\n",
        b"questions:\n  - question: x\n    options: yes\n",
        b"questions:\n  - question: x\n    blocking: maybe\n",
        b"questions:\n  - question: x\n    impact: 7\n",
        b"questions:\n  - question: x\n    source: guess\n",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(data: bytes) -> None:
    """The two agree on what is wrong."""
    with pytest.raises(DocumentError):
        parse(data, "questions.yaml")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load(data), schema())


def test_the_documented_example_is_what_the_code_reads() -> None:
    """The example of the reference page fits the schema and parses."""
    page = (Path(__file__).parents[2] / "docs/reference/questions-yaml.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0].encode()
    jsonschema.validate(load(example), schema())
    (question,) = parse(example, "questions.yaml")
    assert not question.by_hand
    assert question.is_open
    assert render(example, [question]) is example

"""docs/reference/output.md says what the program does.

Set UPDATE_GOLDEN=1 to write its generated examples anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow_cli import errors
from workflow_cli.app.baseline import Baseline
from workflow_cli.app.report import Report
from workflow_cli.cli.formats.formats import FORMATS, render

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "reference" / "output.md"
SCHEMAS = REPOSITORY / "workflow_cli" / "schemas"


def example(name: str) -> re.Match[str]:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```\n", PAGE.read_text("utf-8"), re.DOTALL)
    assert found, f"the page has no example named {name}"
    return found


def section(title: str) -> str:
    return PAGE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def validator(name: str) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


@pytest.mark.parametrize("name", ["text", "github", "baseline"])
def test_the_examples_are_what_is_printed(name: str, sample: Report) -> None:
    """They are generated, so they cannot grow old."""
    printed = Baseline.of(sample).to_bytes().decode() if name == "baseline" else render(name, sample)
    if os.environ.get("UPDATE_GOLDEN"):
        page, start, end = PAGE.read_text("utf-8"), example(name).start(1), example(name).end(1)
        PAGE.write_text(page[:start] + printed + page[end:], "utf-8")
    assert example(name)[1] == printed


@pytest.mark.parametrize("name", ["error", "baseline"])
def test_the_json_examples_fit_their_schemas(name: str) -> None:
    """And the schemas are strict: an unknown field fits neither."""
    document = json.loads(example(name)[1])
    validator(name).validate(document)
    assert not validator(name).is_valid({**document, "unknown": 1})


@pytest.mark.parametrize("name", ["process-report", "error", "baseline"])
def test_the_schemas_are_schemas(name: str) -> None:
    """JSON Schema, draft 2020-12."""
    schema = validator(name)
    assert schema.schema["$schema"].endswith("2020-12/schema")
    schema.check_schema(schema.schema)


def test_every_format_is_on_the_page() -> None:
    """In the order the program names them."""
    assert tuple(re.findall(r"^\| `(\w+)` \|", section("Formats"), re.MULTILINE)) == FORMATS


def test_every_json_field_is_on_the_page() -> None:
    """By its name in code style."""
    named = set(re.findall(r"`(\w+)`", section("The JSON document")))
    assert named >= set(_fields(validator("process-report").schema)) - {"$schema"}


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    children = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for child in children:
        yield from _fields(child)


def test_every_exit_status_is_on_the_page() -> None:
    """Those of the errors, those the schemas allow, and those of two signals that shells report: SIGPIPE and SIGTERM."""
    listed = {int(status) for status in re.findall(r"^\| (\d+) \|", section("Exit status"), re.MULTILINE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")]
    allowed = [validator(name).schema["properties"]["exit_code"]["enum"] for name in ("process-report", "error")]
    assert listed == {kind.exit_code for kind in kinds} | {code for codes in allowed for code in codes} | {141, 143}

"""The schema, the commented file and the reference page agree with the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.domain.openspec.rules.catalogue import BY_ID
from workflow_cli.settings import KEYS, SECTIONS, Sources, load_settings
from workflow_cli.settings.describe import commented_file, json_schema, reference_page

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
REPOSITORY = Path(__file__).parents[2]


def nested(name: str, value: Any) -> dict[str, Any]:
    section, _, leaf = name.partition(".")
    return {section: {leaf: value}}


def test_the_schema_is_a_schema() -> None:
    """Of the draft it names."""
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", KEYS)
def test_every_default_and_example_is_valid(name: str) -> None:
    """By the schema and by the reader alike."""
    for value in (KEYS[name].default, KEYS[name].example):
        VALIDATOR.validate(nested(name, value))
        KEYS[name].kind.parse(value)


def test_the_rules_that_examples_name_are_there() -> None:
    named = [rule for name, key in KEYS.items() if name.startswith("rules.") for rule in key.example]
    assert len(named) == 4
    assert set(named) <= BY_ID.keys()


@pytest.mark.parametrize(
    "document",
    [
        {"unknown": {}},
        {"process": {"unknown": 1}},
        {"process": {"strict": "yes"}},
        {"process": {"max_questions": 6}},
        {"process": {"steps": ["fly"]}},
        {"rules": {"levels": {"a": "loud"}}},
        {"limits": {"max_file_bytes": "3 potatoes"}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: dict[str, Any]) -> None:
    """An editor shows the fault before the command does."""
    assert not VALIDATOR.is_valid(document)


def test_the_commented_file_changes_nothing(tmp_path: Path) -> None:
    """Every value still comes from the defaults, and the schema accepts the file."""
    (tmp_path / "workflow.yaml").write_text(commented_file())
    settings = load_settings(Sources(root=tmp_path, here=tmp_path))
    assert set(settings.origins.values()) == {"default"}
    VALIDATOR.validate(load_yaml(commented_file().encode(), "workflow.yaml").value)


def test_uncommented_the_file_says_the_defaults(tmp_path: Path) -> None:
    """Taking away `# ` before any key gives a file that means the same; what it must not hold is not in it."""
    lines = []
    leaves = {name.partition(".")[2] for name in KEYS}
    for line in commented_file().splitlines():
        word = line.removeprefix("  # ").partition(":")[0]
        lines.append(line.replace("  # ", "  ", 1) if word in leaves else line)
    (tmp_path / "workflow.yaml").write_text("\n".join(lines))
    settings = load_settings(Sources(root=tmp_path, here=tmp_path))
    defaults = load_settings(Sources(root=tmp_path, here=tmp_path / "." / "x"))
    assert {name: settings[name] for name in KEYS} == {name: defaults[name] for name in KEYS}
    assert {name for name, origin in settings.origins.items() if origin == "default"} == {
        name for name, key in KEYS.items() if key.personal
    }


def test_the_reference_page_names_every_key_and_variable() -> None:
    """And the page in docs/ is the one made from the settings of today."""
    page = reference_page()
    assert all(f"### `{name}`" in page for name in KEYS)
    assert all(f"## {section}" in page for section in SECTIONS)
    assert "`LM_API_TOKEN`" in page
    assert (REPOSITORY / "docs" / "reference" / "configuration.md").read_text() == page, "run `make docs`"

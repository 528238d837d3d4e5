"""Which schema a tree follows where a change does not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.confined_read import ConfinedReader
from workflow_cli.adapters.schemas import _SURELY_BUILT_IN, BUILT_IN, SchemaFiles
from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.errors import DocumentError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("schema: spec-driven\n", "spec-driven"),
        ("# ours\n\nschema: spec-driven\n\ncontext: |\n  Python\n", "spec-driven"),
        ("schema: spec-driven\n  in-two-lines\n", "spec-driven in-two-lines"),
        ("schema: spec-driven\n\n  in-two-lines\n", "spec-driven\nin-two-lines"),
        ("schema: spec-driven-too\n", "spec-driven-too"),
        ("schema: own\n", "own"),
        ("context: |\n  schema: spec-driven\nschema: own\n", "own"),
        ("schema: spec-driven\nschema: own\n", "spec-driven"),
        ("schema: [\n", "spec-driven"),
        ("", "spec-driven"),
    ],
)
def test_the_configuration_names_the_schema(tmp_path: Path, text: str, name: str) -> None:
    """A configuration that cannot be read names none, and then it is the built-in one."""
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    assert SchemaFiles(tmp_path, ConfinedReader(tmp_path, 1_000_000)).default_name == name


_lines = st.lists(
    st.sampled_from(
        ["schema: spec-driven", "schema: own", "# a", "", " ", "  b", "a: b", "{", "\ta", "- a", "---", "...", "a\rb"]
    )
    | st.text("a: #-\n'\u2028\x85", max_size=5),
    max_size=5,
).map("\n".join)


@given(_lines, st.sampled_from(["", "schema: spec-driven\n"]), _lines)
def test_the_built_in_schema_is_told_without_the_parser_only_where_the_parser_says_so(
    before: str, name: str, after: str
) -> None:
    data = (before + name + after).encode()
    if _SURELY_BUILT_IN.match(data):
        try:
            value = load_yaml(data, "config.yaml").value
        except DocumentError:
            return
        assert value["schema"] == BUILT_IN

"""The settings described: as JSON Schema, as a commented workflow.yaml, as a reference page."""

from __future__ import annotations

import json
from typing import Any

from workflow_cli.settings.keys import SECTIONS, keys_of, variable_of
from workflow_cli.settings.section import Key

#: With these a word of YAML would be something else.
_INDICATORS = tuple("*&!|>%@`\"'#{}[],")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of workflow.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "workflow.yaml",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {section: _section_schema(section) for section in SECTIONS},
    }


def _section_schema(section: str) -> dict[str, Any]:
    return {
        "description": SECTIONS[section].__doc__,
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            leaf: {
                **key.kind.schema(),
                "description": key.description,
                "default": key.default,
                "examples": [key.example],
            }
            for leaf, key in keys_of(section)
        },
    }


def commented_file() -> str:
    """A workflow.yaml that changes nothing: every key is there, as a comment with its default."""
    lines = [
        "# Settings of `workflow` for this project.",
        "# Every key below is a comment with its default: take away the `# ` in front of one and change it.",
        "# Stronger than this file: the environment, then flags. `workflow config show --origin` tells.",
    ]
    for section in SECTIONS:
        lines += ["", f"# {SECTIONS[section].__doc__}", f"{section}:"]
        for leaf, key in keys_of(section):
            if key.personal:
                continue
            lines += [f"  # {key.description} ({key.kind.expected})", f"  # {leaf}: {_yaml(key.default)}"]
    return "\n".join(lines) + "\n"


def reference_page() -> str:
    """The page `docs/reference/configuration.md`."""
    lines = [
        "# Configuration",
        "",
        "<!-- Made from the settings themselves by `make docs`; change those. -->",
        "",
        "Settings come from, each stronger than the one before: the defaults, the user file",
        "(`workflow/config.yaml` in the platform's configuration directory), `workflow.yaml` beside",
        "`openspec/` (or the file of `--config`), the environment, flags. A list or mapping replaces the",
        "weaker one whole. Relative paths start from the file's directory, in variables and flags from the",
        "current one. A path in `workflow.yaml` must stay inside the project.",
        "",
        "`workflow init` writes the file, `workflow config show --origin` says where each value came from,",
        "and `workflow config schema` prints the JSON Schema.",
    ]
    for section in SECTIONS:
        lines += ["", f"## {section}", "", str(SECTIONS[section].__doc__)]
        for leaf, key in keys_of(section):
            lines += ["", *_entry(f"{section}.{leaf}", key)]
    return "\n".join(lines) + "\n"


def _entry(name: str, key: Key) -> list[str]:
    variables = [variable_of(name), *([key.environment] if key.environment else [])]
    lines = [
        f"### `{name}`",
        "",
        key.description,
        "",
        f"- value: {key.kind.expected}",
        f"- default: `{_yaml(key.default)}`",
        f"- environment: {' or '.join(f'`{variable}`' for variable in variables)}",
    ]
    if key.personal:
        lines.append("- not in `workflow.yaml`, which comes with the project")
    if key.example is not None:
        lines.append(f"- example: `{name.rpartition('.')[2]}: {_yaml(key.example)}`")
    return lines


def _yaml(value: Any) -> str:
    """`value` on one line, as YAML; JSON is YAML, and words need no quotes."""
    if isinstance(value, str):
        return json.dumps(value) if value[:1] in _INDICATORS else value
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_yaml(item)}" for name, item in value.items()) + "}"
    return json.dumps(value)

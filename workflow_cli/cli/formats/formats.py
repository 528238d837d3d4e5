"""The formats by name."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from workflow_cli.app.report import Report
from workflow_cli.cli.formats.rendering import Rendering

# Modules are named, not imported: a run pays for the formats it prints only.
_MODULES = {
    "text": "text",
    "json": "json_document",
    "jsonl": "json_lines",
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
    "markdown": "markdown",
}
FORMATS = tuple(_MODULES)


class _Format(Protocol):
    def render(self, report: Report, rendering: Rendering) -> str: ...


def render(name: str, report: Report, rendering: Rendering | None = None) -> str:
    """The report in the format `name`, one of FORMATS; it ends with a line feed unless it is empty."""
    module = cast(_Format, import_module(f"workflow_cli.cli.formats.{_MODULES[name]}"))
    return module.render(report, rendering or Rendering())

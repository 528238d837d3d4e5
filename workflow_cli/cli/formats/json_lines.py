"""`jsonl`: one line an item, then one line with the rest of the `json` document.

The last line has `schema_version`; where it is missing, the output was cut short.
"""

from __future__ import annotations

import json
from typing import Any

from workflow_cli.app.item_json import item_to_json
from workflow_cli.app.report import Report
from workflow_cli.cli.formats.json_document import head, tail
from workflow_cli.cli.formats.neutral import json_text
from workflow_cli.cli.formats.rendering import Rendering


def render(report: Report, rendering: Rendering) -> str:
    lines = [*(_line(item_to_json(item)) for item in report.items), _line({**head(report, rendering), **tail(report)})]
    return "\n".join(lines) + "\n"


def _line(value: dict[str, Any]) -> str:
    return json_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

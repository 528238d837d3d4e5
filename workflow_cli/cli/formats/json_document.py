"""`json`: the whole report as one document; `workflow_cli/schemas/process-report.schema.json` describes it."""

from __future__ import annotations

import json
from typing import Any

from workflow_cli.app.item_json import fault_to_json, item_to_json
from workflow_cli.app.report import Report
from workflow_cli.app.summary import Summary
from workflow_cli.cli.formats.neutral import json_text
from workflow_cli.cli.formats.rendering import Rendering

SCHEMA_VERSION = 1


def render(report: Report, rendering: Rendering) -> str:
    document = {
        **head(report, rendering),
        "items": [item_to_json(item) for item in report.items],
        **tail(report),
    }
    return json_text(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def head(report: Report, rendering: Rendering) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "command": rendering.command,
        "status": report.status,
        "exit_code": report.exit_code,
        "degraded": [{"what": degraded.what, "why": degraded.why} for degraded in report.degraded],
        "root": report.root,
        "strict": report.strict,
        "fail_level": report.fail_level.value,
        "nothing_to_do": report.nothing_to_do,
    }


def tail(report: Report) -> dict[str, Any]:
    return {
        "order": list(report.order),
        "faults": [fault_to_json(fault) for fault in report.faults],
        "summary": _summary(report),
    }


def _summary(report: Report) -> dict[str, Any]:
    summary = Summary.of(report)
    return {
        "items": summary.items,
        "valid": summary.valid,
        "invalid": summary.invalid,
        "unjudged": summary.unjudged,
        "faults": summary.faults,
        "reused": summary.reused,
        "kinds": {
            kind.value: {
                "items": count.items,
                "valid": count.valid,
                "invalid": count.invalid,
                "unjudged": count.unjudged,
                "faults": count.faults,
            }
            for kind, count in summary.kinds.items()
        },
        "levels": {level.value: count for level, count in summary.levels.items()},
        "tolerated": summary.tolerated,
        "questions": {"open": summary.open_questions, "blocking": summary.blocking_questions},
    }

"""A review as plain JSON values, as a later run reuses it."""

from __future__ import annotations

from typing import Any

from workflow_cli.app.item_json import finding_to_json, question_to_json
from workflow_cli.app.model_review.review_change import Reviewed
from workflow_cli.domain.openspec.edits.parse import to_plain


def review_to_json(done: Reviewed) -> dict[str, Any]:
    return {
        "model": done.model,
        "findings": [finding_to_json(finding) for finding in done.review.findings],
        "questions": [question_to_json(question) for question in done.review.questions],
        "edits": [
            {"path": edit.path, "operation": to_plain(edit.operation), "because": edit.because}
            for edit in done.review.edits
        ],
    }

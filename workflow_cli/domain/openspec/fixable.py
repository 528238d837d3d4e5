"""Which rules a fixer may have an answer to; known without loading the fixers."""

from __future__ import annotations

FIXABLE = frozenset(
    (
        "hidden-requirement",
        "purpose-behind-bom",
        "purpose-placeholder",
        "scenario-heading",
        "scenario-lost",
        "spec-purpose-missing",
        "spec-requirements-missing",
        "task-number",
    )
)

"""Passages made of little more than their text."""

from __future__ import annotations

from workflow_cli.domain.answering.passage import Evidence, Passage, PassageKind


def found(text: str, **words: object) -> Evidence:
    passage = Passage(
        **{
            "path": "openspec/specs/a/spec.md",
            "line": 3,
            "end_line": 4,
            "address": "openspec/specs/a/spec.md#Requirement: A",
            "kind": PassageKind.REQUIREMENT,
            "title": "A",
            "text": text,
            "section_hash": "0" * 64,
            **words,  # type: ignore[arg-type]
        }
    )
    return Evidence(passage=passage, score=1.0, coverage=1.0)

"""Headings that people mean as OpenSpec's own, and that OpenSpec does not read."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, PURPOSE, block, change, document, spec
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.unread_heading import DELTA, PURPOSE_TITLE, REQUIREMENTS_TITLE, unread_heading
from workflow_cli.domain.openspec.validate_change import validate_change
from workflow_cli.domain.openspec.validate_spec import validate_spec


def meant(heading: str, *wanted: str) -> str | None:
    found = unread_heading(headings([heading], [False]), *wanted)
    return found.meant if found else None


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("## 目的", "Purpose"), ("## Propósito", "Purpose"), ("## Zweck:", "Purpose"), ("### Цель", "Purpose"), ("## Overview", "Purpose"),
        ("## 需求", "Requirements"), ("## 要件", "Requirements"), ("## 요구사항", "Requirements"), ("## Требования", "Requirements"),
        ("## Requisitos y Escenarios", "Requirements"), ("## Requirements:", "Requirements"), ("## Functional Requirements", "Requirements"),
        ("## Gereksinimler", "Requirements"), ("## Wymagania", "Requirements"), ("## Yêu cầu", "Requirements"),
        ("## 新增需求", "ADDED Requirements"), ("## 修改需求", "MODIFIED Requirements"), ("## 変更された要件", "MODIFIED Requirements"),
        ("## 추가 요구사항", "ADDED Requirements"), ("## Requisitos añadidos", "ADDED Requirements"), ("## ADICIONADO Requisitos", "ADDED Requirements"),
        ("## Изменённые требования", "MODIFIED Requirements"), ("## Entfernte Anforderungen", "REMOVED Requirements"),
        ("## ADDED Requirements (Phase 6)", "ADDED Requirements"), ("# ADDED Requirements", "ADDED Requirements"),
        ("## Added Requirement", "ADDED Requirements"), ("## New Requirements", "ADDED Requirements"), ("## Renamed Requirements:", "RENAMED Requirements"),
    ],
)  # fmt: skip
def test_what_a_heading_is_meant_as(heading: str, expected: str) -> None:
    """In many languages, with a colon or an addition, at a wrong level."""
    assert meant(heading, PURPOSE_TITLE, REQUIREMENTS_TITLE, DELTA) == expected


@pytest.mark.parametrize(
    "heading", ["## Notes", "## Why", "## 背景", "## Open questions", "## New ideas", "# auth", "##"]
)
def test_other_headings_are_left_alone(heading: str) -> None:
    """They say something else."""
    assert meant(heading, PURPOSE_TITLE, REQUIREMENTS_TITLE, DELTA) is None


@pytest.mark.parametrize("heading", ["### Requirement: New login", "### 需求：新增登录", "### Requisito: Añadir pagos"])
def test_a_requirement_is_no_section(heading: str) -> None:
    """Renamed as one, it would be lost: it has to stand below one."""
    assert meant(heading, PURPOSE_TITLE, DELTA) is None
    found = unread_heading(headings([heading], [False]), REQUIREMENTS_TITLE)
    assert found is not None
    assert (
        found.hint
        == f'line 1, "{heading}", has to stand below `## Requirements`: OpenSpec reads requirements nowhere else'
    )


def test_only_what_is_looked_for() -> None:
    """A delta heading is no Requirements section, nor the other way round."""
    assert meant("## 新增需求", REQUIREMENTS_TITLE) is None
    assert meant("## 需求", DELTA) is None
    assert meant("## 目的", REQUIREMENTS_TITLE, DELTA) is None


def hint_of(text: str) -> str:
    (found,) = validate_spec(spec(text))
    return found.hint or ""


def test_the_hint_names_the_heading_that_is_there() -> None:
    """With its line, and how it would have to read."""
    assert 'line 3, "## 目的"' in hint_of("# cli\n\n## 目的\n定义。\n\n## 需求\n### 需求：甲\n")
    assert "`## Purpose`" in hint_of("# cli\n\n## 目的\n定义。\n\n## 需求\n### 需求：甲\n")
    assert 'line 4, "## 要求"' in hint_of(f"## Purpose\n{PURPOSE}\n\n## 要求\n{block('A')}")
    assert "line" not in hint_of(f"## Requirements\n{block('A')}")


def test_the_hint_for_a_delta_without_sections() -> None:
    """The heading that was meant as one."""
    subject = change("# Delta\n\n## 新增需求\n\n### 需求：甲\n系统必须。\n")
    hints = {f.rule: f.hint for f in validate_change(subject, {"auth": document(HEAD + block("A"))}.get)}
    assert 'line 3, "## 新增需求"' in (hints["delta-empty"] or "")
    assert "`## ADDED Requirements`" in (hints["delta-empty"] or "")

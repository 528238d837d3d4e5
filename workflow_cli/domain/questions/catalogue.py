"""Every family of questions, in the order in which they are looked for."""

from __future__ import annotations

from workflow_cli.domain.questions.families import (
    breaking_change,
    contended_requirement,
    contradicting_number,
    dropped_text,
    example_value,
    existing_target,
    failure_behaviour,
    near_duplicate,
    open_question,
    promised_capability,
    removal,
    unknown_target,
    unnamed_limit,
    unresolved_marker,
    untasked_requirement,
    vague_word,
    weak_modal,
)
from workflow_cli.domain.questions.inquiry import Family

FAMILIES: tuple[Family, ...] = (
    unknown_target.FAMILY,
    existing_target.FAMILY,
    dropped_text.FAMILY,
    contended_requirement.FAMILY,
    open_question.FAMILY,
    unresolved_marker.FAMILY,
    contradicting_number.FAMILY,
    near_duplicate.FAMILY,
    removal.FAMILY,
    breaking_change.FAMILY,
    promised_capability.FAMILY,
    failure_behaviour.FAMILY,
    untasked_requirement.FAMILY,
    example_value.FAMILY,
    unnamed_limit.FAMILY,
    vague_word.FAMILY,
    weak_modal.FAMILY,
)

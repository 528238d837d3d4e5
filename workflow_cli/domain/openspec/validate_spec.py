"""OpenSpec's own rules for a main spec."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.domain.openspec.purpose import MIN_LENGTH, is_placeholder, placeholder_line
from workflow_cli.domain.openspec.requirement import Requirement, has_keyword
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.openspec.structure import structure_issues
from workflow_cli.domain.openspec.text import utf16_length

MAX_STATEMENT = 500

KEYWORD_IN_HEADER = "SHALL or MUST stands only in the header; say it in the sentence below the header too"
KEYWORD_HINT = "write what the system SHALL or MUST do"
SCENARIO_HINT = 'add "#### Scenario: <name>" with "- **WHEN** ..." and "- **THEN** ..." below it'


def validate_spec(spec: Spec) -> Iterator[Finding]:
    """Every finding OpenSpec has for this main spec, addressed as `openspec validate --json` addresses them."""
    document = spec.document
    if not spec.purpose:
        yield _file_error(
            document,
            "spec-purpose-missing",
            "there is no Purpose section with text in it",
            _meant(spec, "Purpose")
            or "add `## Purpose` and, below it, one or two sentences on what this capability is for",
        )
        return
    if spec.requirements_heading is None:
        yield _file_error(
            document,
            "spec-requirements-missing",
            "there is no Requirements section",
            _meant(spec, "Requirements") or "add `## Requirements` above the first `### Requirement:`",
        )
        return
    yield from _outline_errors(spec)
    for issue in structure_issues(document, spec.mask):
        yield Finding(
            rule=issue.rule,
            level=Level.ERROR,
            path="file",
            line=issue.line + 1,
            message=issue.message,
            origin=Origin.OPENSPEC,
            place=document.place(issue.line),
        )
    yield from _purpose_warnings(spec)
    yield from _outline_remarks(spec)
    yield from _keyword_findings(spec)


def _meant(spec: Spec, title: str) -> str | None:
    """What to say of a heading that was meant as the one that is missing."""
    from workflow_cli.domain.openspec.unread_heading import unread_heading  # here: few specs need its tables

    present = spec.purpose_heading if title == "Purpose" else spec.requirements_heading
    found = None if present else unread_heading(spec.headings, title)
    return found.hint if found else None


def _file_error(document: Document, rule: str, message: str, hint: str) -> Finding:
    return Finding(
        rule=rule,
        level=Level.ERROR,
        path="file",
        message=message,
        origin=Origin.OPENSPEC,
        place=document.place(0),
        hint=hint,
    )


def _outline_errors(spec: Spec) -> Iterator[Finding]:
    heading = spec.requirements_heading
    if not spec.outline:
        yield Finding(
            rule="spec-empty",
            level=Level.ERROR,
            path="requirements",
            message="the Requirements section holds no requirement",
            origin=Origin.OPENSPEC,
            place=spec.document.place(heading.line if heading else None),
            hint="add at least one `### Requirement: <name>`",
        )
    for index, requirement in enumerate(spec.outline):
        if not requirement.scenarios:
            yield Finding(
                rule="requirement-has-scenario",
                level=Level.ERROR,
                path=f"requirements.{index}.scenarios",
                message=f'"{requirement.title}" has no scenario',
                origin=Origin.OPENSPEC,
                place=spec.document.place(requirement.line),
                hint=SCENARIO_HINT,
            )


def _purpose_warnings(spec: Spec) -> Iterator[Finding]:
    at = spec.purpose_heading.line if spec.purpose_heading else None
    if is_placeholder(spec.purpose):
        line = placeholder_line(spec.document, spec.purpose)
        yield Finding(
            rule="purpose-placeholder",
            level=Level.WARNING,
            path="overview",
            line=None if line is None else line + 1,
            message="the Purpose is still a placeholder",
            origin=Origin.OPENSPEC,
            place=spec.document.place(at if line is None else line),
            hint="say in this file what the capability is for; a Purpose in a delta no longer reaches it",
        )
    elif (length := utf16_length(spec.purpose)) < MIN_LENGTH:
        yield Finding(
            rule="purpose-too-brief",
            level=Level.WARNING,
            path="overview",
            message=f"the Purpose has {length} characters; OpenSpec wants at least {MIN_LENGTH}",
            origin=Origin.OPENSPEC,
            place=spec.document.place(at),
            hint="say what the capability is for and for whom",
        )


def _outline_remarks(spec: Spec) -> Iterator[Finding]:
    for index, requirement in enumerate(spec.outline):
        if (length := utf16_length(requirement.text)) > MAX_STATEMENT:
            yield Finding(
                rule="requirement-too-long",
                level=Level.INFO,
                path=f"requirements[{index}]",
                message=f'"{requirement.title}" says {length} characters before its first scenario',
                origin=Origin.OPENSPEC,
                place=spec.document.place(requirement.line),
                hint="split it, or move examples into scenarios",
            )
        if not requirement.scenarios:
            yield Finding(
                rule="requirement-has-scenario",
                level=Level.WARNING,
                path=f"requirements[{index}].scenarios",
                message=f'"{requirement.title}": a scenario is a level-4 heading with steps below it',
                origin=Origin.OPENSPEC,
                place=spec.document.place(requirement.line),
                hint=SCENARIO_HINT,
            )


def _keyword_findings(spec: Spec) -> Iterator[Finding]:
    for index, requirement in enumerate(spec.requirements):
        if not says_keyword(requirement):
            place = spec.document.place(requirement.line)
            yield keyword_finding(f'"{requirement.name}"', requirement, f"requirements[{index}]", place)


def says_keyword(requirement: Requirement) -> bool:
    """Whether SHALL or MUST stands in the block's text, as OpenSpec wants it."""
    return has_keyword(requirement.text)


def keyword_finding(subject: str, requirement: Requirement, path: str, place: Place) -> Finding:
    """OpenSpec's remark on a block that has no text (ERROR) or text without SHALL or MUST (WARNING)."""
    name, text = requirement.name, requirement.text
    in_header = has_keyword(name)
    if in_header:
        message = f"{subject}: {KEYWORD_IN_HEADER}"
    elif text:
        message = f"{subject} says neither SHALL nor MUST"
    else:
        message = f"{subject} has no text below its header"
    return Finding(
        rule="requirement-keyword" if text else "requirement-text-missing",
        level=Level.WARNING if text else Level.ERROR,
        path=path,
        message=message,
        origin=Origin.OPENSPEC,
        place=place,
        hint=KEYWORD_HINT,
    )

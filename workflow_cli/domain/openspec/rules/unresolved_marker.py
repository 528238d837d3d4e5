"""What somebody meant to fill in later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import DocumentKind, DocumentSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import prose_lines
from workflow_cli.domain.openspec.text import trim

# "TODO el contrato" is Spanish for all of it.
_MARKER = re.compile(
    r"(?<![\w/.-])(?:TBD|TBC|TBA|FIXME|XXX)(?![\w/-])(?!\s+(?:placeholders?|markers?|purpose|comments?|sections?|entries)\b)"
    r"|(?<![\w/.-])TODO(?![\w/-])(?!\s+(?:el|la|los|las|lo|o|os|as|um|su|este|esta|eso)\b)(?!\s+(?:comments?|lists?|items?|apps?|markers?|files?|placeholders?|entries|entry|sections?|tags?|notes?)\b)"
    r"|(?<!\?)\?{3,}(?!\?)"
    r"|\[\s*(?:NEEDS\s+CLARIFICATION|TO\s+BE\s+(?:DEFINED|DECIDED|DETERMINED)|TBD|TODO|PLACEHOLDER|FILL\s+IN|INSERT)\b[^\]\n]*\]",
)
# Every match holds one of these, and a text that holds none is sooner known than searched.
_MARKS = (
    *("TBD", "TBC", "TBA", "FIXME", "XXX", "TODO", "???", "CLARIFICATION", "DEFINED", "DECIDED", "DETERMINED"),
    *("PLACEHOLDER", "FILL", "INSERT"),
)
# The templates of `openspec` leave their questions in comments; an author who fills them in takes the comment out.
_ONLY_COMMENT = re.compile(
    r"(?:###\s*Requirement:|####\s*Scenario:|[-*]\s+\*\*(?:GIVEN|WHEN|THEN|AND)\*\*|##\s+\d+\.|"
    r"[-*]\s+\[ \]\s+[\d.]*|[-*]\s+`?)\s*"
    r"(?P<comment><!--(?:(?!-->).)+-->)`?\s*:?\s*(?:<!--(?:(?!-->).)+-->)?\s*\Z"
)
_TEMPLATE_NAME = re.compile(
    r"^#{3,4}[ \t]*(?:Requirement|Scenario):[ \t]*(?P<name><(?!!--)[^>\n]+>|\[[^\]\n]+\](?!\()|\{[^}\n]+\})[ \t]*$",
    re.I | re.M,
)
_NOTHING = re.compile(r"<!--\s*(?:none|n/?a|no\b|nothing|keep|无|なし|нет|ninguno)", re.I)
_ARCHIVE_PURPOSE = re.compile(r"\s*TBD\s+-\s+created by archiving change", re.I)


def check(subject: DocumentSubject) -> Iterator[Finding]:
    document = subject.document
    mask = document.openspec_mask
    marked = any(mark in document.text for mark in _MARKS) and _MARKER.search(document.text) is not None
    if not marked and "<!--" not in document.text and not _TEMPLATE_NAME.search(document.text):
        return
    prose = prose_lines(document.lines, mask) if marked else None
    for index, line in enumerate(document.lines):
        if mask[index]:
            continue
        if placeholder := _placeholder(line):
            column, text = placeholder
            yield _finding(subject, index, column, f"{text} is a template's text, still to be filled in")
        elif prose is not None and (match := _MARKER.search(prose[index])):
            if subject.kind is DocumentKind.SPEC and _purpose(document.lines, index):
                continue
            yield _finding(subject, index, match.start(), f'"{trim(match[0])}" marks something still to be decided')


def _placeholder(line: str) -> tuple[int, str] | None:
    if "<!--" in line and (only := _ONLY_COMMENT.match(line)) and not _NOTHING.match(only["comment"]):
        return only.start("comment"), only["comment"]
    if line.startswith("###") and (name := _TEMPLATE_NAME.match(line)):
        return name.start("name"), name["name"]
    return None


def _purpose(lines: list[str], index: int) -> bool:
    """A placeholder Purpose is a finding of OpenSpec's own."""
    if _ARCHIVE_PURPOSE.match(lines[index]):
        return True
    above = next((line for line in reversed(lines[:index]) if trim(line)), "")
    return re.match(r"#{1,6}\s+Purpose\s*\Z", above, re.I) is not None


def _finding(subject: DocumentSubject, line: int, column: int, message: str) -> Finding:
    place = Place(file=subject.document.file, line=line + 1, column=column + 1)
    return builtin(RULE.id, RULE.level, place, message, hint="Decide it and write it down, or take it out.")


RULE = Rule(
    id="unresolved-marker",
    title="Something still to be filled in",
    level=Level.WARNING,
    scope=Scope.DOCUMENT,
    reason=(
        "A TBD in a spec is a decision nobody made; work that starts on it guesses. Template text that stayed behind "
        "says the same. Markers in code and quotations are left alone."
    ),
    bad=(
        "### Requirement: Retention\n"
        "The server SHALL keep logs for TBD days.\n\n"
        "#### Scenario: Old log\n"
        "- **WHEN** a log is too old\n"
        "- **THEN** it is deleted\n"
    ),
    good=(
        "### Requirement: Retention\n"
        "The server SHALL keep logs for 30 days and list every line with `TODO` in it.\n\n"
        "#### Scenario: Old log\n"
        "- **WHEN** a log is 31 days old\n"
        "- **THEN** it is deleted\n"
    ),
    check=check,
    precision=Precision(agreed=1, labelled=1, source="tests/data/rule-labels.jsonl"),
)

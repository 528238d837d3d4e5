"""Notes that somebody wrote, sorted into what the documents of a change hold. Their words are never changed.

A line goes to the place its heading names; a line with SHALL or MUST is a requirement, a group of
Given-When-Then lines a scenario of the requirement above it. Nothing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflow_cli.domain.openspec.edits.body import left_open
from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.openspec.proposing.section_names import role_of
from workflow_cli.domain.openspec.requirement import has_keyword
from workflow_cli.domain.openspec.text import drop_bom, normalize_line_ends, without_start
from workflow_cli.errors import UsageError

_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_BULLET = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+")
_TASK = re.compile(r"\s*[-*+]\s+\[[ xX]\]\s")
_REQUIREMENT = re.compile(r"Requirement\s*[:：]\s*(\S.*)", re.I)
_SCENARIO = re.compile(r"Scenario\s*[:：]\s*(\S.*)", re.I)
_STEP = re.compile(
    r"\s*(?P<bullet>[-*+]\s+)?(?P<mark>\*\*|__|)(?P<word>GIVEN|WHEN|THEN|AND|BUT|Given|When|Then|And|But):?(?P=mark):?"
    r"[\s,]+(?P<text>\S.*)"
)
_OPERATION = re.compile(r"(ADDED|MODIFIED|REMOVED|RENAMED) Requirements", re.I)
_NORMATIVE = re.compile(
    r"必须|應當|应当|应该|不得|なければならない|なければなりません|ものとする|해야 한다|\bдолж(?:ен|на|но|ны)\b"
    r"|\bdeben?\b|\bdebe\b|\bdeverá\b|\bdeve[m]?\b|\bdoi(?:t|vent)\b|\bmuss\b|\bmüssen\b",
    re.I,
)
#: Steps that begin with these may open a scenario; the others only continue one.
_OPENERS = ("GIVEN", "WHEN")

_LITERAL = frozenset(("why", "impact", "design", "tasks"))


@dataclass
class NotedScenario:
    """`lines` are the steps as written."""

    name: str | None
    lines: list[str] = field(default_factory=list)


@dataclass
class NotedRequirement:
    """`name` is None where only a sentence was written. `under` is the heading it stood below."""

    name: str | None
    under: str | None
    statement: list[str] = field(default_factory=list)
    scenarios: list[NotedScenario] = field(default_factory=list)


@dataclass
class Notes:
    """Lines by where they go. `operations` are whole MODIFIED, REMOVED and RENAMED sections."""

    title: str | None = None
    why: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    impact: list[str] = field(default_factory=list)
    design: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    requirements: list[NotedRequirement] = field(default_factory=list)
    operations: list[list[str]] = field(default_factory=list)
    other: list[tuple[str, list[str]]] = field(default_factory=list)


def read_notes(data: bytes, where: str) -> Notes:
    """Notes in Markdown. Raises UsageError for bytes that are not UTF-8, for nothing, and where something is left open."""
    try:
        text = normalize_line_ends(drop_bom(data.decode("utf-8")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError("not UTF-8", where=f"{where}:{line}", hint="save the file as UTF-8") from error
    lines = text.split("\n")
    if not text.strip():
        raise UsageError(
            "the notes are empty",
            where=where,
            hint="write what shall change and why; or leave them out, a title is enough",
        )
    if left := left_open(lines):
        raise UsageError(
            f"{left.what} is opened and never closed",
            where=f"{where}:{left.line}",
            hint="close it: it would swallow what comes after the notes",
        )
    return _Reader(lines).read()


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._mask = fence_mask(lines)
        self._notes = Notes()
        self._section = "preamble"
        self._heading: str | None = None
        self._requirement: NotedRequirement | None = None
        self._block_level = 0
        self._scenario: NotedScenario | None = None
        self._open_sentence = False
        self._operation: list[str] | None = None

    def read(self) -> Notes:
        for index, line in enumerate(self._lines):
            heading = None if self._mask[index] else _HEADING.match(line)
            if heading and heading[2]:
                self._head(len(heading[1]), heading[2], line)
            elif self._operation is not None:
                self._operation.append(line)
            else:
                self._line(index, line)
        return self._notes

    # -- headings ------------------------------------------------------------------------------------------

    def _head(self, level: int, title: str, line: str) -> None:
        if self._operation is not None and level > 2:
            self._operation.append(line)
            return
        self._operation = None
        self._open_sentence = False
        if (operation := _OPERATION.fullmatch(title)) and operation[1].upper() != "ADDED":
            self._leave()
            self._operation = [f"## {operation[1].upper()} Requirements"]
            self._notes.operations.append(self._operation)
        elif named := _REQUIREMENT.fullmatch(title):
            self._open_requirement(named[1], level)
        elif self._requirement is not None and level > self._block_level > 0:
            label = _SCENARIO.fullmatch(title)
            self._open_scenario(label[1] if label else title)
        elif (label := _SCENARIO.fullmatch(title)) and self._notes.requirements:
            self._requirement = self._notes.requirements[-1]
            self._open_scenario(label[1])
        elif level == 1 and self._notes.title is None and self._section == "preamble":
            self._leave()
            self._notes.title = re.sub(r"^(?:Change|Proposal):\s*", "", title, flags=re.I)
        else:
            self._leave()
            folded = title.lower().strip(" :：")
            self._section = "requirements" if operation else role_of(folded) or "other"
            self._heading = title
            if self._section == "other":
                self._notes.other.append((title, []))

    def _leave(self) -> None:
        self._requirement = None
        self._scenario = None
        self._block_level = 0

    def _open_requirement(self, name: str | None, level: int) -> None:
        self._requirement = NotedRequirement(name=name, under=self._heading)
        self._notes.requirements.append(self._requirement)
        self._block_level = level
        self._scenario = None

    def _open_scenario(self, name: str | None) -> None:
        assert self._requirement is not None
        self._scenario = NotedScenario(name=name)
        self._requirement.scenarios.append(self._scenario)

    # -- lines ---------------------------------------------------------------------------------------------

    def _line(self, index: int, line: str) -> None:
        if self._block_level:
            self._in_block(index, line)
        elif self._section in _LITERAL:
            self._target().append(line)
        elif self._opens_steps(index, line):
            self._step(line)
        elif self._open_sentence and line.strip() and not _BULLET.match(line) and not self._mask[index]:
            assert self._requirement is not None
            self._requirement.statement.append(line.strip())
        elif not self._mask[index] and _TASK.match(line):
            self._open_sentence = False
            self._notes.tasks.append(line)
        elif self._is_requirement(index, line):
            self._open_requirement(None, 0)
            assert self._requirement is not None
            self._requirement.statement.append(without_start(_BULLET, line).strip())
            self._open_sentence = True
        else:
            self._open_sentence = False
            if line.strip():
                self._scenario = None
            self._target().append(line)

    def _in_block(self, index: int, line: str) -> None:
        requirement = self._requirement
        assert requirement is not None
        if self._scenario is None and self._opens_steps(index, line):
            self._open_scenario(None)
        if self._scenario is not None:
            self._scenario.lines.append(line)
        else:
            requirement.statement.append(line)

    def _is_requirement(self, index: int, line: str) -> bool:
        if self._mask[index] or not line.strip() or line.startswith(("    ", "\t", "|", ">")):
            return False
        if self._section == "questions":
            return False
        if has_keyword(line) or _NORMATIVE.search(line):
            return True
        return self._section == "requirements" and _BULLET.match(line) is not None

    def _opens_steps(self, index: int, line: str) -> bool:
        if self._mask[index] or not (step := _STEP.match(line)):
            return False
        word = step["word"].upper()
        if self._scenario is not None and not self._block_level:
            return True
        if word not in _OPENERS or self._section == "questions":
            return False
        following = (_STEP.match(other) for other in self._written_after(index))
        return any(other and other["word"].upper() == "THEN" for other in following)

    def _written_after(self, index: int) -> Iterator[str]:
        written = [line for line in self._lines[index + 1 : index + 12] if line.strip()]
        return iter(written[:6])

    def _step(self, line: str) -> None:
        self._open_sentence = False
        step = _STEP.match(line)
        assert step is not None
        if self._requirement is None:
            self._open_requirement(None, 0)
        began = any(True for _ in (self._scenario.lines if self._scenario else ()))
        has_then = began and any(
            (s := _STEP.match(other)) and s["word"].upper() == "THEN" for other in (self._scenario or _NOTHING).lines
        )
        if self._scenario is None or (has_then and step["word"].upper() in _OPENERS):
            self._open_scenario(None)
        assert self._scenario is not None
        self._scenario.lines.append(line.strip())

    def _target(self) -> list[str]:
        notes = self._notes
        if self._section == "other":
            return notes.other[-1][1]
        if self._section == "preamble":
            return notes.why
        if self._section == "requirements":
            return notes.what
        return {
            "why": notes.why,
            "what": notes.what,
            "impact": notes.impact,
            "design": notes.design,
            "tasks": notes.tasks,
            "questions": notes.questions,
        }[self._section]


_NOTHING = NotedScenario(name=None)


def step_of(line: str) -> tuple[str, str] | None:
    """Keyword (upper case) and text of a step that is no list item yet; None for every other line."""
    match = _STEP.match(line)
    return (match["word"].upper(), match["text"]) if match and match["bullet"] is None else None

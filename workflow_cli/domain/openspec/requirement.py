"""Requirement blocks: their names, texts and scenarios."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from workflow_cli.domain.openspec.text import js, one_space, trim, trim_end

REQUIREMENT_HEADER = js(r"###\s*Requirement:\s*(.+)\s*$", re.A | re.I)
TOP_LEVEL_HEADER = js(r"##\s+")
ANY_HEADER = js(r"#{1,6}\s")
SCENARIO_HEADER = js(r"####\s+")

_SCENARIO_END = js(r"#{1,4}\s")
_METADATA = js(r"\*\*[^*]+\*\*:")
_KEYWORD = re.compile(r"\b(?:SHALL|MUST)\b", re.A)
_SCENARIO_LABEL = js(r"Scenario:\s*", re.A | re.I)


def without_closing_hashes(title: str) -> str:
    """`A ###` is `A`; `C#` stays, because only a run after a space or tab closes a heading."""
    if "#" not in title:
        return title
    bare = title.rstrip(" \t")
    stem = bare.rstrip("#")
    return stem.rstrip(" \t") if stem != bare and stem[-1:] in (" ", "\t") else title


def requirement_name(title: str) -> str:
    return trim(without_closing_hashes(title))


# Every merge folds the names of both sides, and each of them more than once.
@lru_cache(maxsize=16_384)
def fold(name: str) -> str:
    """The form in which two names are near misses of each other: case and inner white space do not count."""
    return one_space(requirement_name(name).lower())


def has_keyword(text: str) -> bool:
    """Whether SHALL or MUST stands in it as a word."""
    return _KEYWORD.search(text) is not None


def statement(lines: Sequence[str], mask: Sequence[bool]) -> str:
    """The requirement's own sentence: everything before the first heading, fences and blank lines left out.

    `**Word**:` lines are metadata, and count only where nothing else is there.
    """
    sentences: list[str] = []
    metadata: list[str] = []
    for line, masked in zip(lines, mask, strict=True):
        if masked:
            continue
        if line[:1] == "#" and ANY_HEADER.match(line):
            break
        if trimmed := trim(line):
            is_metadata = trimmed[:2] == "**" and _METADATA.match(trimmed)
            (metadata if is_metadata else sentences).append(trimmed)
    return "\n".join(sentences or metadata)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One `####` section of a requirement. `line` and `end` count from 0 in the document; `end` is exclusive."""

    name: str
    line: int
    end: int
    body: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(trim(line) for line in self.body)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A `### Requirement:` block as it stands in a main spec or a delta.

    `lines` are the block's lines, header first, with LF ends and the white space at the block's end taken off:
    a last line `#### ` is `####` and so no scenario. `line` and `end` are the block's place in the document,
    counted from 0, `end` exclusive and with the blank lines.
    """

    name: str
    line: int
    end: int
    lines: tuple[str, ...]
    mask: tuple[bool, ...]

    @property
    def header(self) -> str:
        return self.lines[0]

    @cached_property
    def raw(self) -> str:
        """The block's text; this is what a merge moves."""
        return "\n".join(self.lines)

    @cached_property
    def text(self) -> str:
        """The statement, or an empty string."""
        return statement(self.lines[1:], self.mask[1:])

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        return tuple(_scenarios(self.lines, self.mask, self.line))

    def renamed(self, name: str) -> Requirement:
        return Requirement(
            name=name,
            line=self.line,
            end=self.end,
            lines=(f"### Requirement: {name}", *self.lines[1:]),
            mask=self.mask,
        )


def _scenarios(lines: Sequence[str], mask: Sequence[bool], offset: int) -> Iterable[Scenario]:
    ends = [i for i in range(1, len(lines)) if lines[i][:1] == "#" and not mask[i] and _SCENARIO_END.match(lines[i])]
    # A scenario's header ends the scenario before it, so every start is an end, too.
    for start, end in pairwise([*ends, len(lines)]):
        if not SCENARIO_HEADER.match(lines[start]):
            continue
        yield Scenario(
            name=scenario_name(lines[start]),
            line=offset + start,
            end=offset + end,
            body=tuple(lines[start + 1 : end]),
        )


def scenario_name(header: str) -> str:
    marks = SCENARIO_HEADER.match(header)
    title = without_closing_hashes(header[marks.end() :] if marks else header)
    label = _SCENARIO_LABEL.match(title)
    return trim(title[label.end() :] if label else title)


def lost_scenarios(current: Requirement, incoming: Requirement) -> list[str]:
    """Names of scenarios, counted with multiplicity, that `current` has and `incoming` has not."""
    left = Counter(s.name for s in incoming.scenarios)
    lost = []
    for scenario in current.scenarios:
        if left[scenario.name] > 0:
            left[scenario.name] -= 1
        else:
            lost.append(scenario.name)
    return lost


def read_blocks(
    lines: Sequence[str], mask: Sequence[bool], start: int, end: int, hash_lines: Sequence[int] | None = None
) -> tuple[list[Requirement], int]:
    """The requirement blocks between two lines, and the line where the first one starts (`end` if none).

    A block runs to the next requirement header or `##` line. `hash_lines` are the lines that begin with `#`, where
    they are known.
    """
    blocks: list[Requirement] = []
    open_at: tuple[int, str] | None = None
    first = end

    def close(at: int) -> None:
        if open_at is not None:
            line, name = open_at
            last = at - 1
            while last > line and not trim(lines[last]):
                last -= 1
            own = (*lines[line:last], trim_end(lines[last]))
            blocks.append(
                Requirement(name=name, line=line, end=at, lines=own, mask=tuple(mask[line : line + len(own)]))
            )

    candidates: Sequence[int] = range(start, end)
    if hash_lines is not None:
        candidates = hash_lines[bisect_left(hash_lines, start) : bisect_left(hash_lines, end)]
    for index in candidates:
        line = lines[index]
        if line[:2] != "##" or line[:4] == "####" or mask[index]:
            continue
        if header := REQUIREMENT_HEADER.match(line):
            close(index)
            open_at = (index, requirement_name(header[1]))
            first = min(first, index)
        elif TOP_LEVEL_HEADER.match(line):
            close(index)
            open_at = None
    close(end)
    return blocks, first

"""Real documents, damaged a little: what people's editors, merges and models do to a sound tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.differential.nasty_markdown import Lines, nasty_line, to_bytes

#: A larger document takes long and shows nothing more.
LARGEST = 12_000
CHANGES = 4

REQUIREMENT = re.compile(r"### Requirement: *(.+)")
HEADING = re.compile(r"#{1,6} ")
ODD_SPACES = [
    "\u00a0",
    "\u3000",
    "\u2003",
    "\t",
    "  ",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x85",
    "\x1c",
    "",
]
SWAPS = [
    (":", "："), (": ", ":"), (": ", " : "), ("Requirement", "Requisito"), ("Requirement", "需求"), ("Requirements", "要求"),
    ("Requirement", "requirement"), ("Requirement", "Requirements"), ("Requirements", "Requirement"), ("Scenario", "场景"),
    ("Scenario", "Escenario"), ("Scenario", "scenario"), ("Scenario", "Scenario 1"), ("Scenario: ", "Scenario "),
    ("Purpose", "目的"), ("Purpose", "Overview"), ("Purpose", "purpose "), ("ADDED", "Added"), ("ADDED", "MODIFIED"), ("MODIFIED", "ADDED"),
    ("ADDED", "REMOVED"), ("REMOVED", "RENAMED"), ("MODIFIED", "CHANGED"), ("SHALL", "shall"), ("MUST", "必须"), ("SHALL", "SHALL NOT"),
    ("- ", "* "), ("- ", "1. "), ("- ", "– "), ("- ", "-"), ("**", ""), ("**", "__"), ("`", "``"), ("`", "```"), ("#", "＃"), ("#", "##"),
    ("##", "#"), ("# ", "#"), ("# ", "#\t"), ("# ", " # "), ("[ ]", "[x]"), ("[ ]", "[]"), ("FROM", "From"), ("TO:", "**TO:**"),
    ("A", "А"), ("e", "é"), ("e", "e\u0301"), ("<", "&lt;"), ("|", "\\|"),
]  # fmt: skip
WRAPPERS = [
    ("```", "```"), ("```markdown", "```"), ("~~~", "~~~"), ("````", "```"), ("<!--", "-->"), ("<!-- ", ""), ("<details>", "</details>"),
    ("- ```", "  ```"), ("    ```", "    ```"), ("> [!NOTE]", ""), ("<pre>", "</pre>"), ("<div>", "</div>"), ("<<<<<<< HEAD", ">>>>>>> main"),
    ("---", "---"), ("***", "***"), ("$$", "$$"), (":::", ":::"), ("<script>", "</script>"), ("<![CDATA[", "]]>"), ("<?x", "?>"),
]  # fmt: skip
FRONT = [
    ["---", "title: x", "---"], ["---", "## Requirements", "---", ""], ["+++", "a = 1", "+++"], ["<!-- generated -->", ""], ["---", ""],
    ["", "", ""], ["[TOC]", ""], ["> moved", ""], ["---", "title: x", "..."], ["---", "a: |", "  ## Purpose", "---"],
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A main spec as it stands in a tree, and the deltas, old ones too, that its tree has for it."""

    capability: str
    text: str
    deltas: tuple[str, ...]


def sound_documents(trees: list[Path]) -> list[Sound]:
    """In an order that is the same on every machine."""
    found = []
    for tree in trees:
        specs = tree / "openspec" / "specs"
        for file in sorted(specs.rglob("spec.md")):
            capability = file.parent.relative_to(specs).as_posix()
            deltas = sorted((tree / "openspec" / "changes").glob(f"**/specs/{capability}/spec.md"))
            texts = tuple(text for delta in deltas if len(text := _read(delta)) < LARGEST)
            if capability != "." and len(text := _read(file)) < LARGEST:
                found.append(Sound(capability=capability, text=text, deltas=texts))
    return found


def write_mutant(root: Path, seed: int, sound: list[Sound]) -> list[str]:
    """Writes one damaged spec and changes against it below `root`; returns the changes."""
    rng = Random(seed)
    chosen = rng.choice(sound)
    lines = chosen.text.split("\n")
    names = [name for line in lines for name in REQUIREMENT.findall(line)]
    base = root / "openspec"
    _put(base / "specs" / chosen.capability / "spec.md", to_bytes(rng, _damaged(rng, lines, names, calm=0.5)))
    for number in range(CHANGES):
        delta = rng.choice(chosen.deltas).split("\n") if chosen.deltas and rng.random() < 0.6 else _delta(rng, lines)
        change = base / "changes" / f"c{number}"
        _put(change / "specs" / chosen.capability / "spec.md", to_bytes(rng, _damaged(rng, delta, names, calm=0.3)))
    return [f"c{number}" for number in range(CHANGES)]


def _read(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _delta(rng: Random, lines: Lines) -> Lines:
    """Operations made out of the spec's own requirements, so that they meet something when they are applied."""
    starts = [at for at, line in enumerate(lines) if REQUIREMENT.match(line)]
    if not starts:
        return [
            "## ADDED Requirements",
            "",
            "### Requirement: New",
            "It SHALL.",
            "",
            "#### Scenario: s",
            "- **WHEN** a",
        ]
    delta: Lines = []
    for operation in rng.sample(["ADDED", "MODIFIED", "REMOVED", "RENAMED"], k=rng.choice([1, 1, 2, 3])):
        delta += [f"## {operation} Requirements", ""]
        for start in rng.sample(starts, k=min(len(starts), rng.choice([1, 1, 2]))):
            end = next((s for s in starts if s > start), len(lines))
            if operation == "RENAMED":
                delta += [f"- FROM: `{lines[start]}`", f"- TO: `{lines[start]} anew`", ""]
            elif operation == "REMOVED":
                delta += [lines[start], "**Reason**: gone", ""]
            else:
                tail = " too" if operation == "ADDED" else ""
                delta += [lines[start] + tail, *lines[start + 1 : end]]
    return delta


def _damaged(rng: Random, lines: Lines, names: list[str], *, calm: float) -> Lines:
    lines = list(lines)
    if rng.random() < calm:
        return lines
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        rng.choice(DEEDS)(rng, lines, names)
    return lines


def _place(rng: Random, lines: Lines) -> int:
    """Mostly a heading or the line after it, because that is where meaning is."""
    headings = [at for at, line in enumerate(lines) if HEADING.match(line)]
    if headings and rng.random() < 0.6:
        return rng.choice(headings)
    return rng.randrange(len(lines)) if lines else 0


def _insert(rng: Random, lines: Lines, names: list[str]) -> None:
    at = _place(rng, lines)
    lines[at:at] = nasty_line(rng, names).split("\n")


def _delete(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    del lines[at : at + rng.choice([1, 1, 1, 2, 5])]


def _repeat(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    to = rng.choice([at, _place(rng, lines)])
    lines[to:to] = lines[at : at + rng.choice([1, 1, 3, 10])]


def _move(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    size = rng.choice([1, 1, 4, 10])
    taken = lines[at : at + size]
    del lines[at : at + size]
    to = _place(rng, lines)
    lines[to:to] = taken


def _indent(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    by = rng.choice([" ", "  ", "   ", "    ", "\t", "> ", "- ", "1. ", "  - ", "* ", *ODD_SPACES])
    for number in range(at, min(len(lines), at + rng.choice([1, 1, 2, 6]))):
        lines[number] = by + lines[number]


def _trail(rng: Random, lines: Lines, _: list[str]) -> None:
    if lines:
        lines[_place(rng, lines)] += rng.choice(
            [" ", "  ", " ##", " #", "#", "\r", "\\", "<br>", " {#id}", " -->", " <!--", *ODD_SPACES]
        )


def _swap(rng: Random, lines: Lines, _: list[str]) -> None:
    old, new = rng.choice(SWAPS)
    holding = [at for at, line in enumerate(lines) if old in line]
    if not holding:
        return
    everywhere = rng.random() < 0.15
    for at in holding if everywhere else [rng.choice(holding)]:
        lines[at] = lines[at].replace(old, new, -1 if rng.random() < 0.5 else 1)


def _odd_character(rng: Random, lines: Lines, _: list[str]) -> None:
    if not lines:
        return
    at = _place(rng, lines)
    line = lines[at]
    column = rng.randrange(min(len(line), 24) + 1)
    drop = rng.choice([0, 0, 1])
    lines[at] = (
        line[:column]
        + rng.choice(ODD_SPACES + ["#", "`", "*", "\\", ":", "<", "\x00", "\ud800"])
        + line[column + drop :]
    )


def _wrap(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    end = min(len(lines), at + rng.choice([0, 1, 3, 8, 30]))
    first, last = rng.choice(WRAPPERS)
    lines[at:end] = [first, *lines[at:end], *([last] if rng.random() < 0.85 else [])]


def _underline(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    if lines and HEADING.match(lines[at]):
        text = lines[at].lstrip("#").strip()
        lines[at : at + 1] = [text, rng.choice("-=") * max(3, len(text))]


def _number(rng: Random, lines: Lines, _: list[str]) -> None:
    for count, at in enumerate([n for n, line in enumerate(lines) if HEADING.match(line)], 1):
        if rng.random() < 0.5:
            marks, _, title = lines[at].partition(" ")
            lines[at] = f"{marks} {rng.choice([f'{count}.', f'{count}', f'{count}.1', f'R{count}:', '一、'])} {title}"


def _level(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    for number in range(at, len(lines) if rng.random() < 0.2 else min(len(lines), at + 1)):
        if HEADING.match(lines[number]):
            lines[number] = rng.choice(["#" + lines[number], lines[number][1:]])


def _front(rng: Random, lines: Lines, _: list[str]) -> None:
    lines[:0] = rng.choice(FRONT)


def _join(rng: Random, lines: Lines, _: list[str]) -> None:
    at = _place(rng, lines)
    if 0 < at < len(lines):
        lines[at - 1 : at + 1] = [lines[at - 1] + rng.choice(["", " ", "\r", "\u2028"]) + lines[at]]


def _cut(rng: Random, lines: Lines, _: list[str]) -> None:
    del lines[_place(rng, lines) :]


DEEDS: list[Callable[[Random, Lines, list[str]], None]] = [
    _insert, _insert, _delete, _delete, _repeat, _move, _indent, _indent, _trail, _swap, _swap, _swap, _odd_character, _odd_character,
    _wrap, _wrap, _underline, _number, _level, _front, _join, _cut,
]  # fmt: skip

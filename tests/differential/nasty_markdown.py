"""Specs and deltas that are nasty on purpose: sound documents, then a few wounds from a long list."""

from __future__ import annotations

from random import Random

Lines = list[str]

NAMES = ["Login", "Logout", "Audit trail", "Session expiry", "Rate limits", "Export", "Retry", "Search"]
ODD_NAMES = [
    "login", "LOGIN", "Audit  trail", "audit trail", "Audit\ttrail", "Audit\u00a0trail", "C#", "C #", "Login ##",
    "Login #", "Login\t##", "Login\u00a0##", "#", "# #", "Login `", "`Login`", "Login``", "<!-- requirement name -->",
    "Übung", "U\u0308bung", "ﬁrst", "İstanbul", "ΣΑΣ", "The system SHALL log in", "MUST", "Requirement: Login", "###",
    "Log\u2028in", "Log\u0085in", "Log\x0bin", "\ufeffLogin", "Login\ufeff", "Login\u3000", "登录", "ログイン", "🙂" * 3, "a" * 300,
]  # fmt: skip
STATEMENTS = [
    "The system SHALL let a person in.", "The system MUST refuse.", "The system should try.", "", "   ", "\u00a0",
    "**ID**: R-1", "**Constraint**: it MUST hold", "**Word**:\nIt SHALL wrap.", "shall must", "SHALL_x", "xMUST", "MUSTя",
    "`SHALL`", "<!-- SHALL -->", "- SHALL in a list", "> MUST be quoted", "It SHALL\nwrap over\nlines.",
    "It SHALL be long. " * 40, "\ufeffMUST", "MU\u00adST", "SHALL" + "x" * 496, "🙂" * 248 + " MUST", "🙂" * 250 + "MUST",
    "\x1cMUST\x1c", "MUST\u2028end", "**A**: one\n**B**: SHALL two", "**: MUST", "|a|b|\n|-|-|\n|MUST|x|",
    "Setext heading MUST\n---", "Setext title\n===\nMUST",
]  # fmt: skip
SCENARIOS = [
    "#### Scenario: {}", "#### Scenario: {} ####", "####  Scenario:  {}", "#### {}", "#### scenario: {}", "####\tScenario: {}",
    "#### Scenario:{}", "####\u00a0Scenario: {}", "####Scenario: {}", " #### Scenario: {}", "##### Scenario: {}", "### Scenario: {}",
    "**Scenario: {}**", "#### Scenario : {}", "#### Scenario: {}#", "#### Scenario: {} # #", "#### Scenario: Scenario: {}",
    "#### ", "####", "#### #", "#### Scenario:", "#### \u2028Scenario: {}", "#### Scenario: {}\u2028tail",
]  # fmt: skip
STEPS = [
    "- **WHEN** it runs\n- **THEN** it ends",
    "- GIVEN a\n  continued",
    "text",
    "",
    "  ",
    "\u00a0",
    "```\ncode\n```",
    "##### deeper\ntext",
]
FENCES = [
    "```", "```json", "~~~", "~~~~", "````", "`````", "  ```", "    ```", "\t```", "- ```", "- ```json", "1. ```", "> ```", "``` `a`",
    "```npm i``` SHALL run", "``` ", "```\u00a0", "```\u2028", "\u00a0```", "\u2003~~~", "~~~ text", "~~ ~", "``", "`` `", "```~~~", "~~~```",
    "```x", "  ~~~~~  ", "\x1c```", "\x85```", "\u2028```", "````\n```\n````", "~~~\n```\n~~~", "```\n~~~\n```",
]  # fmt: skip
COMMENTS = [
    "<!--", "-->", "<!-- x -->", "<!---->", "<!-->", "<!-- a --!>", "<!-- ## Purpose -->", "<!-- ```", "``` -->", "<pre>", "</pre>",
    "<div>", "</div>", "<script>", "</script>", "<!-- a -- b -->", "a <!-- b", "<![CDATA[", "]]>", "<?php", "?>", "<details>",
    "<!DOCTYPE html>",
]  # fmt: skip
HEADINGS = [
    "# Title", "# T", "## Notes", "##  Notes", "##\tNotes", "## ", "##", "###", "### ", "#", "# ", "## Requirements", "## requirements",
    "## REQUIREMENTS  ", "##\tRequirements", "## Requirements ##", " ## Requirements", "# Requirements", "### Requirements",
    "##Requirements", "## \u00a0Requirements", "## Requirements\u00a0", "## Requirements:", "Requirements\n---", "## Purpose",
    "### Purpose", "# Purpose", "## purpose", "  ## Purpose", "## Purpose ##", "##Purpose", "Purpose\n-------", "## Purpose:",
    "## ADDED Requirements", "## MODIFIED Requirements", "## REMOVED Requirements", "## RENAMED Requirements",
    "## added requirements", "## ADDED  Requirements", "## ADDED\tRequirements", "## ADDED Requirements ##", "## ADDED Requirement",
    "# ADDED Requirements", "### ADDED Requirements", " ## ADDED Requirements", "##ADDED Requirements", "## ADDED Requirements (new)",
    "##\u00a0REMOVED Requirements", "## MODIFIED\u00a0Requirements", "## ADDED Requirements\u2028", "## ADDED\u017f Requirements",
    "### Documentation", "### Requirement", "### Requirement:", "### requirement", "###  x", "###\u00a0x", "#######  x", "###\u2028x",
    "### Group #", "---", "===", "***", "- ---", "## \u2028", "##\u2028Notes", "## N\u2029otes",
]  # fmt: skip
REQUIREMENT_HEADERS = [
    "### Requirement: {}", "### Requirement:{}", "###Requirement: {}", "###Requirement:{}", "###  Requirement:  {}",
    "### requirement: {}", "### REQUIREMENT: {}", "### Requirement : {}", "### Requirement： {}", " ### Requirement: {}",
    "   ### Requirement: {}", "    ### Requirement: {}", "## Requirement: {}", "#### Requirement: {}", "### Requirement: {} ###",
    "###\tRequirement:\t{}", "###\u00a0Requirement:\u00a0{}", "- ### Requirement: {}", "> ### Requirement: {}", "### Requirement: {}  ",
    "### Re\u017fquirement: {}", "###\u2028Requirement: {}", "### Requirement:\u2028{}", "### Requirement: {}\u2029", "### **Requirement: {}**",
    "### \ufeffRequirement: {}", "### Requirement: {}\x0b", "###\x0cRequirement: {}", "###\x1cRequirement: {}", "### Requirement:\x85{}",
]  # fmt: skip
REMOVED = [
    "- `### Requirement: {}`", "- ### Requirement: {}", "* ### Requirement: {}", "+ `### Requirement: {}`", "-### Requirement: {}",
    "  - ### Requirement: {}", "1. ### Requirement: {}", "- Requirement: {}", "- {}", "- ### requirement: {}", "- ###Requirement: {}",
    "### Requirement: {}", "- `### Requirement: {}", "- ### Requirement: {}`", "- `### Requirement: {}` `", "-\u00a0### Requirement: {}",
    "- ``### Requirement: {}``", "**Reason**: gone", "**Migration**: none", "- `### Requirement: {}` because",
]  # fmt: skip
RENAMES = [
    "- {side}: `### Requirement: {name}`", "{side}: ### Requirement: {name}", "* {side}: ### Requirement: {name}",
    "+ {side}:### Requirement: {name}", "- {side}: {name}", "- **{side}:** `### Requirement: {name}`", "  - {side}:`###Requirement:{name}`",
    "- {side}: `### Requirement: {name}", "- {side} : ### Requirement: {name}", "-{side}: ### Requirement: {name}",
    "- {side}: ### requirement: {name}",
]  # fmt: skip
PURPOSES = [
    "This capability lets people in and keeps everybody else out of the building.", "Short.", "TBD", "TODO", "TBD: later", "todo", "tbd.",
    "Tbd - soon enough, when somebody has the time to write it down here.", "TBDx and a long sentence that goes on and on and on and on.",
    "todo list handling for people who like lists that go on and on and on.", "TODO_x", "TBDé long enough text to pass the fifty limit, surely.",
    "TBD - created by archiving change x. Update Purpose after archive.", "Text. TBD - created by archiving change y. Update Purpose after archive.",
    "TBD - created by archiving change a\nb. Update Purpose after archive.", "", "<!-- fill in -->", "```\ncode only\n```", "<!-- a\n## Purpose\n-->\nText that is long enough to be a good Purpose, is it not?",
    "Text with `code` and\n\n```\n## Requirements\n```\nmore text so that it is long enough.", "\u00a0", "### Sub\ntext below a heading which is long enough to count.",
    "\ufeffTBD", "**TBD**", "- TBD", "tbd\nlong enough text on the next line so that fifty is passed for sure.", "🙂" * 25, "🙂" * 24 + "x",
    "todo\u2013x", "todo …", "todo (x", "todo\t", "TODO\u0301 long enough text to pass the fifty character limit, surely.", "a --> b, an arrow that is no comment and is long enough.",
    "~~~\nTBD\n~~~\nSome words.", "TBD\u0660 long enough text to pass the fifty character limit, surely.", "TBD\u203f x", "tbd\u2028",
    "x <!-- y", "# H1 in purpose\ntext", "```\nunclosed", "Text\n===\nmore text long enough, I should say, to pass the limit.",
]  # fmt: skip
LOOSE = [
    "Loose text.", "- loose item", "- **AND** a step", "  - nested step", "1. numbered", "    code", "\tcode", "| a | b |\n|---|---|\n| 1 | 2 |", "<p>html</p>",
    "> quote", "---", "**Note**: x", "```\ncode\n```", "text\nlazy", "- item\nlazy", "- item\n\n  continued", "* star", "+ plus", "## Notes\nkept",
    "#### Aside\ntext", "##### Deep\ntext", "###### Deeper", "Under\n===", "[ref]: http://x.y", "<!-- note -->", "![i](x)", "- [ ] box", "***", "<h2>Hi</h2>",
]  # fmt: skip
ENDS = ["\n", "\r\n", "\r", "mixed"]


def pick_name(rng: Random) -> str:
    return rng.choice(NAMES) if rng.random() < 0.85 else rng.choice(ODD_NAMES)


def scenario(rng: Random, name: str, *, sound: bool) -> Lines:
    if sound:
        return [f"#### Scenario: {name}", "- **WHEN** it runs", "- **THEN** it ends", ""]
    return [rng.choice(SCENARIOS).format(name), *rng.choice(STEPS).split("\n"), *([""] * rng.randrange(3))]


def requirement(rng: Random, name: str, *, trouble: float | None = None, header: str | None = None) -> Lines:
    if trouble is None:
        trouble = rng.choice([0, 0, 0, 0.02, 0.06, 0.15])

    def odd() -> bool:
        return rng.random() < trouble

    if header is None:
        header = rng.choice(REQUIREMENT_HEADERS) if odd() else "### Requirement: {}"
    text = rng.choice(STATEMENTS) if odd() else f"The system SHALL do {name}."
    lines = [header.format(name), *text.split("\n"), ""]
    for number in range(1 if not odd() else rng.randrange(4)):
        lines += scenario(rng, f"case {number if not odd() else 0}", sound=not odd())
    if odd():
        lines += rng.choice(
            ["### Group", "## Other", "# H1", "Underlined\n---", "| a |\n|---|", "   ", "\tcode", "> quote"]
        ).split("\n")
    return lines


def spec(rng: Random, names: list[str]) -> Lines:
    purpose = rng.choice(PURPOSES) if rng.random() < 0.15 else PURPOSES[0]
    lines = ["# Title", "", "## Purpose", *purpose.split("\n"), "", "## Requirements", ""]
    if rng.random() < 0.1:
        lines += ["A preamble.", "", *(["### Loose heading", "text", ""] if rng.random() < 0.4 else [])]
    for name in names:
        lines += requirement(rng, name)
    if rng.random() < 0.15:
        lines += ["## Notes", "", "Kept.", ""]
    if rng.random() < 0.2:
        at = rng.randrange(len(lines) + 1)
        lines[at:at] = rng.choice(LOOSE).split("\n")
    if rng.random() < 0.05:
        lines = ["---", rng.choice(["title: x", "## Requirements", "## Purpose"]), "---", *lines]
    return wounded(rng, lines, names)


def delta(rng: Random, existing: list[str]) -> Lines:
    """Operations that mostly fit the names the main spec has, in sections of mostly sound spelling."""
    lines: Lines = []
    if rng.random() < 0.3:
        purpose = rng.choice(PURPOSES) if rng.random() < 0.6 else PURPOSES[0]
        lines += [rng.choice(["## Purpose", "## Purpose", "## purpose ", " ## Purpose"]), *purpose.split("\n"), ""]
    free = list(existing)
    rng.shuffle(free)

    def known() -> str:
        return free.pop() if free and rng.random() < 0.92 else pick_name(rng)

    def new() -> str:
        fresh = [n for n in NAMES if n not in existing]
        return rng.choice(fresh) if fresh and rng.random() < 0.8 else pick_name(rng)

    for operation in rng.sample(["ADDED", "MODIFIED", "REMOVED", "RENAMED"], k=rng.choice([1, 1, 1, 2, 2, 3, 4])):
        for _ in range(1 if rng.random() < 0.95 else 2):
            lines += [f"## {operation} Requirements" if rng.random() < 0.95 else rng.choice(HEADINGS), ""]
            lines += _section(rng, operation, known, new)
    return wounded(rng, lines, existing)


def _section(rng: Random, operation: str, known: object, new: object) -> Lines:
    assert callable(known)
    assert callable(new)
    lines: Lines = []
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 0])):
        if operation == "ADDED":
            lines += requirement(rng, new())
        elif operation == "MODIFIED":
            lines += requirement(rng, known())
        elif operation == "REMOVED":
            form = "### Requirement: {}" if rng.random() < 0.6 else rng.choice(REMOVED)
            lines += [form.format(known()), "**Reason**: gone", ""]
        else:
            form = RENAMES[0] if rng.random() < 0.8 else rng.choice(RENAMES)
            pair = [form.format(side=side, name=name) for side, name in (("FROM", known()), ("TO", new()))]
            if rng.random() < 0.06:
                pair = rng.choice([pair[::-1], pair[:1], pair[1:], [*pair, pair[0]], [pair[0], "text", "", pair[1]]])
            lines += [*pair, ""]
    return lines


def wounded(rng: Random, lines: Lines, names: list[str]) -> Lines:
    lines = list(lines)
    for _ in range(rng.choice([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 4])):
        at = rng.randrange(len(lines) + 1)
        deed = rng.randrange(12)
        if deed <= 4:
            lines[at:at] = nasty_line(rng, names).split("\n")
        elif deed == 5 and at < len(lines):
            del lines[at : at + rng.choice([1, 1, 2, 5])]
        elif deed == 6 and at < len(lines):
            lines[at] = rng.choice([" ", "    ", "\t", "- ", "> ", "\u00a0", "* ", "\ufeff", "\x0b"]) + lines[at]
        elif deed == 7 and at < len(lines):
            lines[at] += rng.choice([" ", " ##", "\t", "\u2028", "\u00a0", " -->", "`", "\\", "  ", "\x85", "\x1d"])
        elif deed == 8:
            first, last = rng.choice(
                [
                    ("```", "```"),
                    ("<!--", "-->"),
                    ("- ```", "  ```"),
                    ("    ```", "    ```"),
                    ("~~~~", "~~~"),
                    ("<div>", "</div>"),
                ]
            )
            end = min(len(lines), at + rng.randrange(1, 9))
            lines = [*lines[:at], first, *lines[at:end], last, *lines[end:]]
        elif deed == 9 and at < len(lines):
            lines[at:at] = lines[at : at + rng.randrange(1, 8)]
        elif deed == 10:
            lines[at:at] = [""] * rng.randrange(2, 5)
        elif deed == 11 and lines:
            lines[at:at] = requirement(rng, pick_name(rng), trouble=0.5)
    return lines


def nasty_line(rng: Random, names: list[str]) -> str:
    name = rng.choice(names) if names and rng.random() < 0.5 else pick_name(rng)
    pool = rng.choice(
        [FENCES, FENCES, COMMENTS, HEADINGS, HEADINGS, REQUIREMENT_HEADERS, SCENARIOS, REMOVED, STATEMENTS, RENAMES]
    )
    return rng.choice(pool).replace("{name}", name).replace("{side}", rng.choice(["FROM", "TO"])).replace("{}", name)


def to_bytes(rng: Random, lines: Lines) -> bytes:
    end = "\n" if rng.random() < 0.8 else rng.choice(ENDS)
    if end == "mixed":
        text = "".join(line + rng.choice(["\n", "\r\n", "\n", "\r"]) for line in lines)
    else:
        text = end.join(lines) + (end if rng.random() < 0.9 else "")
    if rng.random() < 0.05:
        text = "\ufeff" + text
    if rng.random() < 0.02:
        text = "\ufeff" + text
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.04:
        at = rng.randrange(len(data) + 1)
        data = (
            data[:at]
            + rng.choice(
                [b"\xff", b"\xe4", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80", b"\x00", b"\xfe\xff"]
            )
            + data[at:]
        )
    if rng.random() < 0.005:
        data = text.encode("utf-16", "surrogatepass")
    return data

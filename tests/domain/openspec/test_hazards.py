"""Text that archiving would lose is refused; documents that only look dangerous are left alone."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, block, change, document, removal, section, spec
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.loss import delta_hazards, merge_losses, spec_hazards
from workflow_cli.domain.openspec.rehearse import rehearse
from workflow_cli.domain.openspec.validate_change import validate_change

A = HEAD + block("A")


def of_change(subject: Change, main: str | bytes = A) -> list[Finding]:
    mains = {"auth": document(main)}
    rehearsal = rehearse(subject, mains.get, validate_change(subject, mains.get))
    return [*(f for d in subject.deltas for f in delta_hazards(d)), *merge_losses(subject, rehearsal)]


def rules(findings: list[Finding]) -> list[tuple[str, int | None, bool]]:
    return [(f.rule, f.line, f.refuses) for f in findings]


@pytest.mark.parametrize(
    "body",
    [
        "```\n### Requirement: X\n```",
        "~~~\n```\n~~~",
        "````\n```\n````",
        "> ```\n> code\n> ```",
        "- item\n\n  ```\n  code\n  ```",
        "    ```\n    code\n    ```",
        "<!-- a note -->",
        "<!--\nlong note\n-->",
        "<details>\n\ntext\n\n</details>",
        "- ### Requirement: X",
        "> ### Requirement: X",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "text `code` <b>html</b>",
        "---",
    ],
)
def test_ordinary_markdown_is_left_alone(body: str) -> None:
    """In a main spec and in a delta: fences, quotes, lists, notes, tables, rules."""
    text = block("B", f"It SHALL.\n\n{body}\n")
    assert list(spec_hazards(spec(HEAD + text + block("C")))) == []
    assert of_change(change(section("ADDED", text, block("C")))) == []


@pytest.mark.parametrize(
    "body",
    [
        "- ```json\n  {}\n  ```",
        "<!--\n### Requirement: X\nIt SHALL.\n-->",
        "    ```",
        "```npm i``` runs",
        "<!--\n```\n-->",
        "<pre>\n### Requirement: X\n</pre>",
    ],
)
def test_structure_that_is_misread(body: str) -> None:
    """Where the requirements differ between the two readings, and only there."""
    text = block("B", f"It SHALL.\n\n{body}\n") + block("C")
    assert ("misread-structure", True) in {(f.rule, f.refuses) for f in spec_hazards(spec(HEAD + text))}
    assert ("misread-structure", True) in {(f.rule, f.refuses) for f in of_change(change(section("ADDED", text)))}


def test_an_unclosed_fence_matters_when_it_swallows_headings() -> None:
    """At the end of the file it is only untidy."""
    assert [f.rule for f in spec_hazards(spec(A + "```\n" + block("B")))] == ["unclosed-fence"]
    assert list(spec_hazards(spec(A + "```\ncode\n"))) == []


def test_hidden_requirements() -> None:
    """Without a space after the hashes, or behind a title."""
    assert [f.rule for f in spec_hazards(spec(A + block("B").replace("### R", "###R")))] == ["hidden-requirement"]
    assert [f.rule for f in spec_hazards(spec(A + "# Part\n" + block("B")))] == ["hidden-requirement"]


def test_a_spec_that_is_not_utf8_is_warned_about_and_refused_when_touched() -> None:
    """With the line of the first bad byte."""
    main = A.encode() + b"\xff\n"
    assert [(f.rule, f.line, f.refuses) for f in spec_hazards(spec(main))] == [("not-utf8", 15, False)]
    assert ("not-utf8", 15, True) in rules(of_change(change(section("ADDED", block("B"))), main))


def test_an_underlined_section_goes_with_its_block() -> None:
    """Unless the MODIFIED block repeats it, or the block stays."""
    main = A + "Background\n----------\nKeep me.\n\n" + block("B")
    assert rules(of_change(change(removal("A")), main)) == [("foreign-section-lost", 15, True)]
    assert of_change(change(section("ADDED", block("C"))), main) == []
    repeated = block("A") + "Background\n----------\nKeep me.\n"
    assert of_change(change(section("MODIFIED", repeated)), main) == []


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_separator_inside_a_heading(separator: str) -> None:
    """In the middle it hides the heading, at the end from one view; in text it is nothing."""
    assert rules(of_change(change(section("ADDED", block("B"), block(f"C{separator}D")))))[0] == (
        "separator-in-heading",
        10,
        True,
    )
    assert ("separator-in-heading", 3, True) in rules(of_change(change(section("ADDED", block(f"B{separator}")))))
    assert of_change(change(section("ADDED", block("B", f"It SHALL{separator}end.")))) == []


def test_an_unfilled_template() -> None:
    """A name that is nothing but a comment; a comment beside a name is fine."""
    assert ("unfilled-template", 3, True) in rules(of_change(change(section("ADDED", block("<!-- name -->")))))
    assert of_change(change(section("ADDED", block("B <!-- why -->")))) == []


def test_linked_directories() -> None:
    """Whatever the rest of the change says."""
    found = of_change(change(section("ADDED", block("B")), linked_directories=("openspec/specs/x",)))
    assert [(f.rule, f.path, f.refuses) for f in found] == [("linked-directory", "openspec/specs/x", True)]


def test_a_removal_of_nothing_is_a_warning_with_near_names() -> None:
    """At the line of the delta; far names are not offered."""
    found = of_change(
        change(removal("Logging", "Zzz") + section("ADDED", block("C"))), HEAD + block("Login") + block("B")
    )
    assert [(f.rule, f.line, f.hint, f.refuses) for f in found] == [
        ("removed-not-found", 3, "did you mean 'Login'?", False),
        ("removed-not-found", 4, None, False),
    ]


def test_quiet_rewriting_is_remarked() -> None:
    """Mixed line ends, a byte-order mark, blank lines in indented code; sound bytes are left alone."""
    added = change(section("ADDED", block("B")))
    assert of_change(added, A.replace("\n", "\r\n")) == []
    assert rules(of_change(added, A.replace("\n", "\r\n", 1))) == [("line-ends-unified", None, False)]
    assert rules(of_change(added, "\ufeff" + A)) == [("line-ends-unified", None, False)]
    assert rules(of_change(added, A + "text\n\n    one\n\n\n    two\n")) == [("blank-lines-collapsed", 18, False)]
    assert of_change(added, A + "```\none\n\n\ntwo\n```\n\n\n\ntext\n") == []


def test_text_above_the_first_requirement_is_remarked() -> None:
    """Once a section; blank lines and other headings are not."""
    assert rules(of_change(change(section("ADDED", "Why.\nMore.\n\n", block("B"))))) == [
        ("delta-text-dropped", 3, False)
    ]
    assert of_change(change(section("ADDED", "### Group\n\n", block("B")))) == []


@pytest.mark.parametrize(
    "said",
    [
        "(none)",
        "None - this is a new capability.",
        "无。",
        "なし",
        "Nenhum requisito existente foi modificado.",
        "---",
        "N/A",
    ],
)
def test_a_section_that_says_it_is_empty_is_not_remarked(said: str) -> None:
    text = section("ADDED", block("B")) + "".join(
        f"## {op} Requirements\n\n{said}\n\n" for op in ("MODIFIED", "REMOVED")
    )
    assert of_change(change(text)) == []


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("REMOVED", "- A\n- B"),
        ("REMOVED", "- No longer supported: A"),
        ("REMOVED", "无上限后不再需要的需求已经全部移除"),
        ("RENAMED", "FROM: `a.b`\nTO: `c.d`"),
        ("RENAMED", "- **FROM:** A\n- **TO:** B"),
    ],
)
def test_a_section_of_which_nothing_is_read_is_remarked(operation: str, said: str) -> None:
    """Unless nothing at all is read from the delta, which is an error anyway."""
    text = f"## {operation} Requirements\n\n{said}\n"
    assert rules(of_change(change(section("ADDED", block("B")) + text)))[-1][::2] == ("section-without-entry", False)
    assert "section-without-entry" not in [rule for rule, _, _ in rules(of_change(change(text)))]


def test_tasks_in_one_line() -> None:
    """CR alone as line end; a single line without any is fine."""
    text = section("ADDED", block("B"))
    assert [f.rule for f in of_change(change(text, task_documents=(("tasks.md", document("- [ ] a\r- [ ] b")),)))] == [
        "tasks-line-ends"
    ]
    assert of_change(change(text, task_documents=(("tasks.md", document("- [ ] a")),))) == []

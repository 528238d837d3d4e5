"""The tree: what the blocks are, what belongs to which section, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from workflow_cli.domain.markdown.parse import opaque_lines, parse
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.markdown.tree import Kind, Node


def outline(node: Node) -> list[Any]:
    """Kinds as nested lists."""
    return [[child.kind.value, *outline(child)] for child in node.children]


def sections(data: bytes) -> list[tuple[int | None, str | None, int, int]]:
    nodes = parse(Source(data)).walk()
    return [(n.level, n.title, n.first_line, n.end_line) for n in nodes if n.kind is Kind.SECTION]


def only(data: bytes, kind: Kind) -> Node:
    (found,) = [node for node in parse(Source(data)).walk() if node.kind is kind]
    return found


def test_a_section_reaches_to_the_next_heading_of_its_own_or_a_higher_level() -> None:
    """Deeper headings stay inside, even where a level is left out."""
    data = b"intro\n# A\n\n### B\ntext\n## C\n# D\n"
    assert sections(data) == [(1, "A", 1, 6), (3, "B", 3, 5), (2, "C", 5, 6), (1, "D", 6, 7)]


def test_headings_in_quotes_and_lists_open_no_section() -> None:
    """They are headings of the quote or the item."""
    assert outline(parse(Source(b"> # A\n\n- # B\n"))) == [
        ["blockquote", ["heading"]],
        ["gap"],
        ["bullet_list", ["list_item", ["heading"]]],
    ]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"#  A  b ##\n", "A  b"),
        (b"A\nb\n===\n", "A b"),
        (b"  A\r\n  b\r\n---\r\n", "A b"),
        (b"\xef\xbb\xbf# A\n", "A"),
        (b"#\n", ""),
        (b"# *A* `b`\n", "*A* `b`"),
        (b"# a\xffb", "a\udcffb"),
    ],
)
def test_titles_are_the_headings_text_on_one_line(data: bytes, title: str) -> None:
    """Unrendered, without closing hashes, whatever the ends of line."""
    assert [found for _, found, _, _ in sections(data)] == [title]


def test_what_is_no_block_is_a_gap() -> None:
    """Blank lines and link definitions, so that children join up."""
    assert outline(parse(Source(b"\n[a]: /u\n\ntext\n  "))) == [["gap"], ["paragraph"], ["gap"]]


def test_tables_are_blocks() -> None:
    """As in GFM."""
    assert outline(parse(Source(b"| a |\n|---|\n| b |\n"))) == [["table"]]


def test_a_fence_knows_its_info_string() -> None:
    """Trimmed, and empty where there is none."""
    assert only(b"~~~ sh  -x \n# a\n~~~\n", Kind.FENCE).info == "sh  -x"
    assert only(b"```\n", Kind.FENCE).info == ""


def test_list_items_know_their_text_and_whether_they_are_done() -> None:
    """A checkbox needs text after it, as in GFM; what begins with another block has no title."""
    data = b"- [ ] 1.1 Do\n  more\n- [X] done\n- [-] other\n- [ ]\n- > quote\n-\n"
    items = [node for node in parse(Source(data)).walk() if node.kind is Kind.LIST_ITEM]
    assert [(item.title, item.checked) for item in items] == [
        ("1.1 Do", False),
        ("done", True),
        ("[-] other", None),
        ("[ ]", None),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"---\na: 1\n---\n# A\n", 3),
        (b"---\r\n# no heading\r\n...\r\n", 3),
        (b"\xef\xbb\xbf---\ra: 1\r---", 3),
        (b"--- \n---\t\n", 2),
        (b"---\na: 1\n\n# A\n", 0),
        (b"---\n\nA\n\n---\n", 0),
        (b" ---\na: 1\n---\n", 0),
        (b"----\na: 1\n---\n", 0),
        (b"\n---\na: 1\n---\n", 0),
        (b"---\na: 1\n----\n", 0),
    ],
)
def test_front_matter_is_closed_and_comes_first(data: bytes, lines: int) -> None:
    """A thematic break followed by a blank line is none, nor is what nothing closes."""
    found = [node for node in parse(Source(data)).walk() if node.kind is Kind.FRONT_MATTER]
    assert [(node.first_line, node.end_line) for node in found] == ([(0, lines)] if lines else [])


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("# a\n\n```\n# b\n```\n# c\n", [(2, 5)]),
        ("```\n# a\n", [(0, 2)]),
        ("````\n```\n# a\n````\n# b\n", [(0, 4)]),
        ("~~~\n```\n~~~\n", [(0, 3)]),
        ("``` `a`\n# b\n", []),
        ("  ```\n# a\n  ```\n# b\n", [(0, 3)]),
        ("- a\n  ```\n# b\n", []),
        ("- a\n\n  ```\n# b\n  ```\n", [(4, 5)]),
        ("- a\n ```\n# b\n", [(1, 3)]),
        ("- a\nb\n  ```\n# c\n", []),
        ("- - -\n  ```\n# a\n", [(1, 3)]),
        ("a\n2. b\n   ```\n# c\n", [(2, 4)]),
        ("1. a\n2. b\n   ```\n# c\n", []),
        ("\n2. a\n   ```\n# b\n", []),
        ("- \n\n  ```\n# a\n", [(2, 4)]),
        ("> ```\n# b\n", []),
        ("<!-- a\n\n# b\n-->\n# c\n", [(0, 4)]),
        ("text\n<!-- a --> b\n# c\n", [(1, 2)]),
        ("<div>\n# a\n\n# b\n", [(0, 2)]),
        ("text\n<x>\n# a\n", []),
        ("# t\n<x>\n# a\n", [(1, 3)]),
        ("<?a\n\n# b\n?>\n# c\n", [(0, 4)]),
        ("<!A\n\n# b\n>\n# c\n", [(0, 4)]),
        ("<!1\n# a\n", []),
        ("<pre>\n\n# a\n</PRE>\n# b\n", [(0, 4)]),
        ("    ```\n# a\n", [(0, 1)]),
        ("text\n    ```\n# a\n", []),
        ("\ufeff---\r\n# a\r\n---\r\n\r\n~~~\r\n# b\r\n", [(0, 3), (4, 6)]),
        ("", []),
    ],
)
def test_opaque_lines_are_those_where_a_hash_opens_no_heading(text: str, ranges: list[tuple[int, int]]) -> None:
    """Fences, HTML, indented code and front matter of the document itself; not those in lists and quotes."""
    assert opaque_lines(text) == ranges


def test_most_documents_need_no_parser_to_find_their_opaque_lines() -> None:
    """Headings, lists, fences and comments load none; importing the module does not either."""
    text = "---\na: 1\n---\n# a\n- b\n  - c\n```\n# d\n```\n<!-- e\n# f\n-->\n1. g\n2. h\n   ```\n   # i\n   ```\n\n    j\n"
    probe = (
        "import sys; from workflow_cli.domain.markdown.parse import opaque_lines; "
        f"print(opaque_lines({text!r}), 'markdown_it' in sys.modules)"
    )
    run = [sys.executable, "-c", probe]
    output = subprocess.run(run, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True).stdout
    assert output == "[(0, 3), (6, 9), (9, 12)] False\n"


@pytest.mark.parametrize("marker", [b">", b"> ", b"- ", b"1. ", b"> - "])
def test_nesting_deeper_than_the_parser_goes_loses_nothing(marker: bytes) -> None:
    """Thousands of levels neither exhaust the stack nor drop a byte."""
    data = marker * 5000 + b"deep\n\n# A\n"
    document = parse(Source(data))
    assert b"".join(data[leaf.span.start : leaf.span.end] for leaf in document.leaves()) == data
    assert [node.title for node in document.sections()] == ["A"]


def lines_run(data: bytes) -> int:
    """How many lines of Python the parser runs for a document; the same on every machine."""
    source = Source(data)
    ran = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal ran
        ran += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        parse(source)
        opaque_lines(data.decode())
    finally:
        sys.settrace(before)
    return ran


@pytest.mark.parametrize(
    "unit",
    [
        b"word word\n",
        b"[",
        b"[a]: /u\n",
        b"[a\n",
        b"> a\n",
        b"- a\n",
        b"* a\n+ b\n",
        b"# a\n",
        b"a\n=\n",
        b"```\n",
        b"  ```\n# a\n",
        b"a\n<!--\n",
        b"<x>\n# a\n",
        b"a|b\n-|-\n\n",
        b"    a\n# b\n",
        b"---\na\n",
    ],
)
def test_the_work_grows_with_the_document_and_no_faster(unit: bytes) -> None:
    """Twice the text is at most twice the work, and a little."""
    parse(Source(b"warm"))
    assert lines_run(unit * 800) <= 2.1 * lines_run(unit * 400)


def test_a_long_line_of_brackets_is_read_in_a_few_steps() -> None:
    """Inline rules, whose cost would explode here, never run."""
    assert lines_run(b"[" * 50_000) < 2_000

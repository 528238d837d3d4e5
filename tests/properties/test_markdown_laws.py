"""What holds for every document: generated ones, the real trees, and the examples of CommonMark."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from workflow_cli.domain.markdown.address import address_of, places, resolve
from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.front_matter import front_matter_length
from workflow_cli.domain.markdown.parse import opaque_lines, outline, parse
from workflow_cli.domain.markdown.source import Source, Span, split_lines
from workflow_cli.domain.markdown.tree import Kind, Node

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
COMMONMARK = Path(os.environ.get("COMMONMARK_SPEC", ROOT / "node_modules" / "commonmark-spec" / "spec.txt"))

# --- documents -------------------------------------------------------------------------------------------

# fmt: off
EOLS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r\n", b"\r"])
WORDS = st.sampled_from([
    b"word", b"a | b", b"- x", b"\x00", b"\x0c", b"\x0b", b"\x1e", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xef\xbb\xbf", b"\xff", b"\xe2\x82", b"[a]", b"`c`", b"<b>", b"\\", b"#", b"   ", "é漢字".encode(),
])
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(b" ".join)
TITLES = TEXT | st.sampled_from([
    b"Requirement: A", b"Requirement:  a", b"A > B", b"> A", b"A >", b">", b"A [2]", b"[1]", b"", b"B\\",
    b"\\[1]", b"1.2", b"#", b"\xff", b"a\x00b", "Ä".encode(),
])
FENCES = st.sampled_from([
    b"```", b"````", b"~~~", b"~~~~ info", b"```sh", b"``` a`b", b"  ```", b"    ```", b"\t~~~",
])
HTML = st.sampled_from([
    b"<!-- a", b"-->", b"<!-- a -->", b"<div>", b"</div>", b"<x-y z='1'>", b"<pre>", b"</pre>", b"<script",
    b"<?php", b"?>", b"<!DOCTYPE html>", b"<![CDATA[", b"]]>", b" <details>", b"a <b>", b"   <!-- c",
    b"<STYLE>", b"</style>",
])
ODD = st.sampled_from([
    b"", b"", b"", b"   ", b"\t", b"===", b"---", b"***", b"- - -", b"[a]: /url", b"[a]:", b"'title'",
    b"    code", b"\tcode", b"  \tcode", b"|a|b|", b"|-|:-:|", b"| a |", b"#", b"#x", b"    # x", b"   # y",
    b"# z #", b"...",
])
LISTS = st.sampled_from([
    b"- a", b"* b", b"+", b"1. c", b"2) d", b"10. e", b"- [ ] 1.1 f", b"- [x] 1.1 g", b"-\t- h", b"- # i",
    b"- ```",
])
PREFIXES = st.sampled_from([
    b"", b"", b"  ", b"    ", b"\t", b"> ", b">", b"> - ", b"- ", b"1. ", b"   > ", b">\t",
])
# fmt: on
HEADINGS = st.builds(lambda level, title: b"#" * level + b" " + title, st.integers(1, 6), TITLES)
LINES = TEXT | HEADINGS | FENCES | HTML | ODD | LISTS


def _block(prefix: bytes, first_prefix: bytes, lines: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join((first_prefix if number == 0 else prefix) + line + eol for number, (line, eol) in enumerate(lines))


BLOCKS = st.builds(_block, PREFIXES, PREFIXES, st.lists(st.tuples(LINES, EOLS), min_size=1, max_size=5))
FRONT_MATTER = st.builds(
    lambda eol, lines, end: b"---" + eol + b"".join(line + eol for line in lines) + end + eol,
    EOLS,
    st.lists(st.sampled_from([b"a: 1", b"# comment", b"", b"- x", b"```"]), max_size=3),
    st.sampled_from([b"---", b"...", b"--- ", b"----", b""]),
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    data = b"".join(draw(st.lists(BLOCKS, max_size=8)))
    data = draw(st.just(b"") | FRONT_MATTER) + data
    data = draw(st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf"])) + data
    if draw(st.booleans()):
        data = data.rstrip(b"\r\n")
    return data


# --- the laws --------------------------------------------------------------------------------------------


def spans_join_up(source: Source, document: Node) -> None:
    assert document.span == Span(0, len(source.data))
    for node in document.walk():
        assert source.lines_span(node.first_line, node.end_line) == node.span
        if node.children:
            assert node.children[0].span.start == node.span.start
            assert node.children[-1].span.end == node.span.end
            assert all(left.span.end == right.span.start for left, right in pairwise(node.children))
    leaves = (source.data[leaf.span.start : leaf.span.end] for leaf in document.leaves())
    assert b"".join(leaves) == source.data


NO_NODE = {"inline", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"}
NO_TOKEN = {Kind.DOCUMENT, Kind.SECTION, Kind.GAP, Kind.FRONT_MATTER}
TOKENS = {Kind.THEMATIC_BREAK: "hr"}


def blocks_are_markdown_its(source: Source, document: Node, parser: MarkdownIt) -> None:
    """Every block is one of markdown-it's, at the lines of its own token maps, and none is missing."""
    text = source.text()
    skipped = front_matter_length(text)
    offset = Source(text[:skipped].encode("utf-8", "surrogateescape")).lines
    tokens = parser.parse(text[skipped:])
    theirs = [
        (token.type.removesuffix("_open"), token.map[0] + offset, token.map[1] + offset)
        for token in tokens
        if token.map and token.type not in NO_NODE
    ]
    ours = [
        (TOKENS.get(node.kind, node.kind.value), node.first_line, node.end_line)
        for node in document.walk()
        if node.kind not in NO_TOKEN
    ]
    assert ours == theirs
    levels = [node.level for node in document.walk() if node.kind is Kind.SECTION]
    assert levels == [int(t.tag[1:]) for t in tokens if t.type == "heading_open" and t.level == 0]


def opaque_lines_are_the_trees(source: Source, document: Node) -> None:
    assert opaque_lines(source.data.decode("utf-8", "surrogateescape")) == [
        (node.first_line, node.end_line)
        for node in outside_containers(document)
        if node.kind in {Kind.FENCE, Kind.HTML_BLOCK, Kind.CODE_BLOCK, Kind.FRONT_MATTER}
    ]


def outside_containers(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.kind is Kind.SECTION:
            yield from outside_containers(child)
        else:
            yield child


def addresses_lead_back(document: Node, most: int = 50) -> None:
    known = list(places(document))
    assert {id(p.node) for p in known} >= {id(n) for n in document.walk() if n.kind is Kind.SECTION}
    for place in known[:: len(known) // most + 1]:
        assert resolve(document, str(place.address("a/spec.md"))) is place.node


def outline_has_the_same_places(source: Source, document: Node) -> None:
    def told(root: Node) -> list[object]:
        return [
            (
                p.steps,
                p.alone,
                p.node.kind,
                p.node.level,
                p.node.title,
                p.node.checked,
                p.node.first_line,
                _heading(p.node),
            )
            for p in places(root)
        ]

    def _heading(node: Node) -> Node | None:
        return node.children[0] if node.kind is Kind.SECTION else None

    assert told(outline(source)) == told(document)


def sections_replaced_by_themselves_change_nothing(source: Source, document: Node) -> None:
    for node in document.walk():
        if node.kind is Kind.SECTION:
            span = Span(max(node.span.start, source.text_start), node.span.end)
            edit = Edit(span=span, replacement=source.data[span.start : span.end])
            assert apply(source, [edit]) == source.data


def all_laws(data: bytes, parser: MarkdownIt) -> None:
    source = Source(data)
    document = parse(source)
    spans_join_up(source, document)
    blocks_are_markdown_its(source, document, parser)
    opaque_lines_are_the_trees(source, document)
    addresses_lead_back(document)
    outline_has_the_same_places(source, document)
    sections_replaced_by_themselves_change_nothing(source, document)
    assert apply(source, []) == data


# --- generated documents ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full_parser() -> MarkdownIt:
    """markdown-it as it comes, inline rules and all."""
    return MarkdownIt("commonmark", {"maxNesting": 200}).enable("table")


@given(data=documents())
@settings(max_examples=300, deadline=None)
def test_every_law_holds_for_generated_documents(data: bytes, full_parser: MarkdownIt) -> None:
    """Lists, quotes, fences, HTML, tables, tabs, setext, front matter, any ends of line, broken UTF-8."""
    all_laws(data, full_parser)


LIST_LINES = [
    "- a",
    "*  b",
    "1. c",
    "2. d",
    "3) e",
    "- ",
    "- - -",
    "- ```",
    "  ```",
    "   ```",
    "```",
    "    f",
    "     g",
    "  h",
    "i",
    "",
    "\tj",
    "  <div>",
    "<div>",
    "# k",
    "> - l",
    "  - m",
    "- <!-- n",
    "  -->",
    " o",
]
LISTS = st.lists(st.sampled_from([*LIST_LINES, "- | -", "a | b"]), max_size=9).map("\n".join)


@given(text=LISTS)
@settings(max_examples=300, deadline=None)
def test_what_is_inside_a_list_item_is_told_as_the_tree_tells_it(text: str) -> None:
    """Most fences of lists are passed over without the parser; the answer is the same."""
    source = Source(text.encode())
    opaque_lines_are_the_trees(source, parse(source))


@given(data=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_parsing_takes_any_bytes_at_all(data: bytes) -> None:
    """No input makes the parser raise, and none loses a byte."""
    source = Source(data)
    document = parse(source)
    spans_join_up(source, document)
    opaque_lines_are_the_trees(source, document)


@given(data=documents())
@settings(max_examples=100, deadline=None)
def test_lines_join_up_and_positions_lead_back(data: bytes) -> None:
    """The lines of a source are its bytes, and each offset lies on the line that holds it."""
    source = Source(data)
    assert b"".join(split_lines(data)) == data
    assert len(split_lines(data)) == source.lines
    for line in range(source.lines):
        span = source.line_span(line)
        assert [source.line_of(offset) for offset in range(span.start, span.end)] == [line] * span.len
        content = source.line_content(line)
        assert span.contains(content)
        assert source.text(Span(content.end, span.end)) in {"", "\n", "\r", "\r\n"}


@given(data=documents(), choice=st.data())
@settings(max_examples=150, deadline=None)
def test_bytes_outside_the_edited_spans_never_change(data: bytes, choice: st.DataObject) -> None:
    """Whatever blocks are replaced by whatever, all between them is as it was, in the same order."""
    source = Source(data)
    leaves = [leaf.span for leaf in parse(source).leaves()]
    chosen = choice.draw(st.lists(st.sampled_from(leaves), unique=True, max_size=4)) if leaves else []
    edits = [Edit(span=span, replacement=choice.draw(TEXT)) for span in chosen]
    edited = apply(source, edits)

    end = 0
    for edit in sorted(edits, key=lambda e: e.span.start):
        start = max(edit.span.start, source.text_start)
        untouched = data[end:start]
        assert edited.startswith(untouched + edit.replacement)
        edited = edited[len(untouched) + len(edit.replacement) :]
        end = max(edit.span.end, start)
    assert edited == data[end:]


@given(data=documents())
@settings(max_examples=100, deadline=None)
def test_address_of_is_the_inverse_of_resolve(data: bytes) -> None:
    """Each section has an address, and it leads to that very section."""
    document = parse(Source(data))
    for node in document.walk():
        if node.kind in {Kind.DOCUMENT, Kind.SECTION}:
            assert resolve(document, address_of(document, node, "spec.md")) is node


# --- real documents --------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("tree", sorted(p.name for p in CORPUS.glob("*/")) if CORPUS.is_dir() else ["absent"])
def test_every_law_holds_for_real_trees(tree: str) -> None:
    """All Markdown files of one tree."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}")
    # Inline rules never change blocks and would triple the time.
    parser = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table").disable(["inline", "text_join"])
    documents_here = [path for path in (CORPUS / tree).rglob("*.md") if path.is_file()]
    assert documents_here
    for path in documents_here:
        all_laws(path.read_bytes(), parser)


def test_every_law_holds_for_the_examples_of_commonmark(full_parser: MarkdownIt) -> None:
    """The examples of the specification (npm package commonmark-spec), with each end of line."""
    if not COMMONMARK.is_file():
        pytest.skip(f"no {COMMONMARK}; npm install commonmark-spec, or set COMMONMARK_SPEC to its spec.txt")
    text = COMMONMARK.read_bytes().decode("utf-8")
    examples = re.findall(r"^`{32} example\n(.*?)^\.\n", text, re.MULTILINE | re.DOTALL)
    assert len(examples) > 600
    for example in examples:
        for eol in ("\n", "\r\n", "\r"):
            all_laws(example.replace("→", "\t").replace("\n", eol).encode(), full_parser)

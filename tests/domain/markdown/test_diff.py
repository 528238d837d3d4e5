"""Diffs of bytes: readable whatever the lines end with."""

from __future__ import annotations

from workflow_cli.domain.markdown.diff import unified_diff


def diff(before: bytes, after: bytes) -> list[str]:
    """The lines after the two that name the files."""
    lines = unified_diff(before, after, before_name="a/x.md", after_name="b/x.md").split("\n")
    assert lines[:2] == ["--- a/x.md", "+++ b/x.md"]
    assert lines.pop() == ""
    return lines[2:]


def test_no_change_no_diff() -> None:
    """Not even the file names."""
    assert unified_diff(b"a\r\nb", b"a\r\nb", before_name="a", after_name="b") == ""


def test_a_changed_line_is_shown_with_its_surroundings() -> None:
    """Three lines on either side."""
    before = b"".join(b"%d\n" % number for number in range(9))
    after = before.replace(b"4\n", b"four\n")
    assert diff(before, after) == ["@@ -2,7 +2,7 @@", " 1", " 2", " 3", "-4", "+four", " 5", " 6", " 7"]


def test_a_missing_final_newline_is_told() -> None:
    """On the side where it is missing, in the form that patch programs know."""
    assert diff(b"a", b"a\n") == ["@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"]
    assert diff(b"a\nb", b"c\nb")[-2:] == [" b", "\\ No newline at end of file"]


def test_a_changed_end_of_line_is_a_change() -> None:
    """CRLF shows its CR, and a CR alone is told."""
    assert diff(b"a\r\n", b"a\n") == ["@@ -1 +1 @@", "-a\r", "+a"]
    assert diff(b"a\r", b"a\r\n") == [
        "@@ -1 +1 @@",
        "-a\r",
        "\\ Only a carriage return at end of line",
        "+a\r",
    ]


def test_other_separators_stay_inside_their_line() -> None:
    """Form feeds and U+2028 end no line."""
    assert diff("a\x0cb\u2028c\n".encode(), b"") == ["@@ -1 +0,0 @@", "-a\x0cb\u2028c"]


def test_undecodable_bytes_come_back_when_encoded() -> None:
    """So the diff can be written as the bytes it is about."""
    text = unified_diff(b"\xff\n", b"\xfe\n", before_name="a", after_name="b")
    assert text.encode("utf-8", "surrogateescape").endswith(b"-\xff\n+\xfe\n")


def test_lines_that_look_like_headers_are_lines() -> None:
    """A removed `-- x` becomes `--- x`, as in any diff."""
    assert diff(b"-- x\n@@ y", b"@@ z\n") == [
        "@@ -1,2 +1 @@",
        "--- x",
        "-@@ y",
        "\\ No newline at end of file",
        "+@@ z",
    ]

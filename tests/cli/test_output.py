"""Where results go."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from workflow_cli.app.report import Item, ItemKind, Report
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.cli.output import Output, parse_outputs, write_outputs
from workflow_cli.errors import UsageError

REPORT = Report(root="/r", items=(Item(kind=ItemKind.SPEC, id="認証", file="f", valid=True),))


def write(outputs: list[Output], rendering: Rendering | None = None, encoding: str = "utf-8") -> tuple[Report, bytes]:
    stdout = io.BytesIO()
    written = write_outputs(REPORT, outputs, rendering or Rendering(), stdout=stdout, encoding=encoding)
    return written, stdout.getvalue()


def test_text_on_stdout_is_the_default() -> None:
    """Also beside files, since somebody is watching."""
    assert parse_outputs([]) == [Output("text")]
    assert parse_outputs(["json:r.json"]) == [Output("json", Path("r.json")), Output("text")]


def test_format_chooses_stdout() -> None:
    """Several files may be asked for besides; a path may hold colons."""
    outputs = parse_outputs(["sarif:a:b.sarif", "junit:j.xml"], format="json")
    assert outputs == [Output("sarif", Path("a:b.sarif")), Output("junit", Path("j.xml")), Output("json")]


def test_a_dash_is_stdout() -> None:
    """It takes the place of the default, and comes last wherever it was typed."""
    assert parse_outputs(["json:-", "text:r.txt"]) == [Output("text", Path("r.txt")), Output("json")]


@pytest.mark.parametrize(
    ("values", "format", "said", "hint"),
    [
        (["json:-", "text:-"], None, "two results for stdout", "its own PATH"),
        (["json:-"], "text", "two results for stdout", "its own PATH"),
        (["json:a", "text:./a"], None, "two results for .*a", "its own PATH"),
        (["jsn:a"], None, "no format 'jsn'", "did you mean json"),
        (["yaml:a"], None, "no format 'yaml'", "text, json, jsonl, sarif, junit, github, markdown"),
        ([], "Sarif", "no format 'Sarif'", "did you mean sarif"),
        (["report.json"], None, "'report.json' is not FORMAT:PATH", "json:report.json"),
        (["json:"], None, "'json:' is not FORMAT:PATH", "json:report.json"),
    ],
)
def test_what_cannot_be_followed_is_a_usage_error(values: list[str], format: str | None, said: str, hint: str) -> None:
    """It says what to type instead."""
    with pytest.raises(UsageError, match=said) as caught:
        parse_outputs(values, format=format)
    assert hint in (caught.value.hint or "")
    assert caught.value.exit_code == 2


def test_each_result_goes_to_its_place(tmp_path: Path) -> None:
    """Directories are made; nothing but the results is left in them."""
    target = tmp_path / "new" / "deep" / "r.json"
    written, stdout = write([Output("json", target), Output("text")])
    assert json.loads(target.read_bytes())["items"][0]["id"] == "認証"
    assert stdout.decode().startswith("spec 認証: valid\n")
    assert written.exit_code == 0
    assert os.listdir(target.parent) == ["r.json"]


def test_an_old_result_is_replaced_through_its_link(tmp_path: Path) -> None:
    """The link stays a link."""
    (tmp_path / "real.json").write_text("old and much longer than nothing")
    (tmp_path / "link.json").symlink_to("real.json")
    write([Output("json", tmp_path / "link.json")])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_bytes())["status"] == "ok"


def test_a_result_that_cannot_be_written_does_not_stop_the_others(tmp_path: Path) -> None:
    """One fault for it, and every other result, whatever the order, agrees with the exit status 3."""
    (tmp_path / "directory").mkdir()
    outputs = [
        Output("json", tmp_path / "before.json"),
        Output("sarif", tmp_path / "directory"),
        Output("json", tmp_path / "after.json"),
        Output("json"),
    ]
    written, stdout = write(outputs)
    assert written.exit_code == 3
    assert [fault.where for fault in written.faults] == [str(tmp_path / "directory")]
    assert "cannot write the sarif result" in written.faults[0].message
    results = [(tmp_path / "before.json").read_bytes(), (tmp_path / "after.json").read_bytes(), stdout]
    assert [json.loads(result)["exit_code"] for result in results] == [3, 3, 3]
    assert sorted(os.listdir(tmp_path)) == ["after.json", "before.json", "directory"]


def test_a_parent_that_is_a_file_and_a_name_with_nul_are_faults(tmp_path: Path) -> None:
    """Not tracebacks."""
    (tmp_path / "file").write_text("")
    written, _ = write([Output("json", tmp_path / "file" / "r.json"), Output("json", tmp_path / "a\0b")])
    assert len(written.faults) == 2


def test_a_device_is_written_as_it_is() -> None:
    """`/dev/null` is not replaced by a file."""
    if not Path("/dev/null").is_char_device():
        pytest.skip("no /dev/null here")
    written, _ = write([Output("json", Path("/dev/null"))])
    assert written.faults == ()
    assert Path("/dev/null").is_char_device()


def test_files_have_no_colour_and_are_complete(tmp_path: Path) -> None:
    """Colour and quiet are about the terminal."""
    write([Output("text", tmp_path / "r.txt")], Rendering(colour=True, quiet=True))
    assert (tmp_path / "r.txt").read_text("utf-8").startswith("spec 認証: valid\n")


def test_a_terminal_of_another_encoding_shows_escapes() -> None:
    """Text does not fail there; JSON stays UTF-8."""
    assert b"\\u8a8d" in write([Output("text")], encoding="ascii")[1]
    assert "認証" in write([Output("json")], encoding="ascii")[1].decode()

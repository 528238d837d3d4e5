"""The Python that the documentation shows runs, and prints what is shown."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HOW_TO = REPOSITORY / "docs" / "how-to" / "use-from-python.md"
REFERENCE = REPOSITORY / "docs" / "reference" / "python-api.md"
_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def shop(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example; nobody answers for a model."""
    shop = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "examples" / "shop", shop)
    monkeypatch.chdir(shop)
    monkeypatch.setenv("LM_STUDIO_BASE_URL", "http://127.0.0.1:9")
    return shop


def printed(script: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the script prints, run as a whole; a process for each would take a second."""
    exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_the_scripts_of_the_how_to_print_what_it_shows(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = _BLOCK.findall(HOW_TO.read_text("utf-8"))
    assert [language for language, _ in blocks] == ["python", "text"] * 4
    texts = [text for _, text in blocks]
    for script, shown in zip(texts[::2], texts[1::2], strict=True):
        assert printed(script, capsys) == shown
    assert printed(texts[0], capsys).splitlines()[-1] == "unchanged"


def test_the_script_of_the_readme_runs(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = _BLOCK.findall((REPOSITORY / "README.md").read_text("utf-8"))
    (script,) = (text for language, text in shown if language == "python")
    assert printed(script, capsys).startswith("True 5 ")


def test_the_examples_of_the_reference_run(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As typed into `python -m asyncio`: one after the other, in one event loop."""
    names: dict[str, object] = {}

    async def main() -> None:
        for language, text in _BLOCK.findall(REFERENCE.read_text("utf-8")):
            assert language == "python"
            code = compile(text, str(REFERENCE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            done = eval(code, names)
            if inspect.isawaitable(done):
                await done

    asyncio.run(main())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("True waiting [")
    assert lines[1] == "answered openspec/specs/checkout/spec.md 28"
    assert lines[2].startswith("written ('openspec/changes/add-gift-cards/design.md', ")
    assert lines[3] == "('openspec/changes/add-gift-cards/tasks.md: check task 1.1',)"
    assert lines[4] == "1"
    assert lines[5].startswith("1.0 [")
    assert lines[6] == "ok ()"

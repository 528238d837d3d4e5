"""How values are bound: Python 3.14 refuses numbered placeholders with a sequence, which earlier ones take."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import workflow_cli

PACKAGE = Path(workflow_cli.__file__).parent
_NUMBERED = re.compile(r"(?:[\s(,=<>]|\A)\?\d")
_STATEMENT = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|VALUES)\b")


def numbered(source: str) -> list[str]:
    texts = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [text for text in texts if _STATEMENT.search(text) and _NUMBERED.search(text)]


def test_the_search_finds_one() -> None:
    """Else the next test could not fail."""
    assert numbered('run("INSERT INTO a VALUES (?1, ?2)" " -- more")')
    assert not numbered('run("INSERT INTO a VALUES (?, ?)")')


def test_no_statement_has_a_numbered_placeholder() -> None:
    found = {str(p): numbered(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.py")}
    assert {file: texts for file, texts in found.items() if texts} == {}

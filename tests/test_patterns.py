"""What regular expressions may use: Python before 3.11.5 misreads repeated groups that never give anything back."""

from __future__ import annotations

import re
from pathlib import Path

import workflow_cli

#: `(…)*+` and its like, and `(?>…)`; of a single character or a class they are right.
_MISREAD = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+|\(\?>")


def test_no_pattern_needs_a_newer_python_than_the_oldest() -> None:
    package = Path(workflow_cli.__file__).parent
    found = [
        f"{path.relative_to(package)}:{number}: {line.strip()}"
        for path in sorted(package.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _MISREAD.search(line)
    ]
    assert found == []

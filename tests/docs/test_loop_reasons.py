"""The page on reasons has every word that the loop says instead of a proposal, or of how one ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.cli import loop_words

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/reference/loop-reasons.md").read_text("utf-8")
NAMED = {word for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
#: A word on its own, or before a colon and figures, where a reason is given.
_GIVEN = re.compile(r"""reason(?:=|"\s*:| = | if )\s*f?"([a-z]\w*)(?=[":])""")
#: One that a function returns in the place of a proposal.
_RETURNED = re.compile(r"""return f?"([a-z]+_\w+|budget|cooldown|displaced|first|spoils)(?=[":])""")


def _sources() -> Iterator[str]:
    package = REPOSITORY / "workflow_cli"
    for file in (*package.glob("app/improve/*.py"), *package.glob("domain/improvement/**/*.py")):
        yield file.read_text("utf-8")


def test_every_reason_of_the_code_is_on_the_page() -> None:
    given = {word for text in _sources() for word in (*_GIVEN.findall(text), *_RETURNED.findall(text))}
    assert {"no_headroom", "insufficient_pairs", "first", "harm", "aa_false_keeps"} <= given, "it finds any at all"
    assert sorted(given - NAMED) == []


def test_every_reason_that_the_report_puts_into_words_is_on_the_page() -> None:
    assert sorted(loop_words._REASONS.keys() - NAMED) == []

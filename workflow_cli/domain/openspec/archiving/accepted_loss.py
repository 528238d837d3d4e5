"""Losses that somebody accepts by naming what may go.

Only text that archiving would delete can be given up. What it would hide or garble, or write out of the tree, is
mended in a minute and refuses whatever is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from workflow_cli.domain.openspec.archiving.older_text import CONFLICT
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.heading import Heading, headings
from workflow_cli.domain.openspec.misread import differing_lines
from workflow_cli.domain.openspec.requirement import REQUIREMENT_HEADER, fold, requirement_name
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.text import trim

_TO_THE_END = "unclosed-fence"
_READ_DIFFERENTLY = "misread-structure"
_SECTION = "foreign-section-lost"
_ONE_OF_TWO = "hidden-duplicate"

CAN_BE_ACCEPTED = frozenset({_TO_THE_END, _READ_DIFFERENTLY, _SECTION, _ONE_OF_TWO, CONFLICT})


class AcceptedLoss:
    """The names given; `unused` are those that no loss has asked for yet."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {fold(_bare(name)): name for name in names}
        self._used: set[str] = set()

    def accepts(self, name: str) -> bool:
        folded = fold(_bare(name))
        if folded not in self._names:
            return False
        self._used.add(folded)
        return True

    @property
    def unused(self) -> list[str]:
        return [name for folded, name in self._names.items() if folded not in self._used]


def at_stake(finding: Finding, document: Callable[[str], Document | None]) -> Sequence[str]:
    """The names of everything that the refused archive would delete; empty where it cannot be accepted.

    `document` gives a file that findings point to.
    """
    if finding.rule not in CAN_BE_ACCEPTED or finding.place.line is None:
        return ()
    file = document(finding.place.file)
    if file is None:
        return ()
    line = finding.place.line - 1
    if finding.rule == _TO_THE_END:
        return _titles(h for h in _every_heading(file) if h.line > line and h.level > 1)
    if finding.rule == _READ_DIFFERENTLY:
        differing = set(differing_lines(file))
        found = [h for h in _every_heading(file) if h.line in differing]
        return _titles([h for h in found if h.level <= 3] or found)
    if finding.rule == _SECTION:
        return _section_titles(file, line)
    return (_bare(file.lines[line]),)


def _section_titles(file: Document, line: int) -> Sequence[str]:
    """The section that begins on `line`, and those after it in the same requirement, which go with it."""
    block = next((b for b in read_spec("", file).requirements if b.line < line < b.line + len(b.lines)), None)
    end = block.line + len(block.lines) if block else line + 1
    below = [h for h in headings(file.lines, file.openspec_mask) if line < h.line < end and h.level <= 3]
    return tuple(dict.fromkeys([_bare(file.lines[line]), *_titles(below)]))


def _every_heading(file: Document) -> Iterable[Heading]:
    return headings(file.lines, [False] * len(file.lines))


def _titles(found: Iterable[Heading]) -> Sequence[str]:
    return tuple(dict.fromkeys(_bare(f"### {h.title}") for h in found if h.title))


def _bare(name: str) -> str:
    """A heading's text: `### Requirement: Sign in`, `Requirement: Sign in` and `Sign in` are one name."""
    text = trim(name)
    if match := REQUIREMENT_HEADER.match(text if text.startswith("###") else f"### {text}"):
        return requirement_name(match[1])
    return requirement_name(trim(text.lstrip("#")))

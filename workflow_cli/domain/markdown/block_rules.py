"""One block rule in place of markdown-it's: it asks only those that a line's first letter leaves possible.

Most lines begin with a letter, and then three of the twelve rules are left, and of those that may end a paragraph
none. Asking every rule about every line takes half of the time that reading a document does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.parser_block import ParserBlock
    from markdown_it.rules_block import StateBlock

Rule = Callable[["StateBlock", int, int, bool], bool]

#: What a block of these begins with; of rules not named here it may be anything.
_BEGINS = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
}
#: A table is told by its second line, and `- ` begins an item.
_NO_TABLE = re.compile(r"(?![|:-])|-[ \t]")
_CODE_INDENT = 4
#: For each of these, markdown-it keeps the rules that end it.
_ENDED = ("paragraph", "reference", "blockquote", "list")


def ask_by_first_letter(block: ParserBlock, *, deepest: int) -> None:
    """Put one rule in the place of all. What is nested `deepest` levels or more is a paragraph."""
    names = {rule: name for name, rule in zip(block.ruler.get_active_rules(), block.ruler.getRules(""), strict=True)}
    opening = _first_that_holds({name: rule for rule, name in names.items()})
    ending = {what: _first_that_holds({names[rule]: rule for rule in block.ruler.getRules(what)}) for what in _ENDED}
    paragraph = next(rule for rule, name in names.items() if name == "paragraph")

    def any_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        # A rule of its own could not end the nesting: the parser's own limit swallows the rest of the document.
        return (paragraph if state.level >= deepest else opening)(state, first, end, silent)

    # It always holds, so that what comes after it is never asked where a block may begin.
    block.ruler.before(next(iter(names.values())), "any_block", any_block)
    for what, rule in ending.items():
        block.ruler.push(f"end_of_{what}", rule, {"alt": [what]})
    # Without the rule for it nothing is code, also for the other rules.
    block.ruler.enableOnly(["any_block", "code", *(f"end_of_{what}" for what in ending)])


def _first_that_holds(rules: Mapping[str, Rule]) -> Rule:
    """The first of these rules that holds of a line, as one rule."""
    every = tuple(rules.values())
    without_table = {letter: _possible(rules, letter) for begins in _BEGINS.values() for letter in begins}
    without_table_otherwise = _possible(rules, None)

    def rule(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        place, second = state.bMarks[first] + state.tShift[first], first + 1
        possible = every
        if place < state.eMarks[first] and state.sCount[first] - state.blkIndent < _CODE_INDENT:
            below = state.bMarks[second] + state.tShift[second]
            if second >= end or _NO_TABLE.match(state.src, below):
                possible = without_table.get(state.src[place], without_table_otherwise)
        for one in possible:  # noqa: SIM110 - `any` takes a generator, here for every line
            if one(state, first, end, silent):
                return True
        return False

    return rule


def _possible(rules: Mapping[str, Rule], letter: str | None) -> tuple[Rule, ...]:
    """Those of the rules that may hold of a line that begins with a letter, and is neither code nor a table."""
    return tuple(
        rule
        for name, rule in rules.items()
        if name not in ("table", "code") and (name not in _BEGINS or (letter is not None and letter in _BEGINS[name]))
    )

"""A marker such as TBD that stands where a decision should."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.questions.families.open_entry import is_open_section
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.question import OWN_WORDS
from workflow_cli.domain.questions.wording import bare, passages, quote

REQUIREMENT_IMPACT = 0.9
PROSE_IMPACT = 0.4
UNCERTAINTY = 0.9

#: Only markers that stand for a missing decision: `TODO` must be followed by something to do, and none may be part
#: of a name or stand in code or in quotation marks.
MARKER = re.compile(
    r"(?<![\w-])(?:TBD|TBC|T\.B\.D\.)(?![\w-])|(?<![\w-])(?:TODO|FIXME)(?=\s*[:(—–-]|\s*$)|(?<![?\w])\?{3,}(?!\?)|"
    r"\[?NEEDS[ _-]CLARIFICATION(?:\s*:[^\]\n]*)?\]?|"
    r"(?<![\w-])(?:is|are|still|yet|remains?) (?:yet )?to be (?:decided|determined|defined|confirmed|agreed)\b|"
    r"(?<![\w-])(?:yet|still) undecided\b|\bpor (?:definir|decidir|determinar)\b|\bà (?:définir|déterminer)\b|"
    r"\b(?:noch )?zu klären\b|\bнужно уточнить\b|\bбудет определено\b|"
    r"待定(?!义)|待确认|尚未(?:确定|决定)|未定(?!義|义)|要検討|미정",
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    yield from _in_requirements(inquiry)
    for document in (inquiry.change.design, inquiry.change.proposal.document if inquiry.change.proposal else None):
        if document is not None:
            yield from _in_prose(inquiry, document)


def _in_requirements(inquiry: Inquiry) -> Iterator[Draft]:
    for delta, requirement in inquiry.stated:
        for passage in (*inquiry.new_sentences(delta, requirement), *inquiry.new_steps(delta, requirement)):
            if not (match := MARKER.search(bare(passage.text))):
                continue
            name = passage.scenario.name if passage.scenario else None
            yield Draft(
                family="unresolved-marker",
                words=passage.text,
                text=f"{quote(requirement.name, 80)} says {quote(passage.text, 260, match.start())}. "
                f"What is to stand in place of “{match[0]}”?",
                why="It is part of what the change promises: whoever builds it now has to guess, and the marker "
                "would "
                "be archived into the main spec.",
                options=options(
                    "Nothing: this part is taken out of the requirement until it is decided",
                    f"This: {OWN_WORDS}",
                ),
                place=delta.document.place(passage.line),
                address=delta_address(delta.id, requirement.name, name),
                impact=REQUIREMENT_IMPACT,
                uncertainty=UNCERTAINTY,
                blocking=True,
            )


def _in_prose(inquiry: Inquiry, document: Document) -> Iterator[Draft]:
    name = document.file.removeprefix(inquiry.change.directory + "/")
    found = [h for h in headings(document.lines, document.commonmark_mask) if h.title is not None]
    stops = [h.line for h in found] + [len(document.lines)]
    mask = [a or b for a, b in zip(document.openspec_mask, document.commonmark_mask, strict=True)]
    for heading, end in zip(found, stops[1:], strict=True):
        if is_open_section(heading.title or ""):
            continue
        lines = ["" if mask[i] else document.lines[i] for i in range(heading.line + 1, end)]
        # Whole paragraphs, because a quotation that runs over two sentences is still a quotation.
        for passage in passages(lines, heading.line + 1, split=False):
            if match := MARKER.search(bare(passage.text)):
                yield Draft(
                    family="unresolved-marker",
                    words=_sentence(passage.text, match),
                    text=f"{name} says {quote(passage.text, 260, match.start())}. What is to stand in place of "
                    f"“{match[0]}”?",
                    why="It stands outside the requirements, so nothing is promised yet; but those who read it will "
                    "each fill it in for themselves.",
                    options=options(
                        "Nothing for now: the change does not depend on it, and the text says so",
                        f"This: {OWN_WORDS}",
                    ),
                    place=document.place(passage.line),
                    address=f"{name}#{heading.title}",
                    impact=PROSE_IMPACT,
                    uncertainty=UNCERTAINTY,
                )


def _sentence(text: str, match: re.Match[str]) -> str:
    start = text.rfind(". ", 0, match.start()) + 1
    end = text.find(". ", match.end())
    return text[start : end if end >= 0 else len(text)]


FAMILY = Family(
    id="unresolved-marker",
    reason="TBD, TBC, `TODO:`, `???`, NEEDS CLARIFICATION, “to be decided” and their like in other languages, "
    "outside "
    "code and quotation marks. In a requirement it blocks; in the proposal or design it does not.",
    ask=ask,
)

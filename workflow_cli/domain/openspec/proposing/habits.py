"""How the documents of a tree are written: language, emphasis of steps, numbering of tasks, sections of proposals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.proposing.naming import names_begin_with_dates, names_begin_with_verbs
from workflow_cli.domain.openspec.proposing.own_sections import OwnSection, own_sections
from workflow_cli.domain.openspec.proposing.section_names import TEMPLATE, usual_names
from workflow_cli.domain.openspec.rules.languages import language_of

_STEP = re.compile(r"(?P<lead>(?:[-*+] )?)(?P<mark>\*\*|__|)(?P<word>WHEN|When)(?P<inner>:?)(?P=mark)(?P<outer>:?) \S")
_REQUIREMENT = re.compile(r"### Requirement: \S")
_NUMBERED = re.compile(r"\s*[-*+] \[.\] \d+\.\d")
_UNNUMBERED = re.compile(r"\s*[-*+] \[.\] (?!\d+\.\d)\S")
_BULLET = re.compile(r"([-*+]) \[.\] ")
_GROUP = re.compile(r"## (\d+\.|)\s*\S")
#: Enough to see a habit; a large tree need not be read to its end.
_DOCUMENTS = 150
_CHANGES = 60
#: One paragraph in so many makes a language one of the tree's.
_FAIR = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """What most documents do; the defaults are OpenSpec's own templates'.

    `prose` is the language of proposals and tasks, `specs` that of requirements; None where nothing tells.
    `also_prose` and `also_specs` are all the languages that a fair share of them is in. `sections` are the names of the
    proposals' sections, by what they are for; `own_sections` those that nearly all have beside them. `step` is what stands before the text of a WHEN step, with `{word}` in the keyword's place.
    """

    prose: str | None = None
    specs: str | None = None
    also_prose: frozenset[str] = frozenset()
    also_specs: frozenset[str] = frozenset()
    sections: Mapping[str, str] = field(default_factory=lambda: TEMPLATE)
    step: str = "- **{word}** "
    capital_steps: bool = True
    blank_after_headers: bool = True
    numbered_tasks: bool = True
    numbered_groups: bool = True
    task_bullet: str = "-"
    title_line: str | None = None
    own_sections: tuple[OwnSection, ...] = ()
    has_capabilities: bool = True
    newline: str = "\n"
    verbs: bool = True
    dates: bool = False

    def beside(self, title: str) -> Habits:
        """The habits for a change of this title: in a tree of several languages, the title chooses its own."""
        language = language_of(title)
        prose = language if language in self.also_prose else self.prose
        return replace(self, prose=prose, specs=language if language in self.also_specs else self.specs)


def habits_of(open_changes: Sequence[Change], archived_changes: Sequence[Change], specs: Iterable[Document]) -> Habits:
    """The habits of a tree's latest changes and of its specs."""
    latest = [*open_changes, *reversed(archived_changes)][:_CHANGES]
    deltas = [document for change in latest for _, document in change.delta_documents][:_DOCUMENTS]
    mains = list(specs)[:_DOCUMENTS]
    proposals = [change.proposal.document for change in latest if change.proposal]
    tasks = [document for change in latest for _, document in change.task_documents]
    requirement_documents = [*deltas, *mains]
    step, capital = _step(requirement_documents)
    prose, required = _languages(proposals or requirement_documents), _languages(requirement_documents or proposals)
    names = [change.name for change in open_changes]
    return Habits(
        prose=_most_spoken(prose),
        specs=_most_spoken(required),
        also_prose=_fairly_spoken(prose),
        also_specs=_fairly_spoken(required),
        sections=usual_names(
            section.title
            for change in latest
            if change.proposal
            for section in change.proposal.sections
            if section.level == 2
        ),
        step=step,
        capital_steps=capital,
        blank_after_headers=_blank_after_headers(requirement_documents),
        numbered_tasks=_most(tasks, _NUMBERED, _UNNUMBERED),
        numbered_groups=_numbered_groups(tasks),
        task_bullet=_commonest((m[1] for line in _lines(tasks) if (m := _BULLET.match(line))), "-"),
        title_line=_title_line(proposals),
        own_sections=own_sections([change.proposal for change in latest if change.proposal]),
        has_capabilities=_has_capabilities(latest),
        newline=_newline([*requirement_documents, *proposals]),
        verbs=names_begin_with_verbs([*names, *(change.name for change in archived_changes)]),
        dates=names_begin_with_dates(names),
    )


def _lines(documents: Iterable[Document]) -> Iterable[str]:
    return (line for document in documents for line in document.lines)


def _commonest(found: Iterable[str], default: str) -> str:
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else default


def _languages(documents: Sequence[Document]) -> Counter[str]:
    """How many paragraphs are in which language: one long document in another language must not decide."""
    votes: Counter[str] = Counter()
    for document in documents:
        for paragraph in document.text.split("\n\n")[:40]:
            text = "\n".join(line for line in paragraph.split("\n") if not line.startswith("#"))
            if text[:1] not in ("`", "") and (language := language_of(text)):
                votes[language] += 1
    return votes


def _most_spoken(votes: Counter[str]) -> str | None:
    return votes.most_common(1)[0][0] if votes else None


def _fairly_spoken(votes: Counter[str]) -> frozenset[str]:
    return frozenset(language for language, count in votes.items() if count * _FAIR >= votes.total())


def _step(documents: Sequence[Document]) -> tuple[str, bool]:
    found: Counter[tuple[str, bool]] = Counter()
    for line in _lines(documents):
        if "hen" in line or "HEN" in line:
            match = _STEP.match(line.lstrip())
            if match:
                lead, mark, inner, outer = match["lead"], match["mark"], match["inner"], match["outer"]
                found[f"{lead}{mark}{{word}}{inner}{mark}{outer} ", match["word"] == "WHEN"] += 1
    # Without bullets, steps on lines of their own would flow into one paragraph.
    bulleted = Counter({style: n for style, n in found.items() if style[0].startswith(("-", "*", "+"))})
    return bulleted.most_common(1)[0][0] if bulleted else ("- **{word}** ", True)


def _blank_after_headers(documents: Sequence[Document]) -> bool:
    blank = written = 0
    for document in documents:
        lines = document.lines
        for line, following in pairwise(lines):
            if line.startswith("### ") and _REQUIREMENT.match(line):
                blank, written = (blank + 1, written) if not following.strip() else (blank, written + 1)
    return blank >= written


def _most(documents: Sequence[Document], yes: re.Pattern[str], no: re.Pattern[str]) -> bool:
    lines = list(_lines(documents))
    return sum(bool(yes.match(line)) for line in lines) >= sum(bool(no.match(line)) for line in lines)


def _numbered_groups(documents: Sequence[Document]) -> bool:
    groups: list[bool] = [match[1] != "" for line in _lines(documents) if (match := _GROUP.match(line))]
    return sum(groups) * 2 >= len(groups)


def _title_line(proposals: Sequence[Document]) -> str | None:
    """How proposals begin: a first heading with `{title}` in it, or None where most have none."""
    heads = Counter(_head(document) for document in proposals)
    if not heads:
        return None
    (common, count) = heads.most_common(1)[0]
    with_heading = sum(n for head, n in heads.items() if head is not None)
    if common is None and with_heading * 2 > len(proposals):
        common = max((h for h in heads if h is not None), key=lambda h: heads[h])
    return common if count else None


def _head(document: Document) -> str | None:
    first = next((line for line in document.lines if line.strip()), "")
    if not first.startswith("# "):
        return None
    label = re.match(r"# (Change|Proposal|Change Proposal):\s*\S", first)
    return f"# {label[1]}: {{title}}" if label else "# {title}"


def _has_capabilities(changes: Sequence[Change]) -> bool:
    proposals = [change.proposal for change in changes if change.proposal]
    having = sum(p.section("Capabilities") is not None for p in proposals)
    return having * 2 >= len(proposals)


def _newline(documents: Sequence[Document]) -> str:
    crlf = sum("\r\n" in document.raw for document in documents)
    return "\r\n" if crlf * 2 > len(documents) else "\n"

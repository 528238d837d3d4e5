"""Entries of "Open Questions" sections, and whether they are still open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.heading import Heading, headings
from workflow_cli.domain.openspec.text import one_space, trim, without_start
from workflow_cli.domain.questions.wording import plain

_TITLE = re.compile(
    r"open\s+(?:questions?|issues|points)|unresolved\s+(?:questions?|issues)|outstanding\s+questions?|"
    r"questions?\s+to\s+(?:resolve|decide|answer)|preguntas\s+abiertas|cuestiones\s+abiertas|perguntas\s+abertas|"
    r"questões\s+em\s+aberto|questions?\s+ouvertes?|offene\s+(?:fragen|punkte)|domande\s+aperte|"
    r"(?:открытые|нерешённые|нерешенные)\s+вопросы|"
    r"开放(?:性)?问题|待(?:解)?决问题|未决(?:问题|事项)|待定(?:问题|事项)|待确认|未解決|未決事項|オープン(?:クエスチョン|な質問)|열린\s*질문|미해결",
    re.I,
)
_SETTLED_TITLE = re.compile(r"\b(?:resolved|answered|closed)\b|已(?:解决|决)|解決済", re.I)
_ITEM = re.compile(r"(\s*(?:[-*+]|\d{1,9}[.)])\s+)(?:\[([ xX])\]\s*)?(.*)")
_NONE = re.compile(
    r"[\W_]*(?:none|n/?a|nothing|no (?:open|further|outstanding|unresolved)|all (?:resolved|settled|answered)|"
    r"ningun[ao]?|nenhum[a]?|aucune?|keine|nessun[ao]?|нет|无|暂无|没有|なし|特になし|없음)(?![^\W_a-z])(?:\b|(?=\W)|$)",
    re.I,
)
_ANSWER = re.compile(
    r"[\s>*_+-]*(?:\d+[.)]\s*)?(?:A|Answer|Answered|Decision|Decided|Resolution|Resolved|Outcome|Conclusion|"
    r"Respuesta|Decisi[oó]n|"
    r"Réponse|Antwort|Entscheidung|Resposta|Ответ|Решение|答案?|决定|结论|决策|回答|決定|結論)[\s*_]*[:：][\s*_]*(.*)",
    re.I,
)
_INLINE_ANSWER = re.compile(
    r"(?:\*\*|→|->|—|=>|[?？])\s*\(?(?:Answer(?:ed)?|Decision|Decided|Resolution|Resolved|决定|结论|決定|結論)\b[\s*_]*[:：]",
    re.I,
)
_LEAN = re.compile(
    r"(?:^|[\s>*_(.?？—–-])(?:Recommend(?:ation|ed)?|Propos(?:al|ed|e|ed answer)|Suggest(?:ion|ed)?|Initial answer|"
    r"Current (?:thinking|answer|leaning)|Lean(?:ing)?|Tentative(?:ly)?|Default|Assum(?:e|ption|ed)|Preference|"
    r"Likely|"
    r"Propuesta|Recomendaci[oó]n|Vorschlag|建议|倾向|推奨|提案|暫定)[\s*_]*[:：]\s*[*_]*\s*(\S.*)",
    re.I,
)
_UNDECIDED = re.compile(
    r"\b(?:TBD|TBC|to be (?:decided|determined|defined|confirmed)|undecided|not (?:yet )?decided|pending|open)\b|"
    r"待定|未定",
    re.I,
)
_PUT_OFF = re.compile(
    r"\b(?:not (?:required|needed|necessary|blocking) (?:for|in|by|during) (?:this|the|v?1|mvp)|out of scope|"
    r"defer(?:red)?\b(?! to)|"
    r"(?:later|future|follow-up|separate|next) (?:change|iteration|version|release|enhancement|work|proposal|"
    r"phase|consideration)|"
    r"not in (?:this|the) (?:change|scope|mvp)|no in mvp|not now|post-?(?:mvp|launch|release)|"
    r"after (?:the )?(?:initial |first )?"
    r"(?:deployment|launch|release|mvp))\b|后续(?:变更|迭代|版本)|不在本次|今後の?(?:課題|検討)|対象外",
    re.I,
)
_ASIDE = re.compile(
    r"[\s>*_+-]*(?:Impact|Decision needed|Needed by|Owner|Context|Background|Why|Options?|Option \w+|Note|Due|Status|"
    r"Trade-?offs?|Pros?|Cons?|Consider(?:ations?)?|Future|Question|Alternatives?|[A-D])\b[^:]{0,24}[:：)]",
    re.I,
)
_QUESTION_LABEL = re.compile(r"[*_]*\bQ\d*[*_]*\s*[:：.]\s*", re.I)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One open question as its author wrote it; `line` counts from 0.

    `lean` is what the author would do, if that is said; `so_far` is an answer that decides nothing yet.
    """

    document: Document
    section: str
    section_line: int
    section_end: int
    line: int
    text: str
    lean: str = ""
    so_far: str = ""
    is_settled: bool = False


def entries(change: Change) -> Iterator[Entry]:
    for document in (change.design, change.proposal.document if change.proposal else None):
        if document is not None:
            yield from _in_document(document)


def _in_document(document: Document) -> Iterator[Entry]:
    found = [h for h in headings(document.lines, document.commonmark_mask) if h.title is not None]
    for index, heading in enumerate(found):
        title = heading.title or ""
        if not _TITLE.search(title) or _SETTLED_TITLE.search(title):
            continue
        end = next((h.line for h in found[index + 1 :] if h.level <= heading.level), len(document.lines))
        for line, settled, block in _blocks(document.lines, found, heading, end):
            entry = _read(document, heading, end, line, settled, block)
            if entry.text:
                yield entry


def _blocks(
    lines: Sequence[str], found: Sequence[Heading], heading: Heading, end: int
) -> Iterator[tuple[int, bool, list[str]]]:
    """Top-level list items, subsections, and paragraphs that ask something: line, ticked, lines of the entry."""
    below = {h.line: h for h in found if heading.line < h.line < end}
    current: tuple[int, bool, list[str]] | None = None
    in_subsection = False
    content = 0
    for index in range(heading.line + 1, end):
        line = lines[index]
        if index in below:
            if current:
                yield current
            current, in_subsection = (index, False, [below[index].title or ""]), True
        elif (item := _ITEM.match(line)) and not in_subsection and not (current and _indent(line) >= content > 0):
            if current:
                yield current
            content = len(item[1].expandtabs())
            current = (index, (item[2] or "").lower() == "x", [item[3]])
        elif current and (not trim(line) or line[:1] in (" ", "\t") or in_subsection or trim(lines[index - 1])):
            current[2].append(line)
        elif trim(line):
            if current:
                yield current
            current, content = (index, False, [line]), 0
    if current:
        yield current


def _indent(line: str) -> int:
    shown = line.expandtabs()
    return len(shown) - len(shown.lstrip(" "))


def _read(document: Document, heading: Heading, end: int, line: int, ticked: bool, block: list[str]) -> Entry:
    head, body = _split(block)
    text = plain(without_start(_QUESTION_LABEL, trim(head)))
    answers = [m[1] for part in body if (m := _ANSWER.match(part))]
    undecided = [a for a in answers if _UNDECIDED.search(a) or not trim(a)]
    settled = (
        ticked
        or not text
        or head.startswith(("~~", "✅", "[x]"))
        or bool(_NONE.match(text))
        or bool(answers and not undecided)
        or bool(_INLINE_ANSWER.search(head))
        or bool(_PUT_OFF.search(" ".join(block)))
        or not _asks(text, line, document)
    )
    return Entry(
        document=document,
        section=heading.title or "",
        section_line=heading.line,
        section_end=end,
        line=line,
        text=_without_lean(text),
        lean="" if undecided else _lean(text, body, has_question=any(c in text for c in "?？")),
        so_far=plain(undecided[0]) if undecided else "",
        is_settled=settled,
    )


def _asks(text: str, line: int, document: Document) -> bool:
    """A list item or heading in such a section asks something; a paragraph only where it has a question mark."""
    source = document.lines[line]
    return bool(_ITEM.match(source)) or source[:1] == "#" or any(c in text for c in "?？")


def _split(block: list[str]) -> tuple[str, list[str]]:
    """The entry's own text, wrapped lines joined, and the lines nested below it."""
    head = [block[0]]
    rest = block[1:]
    while rest and trim(rest[0]) and not _ITEM.match(rest[0].lstrip()) and not _ANSWER.match(rest[0]):
        head.append(trim(rest.pop(0)))
    if not trim(head[0]) or (plain(head[0]).endswith((":", "：")) and rest):
        return one_space(" ".join(head)), rest
    return one_space(" ".join(head)), [part for part in rest if trim(part)]


def _lean(text: str, body: Sequence[str], *, has_question: bool) -> str:
    for part in (text, *body):
        if match := _LEAN.search(part):
            return plain(match[1])
    if has_question:
        plain_notes = [plain(re.sub(r"^\s*[-*+]\s+", "", p)) for p in body if not _ASIDE.match(p)]
        return next((note for note in plain_notes if len(note.split()) >= 2 and not note.endswith(("?", "？"))), "")
    return ""


def _without_lean(text: str) -> str:
    match = _LEAN.search(text)
    return trim(text[: match.start()]) or text if match else text


def is_open_section(title: str) -> bool:
    """Whether a heading opens a list of open questions."""
    return _TITLE.search(title) is not None

"""`questions.yaml`: questions out, answers in, and every byte that a person wrote left where it is.

The file is never dumped from data. It is parsed for the positions of its values, and only what changed is
spliced in: comments, order, quoting, extra keys, line ends and a byte-order mark stay because nothing touches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflow_cli.adapters.questions_entries import (
    KEYS,
    SCHEMA,
    Entry,
    Node,
    Reading,
    content_end,
    fingerprint,
    is_empty,
    line_end,
    read,
)
from workflow_cli.adapters.yaml_text import Value, in_block, in_flow
from workflow_cli.domain.questions.question import AnswerSource, Question

FILENAME = "questions.yaml"

_HEADER = """\
# Questions about this change. Answer behind `answer:` with the number or letter of an option, or in your own words.
# Whatever else you change or add here stays as you wrote it.
"""

Splice = tuple[int, int, str]


def parse(data: bytes, file: str) -> list[Question]:
    """The questions of a file, in its order. `file` is its path from the root, for error messages.

    Raises DocumentError, with path and line and what to do, where the file is not what it should be.
    """
    return [entry.question for entry in read(data, file).entries]


def render(existing: bytes | None, questions: Sequence[Question]) -> bytes:
    """The file's bytes with exactly these questions; `existing` itself where nothing has to change.

    Entries whose question is not among them go, those that differ are changed key by key, new ones are appended.
    Raises DocumentError where `existing` cannot be read.
    """
    if existing is None:
        return (_fresh(questions) if questions else "").encode()
    reading = read(existing, FILENAME)
    splices = _splices(reading, questions)
    if not splices:
        return existing
    text, newline = reading.text, "\r\n" if b"\r\n" in existing else "\n"
    # Last first, so that offsets stay true; at one offset, what was found first comes first.
    ordered = sorted(splices, key=lambda s: (s[0], s[1]))
    for start, end, new in reversed(ordered):
        text = text[:start] + new.replace("\n", newline) + text[end:]
    mark = "\ufeff" if existing.startswith(b"\xef\xbb\xbf") else ""
    return (mark + text).encode()


def _splices(reading: Reading, questions: Sequence[Question]) -> list[Splice]:
    wanted = {question.id: question for question in questions}
    known = {entry.question.id for entry in reading.entries}
    new = [question for question in questions if question.id not in known]
    gone = [entry for entry in reading.entries if entry.question.id not in wanted]
    splices: list[Splice] = []
    for entry in reading.entries:
        desired = wanted.get(entry.question.id)
        if desired is not None and desired != entry.question:
            splices += _changes(reading.text, entry, desired)
    if gone and len(gone) == len(reading.entries):
        splices += _emptied(reading, gone, new)
    else:
        splices += [_removal(reading.text, entry) for entry in gone]
        splices += _appended(reading, new)
    return splices


def _fields(question: Question) -> dict[str, Value]:
    """What the file says of a question, in the order in which it says it; None stands for an empty value."""
    answer = question.answer
    recommended = next((n for n, option in enumerate(question.options, start=1) if option.recommended), None)
    fields: dict[str, Value] = {
        "id": question.id,
        "question": question.text,
        "why": question.why,
        "where": str(question.place),
        "address": question.address,
        "options": [option.text for option in question.options],
        "recommended": recommended,
        "blocking": question.blocking,
        "impact": question.impact,
        "uncertainty": question.uncertainty,
        "generated": None if question.by_hand else fingerprint(question),
        "answer": answer.text if answer else None,
        "source": answer.source.value if answer and answer.source is AnswerSource.RECOMMENDATION else None,
        "by": answer.by if answer else None,
        "resolved": question.resolved or None,
    }
    return {key: fields[key] for key in KEYS}


_ALWAYS = ("answer",)


def _entry_text(question: Question, dash: int) -> str:
    """An entry whose dash stands in column `dash`, every line ended."""
    shown = [(k, v) for k, v in _fields(question).items() if k in _ALWAYS or v not in (None, "", [])]
    pad = " " * (dash + 2)
    lines = [f"{pad}{key}:{in_block(value, dash + 2)}\n" for key, value in shown]
    return " " * dash + "- " + "".join(lines)[dash + 2 :]


def _fresh(questions: Iterable[Question]) -> str:
    return f"{_HEADER}schema: {SCHEMA}\nquestions:\n" + "\n".join(_entry_text(q, 2) for q in questions)


def _changes(text: str, entry: Entry, desired: Question) -> list[Splice]:
    before, after = _fields(entry.question), _fields(desired)
    indent = entry.node.start_mark.column
    splices: list[Splice] = []
    added: list[tuple[str, Value]] = []
    for key, value in after.items():
        if value == before[key] or (key == "where" and key not in entry.fields and desired.place.line is None):
            continue
        if key not in entry.fields:
            if value is not None:
                added.append((key, value))
        elif value is None and key not in _ALWAYS and not entry.node.flow_style:
            splices.append(_key_removal(text, *entry.fields[key]))
        else:
            splices.append(_replacement(text, entry, key, value, indent))
    if added and entry.node.flow_style:
        at = entry.node.end_mark.index - 1
        splices.append((at, at, "".join(f", {key}: {in_flow(value)}" for key, value in added)))
    elif added:
        at = _past_line(text, content_end(text, entry.node))
        pad = " " * indent
        lines = "".join(f"{pad}{key}:{in_block(value, indent)}\n" for key, value in added)
        splices.append((at, at, _line_break(text, at) + lines))
    return splices


def _line_break(text: str, offset: int) -> str:
    """What a new line at an offset needs before it."""
    return "" if offset == 0 or text[offset - 1] == "\n" else "\n"


def _replacement(text: str, entry: Entry, key: str, value: Value, indent: int) -> Splice:
    key_node, node = entry.fields[key]
    colon = text.index(":", key_node.end_mark.index) + 1
    if entry.node.flow_style:
        end = colon if is_empty(node) else content_end(text, node)
        return (colon, end, " " + ("null" if value is None else in_flow(value)))
    end = colon if is_empty(node) else content_end(text, node)
    # A comment behind a value on one line stays; a text of several lines would swallow it.
    new = in_block(value, indent)
    if "\n" in new and text[end : line_end(text, end)].strip():
        new = " " + in_flow(value)
    return (colon, end, new)


def _key_removal(text: str, key: Node, value: Node) -> Splice:
    """The whole lines of a key, or only its value where it opens the entry or carries a comment."""
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    colon = text.index(":", key.end_mark.index) + 1
    end = colon if is_empty(value) else content_end(text, value)
    rest = line_end(text, end)
    if text[start : key.start_mark.index].strip() or text[end:rest].strip():
        return (colon, end, "")
    behind = text.find("\n", rest)
    if behind < 0:
        return (max(start - 1, 0), len(text), "")
    return (start, behind + 1, "")


def _start(text: str, node: Node) -> int:
    """The start of the line with an entry's dash."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    while start > 0 and not text[start:].lstrip(" ").startswith("-"):
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _removal(text: str, entry: Entry) -> Splice:
    """An entry's lines and one blank line behind them; comments above it stay."""
    start, end = _start(text, entry.node), line_end(text, content_end(text, entry.node))
    end = _past_line(text, end)
    nxt = line_end(text, end)
    if end < len(text) and not text[end:nxt].strip():
        end = _past_line(text, nxt)
    return (start, end, "")


def _past_line(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1


def _emptied(reading: Reading, gone: Sequence[Entry], new: Sequence[Question]) -> list[Splice]:
    """No entry of the list stays: the last one gives way to the new ones, or the list is left empty."""
    text = reading.text
    if reading.listing.flow_style:
        start, end = reading.listing.start_mark.index, reading.listing.end_mark.index
        return [(start, end, _flow_list(new))]
    splices = [_removal(text, entry) for entry in gone]
    if new:
        start, end, _ = splices[-1]
        dash = gone[-1].node.start_mark.column - 2
        splices[-1] = (start, end, "\n".join(_entry_text(q, max(dash, 0)) for q in new))
    else:
        colon = text.rfind(":", 0, _start(text, gone[0].node)) + 1
        key = next(k for k, v in reading.root.value if v is reading.listing)
        colon = text.index(":", key.end_mark.index) + 1
        splices.append((colon, colon, " []"))
    return splices


def _flow_list(questions: Iterable[Question]) -> str:
    return "[" + ", ".join(_flow_entry(q) for q in questions) + "]"


def _flow_entry(question: Question) -> str:
    shown = [(k, v) for k, v in _fields(question).items() if v not in (None, "", [])]
    return "{" + ", ".join(f"{key}: {in_flow(value)}" for key, value in shown) + "}"


def _appended(reading: Reading, new: Sequence[Question]) -> list[Splice]:
    if not new:
        return []
    text, listing = reading.text, reading.listing
    if reading.root is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return [(len(text), len(text), gap + _fresh(new).removeprefix(_HEADER if text.strip() else ""))]
    body = "\n".join(_entry_text(q, 2) for q in new)
    if listing is None or is_empty(listing):
        if listing is None:
            at = _past_line(text, content_end(text, reading.root))
            return [(at, at, _line_break(text, at) + "questions:\n" + body)]
        key = next(k for k, v in reading.root.value if v is listing)
        at = line_end(text, key.end_mark.index)
        return [(at, at, "\n" + body.removesuffix("\n"))]
    if not reading.entries:
        start, end = listing.start_mark.index, listing.end_mark.index
        return [(start, end, "\n" + body.removesuffix("\n"))]
    if listing.flow_style:
        at = listing.end_mark.index - 1
        comma = "" if text[:at].rstrip().endswith(",") else ", "
        return [(at, at, comma + ", ".join(_flow_entry(q) for q in new))]
    last = reading.entries[-1].node
    dash = len(text[_start(text, last) :]) - len(text[_start(text, last) :].lstrip(" "))
    at = _past_line(text, content_end(text, last))
    return [(at, at, _line_break(text, at) + "\n" + "\n".join(_entry_text(q, dash) for q in new))]

"""Reading `questions.yaml` into questions, each with the piece of the file it came from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.questions.question import Answer, AnswerSource, Option, Question
from workflow_cli.errors import DocumentError

SCHEMA = 1
MAX_BYTES = 1_000_000
MAX_QUESTIONS = 500
MAX_TEXT = 10_000
MAX_ANSWER = 20_000

KEYS = (
    "id", "question", "why", "where", "address", "options", "recommended", "answer", "source", "by", "resolved",
    "blocking", "impact", "uncertainty", "generated",
)  # fmt: skip

_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>[1-9]\d*))?(?::(?P<column>[1-9]\d*))?", re.S)
_CHOICE = re.compile(r"(?:option\s+)?\(?(?:(?P<number>[1-9])|(?P<letter>[a-hA-H]))[.)]?")

#: ruamel.yaml has no public types for its nodes; they are looked at here and in `questions_file` only.
Node = Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One question of the file: its value, its mapping node, and its keys with their nodes in file order."""

    question: Question
    node: Node
    fields: Mapping[str, tuple[Node, Node]]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The file's text without byte-order mark, its root mapping and list of questions (None where absent)."""

    text: str
    root: Node
    listing: Node
    entries: Sequence[Entry]


def read(data: bytes, file: str) -> Reading:
    """Raises DocumentError with path and line for whatever is not a well-formed questions file."""
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"{len(data):,} bytes are more than the {MAX_BYTES:,} a questions file may have",
            where=file,
            hint="take out what is not a question",
        )
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            "not UTF-8", where=f"{file}:{line}", hint="save the file as UTF-8, or delete it to have it written anew"
        ) from None
    return _Reader(file, text).read()


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    def read(self) -> Reading:
        root = self._compose()
        if root is None or _is_null(root):
            return Reading(text=self.text, root=None, listing=None, entries=())
        fields = self._mapping(root, "the file")
        if "schema" in fields:
            schema = fields["schema"][1]
            if self._scalar(schema, "schema") != str(SCHEMA):
                raise self._error(
                    schema, f"schema {self._scalar(schema, 'schema')!r} is not known", "upgrade `workflow`"
                )
        if "questions" not in fields:
            return Reading(text=self.text, root=root, listing=None, entries=())
        listing = fields["questions"][1]
        if _is_null(listing):
            return Reading(text=self.text, root=root, listing=listing, entries=())
        if not _is_sequence(listing):
            raise self._error(listing, "`questions` must be a list", "start each question with `- id: …`")
        if len(listing.value) > MAX_QUESTIONS:
            raise self._error(listing, f"more than {MAX_QUESTIONS} questions", "take out the ones that are settled")
        entries = [self._entry(node) for node in listing.value]
        seen: dict[str, Entry] = {}
        for entry in entries:
            if entry.question.id in seen:
                raise self._error(
                    entry.node, f"the id {entry.question.id!r} is there twice", "give one of the two another id"
                )
            seen[entry.question.id] = entry
        return Reading(text=self.text, root=root, listing=listing, entries=entries)

    def _compose(self) -> Node:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        hint = "mend the line: a text with a colon, a # or a quotation mark in it needs quotation marks around it"
        try:
            # Not "rt": its scanner marks the folds of `>` texts with control characters for its own dumper.
            root = YAML(typ="safe", pure=True).compose(self.text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = 1 if mark is None else mark.line + 1
            problem = error.problem or error.context or "cannot be read"
            raise DocumentError(f"not valid YAML: {problem}", where=f"{self.file}:{line}", hint=hint) from None
        except YAMLError as error:
            position = getattr(error, "position", 0)
            line = self.text.count("\n", 0, position if isinstance(position, int) else 0) + 1
            raise DocumentError("not valid YAML", where=f"{self.file}:{line}", hint=hint) from error
        except (RecursionError, ValueError) as error:
            raise DocumentError("not YAML that can be read", where=f"{self.file}:1", hint=hint) from error
        return root

    def _entry(self, node: Node) -> Entry:
        fields = self._mapping(node, "a question")
        texts = {key: self._text(fields, key) for key in ("id", "question", "why", "where", "address", "by")}
        if not texts["question"].strip():
            raise self._error(node, "a question without text", "write it behind `question:`")
        options = self._options(fields)
        generated = self._text(fields, "generated")
        question = Question(
            id=texts["id"] or own_id(texts["question"]),
            text=texts["question"],
            why=texts["why"],
            options=options,
            place=self._place(texts["where"]),
            address=texts["address"] or None,
            impact=self._share(fields, "impact"),
            uncertainty=self._share(fields, "uncertainty"),
            blocking=self._flag(fields, "blocking"),
            answer=self._answer(fields, options, texts["by"]),
            resolved=self._flag(fields, "resolved"),
            by_hand=True,
        )
        touched = (
            generated != fingerprint(question)
            or node.flow_style
            or any(key not in KEYS for key in fields)
            or self._has_comment(node)
        )
        if not touched:
            question = _as_elicited(question)
        return Entry(question=question, node=node, fields=fields)

    def _options(self, fields: Mapping[str, tuple[Node, Node]]) -> tuple[Option, ...]:
        if "options" not in fields or _is_null(fields["options"][1]):
            texts: list[str] = []
        else:
            node = fields["options"][1]
            if not _is_sequence(node):
                raise self._error(node, "`options` must be a list of texts", "start each option with `- `")
            texts = [self._scalar(item, "an option") for item in node.value]
            if len(texts) > 8:
                raise self._error(node, "more than 8 options", "leave the best of them")
        chosen = 0
        if "recommended" in fields and not _is_null(fields["recommended"][1]):
            node = fields["recommended"][1]
            value = self._scalar(node, "recommended")
            if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= len(texts):
                raise self._error(node, f"`recommended` must be the number of an option, 1 to {len(texts)}")
            chosen = int(value)
        return tuple(Option(text=text, recommended=index == chosen) for index, text in enumerate(texts, start=1))

    def _answer(self, fields: Mapping[str, tuple[Node, Node]], options: Sequence[Option], by: str) -> Answer | None:
        text = self._text(fields, "answer", MAX_ANSWER)
        source = self._text(fields, "source")
        if source not in ("", *AnswerSource):
            raise self._error(fields["source"][1], f"`source` must be {' or '.join(AnswerSource)}")
        if not text.strip():
            return None
        chosen = _chosen(text, options)
        if chosen is not None and chosen.wants_words:
            raise self._error(
                fields["answer"][1],
                "this option is no answer by itself",
                "write your own words behind `answer:` instead",
            )
        taken = chosen is not None and chosen.recommended and source == AnswerSource.RECOMMENDATION
        return Answer(
            text=text if chosen is None else chosen.text,
            source=AnswerSource.RECOMMENDATION if taken else AnswerSource.PERSON,
            by=by or None,
        )

    def _place(self, where: str) -> Place:
        match = _PLACE.fullmatch(where)
        if match is None:
            return Place(file=self.file)
        line, column = (int(match[key][:9]) if match[key] else None for key in ("line", "column"))
        return Place(file=match["file"], line=line, column=column)

    def _text(self, fields: Mapping[str, tuple[Node, Node]], key: str, limit: int = MAX_TEXT) -> str:
        if key not in fields or _is_null(fields[key][1]):
            return ""
        return self._scalar(fields[key][1], key, limit)

    def _flag(self, fields: Mapping[str, tuple[Node, Node]], key: str) -> bool:
        value = self._text(fields, key)
        if value.lower() not in ("", "true", "false"):
            raise self._error(fields[key][1], f"`{key}` must be true or false")
        return value.lower() == "true"

    def _share(self, fields: Mapping[str, tuple[Node, Node]], key: str) -> float:
        """In [0, 1]; 1 where it is missing, for what a person asks counts fully."""
        value = self._text(fields, key)
        try:
            number = float(value or 1)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise self._error(fields[key][1], f"`{key}` must be a number from 0 to 1")
        return number

    def _scalar(self, node: Node, what: str, limit: int = MAX_TEXT) -> str:
        """The value as it is written: `yes`, `1.10` and `2026-11-22` are texts here, whatever YAML makes of them."""
        self._refuse_anchor(node)
        if not isinstance(node.value, str):
            raise self._error(node, f"`{what}` must be a text", "put quotation marks around it")
        if len(node.value) > limit:
            raise self._error(node, f"`{what}` is longer than {limit:,} characters", "shorten it, or refer to a file")
        return node.value

    def _mapping(self, node: Node, what: str) -> dict[str, tuple[Node, Node]]:
        self._refuse_anchor(node)
        if not _is_mapping(node):
            raise self._error(node, f"{what} must be a mapping", "write `key: value` lines")
        fields: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            name = self._scalar(key, "a key")
            if name in fields:
                raise self._error(key, f"the key `{name}` is there twice", "leave one of them")
            self._refuse_anchor(value)
            fields[name] = (key, value)
        return fields

    def _refuse_anchor(self, node: Node) -> None:
        if node.anchor:
            raise self._error(node, "anchors and aliases are not read here", "write the value out")

    def _has_comment(self, node: Node) -> bool:
        start, end = node.start_mark.index, line_end(self.text, content_end(self.text, node))
        shown = list(self.text[start:end])
        for leaf in _leaves(node):
            for index in range(leaf.start_mark.index, leaf.end_mark.index):
                if start <= index < end:
                    shown[index - start] = "x"
        return "#" in shown

    def _error(self, node: Node, message: str, hint: str | None = None) -> DocumentError:
        # Marks count U+0085 and its like as line ends, which no editor does; so the line is counted here.
        line = self.text.count("\n", 0, node.start_mark.index) + 1
        return DocumentError(message, where=f"{self.file}:{line}", hint=hint or "mend the line")


def fingerprint(question: Question) -> str:
    """Changes whenever somebody rewords, reorders or unblocks a question; the answer and the place do not count."""
    recommended = [str(index) for index, option in enumerate(question.options) if option.recommended]
    parts = (question.text, question.why, str(question.blocking), *recommended, *(o.text for o in question.options))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def own_id(text: str) -> str:
    """The id of a question that a person added without one."""
    return "own-" + hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _as_elicited(question: Question) -> Question:
    return replace(question, by_hand=False)


def _chosen(text: str, options: Sequence[Option]) -> Option | None:
    """The option that an answer names by number, letter or its own words."""
    given = text.strip()
    for option in options:
        if given == option.text.strip():
            return option
    if match := _CHOICE.fullmatch(given):
        index = int(match["number"]) - 1 if match["number"] else ord(match["letter"].lower()) - ord("a")
        return options[index] if index < len(options) else None
    return None


def content_end(text: str, node: Node) -> int:
    """The offset behind the last character that belongs to a node; for an empty value, behind the colon before it."""
    if isinstance(node.value, str):
        start, end = node.start_mark.index, node.end_mark.index
        if start == end:
            return len(text[:start].rstrip()) if ":" not in text[:start] else text.rfind(":", 0, start) + 1
        return int(start) + len(text[start:end].rstrip())
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    if isinstance(last, tuple):
        key, value = last
        if is_empty(value):
            return text.index(":", int(key.end_mark.index)) + 1
        return content_end(text, value)
    return content_end(text, last)


def line_end(text: str, offset: int) -> int:
    """The offset of the line end at or behind an offset."""
    found = text.find("\n", offset)
    if found < 0:
        return len(text)
    return found - 1 if found > offset and text[found - 1] == "\r" else found


def is_empty(node: Node) -> bool:
    return isinstance(node.value, str) and node.start_mark.index == node.end_mark.index


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node.value, str):
        yield node
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _leaves(part)


def _is_mapping(node: Node) -> bool:
    return bool(type(node).__name__ == "MappingNode")


def _is_sequence(node: Node) -> bool:
    return bool(type(node).__name__ == "SequenceNode")


def _is_null(node: Node) -> bool:
    """Nothing at all, `null` or `~`; a quoted one is a text."""
    return isinstance(node.value, str) and not node.style and node.value in ("", "~", "null", "Null", "NULL")

"""Pending questions as a file that people fill in: YAML, or JSON where its name says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.yaml_text import in_block
from workflow_cli.app.answering.pending import Sheet, SheetEntry
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from workflow_cli.adapters.yaml_files import YamlDocument
    from workflow_cli.app.answering.ports import PendingQuestion

SCHEMA = 1
_HEAD = """\
# Write behind `answer:` what is to hold, in your own words; `sources:` may name lines of documents, such as
# [openspec/specs/auth/spec.md:12]. What has no answer stays open. Then: workflow questions import FILE
"""
_KNOWN = {
    "id", "question", "change", "context", "asked_by", "asked_at", "priority", "expires_at", "answer", "by", "sources",
}  # fmt: skip
#: What JSON output has around the questions.
_AROUND = {"schema_version", "command", "status", "exit_code", "degraded", "file"}
_KIND = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "a mapping"}


def to_plain(entry: PendingQuestion) -> dict[str, Any]:
    """An entry as the file has it; what it has nothing to say about is left out, `answer` and `sources` aside."""
    always = {"id": entry.id, "question": entry.text}
    facts = {
        "change": entry.change,
        "context": dict(entry.context),
        "asked_by": list(entry.askers),
        "asked_at": entry.asked_at,
        "priority": entry.priority,
        "expires_at": entry.expires_at,
    }
    said = {
        "answer": entry.answer,
        "by": entry.answered_by,
        "sources": [f"{source.path}:{source.line}" for source in entry.sources],
    }
    told = {key: value for key, value in facts.items() if value not in (None, {}, [])}
    return {**always, **told, **{key: value for key, value in said.items() if value or key != "by"}}


def render(entries: Sequence[PendingQuestion], *, as_json: bool) -> bytes:
    plain = [to_plain(entry) for entry in entries]
    if as_json:
        text = json.dumps({"schema": SCHEMA, "questions": plain}, ensure_ascii=False, indent=2) + "\n"
        return text.encode("utf-8", "backslashreplace")
    lines = [f"{_HEAD}schema: {SCHEMA}\nquestions:{'' if plain else ' []'}"]
    for entry in plain:
        lead = "  - "
        for key, value in entry.items():
            lines.append(f"{lead}{key}:{_block(value)}")
            lead = "    "
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _block(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"\n      {in_block(key, 6).strip()}:{in_block(item, 6)}" for key, item in value.items())
    return in_block(value, 4)


def parse(data: bytes, name: str) -> Sheet:
    """What a file says; what in it cannot be understood is among the sheet's faults.

    Raises DocumentError where it is no YAML, or no JSON, at all.
    """
    value, where = _loaded(data, name)
    if not isinstance(value, dict) or not isinstance(value.get("questions"), list):
        raise DocumentError(
            "no list of questions", where=name, hint="workflow questions export FILE writes one to fill in"
        )
    faults = [f"{where((key,))}: unknown key {key!r}" for key in value if key not in {"schema", "questions", *_AROUND}]
    if value.get("schema", SCHEMA) != SCHEMA:
        faults.append(f"{where(('schema',))}: schema {value['schema']!r} is not known; this version reads {SCHEMA}")
    entries = []
    for number, item in enumerate(value["questions"]):
        reader = _Entry(item, number, where)
        if (entry := reader.read()) is not None:
            entries.append(entry)
        faults += reader.faults
    return Sheet(name=name, entries=tuple(entries), faults=tuple(faults))


Where = Callable[[tuple[str | int, ...]], str]


def _loaded(data: bytes, name: str) -> tuple[Any, Where]:
    if name.lower().endswith(".json"):
        try:
            return json.loads(data), lambda path: f"{name}: {_path(path)}"
        except (ValueError, RecursionError) as error:
            raise DocumentError(
                f"not JSON: {error}",
                where=name,
                hint="mend that place; workflow questions export FILE writes a good one",
            ) from error
    from workflow_cli.adapters.yaml_files import load_yaml

    document: YamlDocument = load_yaml(data, name)
    return document.value, document.where


def _path(path: tuple[str | int, ...]) -> str:
    """`questions[3].answer`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


class _Entry:
    """One item of the list. Its faults name the line of what is wrong."""

    def __init__(self, item: Any, number: int, where: Where) -> None:
        self._item = item
        self._at: tuple[str | int, ...] = ("questions", number)
        self._where = where
        self.faults: list[str] = []

    def read(self) -> SheetEntry | None:
        """None where it cannot be told which question it is."""
        if not isinstance(self._item, dict):
            self._fault((), f"a question was expected, not {_kind(self._item)}")
            return None
        for key in self._item:
            if key not in _KNOWN:
                self._fault((key,), f"unknown key {key!r}")
        id = self._text("id")
        if id is None:
            self._fault((), "it has no id")
            return None
        context = self._item.get("context") or {}
        if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
            self._fault(("context",), "expected a mapping of texts")
            context = {}
        return SheetEntry(
            id=id,
            where=self._where(self._at),
            text=self._text("question"),
            change=self._text("change"),
            context=context,
            answer=self._text("answer"),
            by=self._text("by"),
            cited=self._sources(),
        )

    def _text(self, key: str) -> str | None:
        """The text, or None for none and for an empty one."""
        value = self._item.get(key)
        if value is None or isinstance(value, str):
            return value if value and value.strip() else None
        # A number may have been written otherwise than it is read: 1.10, 007.
        hint = "; put it in quotes" if isinstance(value, (bool, int, float)) else ""
        self._fault((key,), f"{key}: a text was expected, not {_kind(value)}{hint}")
        return None

    def _sources(self) -> tuple[str, ...]:
        value = self._item.get("sources") or []
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            self._fault(("sources",), "sources: a list of PATH:LINE was expected")
            return ()
        return tuple(listed)

    def _fault(self, path: tuple[str, ...], message: str) -> None:
        self.faults.append(f"{self._where((*self._at, *path))}: {message}")


def _kind(value: Mapping[str, Any] | Any) -> str:
    return "nothing" if value is None else _KIND.get(type(value), "a text")

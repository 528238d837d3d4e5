"""The kinds of events and the form of each of their fields. `docs/reference/events.md` says what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

QUESTION = "question"
VERDICT = "verdict"
FINDING_VERDICT = "finding.verdict"
WRONG = "question.wrong"
ANSWERED = "question.answered"
DROPPED = "question.dropped"
MODEL_CALL = "model.call"
TOOL_CALL = "mcp.call"
ITEM = "process.item"
DRAFT = "draft"


class Form(StrEnum):
    """What a field may be. Every field may be missing or null, but for `event_id`, `ts` and `kind`."""

    TEXT = "text"  # of at most 4,000 characters
    MESSAGE = "message"  # text of any length
    TEXTS = "texts"
    FLAG = "flag"
    COUNT = "count"  # a whole number
    NUMBER = "number"
    DURATION = "duration"  # milliseconds: not negative, and no more than a century
    MOMENT = "moment"  # RFC 3339, with a zone
    COUNTS = "counts"  # text → whole number
    NUMBERS = "numbers"  # text → number
    ROUTE = "route"  # steps: answerer, outcome, failure, attempts, ms
    CITES = "cites"  # sources: address, section_hash
    RETRIEVAL = "retrieval"  # score, coverage, k
    TOKENS = "tokens"  # prompt, completion, and what belongs to them


def _fields(**forms: Form) -> Mapping[str, Form]:
    return MappingProxyType(forms)


_REVISED = {"revision": Form.COUNT}
_ANSWER = {
    "answer_id": Form.TEXT,
    "question_hash": Form.TEXT,
    "answerer": Form.TEXT,
    "model": Form.TEXT,
}
_WAITED = {"question": Form.TEXT, "question_hash": Form.TEXT, "change": Form.TEXT}

#: What any event may have; kinds that are not listed below have these too.
EVERY = _fields(
    schema=Form.COUNT,
    event_id=Form.TEXT,
    ts=Form.MOMENT,
    kind=Form.TEXT,
    outcome=Form.TEXT,
    error=Form.TEXT,
    duration_ms=Form.DURATION,
)
KINDS: Mapping[str, Mapping[str, Form]] = MappingProxyType(
    {
        ITEM: _fields(
            item=Form.TEXT,
            valid=Form.FLAG,
            fault=Form.MESSAGE,
            rules=Form.COUNTS,
            questions=Form.COUNT,
            open_blocking=Form.COUNT,
            steps=Form.NUMBERS,
        ),
        "process": _fields(
            steps=Form.TEXTS,
            strict=Form.FLAG,
            items=Form.COUNT,
            invalid=Form.COUNT,
            failed=Form.COUNT,
            reused=Form.COUNT,
            exit_code=Form.COUNT,
        ),
        "process.output": _fields(exit_code=Form.COUNT, faults=Form.TEXTS),
        "update": _fields(documents=Form.COUNT, operations=Form.COUNT, by=Form.TEXT, **_REVISED),
        DRAFT: _fields(
            draft=Form.TEXT,
            author_kind=Form.TEXT,
            author=Form.TEXT,
            reasons=Form.TEXTS,
            change=Form.TEXT,
            documents=Form.TEXTS,
            by_draft=Form.TEXT,
            **_REVISED,
        ),
        "review": _fields(draft=Form.TEXT, reasons=Form.TEXTS, findings=Form.COUNT, covered=Form.COUNT, **_REVISED),
        "propose": _fields(change=Form.TEXT, questions=Form.COUNT, by=Form.TEXT, **_REVISED),
        "history.undo": _fields(item=Form.TEXT, undoes=Form.COUNT, **_REVISED),
        "archive.undo": _fields(item=Form.TEXT, undoes=Form.COUNT, **_REVISED),
        "history.verify": _fields(damage=Form.COUNT),
        "archive": _fields(item=Form.TEXT, rules=Form.TEXTS, specs=Form.COUNT, **_REVISED),
        QUESTION: _fields(
            answer_id=Form.TEXT,
            question_hash=Form.TEXT,
            terms_hash=Form.TEXT,
            topic=Form.TEXT,
            question_kind=Form.TEXT,
            asker=Form.TEXT,
            change=Form.TEXT,
            status=Form.TEXT,
            answerer=Form.TEXT,
            confidence=Form.NUMBER,
            unsourced=Form.FLAG,
            cites=Form.CITES,
            route=Form.ROUTE,
            retrieval=Form.RETRIEVAL,
            unchecked=Form.COUNT,
            tokens=Form.TOKENS,
            model=Form.TEXT,
            cached=Form.FLAG,
            shared=Form.FLAG,
            config_sha=Form.TEXT,
            experiment=Form.TEXT,
            arm=Form.TEXT,
            unit=Form.TEXT,
        ),
        VERDICT: _fields(
            **_ANSWER,
            question_event=Form.TEXT,
            asked_at=Form.MOMENT,
            terms_hash=Form.TEXT,
            question_kind=Form.TEXT,
            change=Form.TEXT,
            client=Form.TEXT,
            because=Form.TEXT,
            places=Form.TEXTS,
        ),
        FINDING_VERDICT: _fields(
            rule=Form.TEXT,
            finding=Form.TEXT,
            score=Form.NUMBER,
            item=Form.TEXT,
            client=Form.TEXT,
            via=Form.TEXT,
            because=Form.TEXT,
        ),
        WRONG: _fields(**_ANSWER, confidence=Form.NUMBER, by=Form.TEXT),
        ANSWERED: _fields(
            **_WAITED,
            by=Form.TEXT,
            askers=Form.COUNT,
            sources=Form.COUNT,
            replaced=Form.FLAG,
            waited_ms=Form.DURATION,
        ),
        DROPPED: _fields(**_WAITED, answered=Form.FLAG),
        TOOL_CALL: _fields(server=Form.TEXT, tool=Form.TEXT, arguments_hash=Form.TEXT, definition_hash=Form.TEXT),
        MODEL_CALL: _fields(
            purpose=Form.TEXT,
            prompt=Form.TEXT,
            failure=Form.TEXT,
            host=Form.TEXT,
            model=Form.TEXT,
            form=Form.TEXT,
            attempts=Form.COUNT,
            failures=Form.TEXTS,
            tokens=Form.TOKENS,
            complete=Form.FLAG,
            first_token_ms=Form.NUMBER,
        ),
        "mcp": _fields(server=Form.TEXT, tools=Form.COUNT),
    }
)

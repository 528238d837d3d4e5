"""The events that commands leave, as the loop reads them.

Questions are told apart by hashes: no text of theirs is in the log. A verdict names an answer, which many may have been
given; it is joined to the question of that client, or the last one. That a cited section was edited shows in its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from workflow_cli.domain.events.kinds import ANSWERED, DRAFT, FINDING_VERDICT, ITEM, QUESTION, VERDICT, WRONG
from workflow_cli.domain.improvement.observation import ANSWER, CHECK, EDIT, FEEDBACK, SUGGESTION
from workflow_cli.domain.improvement.places import place_of

Record = Mapping[str, Any]
#: Somebody whose name the log does not have.
NOBODY = "-"
PERSON = "person"
LONGEST_ANSWER = 4000
_OUTCOMES = {
    "answered": "answered",
    "not_in_specs": "abstained",
    "pending": "abstained",
    "refused": "abstained",
    "failed": "failed",
}
_ANSWERERS = {"specs": "specs", "model": "model", "tools": "mcp"}
_MOST_CITES = 64
#: What people do with a draft, and not the program.
_FATES = frozenset(("approved", "rejected", "undone"))


class Translation:
    """Keeps what later events refer to. `text_of` gives what was answered to a question that waited, by its id."""

    def __init__(self, text_of: Callable[[str], str | None] = lambda _: None) -> None:
        self._text_of = text_of
        self._answers: dict[str, tuple[str, str]] = {}
        self._by_client: dict[tuple[str, str], str] = {}
        self._hashes: dict[str, str] = {}
        self._topics: dict[str, str] = {}
        self._judged: dict[tuple[str, str], bool] = {}

    def translated(self, records: Iterable[Record | None]) -> Iterator[Record | None]:
        for record in records:
            if record is None:
                yield None
                continue
            kind = record.get("kind")
            if kind == QUESTION:
                yield from self._question(record)
            elif kind == VERDICT:
                yield self._verdict(record, record.get("outcome") == "accepted", record.get("client"))
            elif kind == WRONG:
                yield self._verdict(record, False, record.get("by"))
            elif kind == ITEM:
                rules = record.get("rules")
                yield {
                    "kind": CHECK,
                    "event_id": record.get("event_id"),
                    "ts": record.get("ts"),
                    "item": record.get("item"),
                    "rules": sorted(map(str, rules))[:_MOST_CITES] if isinstance(rules, Mapping) else [],
                }
            elif kind == FINDING_VERDICT:
                yield from self._finding(record)
            elif kind == DRAFT and record.get("author_kind") == "rule" and record.get("outcome") in _FATES:
                # What becomes of a repair is what people think of the finding it mends; its author is the rule.
                fate = "accepted" if record.get("outcome") == "approved" else "rejected"
                yield from self._finding(
                    {**record, "outcome": fate, "rule": record.get("author"), "finding": record.get("draft")}
                )
            elif kind == ANSWERED and record.get("by") == "person":
                # What a person says to a question that waited is the right answer to it, in that person's words.
                waiting = record.get("question")
                text = self._text_of(waiting) if isinstance(waiting, str) else None
                said = {**record, "answer_id": waiting, "answer": text}
                yield self._verdict(said, True, PERSON)

    def _finding(self, record: Record) -> Iterator[Record]:
        """What one person says of one finding, where it is not only told again."""
        client = record.get("client") or NOBODY
        finding, accepted = str(record.get("finding")), record.get("outcome") == "accepted"
        if self._judged.get((finding, str(client))) is accepted:
            return
        self._judged[finding, str(client)] = accepted
        yield {
            "kind": SUGGESTION,
            "event_id": record.get("event_id"),
            "ts": record.get("ts"),
            "client": client,
            "rule": record.get("rule"),
            "score": record.get("score"),
            "accepted": accepted,
            "about": finding,
        }

    def _question(self, record: Record) -> Iterator[Record]:
        outcome = _OUTCOMES.get(str(record.get("status")))
        if outcome is None:
            # Nobody waited for the end of one that was interrupted; any other is no question of ours, and counted as such.
            if "interrupted" not in (record.get("status"), record.get("outcome")):
                yield {"kind": ANSWER}
            return
        id = record.get("event_id")
        client = record.get("asker") or NOBODY
        cites = []
        for cite in _list(record.get("cites"))[:_MOST_CITES]:
            if isinstance(cite, Mapping) and isinstance(written := cite.get("address"), str):
                address = place_of(written)
                cites.append(address)
                hash = cite.get("section_hash")
                if isinstance(hash, str) and hash:
                    if self._hashes.get(address, hash) != hash:
                        yield {
                            "kind": EDIT,
                            "event_id": f"{id}/edit/{address}"[:4000],
                            "ts": record.get("ts"),
                            "sections": [address],
                        }
                    self._hashes[address] = hash
        answer = record.get("answer_id")
        if isinstance(answer, str) and isinstance(id, str):
            self._answers[answer] = (id, str(client))
            self._by_client[answer, str(client)] = id
        retrieval = record.get("retrieval")
        uncited = bool(record.get("unchecked"))
        attempts = [a for step in _list(record.get("route")) if (a := _attempt(step, uncited=uncited)) is not None]
        yield {
            "kind": ANSWER,
            "event_id": id,
            "ts": record.get("ts"),
            "client": client,
            "question_kind": record.get("question_kind"),
            "cluster": self._about(record),
            "question": record.get("question_hash"),
            "attempts": attempts,
            "began": _began(record, attempts),
            "duration_ms": record.get("duration_ms"),
            "outcome": outcome,
            "cites": cites,
            "score": retrieval.get("coverage") if isinstance(retrieval, Mapping) and retrieval.get("k") else None,
            "cached": record.get("cached") is True,
            "experiment": record.get("experiment"),
            "arm": record.get("arm"),
            "unit": record.get("unit"),
        }

    def _about(self, record: Record) -> Any:
        """What the question is about, the same in other words. Whoever answered without looking did not tell, so that it
        is remembered of the same words; an older version never told, and the words have to do."""
        words, topic = record.get("terms_hash"), record.get("topic")
        if not isinstance(words, str):
            return topic if isinstance(topic, str) else words
        return self._topics.setdefault(words, topic) if isinstance(topic, str) else self._topics.get(words, words)

    def _verdict(self, record: Record, accepted: bool, client: Any) -> Record:
        answer = str(record.get("answer_id"))
        who = client if isinstance(client, str) and client else NOBODY
        named = record.get("question_event")
        asked = named if isinstance(named, str) else self._by_client.get((answer, who))
        if asked is None:
            asked = self._answers.get(answer, ("unknown", ""))[0]
        text = record.get("answer") or None
        too_long = text is not None and len(str(text)) > LONGEST_ANSWER
        return {
            "kind": FEEDBACK,
            "event_id": record.get("event_id"),
            "ts": record.get("ts"),
            "client": who,
            "answer_id": asked,
            "accepted": accepted,
            "reference": [
                place_of(place) if isinstance(place, str) else place for place in _list(record.get("places"))
            ],
            "answer": None if too_long else text,
            "too_long": too_long,
        }


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _began(record: Record, attempts: list[Record]) -> float | None:
    """When the first attempt began: events are written when all is over. A person may have been waited for besides."""
    try:
        written = datetime.fromisoformat(str(record.get("ts"))).timestamp()
        return max(0.0, written - sum(float(attempt["ms"]) for attempt in attempts) / 1000)
    except (TypeError, ValueError, OverflowError):
        return None


def _attempt(step: Any, *, uncited: bool) -> Record | None:
    """None for steps that asked nobody: the cache, a person, and whoever was passed over.

    `uncited`: claims were dropped on the way, because no document bears them out.
    """
    if not isinstance(step, Mapping) or step.get("outcome") == "skipped":
        return None
    answerer = _ANSWERERS.get(str(step.get("answerer")))
    if answerer is None:
        return None
    ok = step.get("outcome") == "answered"
    silent = "citation" if answerer == "model" and uncited else "abstained"
    return {
        "answerer": answerer,
        "ok": ok,
        "ms": step.get("ms"),
        "failure": None if ok else (step.get("failure") or silent),
        "queued_ms": step.get("queued_ms", 0.0),
    }

"""`feedback accept` and `feedback reject`: what a person thinks of an answer, as an event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.improvement.places import place_of
from workflow_cli.errors import Refused, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import EventLog

#: A reason, not an essay.
LONGEST_REASON = 500
_MOST_PLACES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The verdict as it was recorded."""

    answer_id: str
    accepted: bool
    because: str
    answerer: str
    model: str | None
    question_kind: str


def record_verdict(
    answer_id: str,
    *,
    accepted: bool,
    because: str,
    by: str,
    places: Sequence[str] = (),
    find: Callable[[str], Mapping[str, Any] | None],
    find_place: Callable[[str], str],
    events: EventLog,
    seconds: Callable[[], float],
) -> Given:
    """Raises UsageError for an id that no answer has and a reason that is none, Refused for what was not answered.

    `find_place` gives the full address of a place, and raises what `read_excerpt` does where there is none.
    """
    reason = clean_reason(because)
    cleaned = [_clean(place) for place in places]
    if len(places) > _MOST_PLACES or not all(cleaned) or any(len(place) > LONGEST_REASON for place in cleaned):
        raise UsageError("that is no list of places", where="--place", hint="addresses as `workflow ask` shows them")
    asked = find(answer_id)
    if asked is None:
        raise UsageError(
            f"no answer {_clean(answer_id)[:64]!r} in the log of events",
            where="ANSWER_ID",
            hint="take the id that `workflow ask` shows; answers given while events were off are not in it",
        )
    if asked.get("status") != "answered" or not asked.get("answerer"):
        raise Refused("that question has no answer yet", where=answer_id, hint="workflow questions list")
    named = list(dict.fromkeys(place_of(find_place(_as_address(place))) for place in cleaned))
    outcome = "accepted" if accepted else "rejected"
    events.append(
        {
            "kind": "verdict",
            "outcome": outcome,
            "answer_id": answer_id,
            "question_event": asked.get("event_id"),
            "question_hash": asked.get("question_hash"),
            "terms_hash": asked.get("terms_hash"),
            "question_kind": asked.get("question_kind"),
            "answerer": asked["answerer"],
            "model": asked.get("model"),
            "change": asked.get("change"),
            "asked_at": asked.get("ts"),
            "client": client_of(by),
            "because": reason,
            "places": named,
            "duration_ms": round(seconds() * 1000, 3),
        }
    )
    return Given(
        answer_id=answer_id,
        accepted=accepted,
        because=reason,
        answerer=str(asked["answerer"]),
        model=asked.get("model"),
        question_kind=str(asked.get("question_kind") or ""),
    )


def _as_address(place: str) -> str:
    """`cart/Requirement: Limits`, as the log has it, with the `#` of addresses."""
    capability, slash, rest = place.partition("/Requirement:")
    return f"{capability}#Requirement:{rest}" if slash and "#" not in capability else place


def clean_reason(because: str) -> str:
    """The reason as one line. Raises UsageError for one that is none."""
    reason = _clean(because)
    if not reason:
        raise UsageError("the reason is empty", where="--because", hint="say in a sentence why")
    if len(reason) > LONGEST_REASON:
        raise UsageError(
            f"the reason has {len(reason)} characters", where="--because", hint=f"at most {LONGEST_REASON}: be brief"
        )
    return reason


def client_of(name: str) -> str:
    """The same for the same person; who that is does not stand in the log."""
    return hashlib.sha256(b"client\0" + name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _clean(text: str) -> str:
    """One line, without characters that are not to be seen."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())

"""An event log as a busy month leaves it: the same lines for the same number, in the form of docs/reference/events.md."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_ANSWERERS = ("specs", "specs", "model", "model", "tools", "person")
_MODELS = ("qwen/qwen3-8b", "qwen/qwen3-32b")
_CHANGES = (None, *(f"add-feature-{number}" for number in range(20)))
_KINDS = ("lookup", "lookup", "howto", "code", "tool")


def lines(count: int, *, start: datetime, days: float = 31.0, seed: int = 7) -> Iterator[str]:
    """So many events, evenly spread over `days` from `start`."""
    chance = random.Random(seed)
    step = timedelta(days=days) / max(1, count)
    for number in range(count):
        moment = start + number * step
        event = {
            "schema": 1,
            "event_id": f"{int(moment.timestamp() * 1000):012x}{chance.getrandbits(80):020x}",
            "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **_event(chance),
        }
        yield json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_log(path: Path, count: int, *, start: datetime, days: float = 31.0, seed: int = 7) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines(count, start=start, days=days, seed=seed))


def _event(chance: random.Random) -> dict[str, object]:
    draw = chance.random()
    if draw < 0.35:
        return _question(chance)
    if draw < 0.55:
        return _model_call(chance)
    if draw < 0.75:
        failed = chance.random() < 0.02
        return {
            "kind": "process.item",
            "item": f"change/{chance.choice(_CHANGES[1:])}",
            "valid": None if failed else chance.random() < 0.9,
            "outcome": "failed" if failed else "done",
            "fault": f"cannot read: line {chance.randrange(400)}" if failed else None,
            "rules": {"unresolved-marker": 1} if chance.random() < 0.2 else {},
            "questions": 2,
            "open_blocking": 0,
            "steps": {"validate": 12.1, "analyse": 9.8},
            "duration_ms": _ms(chance, 60),
        }
    if draw < 0.83:
        model = chance.random() < 0.5
        outcome = chance.choice(("drafted", "approved", "committed", "committed", "rejected"))
        return {
            "kind": "draft",
            "outcome": outcome,
            "draft": f"{chance.getrandbits(48):012x}",
            "author_kind": "model" if model else "person",
            "author": chance.choice(_MODELS) if model else None,
            "reasons": ["model-written"] if model else [],
            "change": chance.choice(_CHANGES),
        }
    if draw < 0.91:
        failed = chance.random() < 0.03
        event: dict[str, object] = {"kind": "update", "outcome": "failed" if failed else "written"}
        if failed:
            event["error"] = chance.choice(("EditRefused", "AddressNotFound"))
        else:
            event |= {"documents": 1, "operations": 1, "revision": chance.randrange(9999)}
        return {**event, "duration_ms": _ms(chance, 40)}
    if draw < 0.96:
        outcome = "answered" if chance.random() < 0.93 else chance.choice(("timeout", "unreachable", "error"))
        return {
            "kind": "mcp.call",
            "server": "tracker",
            "tool": "search",
            "arguments_hash": f"{chance.getrandbits(48):012x}",
            "outcome": outcome,
            "duration_ms": _ms(chance, 900),
        }
    return {
        "kind": "process",
        "steps": ["validate", "analyse"],
        "strict": False,
        "items": 6,
        "invalid": 0,
        "failed": 0,
        "reused": 2,
        "outcome": chance.choice(("ok", "ok", "findings", "waiting")),
        "exit_code": 0,
        "duration_ms": _ms(chance, 280),
    }


def _question(chance: random.Random) -> dict[str, object]:
    answerer = chance.choice(_ANSWERERS)
    answered = chance.random() < 0.85
    topic = int(chance.paretovariate(0.6)) % 5000
    step = {
        "answerer": answerer,
        "outcome": "answered" if answered else "abstained",
        "failure": None,
        "attempts": 1,
        "ms": _ms(chance, 700),
    }
    source = {"address": f"openspec/specs/cart/spec.md#cart > Requirements > {topic}", "section_hash": f"{topic:064x}"}
    return {
        "kind": "question",
        "answer_id": f"a{chance.getrandbits(64):016x}",
        "question_hash": f"{topic:032x}",
        "terms_hash": f"{topic:016x}",
        "question_kind": chance.choice(_KINDS),
        "asker": f"person-{chance.randrange(400)}",
        "change": chance.choice(_CHANGES),
        "status": "answered" if answered else chance.choice(("not_in_specs", "pending", "failed")),
        "answerer": answerer if answered else None,
        "confidence": 0.61,
        "unsourced": False,
        "cites": [source] if answered else [],
        "route": [step],
        "retrieval": {"score": 4.08, "coverage": 0.61, "k": 8},
        "unchecked": 0,
        "tokens": {"prompt": 800, "completion": 100} if answerer == "model" else {"prompt": 0, "completion": 0},
        "model": chance.choice(_MODELS) if answered and answerer == "model" else None,
        "cached": chance.random() < 0.2,
        "shared": False,
        "duration_ms": _ms(chance, 800),
    }


def _model_call(chance: random.Random) -> dict[str, object]:
    failed = chance.random() < 0.05
    return {
        "kind": "model.call",
        "purpose": "answer",
        "prompt": "answer.v1",
        "outcome": "failed" if failed else "done",
        "failure": chance.choice(("timeout", "overloaded", "bad_reply")) if failed else None,
        "host": "127.0.0.1:1234",
        "model": chance.choice(_MODELS),
        "form": "json_schema",
        "attempts": 1,
        "failures": [],
        "tokens": None if failed else {"prompt": 1840, "completion": 212, "reasoning": 0, "counted": True},
        "complete": not failed,
        "first_token_ms": 310.4,
        "duration_ms": _ms(chance, 4000),
    }


def _ms(chance: random.Random, middle: float) -> float:
    return round(middle * chance.lognormvariate(0, 0.6), 3)


if __name__ == "__main__":
    import sys

    write_log(Path(sys.argv[1]), int(sys.argv[2]), start=datetime.now(UTC) - timedelta(days=31))

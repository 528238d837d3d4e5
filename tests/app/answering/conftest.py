"""A tree, an index of it, and a router over answerers that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.fakes.answerers import Reply, ScriptedAnswerer
from tests.fakes.questions import QuestionsInMemory
from workflow_cli.adapters.answer_cache import SqliteAnswerCache
from workflow_cli.adapters.answering_state import AnsweringState
from workflow_cli.adapters.breaker_store import SqliteBreakers
from workflow_cli.adapters.cited_files import CitedFiles
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.lease_store import SqliteLeases
from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.answer_question import AnswerQuestion, Outcome
from workflow_cli.app.answering.route_walk import Means
from workflow_cli.domain.answering.answer import Answer
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.kind import kind_of
from workflow_cli.domain.answering.route import RoutePolicy

SPEC = """\
# auth

## Purpose
Says how people sign in to the shop, and what happens where they do not succeed.

## Requirements

### Requirement: Lockout
The shop SHALL lock an account after five wrong passwords.

#### Scenario: Fifth wrong password
- **WHEN** a customer enters a wrong password for the fifth time
- **THEN** the account is locked for fifteen minutes

### Requirement: Session length
The shop SHALL end a session after thirty minutes without a request.

#### Scenario: Idle session
- **WHEN** no request comes for thirty minutes
- **THEN** the session ends
"""
QUESTION = "After how many wrong passwords is an account locked?"


def policy_with(**more: Any) -> RoutePolicy:
    return RoutePolicy(**{"deadline": 120.0, "passages": 8, "sure": 0.8, **more})


class SetClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return self.at.timestamp()


class EventsInMemory:
    degraded: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def append(self, event: Any) -> None:
        self.events.append(dict(event))


@dataclass
class Router:
    """A router with everything it works with; `ask` asks it in an event loop of its own."""

    root: Path
    answerers: dict[str, ScriptedAnswerer]
    state: AnsweringState
    queue: Any
    policy: RoutePolicy = field(default_factory=policy_with)
    missing: dict[str, str] = field(default_factory=dict)
    events: EventsInMemory = field(default_factory=EventsInMemory)
    clock: Any = field(default_factory=SystemClock)

    @property
    def spec(self) -> Path:
        return self.root / "openspec" / "specs" / "auth" / "spec.md"

    def __post_init__(self) -> None:
        self.index = SqlitePassageIndex(self.root, None, max_file_bytes=1_000_000)
        self.cache = SqliteAnswerCache(self.state, entries=1_000)

    def use_case(self, **more: Any) -> AnswerQuestion:
        means = Means(
            index=self.index,
            answerers=self.answerers,
            files=CitedFiles(self.root, max_bytes=1_000_000),
            breakers=SqliteBreakers(self.state, self.clock),
            clock=self.clock,
            policy=self.policy,
        )
        known = {name: "is not there" for name in ("specs", "model", "tools") if name not in self.answerers}
        given = {
            "cache": self.cache,
            "leases": SqliteLeases(self.state, self.clock),
            "queue": self.queue,
            "events": self.events,
            "missing": {**known, **self.missing},
        }
        return AnswerQuestion(means, **{**given, **more})

    def outcome(self, text: str = QUESTION, *, wait: float = 0, queue: bool = False, **asked: Any) -> Outcome:
        question = asked_of(text, **asked)

        async def ask() -> Outcome:
            return await self.use_case().answer(question, wait=wait, queue=queue)

        return anyio.run(ask)

    def ask(self, text: str = QUESTION, **more: Any) -> Answer:
        outcome = self.outcome(text, **more)
        assert outcome.answer is not None, outcome.fault
        return outcome.answer


def asked_of(text: str = QUESTION, **more: Any) -> Asked:
    return Asked(text=text, kind=more.pop("kind", None) or kind_of(text), **more)


MakeRouter = Callable[..., Router]


@pytest.fixture
def router(tmp_path: Path) -> Iterator[MakeRouter]:
    """`router(specs=[...], model=[...], tools=[...])`, each with its replies in turn."""
    made: list[Router] = []

    def make(
        *,
        policy: RoutePolicy | None = None,
        missing: dict[str, str] | None = None,
        state: Path | None = None,
        **replies: list[Reply],
    ) -> Router:
        spec = tmp_path / "openspec" / "specs" / "auth" / "spec.md"
        if not spec.exists():
            spec.parent.mkdir(parents=True)
            spec.write_text(SPEC, encoding="utf-8")
        answerers = {name: ScriptedAnswerer(name, list(said)) for name, said in replies.items()}
        clock = SystemClock()
        one = Router(
            tmp_path,
            answerers,
            AnsweringState(state),
            QuestionsInMemory(clock=clock),
            policy=policy or policy_with(),
            missing=missing or {},
            clock=clock,
        )
        made.append(one)
        return one

    yield make
    for one in made:
        one.index.close()
        one.state.close()

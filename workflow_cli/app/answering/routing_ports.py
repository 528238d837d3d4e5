"""What routing needs from the world beside the answerers: files, and what runs and processes share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflow_cli.domain.answering.answer import Answer
    from workflow_cli.domain.answering.breaker import Admission, Breaker, BreakerPolicy
    from workflow_cli.domain.answering.failure import FailureKind


class SourceFiles(Protocol):
    """The files that answers cite, as they are now."""

    def read(self, path: str) -> bytes | None:
        """The bytes at a POSIX path from the root; None for what is not there, cannot be read or leads out of it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """An answer as it was given, with what it is bound to.

    `files` holds the SHA-256, in hex, of each cited file as it was then. `expires_at` is in seconds of the day's clock;
    None where the cited sections alone decide. `model` is the one that the settings named then. One that is
    `provisional` serves only where no model can be asked; one that is not `served` is kept only to be found by its id.
    """

    key: str
    question: str
    kind: str
    change: str | None
    answer: Answer
    files: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0
    expires_at: float | None = None
    model: str | None = None
    provisional: bool = False
    served: bool = True


class AnswerCache(Protocol):
    """Answers given before, shared by all processes on the tree. Never raises: `degraded` says what is missing."""

    @property
    def degraded(self) -> str | None: ...
    def get(self, key: str) -> KeptAnswer | None:
        """The answer that is served for the key, expired or not."""
        ...

    def by_id(self, id: str) -> KeptAnswer | None: ...
    def put(self, kept: KeptAnswer) -> None:
        """Keep it in the place of the one with its key."""
        ...

    def evict(self, id: str) -> None: ...


class Breakers(Protocol):
    """The breaker of each answerer, shared by all processes on the tree. Never raises."""

    def admit(self, answerer: str, *, trial_lasts: float) -> Admission:
        """Whether to ask now. Of all who ask when the time is up, one gets TRIAL."""
        ...

    def succeeded(self, answerer: str) -> None: ...
    def failed(
        self,
        answerer: str,
        kind: FailureKind,
        policy: BreakerPolicy,
        *,
        retry_after: float | None = None,
        why: str | None = None,
    ) -> None:
        """`why` is the failure in words, for whoever meets the breaker open."""
        ...

    def state(self, answerer: str) -> Breaker: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """The question is ours to ask, until `finish` or `release`; `token` proves it."""

    token: str


@dataclass(frozen=True, slots=True)
class Held:
    """Another process asks it; `token` names its turn."""

    token: str


@dataclass(frozen=True, slots=True)
class Left:
    """What came of the turn that was waited for."""

    result: str


class Leases(Protocol):
    """Which questions are under way, across processes. Who holds one renews it; a dead holder's runs out.

    Never raises: where leases cannot be kept, every question is taken.
    """

    #: Seconds that a lease lasts unless it is renewed.
    lasts: float

    def take(self, key: str, *, awaited: str | None = None) -> Taken | Held | Left:
        """Take the question if nobody holds it. `awaited` is the token of a turn that was seen to be Held: where that
        one ended with a result, the result is what there is to take."""
        ...

    def renew(self, key: str, token: str) -> None: ...
    def finish(self, key: str, token: str, result: str) -> None:
        """Let go of it, and leave the result to those who wait."""
        ...

    def release(self, key: str, token: str) -> None:
        """Let go of it without a result."""
        ...

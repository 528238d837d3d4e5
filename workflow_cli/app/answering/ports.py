"""What answering needs from the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from workflow_cli.domain.answering.answer import Source
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence


class PassageIndex(Protocol):
    """All passages of the tree, as they are in the files now."""

    def refresh(self) -> Sequence[str]:
        """Bring the index up to date with the files; only changed files are read.

        Returns what is missing from it and why, in words (`degraded`); empty where nothing is.
        """
        ...

    def search(self, question: str, *, limit: int, change: str | None = None) -> Sequence[Evidence]:
        """The best passages for a question, best first. With `change`, those of the change and of the specs it
        touches come before others that fit as well. Never raises for a question of any form."""
        ...

    def current_hash(self, path: str, address: str) -> str | None:
        """The section hash of a place now; None where it is no more."""
        ...


@dataclass(frozen=True, slots=True)
class Spent:
    """The tokens of one call of a model, as the server counted them or as they are estimated."""

    prompt: int
    completion: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an answerer found: `text` to show, `sources` whose quotes have been checked against the files.

    `confidence` in [0, 1], from evidence. Without sources it is `unsourced`, which only a tool or person may be.
    `unchecked` counts claims that were dropped because their quote was not in the documents. `spent` has an entry for
    each call of a model; `queued_ms` of the time it took nobody worked on it. `skipped` says what was relied on and
    left out, and why, with the next step.
    """

    text: str
    sources: tuple[Source, ...] = ()
    confidence: float = 0.0
    unsourced: bool = False
    model: str | None = None
    by: str | None = None
    unchecked: int = 0
    spent: tuple[Spent, ...] = ()
    queued_ms: float = 0.0
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """The answerer works, and has no answer; `reason` says why, for the route. The rest is as in `Found`."""

    reason: str
    unchecked: int = 0
    spent: tuple[Spent, ...] = ()
    queued_ms: float = 0.0
    skipped: tuple[str, ...] = ()


class Answerer(Protocol):
    """One that may answer. Raises AnswererFailed where it cannot even say whether it has an answer.

    Cancelling the call stops the work at the server too.
    """

    @property
    def name(self) -> str:
        """`specs`, a model's or a server's name: what `--answerer` and the route call it."""
        ...

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMessage:
    """`role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """One request to a model. `schema` is a JSON Schema that the reply must satisfy; `schema_name` names it.

    `max_tokens` bounds the reply and is always finite. `on_text` is called with each piece of visible text as it
    comes, with a schema too; where the reply has to be asked for again, the pieces of the next one follow. `purpose`
    goes into events (`answer`, `review`, `edit`, `propose`), as does `prompt`, the label of the prompt file; `model`
    overrides the configured one.
    """

    messages: tuple[ChatMessage, ...]
    max_tokens: int
    purpose: str
    schema: Mapping[str, Any] | None = None
    schema_name: str = "reply"
    temperature: float = 0.0
    model: str | None = None
    on_text: Callable[[str], None] | None = None
    prompt: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One call that was made: to whom, how long it took, and the kind of failure, None where it succeeded."""

    host: str
    model: str
    milliseconds: float
    failure: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatReply:
    """`text` is the visible reply; `data` the parsed value that satisfies the schema, where one was given.

    `model` is who really answered. Tokens are as the server counted, else estimated (`counted` is False).
    `complete` is False where the reply was cut by its length. `queued_ms` is how long the request waited for its turn.
    """

    text: str
    model: str
    host: str
    data: Any = None
    complete: bool = True
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    counted: bool = True
    first_token_ms: float | None = None
    milliseconds: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    queued_ms: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelWindow:
    """The model that would answer and how much it can read: `tokens` for prompt and reply together."""

    model: str
    host: str
    tokens: int
    loaded: bool


class ChatModel(Protocol):
    """A model behind a server. All methods raise AnswererFailed; none of them loads or evicts a model unless allowed."""

    async def window(self, model: str | None = None, *, purpose: str | None = None) -> ModelWindow:
        """With a `purpose` it is the beginning of a request, and a failure leaves the event that the request would.

        Questions have none: their own event names everybody who was tried.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens a text takes, estimated on the safe side."""
        ...

    async def complete(self, request: ChatRequest) -> ChatReply: ...


class Embedder(Protocol):
    """Texts as vectors; None where no embedding model is loaded."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None: ...


class Access(StrEnum):
    """What a tool may do, by our own policy; a server's hints can only tighten it."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A tool that may be called. Title and description are cut, and free of control and invisible characters."""

    server: str
    name: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    access: Access

    @property
    def full_name(self) -> str:
        return f"{self.server}.{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolResult:
    """What a tool gave back: data, never an instruction. `truncated` where it was longer than allowed.

    `says_nothing` where `text` only tells of what cannot be shown, such as a picture.
    """

    server: str
    tool: str
    text: str
    is_error: bool = False
    truncated: bool = False
    says_nothing: bool = False
    milliseconds: float = 0.0


class ToolBox(Protocol):
    """The tools of every configured server, or of the built-in one where none is configured."""

    async def tools(self) -> Sequence[Tool]:
        """Those that may be used now: allowed by access, pinned, their server up. Never raises for a server that is
        down: see `problems`."""
        ...

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
        """Raises AnswererFailed where the server did not answer; a tool's own error is a result."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """Servers and tools that cannot be used, and why, with the next step."""
        ...

    @property
    def down(self) -> Sequence[str]:
        """Of the problems those of servers that may be used, and are not there."""
        ...

    @property
    def lapsed(self) -> Sequence[str]:
        """Of the problems those of what a person approved, and is not any more as it was approved."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingQuestion:
    """A question that waits. Times are UTC, ISO 8601; `priority` 0 is the most urgent; `answer` None while open.

    `id` is random and cannot be guessed; empty, the queue gives one. `askers` are all who asked, in their order.
    `answered_by_agent` marks an answer that no person gave; `sources` are the places in documents that it cites.
    """

    id: str
    text: str
    asker: str | None
    asked_at: str
    priority: int = 5
    change: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    expires_at: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: str | None = None
    askers: tuple[str, ...] = ()
    answered_by_agent: bool = False
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenAnswer:
    """An answer to the question of that id. `replace` puts it in the place of another answer, which is kept."""

    id: str
    text: str
    by: str | None
    by_agent: bool = False
    sources: tuple[Source, ...] = ()
    replace: bool = False


class QuestionQueue(Protocol):
    """Questions nobody could answer yet, kept until somebody does; shared by all processes on the tree.

    The same question (normalised text, change and context) is one entry, however many ask it. What was put or
    answered is on the disk when the method returns. Every method may be called from any thread, and raises
    DocumentError where the queue cannot be read or written.
    """

    def put(self, question: PendingQuestion) -> PendingQuestion:
        """Queue it, or join the one that is there; returns the entry, which may be answered already.

        Who joins can make it more urgent and last longer. One that has expired waits anew. Raises Refused where
        too many are open.
        """
        ...

    def get(self, id: str) -> PendingQuestion | None:
        """The entry, an expired one too."""
        ...

    def find(self, asked: Asked) -> PendingQuestion | None:
        """The entry of this very question, open or answered; None where there is none or it has expired."""
        ...

    def listed(self, *, answered: bool | None = False) -> Sequence[PendingQuestion]:
        """Open ones by default, most urgent and oldest first; answered ones with True, all with None.

        Expired ones are among all only.
        """
        ...

    def answer(
        self, id: str, text: str, *, by: str | None, by_agent: bool = False, sources: Sequence[Source] = ()
    ) -> PendingQuestion:
        """Answer it; the same answer again changes nothing.

        Raises UsageError for an id that is not there, AlreadyThere where it has another answer.
        """
        ...

    def answer_all(self, given: Sequence[GivenAnswer]) -> Sequence[PendingQuestion]:
        """As `answer`, but all of them or none."""
        ...

    def drop(self, id: str) -> PendingQuestion:
        """Forget a question with its answers. Raises UsageError for an id that is not there."""
        ...

    async def wait(self, id: str, *, seconds: float) -> PendingQuestion | None:
        """The entry as soon as it is answered, by whichever process; None when the time is up, or it is not there."""
        ...

"""Why an answerer could not answer, in the kinds that decide what is tried next."""

from __future__ import annotations

from enum import StrEnum

from workflow_cli.errors import ServiceError


class FailureKind(StrEnum):
    """Each kind has its own way out: try again, go on to the next answerer, or tell the person."""

    UNREACHABLE = "unreachable"
    LOADING = "loading"
    OVERLOADED = "overloaded"
    CONTEXT_OVERFLOW = "context_overflow"
    BAD_REPLY = "bad_reply"
    REFUSED = "refused"
    UNAUTHORIZED = "unauthorized"
    NO_MODEL = "no_model"
    TIMEOUT = "timeout"


class AnswererFailed(ServiceError):
    """A model server or tool server failed. `where` is its address, without secrets.

    `retry_after` is in seconds, where the server said so. `before_reply` tells that nothing of a reply had come, so
    that asking once more cannot do anything twice. `skipped` is what was left out before it failed, and why.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
        before_reply: bool = False,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.kind = kind
        self.retry_after = retry_after
        self.before_reply = before_reply
        self.skipped: tuple[str, ...] = ()

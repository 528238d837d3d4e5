"""Error bodies of every shape, at any status, and what each means for what is tried next."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

_LONGEST_MESSAGE = 300

_OVERFLOW = re.compile(
    r"context.{0,40}(?:overflow|exceed|length|size|window)|(?:overflow|exceed|fit).{0,40}context|n_keep|n_ctx"
    r"|too many tokens|prompt is too long|input .{0,40}too large|tokens to keep|context_length_exceeded|exceed_context",
    re.IGNORECASE | re.DOTALL,
)
_NO_MODEL = re.compile(
    r"no models? (?:is |are )?loaded|model .{0,200}not found|invalid model identifier|model_not_found|no such model"
    r"|model .{0,200}does not exist",
    re.IGNORECASE | re.DOTALL,
)
_CRASHED = re.compile(
    r"model has crashed|model is unloaded|model (?:was |got )?unloaded|failed to load model|insufficient system resources"
    r"|engine process|exit code",
    re.IGNORECASE,
)
_LOADING = re.compile(r"loading model|model is (?:still )?loading|currently loading", re.IGNORECASE)
_FORM = re.compile(
    r"response_format|json_schema|json_object|json schema|grammar|sampler|\bschema\b|guided|structured output",
    re.IGNORECASE,
)
_UNKNOWN_PATH = re.compile(r"unexpected endpoint or method", re.IGNORECASE)


class ServerFailed(AnswererFailed):
    """A failure with what the server said of itself.

    `status` is None where no status came. `about_form` tells that the server refused how the reply was to be formed;
    `crashed` that its model went away, so that asking again may work.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        where: str,
        status: int | None = None,
        about_form: bool = False,
        crashed: bool = False,
        hint: str | None = None,
        retry_after: float | None = None,
        before_reply: bool = False,
    ) -> None:
        super().__init__(kind, message, where=where, hint=hint, retry_after=retry_after, before_reply=before_reply)
        self.status = status
        self.about_form = about_form
        self.crashed = crashed

    @property
    def may_repeat(self) -> bool:
        """Whether the same call made again may work and cannot do harm."""
        if self.kind in (FailureKind.OVERLOADED, FailureKind.LOADING) or self.crashed:
            return True
        return self.kind is FailureKind.UNREACHABLE and self.before_reply


def error_in(body: Any) -> str | None:
    """What an error body says; None for a body that is no error. `code` and `type` are part of it."""
    if not isinstance(body, Mapping):
        return None
    for key in ("error", "detail"):
        said = body.get(key)
        if said in (None, "", [], {}):
            continue
        if isinstance(said, Mapping):
            parts = [said.get("message") or said.get("error"), said.get("type"), said.get("code")]
            told = [str(part) for part in parts if part not in (None, "")]
            return _inner(" · ".join(told)) if told else json.dumps(said)
        return _inner(said if isinstance(said, str) else json.dumps(said))
    if body.get("object") == "error":  # older vLLM
        return str(body.get("message") or "error")
    return None


def _inner(text: str) -> str:
    """Where the engine's own error is JSON inside the text, both are told."""
    start = text.find('{"error"')
    if start < 0:
        return text
    try:
        inner, _ = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return text
    told = error_in(inner)
    return f"{text[:start].rstrip(' :')}: {told}" if told else text


def body_of(raw: bytes) -> Any:
    """The JSON of a body; its text where it is none."""
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def failure_of(
    status: int,
    body: Any,
    *,
    where: str,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    in_stream: bool = False,
) -> ServerFailed:
    """The failure that a status and a body mean. The token is blotted out of what the server says."""
    said = error_in(body)
    if said is None:
        said = _plain(body) if isinstance(body, str) else json.dumps(body)[:_LONGEST_MESSAGE]
    if token:
        said = said.replace(token, "***")
    said = _shortened(said)
    kind, hint = _kind(status, said)
    told = f"the server says: {said}" if said else "the server gives no reason"
    message = told if status in (200, 400) else f"status {status}; {told}"
    return ServerFailed(
        kind,
        message,
        where=where,
        hint=hint,
        status=status,
        about_form=status in (200, 400, 422, 500, 501) and bool(_FORM.search(said)),
        crashed=bool(_CRASHED.search(said)),
        retry_after=_retry_after(headers or {}),
        before_reply=not in_stream,
    )


def _kind(status: int, said: str) -> tuple[FailureKind, str | None]:
    if status in (401, 403):
        return FailureKind.UNAUTHORIZED, "set LM_API_TOKEN to a token of this server"
    if status == 407:
        return FailureKind.UNAUTHORIZED, "the proxy wants a login"
    if _CRASHED.search(said):
        return FailureKind.LOADING, "see the server's own log"
    if _OVERFLOW.search(said) and status in (200, 400, 413, 422, 500):
        return FailureKind.CONTEXT_OVERFLOW, "load the model with a longer context"
    if _NO_MODEL.search(said):
        return FailureKind.NO_MODEL, "load a model: `lms load`, or in the server's own window"
    if _UNKNOWN_PATH.search(said):
        return FailureKind.BAD_REPLY, "check lm_studio.base_url"
    if status == 429:
        return FailureKind.OVERLOADED, None
    if _LOADING.search(said):
        return FailureKind.LOADING, "wait until the model is loaded"
    if status == 413:
        return FailureKind.CONTEXT_OVERFLOW, None
    if status >= 500 and status != 501:
        return FailureKind.OVERLOADED, "see the server's own log, or set lm_studio.base_url"
    if status in (304, 404, 405):
        return FailureKind.BAD_REPLY, "check lm_studio.base_url"
    return FailureKind.BAD_REPLY, None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]+)?", text):
        return float(text)
    if not text:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"(?is)<(style|script).*?</\1>", " ", text))


def _shortened(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"

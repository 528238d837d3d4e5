"""What the tools return. Every list and text in it is bounded; `next` says what to do."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from workflow_cli.domain.whole_text import whole_text

#: The most of each that one result holds.
MOST_TEXT = 20_000
MOST_LISTED = 50
MOST_FINDINGS = 100


def whole(value: Any) -> Any:
    """The same, with bytes of a file's name that are no UTF-8 shown as their code: the protocol takes whole characters."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [whole(one) for one in value]
    if isinstance(value, dict):
        return {whole(key): whole(one) for key, one in value.items()}
    return value


class Result(BaseModel):
    @field_validator("*", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        return whole(value)


class Cited(Result):
    path: str
    line: int
    quote: str = Field(description="Literally in the file at that line.")


class Answered(Result):
    id: str = Field(description="For get_answer.")
    status: Literal["working", "pending", "answered", "not_in_specs", "refused", "failed", "expired"] = Field(
        description="working: somebody is at it. pending: it waits for a person or agent."
    )
    answer: str | None = None
    by: str | None = Field(default=None, description="The person, agent or model who gave it.")
    by_agent: bool = Field(default=False, description="Given by an agent, checked by no person.")
    unsourced: bool = Field(default=False, description="Cites no document.")
    confidence: float | None = None
    sources: list[Cited] = []
    next: str | None = None


class Waiting(Result):
    id: str
    question: str
    status: Literal["open", "answered", "expired"]
    change: str | None = None
    context: dict[str, str] = {}
    askers: list[str] = []
    asked_at: str
    priority: int = Field(description="0 is the most urgent.")
    answer: str | None = None
    by: str | None = None


class Questions(Result):
    questions: list[Waiting]
    total: int
    next: str | None = None


class Finding(Result):
    rule: str
    level: str
    path: str
    line: int | None
    message: str
    hint: str | None = None


class Clarifying(Result):
    id: str
    text: str
    blocking: bool
    options: list[str]


class Offered(Result):
    id: str
    rule: str
    operations: list[str]
    state: str


class Item(Result):
    kind: str
    id: str
    valid: bool | None
    findings: list[Finding] = []
    questions: list[Clarifying] = Field(default=[], description="Open ones, in the change's questions.yaml.")
    drafts: list[Offered] = []
    fault: str | None = None


class Processed(Result):
    status: Literal["ok", "findings", "waiting", "error"]
    items: list[Item]
    safe_order: list[str] = Field(default=[], description="In which these changes archive without loss.")
    degraded: list[str] = []
    left_out: int = Field(default=0, description="Findings beyond the limit of one result.")
    next: str | None = None


class Excerpt(Result):
    path: str
    address: str
    line: int
    end_line: int
    lines: int = Field(description="Of the whole document.")
    text: str
    next_line: int | None = Field(default=None, description="Read on with from_line.")


class Why(Result):
    rule: str
    place: str
    message: str


class LeftBehind(Result):
    change: str
    rule: str
    place: str
    message: str


class Drafted(Result):
    draft: str = Field(description="Its id. Nothing is written before a person approves it.")
    status: Literal["waiting"] = "waiting"
    operations: list[str]
    files: list[str]
    reasons: list[Why] = Field(default=[], description="Why a person must approve it.")
    unchanged: list[str] = []
    warnings: list[str] = Field(
        default=[], description="What may not be meant, such as a name that looks like another."
    )
    misfits: list[LeftBehind] = Field(default=[], description="Open changes that it would make invalid.")
    diff: str
    diff_cut: bool = False
    change: str | None = None
    related: list[str] = Field(default=[], description="Open changes and requirements close to it.")
    next: str


def cut(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

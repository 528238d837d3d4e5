"""Tools that check and read documents, and draft what a person then decides about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from mcp.server.mcpserver import Context
from pydantic import Field

from workflow_cli.app.propose_change import ProposalRequest
from workflow_cli.mcp_server.results import (
    MOST_FINDINGS,
    MOST_LISTED,
    MOST_TEXT,
    Clarifying,
    Drafted,
    Excerpt,
    Finding,
    Item,
    LeftBehind,
    Offered,
    Processed,
    Why,
    cut,
)
from workflow_cli.mcp_server.state import asker_of, in_steps, in_thread, state_of, tool

if TYPE_CHECKING:
    from workflow_cli.app.agent_drafts import Kept
    from workflow_cli.app.report import Report

_MOST_EDITS = 100
_MOST_NOTES = 100_000

Agent = Annotated[str | None, Field(max_length=80, description="Your name, for the people who see it.")]
Because = Annotated[str | None, Field(max_length=2_000, description="Why, for whoever decides.")]


@tool
async def process_change(
    ctx: Context[Any, Any],
    names: Annotated[
        list[str] | None, Field(max_length=50, description="Changes or specs; none: the one open change.")
    ] = None,
    all: Annotated[bool, Field(description="Every spec and every open change.")] = False,
    steps: Annotated[
        list[Literal["validate", "analyse", "ask", "draft"]] | None, Field(description="Only these steps.")
    ] = None,
) -> Processed:
    """Check changes or specs as `workflow process` does: findings, open questions, offered repairs.

    New clarifying questions are written to the change's questions.yaml.
    """
    work = state_of(ctx).work
    report = await in_steps(ctx, lambda step: work.process(names or [], every=all, steps=steps or [], progress=step))
    return _processed(report)


@tool
async def read_document(
    path: Annotated[
        str, Field(min_length=1, max_length=500, description="A path, a change, a capability, or PATH#ADDRESS.")
    ],
    ctx: Context[Any, Any],
    from_line: Annotated[int | None, Field(ge=1)] = None,
) -> Excerpt:
    """Read a spec or a document of a change, or one place in it such as `auth#Requirement: Login`."""
    work = state_of(ctx).work
    found = await in_thread(ctx, lambda: work.read(path, from_line=from_line, most=MOST_TEXT))
    return Excerpt(
        path=found.path,
        address=found.address,
        line=found.line,
        end_line=found.end_line,
        lines=found.lines,
        text=found.text,
        next_line=found.next_line,
    )


@tool
async def draft_update(
    edits: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=_MOST_EDITS,
            description="Each with op: check-task, add-task, add-scenario, add-requirement, modify-requirement, "
            "rename-requirement, remove-requirement, set-section, append-section; an error names the fields.",
        ),
    ],
    ctx: Context[Any, Any],
    path: Annotated[str | None, Field(max_length=500, description="The document of edits that name none.")] = None,
    because: Because = None,
    agent: Agent = None,
) -> Drafted:
    """Draft edits of documents. Nothing is written: a person approves or rejects the draft."""
    work, name = state_of(ctx).work, asker_of(ctx, agent)
    kept = await in_thread(ctx, lambda: work.draft_update(edits, path=path, because=because, agent=name))
    return _drafted(kept)


@tool
async def propose_change(
    title: Annotated[str, Field(min_length=1, max_length=300)],
    ctx: Context[Any, Any],
    notes: Annotated[
        str | None, Field(max_length=_MOST_NOTES, description="What it is to say; taken over literally.")
    ] = None,
    capabilities: Annotated[list[str] | None, Field(max_length=20, description="What it changes.")] = None,
    because: Because = None,
    even_if_said: Annotated[bool, Field(description="Also where the tree seems to say it already.")] = False,
    agent: Agent = None,
) -> Drafted:
    """Draft a new, strictly valid change. Nothing is written: a person approves or rejects the draft."""
    work, name = state_of(ctx).work, asker_of(ctx, agent)
    request = ProposalRequest(
        title=title,
        capabilities=capabilities or [],
        notes=None if notes is None else notes.encode("utf-8", "replace"),
        notes_from=name,
        because=because,
    )
    proposed, kept = await in_thread(ctx, lambda: work.propose(request, even_so=even_if_said, agent=name))
    related = [f"{one.place}: {cut(one.quote, 300)}" for one in proposed.overlaps]
    return _drafted(kept, change=proposed.id, related=related[:20])


def _processed(report: Report) -> Processed:
    left, left_out = MOST_FINDINGS, 0
    items: list[Item] = []
    for item in report.items:
        shown = item.findings[:left]
        left, left_out = left - len(shown), left_out + len(item.findings) - len(shown)
        items.append(
            Item(
                kind=item.kind.value,
                id=item.id,
                valid=item.valid,
                findings=[
                    Finding(
                        rule=f.rule,
                        level=f.level.value,
                        path=f.path,
                        line=f.line,
                        message=cut(f.message, 1_000),
                        hint=f.hint,
                    )
                    for f in shown
                ],
                questions=[
                    Clarifying(
                        id=q.id,
                        text=cut(q.text, 1_000),
                        blocking=q.blocking,
                        options=[cut(o.text, 300) for o in q.options],
                    )
                    for q in item.questions
                    if q.is_open
                ],
                drafts=[
                    Offered(id=d.id, rule=d.rule, operations=list(d.operations[:10]), state=d.state.value)
                    for d in item.drafts[:20]
                ],
                fault=None if item.fault is None else cut(item.fault.message, 1_000),
            )
        )
    # What has nothing to say goes first where there is too much.
    telling = [item for item in items if item.findings or item.questions or item.drafts or item.fault or not item.valid]
    shown_items = items if len(items) <= MOST_LISTED else telling[:MOST_LISTED]
    return Processed(
        status=cast(Any, report.status),
        items=shown_items,
        safe_order=list(report.order),
        degraded=[f"{d.what}: {d.why}" for d in report.degraded],
        left_out=left_out,
        next=_NEXT.get(report.status),
    )


_NEXT = {
    "findings": "mend the findings with draft_update, then call process_change again",
    "waiting": "a person answers in the change's questions.yaml, or decides with `workflow review list`",
    "error": "see the faults of the items",
}


def _drafted(kept: Kept, *, change: str | None = None, related: list[str] | None = None) -> Drafted:
    from workflow_cli.domain.review.draft_diff import draft_diff

    draft = kept.draft
    diff = draft_diff(draft).encode("utf-8", "replace").decode()
    return Drafted(
        draft=draft.id,
        operations=[cut(line, 300) for line in draft.operations[:MOST_LISTED]],
        files=[file.path for file in draft.files],
        reasons=[Why(rule=r.rule, place=r.place, message=cut(r.message, 500)) for r in kept.reasons[:MOST_LISTED]],
        unchanged=list(kept.unchanged[:MOST_LISTED]),
        warnings=list(kept.warnings[:MOST_LISTED]),
        misfits=[
            LeftBehind(
                change=m.change,
                rule=m.finding.rule,
                place=str(m.finding.place),
                message=cut(m.finding.message, 500),
            )
            for m in kept.misfits[:MOST_LISTED]
        ],
        diff=cut(diff),
        diff_cut=len(diff) > MOST_TEXT,
        change=change,
        related=related or [],
        next=f"a person decides: workflow review show {draft.id}, then "
        f'workflow review approve {draft.id} --because "..."',
    )

"""How events of each kind are counted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from workflow_cli.domain.events.kinds import (
    ANSWERED,
    DRAFT,
    FINDING_VERDICT,
    ITEM,
    MODEL_CALL,
    QUESTION,
    TOOL_CALL,
    VERDICT,
    WRONG,
)
from workflow_cli.domain.feedback.counting import (
    CACHED,
    COVERAGE_STEPS,
    REASKED_SECONDS,
    TOOLS,
    Counting,
    Form,
    answer_keys,
    buckets_of,
    note,
)
from workflow_cli.domain.feedback.patterns import pattern_of
from workflow_cli.domain.feedback.reading import Event
from workflow_cli.domain.feedback.tally import Row, Verdict

_RULE = "rule"
_MOST_FAULTS = 64
_UNANSWERED = frozenset({"not_in_specs", "pending"})
#: How a call of a tool may end that is no error.
_FINE = frozenset({"answered", "done", "cancelled"})
#: What people do with a draft, and not the program.
_FATES = frozenset({"approved", "rejected", "undone"})
_PATTERNS = lru_cache(maxsize=4096)(pattern_of)


def take(counting: Counting, kind: str, events: Sequence[Any]) -> None:
    """Events of one kind in the order of the log."""
    _COUNTED.get(kind, _others)(counting, counting.forms_of(kind), events)


def _questions(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    """In the order of the log, for each may be one that was asked before."""
    tally, asked, cited = counting.tally, counting.asked, counting.cited
    for event, bucket in zip(events, _buckets(events), strict=True):
        status = event.status
        if status is None:
            status = event.outcome
        try:
            form = forms[status][event.answerer][event.question_kind][event.model][event.cached]
        except KeyError:
            form = _form_of_question(counting, forms, event, status)
        form.buckets.append(bucket)
        if (change := event.change) is not None:
            try:
                form.changes[change].append(bucket)
            except KeyError:
                form.changes[change] = [bucket]
        for step in event.route or ():
            went = step.failure
            if went:
                note(tally.errors, (QUESTION, step.answerer, went), event.event_id)
            else:
                went = step.outcome
            try:
                form.tried[step.answerer][went].append(step.ms)
            except KeyError:
                form.tried.setdefault(step.answerer, {})[went] = [step.ms]
        # Nothing was sought for what was answered out of the cache, or by a person before.
        if (retrieval := event.retrieval) is not None and (retrieval.k or event.topic is not None):
            form.covered[int(retrieval.coverage * COVERAGE_STEPS)] += 1
        if words := event.terms_hash:
            if status in _UNANSWERED:
                note(tally.unanswered, event.topic or words, event.event_id)
            now = event.ts, form.row
            before = asked.setdefault(who := (words, event.asker), now)
            if before is not now:
                moment, row = before
                if row[2] and 0 <= (now[0] - moment).total_seconds() <= REASKED_SECONDS:
                    note(tally.reasked, row[1:4], event.event_id)
                asked[who] = now
        if cites := event.cites:
            entry = cited.get(cites)
            if entry is None:
                cited[cites] = [1, event.ts]
            else:
                entry[0] += 1
                if event.ts > entry[1]:
                    entry[1] = event.ts
    answered = [event for event in events if event.answerer]
    tally.answers.update(answer_keys([event.answer_id for event in answered if event.answer_id]))
    repeated = [event.question_hash for event in answered if event.status == "answered" and not event.cached]
    counting.repeated.update(filter(None, repeated))


def _form_of_question(counting: Counting, forms: dict[Any, Any], event: Any, status: str | None) -> Form:
    outcome = (status or "") + (CACHED if event.cached else "")
    row = (QUESTION, event.question_kind or "", event.answerer or "", event.model or "", outcome)
    path = (status, event.answerer, event.question_kind, event.model, event.cached)
    return counting.form(forms, path, row)


def _model_calls(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    spent_by = counting.tally.tokens
    for event, bucket in zip(events, _buckets(events), strict=True):
        try:
            form = forms[event.model][event.outcome][event.purpose][event.failure][event.error]
        except KeyError:
            row = (MODEL_CALL, "", event.purpose or "", event.model or "", event.outcome or "")
            error = event.failure if event.failure is not None else _message(event)
            path = (event.model, event.outcome, event.purpose, event.failure, event.error)
            form = counting.form(forms, path, row, error)
        form.buckets.append(bucket)
        if event.change is not None or event.item is not None:
            _put_by_change(form, event, bucket)
        tokens = event.tokens
        if tokens is not None and (spent := max(0, tokens.prompt) + max(0, tokens.completion)):
            model = form.row[3]
            spent_by[model] = spent_by.get(model, 0) + spent
        if form.error is not None or event.faults:
            _note_errors(counting, form.row, form.error, event)


def _items(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    rules = counting.tally.rules
    for event, bucket in zip(events, _buckets(events), strict=True):
        valid, outcome = event.valid, event.outcome
        try:
            form = forms[valid][outcome]
        except KeyError:
            # What could not be evaluated is none of both, whatever the line says of it.
            unknown = valid is None or outcome == "failed"
            how = (outcome or "") if unknown else "valid" if valid else "invalid"
            form = counting.form(forms, (valid, outcome), (ITEM, "", "", "", how))
        form.buckets.append(bucket)
        change = _put_by_change(form, event, bucket)
        if event.rules:
            for rule in event.rules:
                key = rule, change or ""
                rules[key] = rules.get(key, 0) + 1
        message = event.fault if event.fault is not None else _message(event)
        if message is not None or event.faults:
            _note_errors(counting, form.row, message, event)


def _drafts(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    for event, bucket in zip(events, _buckets(events), strict=True):
        try:
            form = forms[event.author][event.outcome][event.author_kind][event.error]
        except KeyError:
            row = (DRAFT, event.author_kind or "", event.author or "", "", event.outcome or "")
            path = (event.author, event.outcome, event.author_kind, event.error)
            form = counting.form(forms, path, row, _message(event))
        _put_with_errors(counting, form, event, bucket)
        if form.row[1] == _RULE and event.outcome in _FATES:
            # What becomes of a repair is what people think of the finding it mends; its author is the rule.
            _judge(counting, event, event.draft, None, event.author, event.outcome == "approved")


def _finding_verdicts(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    for event in events:
        _judge(counting, event, event.finding, event.client, event.rule, event.outcome == "accepted")
    _others(counting, forms, events)


def _judge(
    counting: Counting, event: Any, finding: str | None, client: str | None, rule: str | None, accepted: bool
) -> None:
    if finding and rule:
        said = int(event.ts.timestamp()), event.event_id, rule, accepted
        counting.tally.judge((finding, client or ""), said)


def _tool_calls(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    for event, bucket in zip(events, _buckets(events), strict=True):
        try:
            form = forms[event.tool][event.server][event.outcome][event.error]
        except KeyError:
            outcome = event.outcome or ""
            if event.server:
                row = (TOOLS, "", f"{event.server}.{event.tool or ''}", "", outcome)
                error = event.error or (None if outcome in _FINE else outcome)
            else:  # an agent called one of our own
                row, error = (TOOL_CALL, "", "", "", outcome), _message(event)
            path = (event.tool, event.server, event.outcome, event.error)
            form = counting.form(forms, path, row, error)
        _put_with_errors(counting, form, event, bucket)


def _verdicts(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    for event, bucket in zip(events, _buckets(events), strict=True):
        given = event.kind == VERDICT
        of, asked_at, client = (event.question_kind, event.asked_at, event.client) if given else (None, None, event.by)
        row = (event.kind, of or "", event.answerer or "", event.model or "", event.outcome or "")
        form = forms.get((row, event.error))
        if form is None:
            form = counting.form(forms, ((row, event.error),), row, _message(event))
        _put_with_errors(counting, form, event, bucket)
        if event.answer_id:
            counting.tally.verdicts[event.event_id] = Verdict(
                event=event.event_id,
                at=int(event.ts.timestamp()),
                client=client or "",
                answer_id=event.answer_id,
                accepted=given and event.outcome == "accepted",
                question_kind=row[1],
                answerer=row[2],
                model=row[3],
                change=event.change or "",
                asked_at=int(asked_at.timestamp()) if asked_at is not None else 0,
            )


def _answered(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    """What a person took is the time that counts."""
    _count_others(counting, forms, events, buckets_of([event.waited_ms for event in events]))


def _others(counting: Counting, forms: dict[Any, Any], events: Sequence[Any]) -> None:
    _count_others(counting, forms, events, _buckets(events))


def _count_others(counting: Counting, forms: dict[Any, Any], events: Sequence[Any], buckets: list[int]) -> None:
    for event, bucket in zip(events, buckets, strict=True):
        try:
            form = forms[event.outcome][event.error]
        except KeyError:
            row = (event.kind, "", "", "", event.outcome or "")
            form = counting.form(forms, (event.outcome, event.error), row, _message(event))
        _put_with_errors(counting, form, event, bucket)


def _buckets(events: Sequence[Any]) -> list[int]:
    return buckets_of([event.duration_ms for event in events])


def _message(event: Event) -> str | None:
    return event.error or ("failed" if event.outcome == "failed" else None)


def _change_of(item: str | None) -> str | None:
    return item[7:] if item is not None and item.startswith("change/") else None


def _put_by_change(form: Form, event: Event, bucket: int) -> str | None:
    """The change that the event belongs to, itself or by its item."""
    change = event.change
    if change is None and event.item is not None:
        change = _change_of(event.item)
    if change is None:
        return None
    if change in form.changes:
        form.changes[change].append(bucket)
    else:
        form.changes[change] = [bucket]
    return change


def _put_with_errors(counting: Counting, form: Form, event: Event, bucket: int) -> None:
    form.buckets.append(bucket)
    if event.change is not None or event.item is not None:
        _put_by_change(form, event, bucket)
    if form.error is not None or event.faults:
        _note_errors(counting, form.row, form.error, event)


def _note_errors(counting: Counting, row: Row, message: str | None, event: Event) -> None:
    errors = counting.tally.errors
    if message is not None:
        note(errors, (row[0], row[2], _PATTERNS(message)), event.event_id)
    for fault in (event.faults or ())[:_MOST_FAULTS]:
        note(errors, (row[0], row[2], _PATTERNS(fault)), event.event_id)


_COUNTED = {
    QUESTION: _questions,
    MODEL_CALL: _model_calls,
    ITEM: _items,
    DRAFT: _drafts,
    TOOL_CALL: _tool_calls,
    VERDICT: _verdicts,
    FINDING_VERDICT: _finding_verdicts,
    WRONG: _verdicts,
    ANSWERED: _answered,
}

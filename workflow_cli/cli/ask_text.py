"""An answer as a person reads it. What documents, models, tools and people said is shown, and never obeyed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workflow_cli.cli.formats.neutral import block, lines_of, one_line
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, RouteStep, Source
from workflow_cli.domain.answering.route import CACHE

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Outcome

#: More of a quote is in the document; the whole of it is in JSON.
_MOST_LINES = 12


def show(outcome: Outcome, *, explain: bool, quiet: bool = False, number: int | None = None) -> None:
    """Print the answer with its sources; with `explain` the route as well."""
    lines: list[str] = []
    if number is not None:
        lines += [f"{number}. {one_line(outcome.asked.text)}"]
    answer = outcome.answer
    if answer is None:
        lines += [f"not evaluated: {one_line(str(outcome.fault))}"]
    else:
        lines += [block(answer.text), *_sources(answer)]
        if not quiet:
            lines += ["", _about(answer)]
        if explain:
            lines += ["", *route_lines(answer.route)]
    if number is not None:
        lines.append("")
    _write("".join(f"{line}\n" for line in lines))


def route_lines(route: Iterable[RouteStep]) -> list[str]:
    """The steps, one a line: who, what came of it, how long it took, and why."""
    return [step_line(step) for step in route]


def step_line(step: RouteStep) -> str:
    tries = f", {step.attempts} attempts" if step.attempts > 1 else ""
    failure = f" ({step.failure})" if step.failure and step.outcome.value == "failed" else ""
    took = "" if step.outcome.value == "skipped" else f"{step.milliseconds:,.1f} ms"
    return f"{step.answerer:<9} {step.outcome.value + failure:<22} {took:>12}  {one_line(step.reason)}{tries}"


def _sources(answer: Answer) -> list[str]:
    if answer.answerer == "specs" or not answer.sources:
        return []
    lines = [""]
    for number, source in enumerate(answer.sources, 1):
        lines += [f"[{number}] {one_line(source.path)}:{source.line}", *_quote(source)]
    return lines


def _quote(source: Source) -> list[str]:
    quoted = lines_of(source.quote)
    more = len(quoted) - _MOST_LINES
    return [f"    > {line}" for line in quoted[:_MOST_LINES]] + ([f"    > ... {more} lines more"] if more > 0 else [])


def _about(answer: Answer) -> str:
    if answer.status is AnswerStatus.PENDING:
        return f"{answer.id}  next: workflow questions answer {answer.id} TEXT"
    if answer.status is not AnswerStatus.ANSWERED:
        return f"{answer.id}  {answer.status.value}"
    who = "agent" if answer.by_agent else answer.answerer
    if answer.model:
        who += f" {one_line(answer.model)}"
    if answer.by:
        who += f" {one_line(answer.by)}"
    unsourced = ", unsourced" if answer.unsourced else ""
    if answer.unsourced:
        # No document tells whether it is still so: how old it is has to.
        unsourced += "".join(f", {step.reason}" for step in answer.route if step.answerer == CACHE)
    return f"{answer.id}  {who}, confidence {answer.confidence:.2f}{unsourced}"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

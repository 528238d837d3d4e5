"""What a scenario promises goes, or something else takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_cli.domain.openspec.requirement import Scenario
from workflow_cli.domain.openspec.rules.steps import StepKind, steps
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted
from workflow_cli.domain.review.meaning.sentences import Sentence, is_kept, said, sentences
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "outcome-deleted"


def check(subject: Subject) -> Iterator[Reason]:
    for file, pair in subject.pairs:
        for before, after in pair.scenarios:
            if not any(line.strip() for line in said(after.body)):
                continue  # left empty, which is another rule's
            now = list(_outcomes(after))
            # Steps without bullets are steps by their line breaks alone, which rewrapping takes away.
            everything = _spelled(word for s in sentences(after.body, after.line + 1, None) for word in s.words)
            for outcome in _outcomes(before):
                if not is_kept(outcome, now) and _spelled(outcome.words) not in everything:
                    yield Reason(
                        rule=_ID,
                        path=file.path,
                        line=outcome.line + 1,
                        message=f'scenario "{before.name}" of requirement "{pair.before.name}": '
                        f"the outcome {quoted(outcome.text)} is gone or replaced",
                    )


def _spelled(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def _outcomes(scenario: Scenario) -> Iterator[Sentence]:
    """The THEN steps, and the AND steps after them, each with the lines it runs over."""
    body = said(scenario.body)
    found = list(steps(tuple(body)))
    in_outcome = False
    for number, step in enumerate(found):
        if step.kind is not StepKind.AND:
            in_outcome = step.kind is StepKind.THEN
        if in_outcome:
            end = found[number + 1].line if number + 1 < len(found) else len(body)
            lines = [body[step.line][step.column :], *body[step.line + 1 : end]]
            yield from sentences(lines, scenario.line + 1 + step.line, None)


RULE = PolicyRule(
    id=_ID,
    title="An outcome of a scenario is deleted or replaced",
    why="A scenario that keeps its name and loses its THEN promises nothing any more. Rewording needs no approval.",
    check=check,
    needs=(
        "THEN the order is confirmed; AND a receipt is sent → THEN the order is confirmed",
        "THEN the customer gets a receipt → THEN nothing happens",
    ),
    needs_not=("THEN the customer gets a receipt → THEN the customer gets a receipt by mail",),
)

"""How a report decides the exit status."""

from __future__ import annotations

import pytest

from workflow_cli.app.report import Item, ItemFault, ItemKind, Report
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.domain.questions.question import Answer, AnswerSource, Question

PLACE = Place(file="openspec/specs/a/spec.md", line=1)


def finding(level: Level, origin: Origin = Origin.BUILTIN, *, refuses: bool = False) -> Finding:
    return Finding(rule="r", level=level, path="p", message="m", origin=origin, place=PLACE, refuses=refuses)


def question(*, blocking: bool, answered: bool = False) -> Question:
    answer = Answer(text="a", source=AnswerSource.PERSON) if answered else None
    return Question(
        id="q", text="t", why="w", options=(), place=PLACE, impact=1, uncertainty=1, blocking=blocking, answer=answer
    )


def item(*findings: Finding, questions: tuple[Question, ...] = (), fault: ItemFault | None = None) -> Item:
    return Item(
        kind=ItemKind.SPEC, id="a", file=PLACE.file, valid=True, findings=findings, questions=questions, fault=fault
    )


FAULT = ItemFault(message="unreadable")
ERROR, WARNING, INFO = Level.ERROR, Level.WARNING, Level.INFO
ASKS, WAITS = question(blocking=False), question(blocking=True)


@pytest.mark.parametrize(
    ("items", "strict", "fail_level", "exit_code"),
    [
        pytest.param([item()], False, ERROR, 0, id="a clean item ends with 0"),
        pytest.param([item(finding(ERROR))], False, ERROR, 1, id="an error ends with 1"),
        pytest.param([item(finding(WARNING))], False, ERROR, 0, id="a warning passes by default"),
        pytest.param([item(finding(WARNING))], False, WARNING, 1, id="a warning fails at fail level warning"),
        pytest.param([item(finding(INFO))], False, WARNING, 0, id="info passes at fail level warning"),
        pytest.param([item(finding(INFO))], False, INFO, 1, id="info fails at fail level info"),
        pytest.param([item(finding(WARNING, Origin.OPENSPEC))], False, ERROR, 0, id="OpenSpec's warning passes"),
        pytest.param(
            [item(finding(WARNING, Origin.OPENSPEC))], True, ERROR, 1, id="OpenSpec's warning fails if strict"
        ),
        pytest.param([item(finding(WARNING))], True, ERROR, 0, id="strict concerns OpenSpec's warnings only"),
        pytest.param([item(finding(INFO, Origin.OPENSPEC))], True, ERROR, 0, id="OpenSpec's info passes if strict"),
        pytest.param([item(finding(INFO, Origin.OPENSPEC))], True, INFO, 1, id="strict never raises the fail level"),
        pytest.param([item(finding(INFO, refuses=True))], False, ERROR, 1, id="lost text fails at every level"),
        pytest.param([item(questions=(ASKS,))], False, ERROR, 0, id="a question that does not block passes"),
        pytest.param([item(questions=(WAITS,))], False, ERROR, 4, id="an open blocking question ends with 4"),
        pytest.param(
            [item(questions=(question(blocking=True, answered=True),))], False, ERROR, 0, id="an answered one passes"
        ),
        pytest.param([item(finding(ERROR), questions=(WAITS,))], False, ERROR, 1, id="findings come before waiting"),
        pytest.param([item(finding(ERROR)), item(fault=FAULT)], False, ERROR, 3, id="a fault comes before findings"),
        pytest.param([], False, ERROR, 3, id="nothing evaluated is no success"),
    ],
)
def test_the_exit_status(items: list[Item], strict: bool, fail_level: Level, exit_code: int) -> None:
    """One row of the table is one rule."""
    report = Report(root="/r", items=items, strict=strict, fail_level=fail_level)
    assert report.exit_code == exit_code
    assert report.status == {0: "ok", 1: "findings", 3: "error", 4: "waiting"}[exit_code]


def test_an_empty_selection_is_fine_where_a_reason_is_given() -> None:
    """`--changed-since` on a branch that touches no document has nothing to do, and succeeds."""
    assert Report(root="/r", items=(), nothing_to_do="nothing changed since main").exit_code == 0


def test_a_failure_outside_the_items_ends_with_3() -> None:
    """A result that could not be written is not lost behind clean items."""
    assert Report(root="/r", items=(item(),), faults=(FAULT,)).exit_code == 3


def test_a_tolerated_finding_does_not_fail() -> None:
    """It stays in the report, and the item stays invalid."""
    tolerated = Item(kind=ItemKind.SPEC, id="a", file="f", valid=False, tolerated=(finding(ERROR),))
    assert Report(root="/r", items=(tolerated,)).exit_code == 0

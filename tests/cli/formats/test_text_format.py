"""The text format: short, true, and plain unless colour is asked for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from workflow_cli.app.report import Item, ItemKind, Report, Step, StepOutcome
from workflow_cli.cli.formats.formats import render
from workflow_cli.cli.formats.rendering import Rendering
from workflow_cli.domain.openspec.finding import Level, Place, builtin

REPOSITORY = Path(__file__).parents[3]
QUIET, COLOUR = Rendering(quiet=True), Rendering(colour=True)


def clean(number: int, outcome: StepOutcome = StepOutcome.DONE) -> Item:
    return Item(
        kind=ItemKind.SPEC,
        id=f"s{number}",
        file=f"openspec/specs/s{number}/spec.md",
        valid=True,
        steps=(Step(name="validate", outcome=outcome),),
    )


def specs(count: int, outcome: StepOutcome = StepOutcome.DONE) -> Report:
    return Report(root="/r", items=[clean(number, outcome) for number in range(count)])


def test_few_clean_items_take_a_line_each() -> None:
    """And the last line says how many were evaluated."""
    assert render("text", specs(2)) == "spec s0: valid\nspec s1: valid\nok: evaluated 2 specs; all valid\n"


def test_many_clean_items_are_counted() -> None:
    """Nobody reads a thousand lines that say the same."""
    assert render("text", specs(1000)) == "ok: evaluated 1000 specs; all valid\n"


def test_reused_results_are_called_so() -> None:
    """A run that evaluated nothing anew does not pretend to have."""
    said = "ok: evaluated 20 specs (20 unchanged since the last run); all valid\n"
    assert render("text", specs(20, StepOutcome.REUSED)) == said


def test_nothing_evaluated_is_said() -> None:
    """With the reason where there is one."""
    nothing = Report(root="/r", items=())
    assert render("text", nothing) == "error: nothing was evaluated: no item was selected\n"
    fine = replace(nothing, nothing_to_do="nothing changed since main")
    assert render("text", fine) == "ok: nothing was evaluated: nothing changed since main\n"


def test_quiet_success_prints_nothing() -> None:
    """As in every good pipe."""
    assert render("text", specs(3), QUIET) == ""


def test_quiet_keeps_what_decides_the_exit_status(sample: Report) -> None:
    """The failing finding, the blocking question, the fault; no hint, no summary."""
    lines = render("text", sample, QUIET).splitlines()
    assert [line.split("  ")[1].strip() for line in lines if not line.startswith(" ")] == ["ERROR", "WAITING", "FAILED"]


def test_quiet_leaves_out_findings_that_pass() -> None:
    """A warning does not end the run, so a quiet run does not mention it."""
    warning = builtin("r", Level.WARNING, Place(file="f", line=1), "m")
    report = Report(root="/r", items=(replace(clean(1), findings=(warning,)),))
    assert render("text", report, QUIET) == ""
    assert render("text", replace(report, fail_level=Level.WARNING), QUIET) == "f:1  WARNING  m  [r]\n"


def test_findings_are_sorted_by_place() -> None:
    """Rules report in their own order; a person reads a file from the top."""
    found = [builtin("r", Level.INFO, Place(file="f", line=line), "m") for line in (30, 4)]
    text = render("text", Report(root="/r", items=(replace(clean(1), findings=found),)))
    assert text.index("f:4 ") < text.index("f:30 ")


def test_a_message_of_several_lines_stays_under_its_finding() -> None:
    """The lines that follow are indented."""
    finding = builtin("r", Level.ERROR, Place(file="f", line=1), "one\ntwo\x1b[2J")
    text = render("text", Report(root="/r", items=(replace(clean(1), valid=False, findings=(finding,)),)))
    assert "f:1  ERROR    one  [r]\n    two\\x1b[2J\n" in text


def test_colour_only_adds_colour(sample: Report) -> None:
    """Without its escape sequences the coloured text is the plain one."""
    import re

    coloured = render("text", sample, COLOUR)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render("text", sample)


def test_colour_gives_a_document_no_way_to_act() -> None:
    """Its own escape sequences stay visible, and a command to a CI runner stays broken."""
    finding = builtin("r", Level.ERROR, Place(file="::error ::x"), "\x1b[31m")
    text = render("text", Report(root="/r", items=(replace(clean(1), findings=(finding,)),)), COLOUR)
    assert "\\x1b[31m" in text
    assert ": :error" in text


def test_plain_text_needs_no_rich() -> None:
    """A quarter of the start-up time of a small run would go there."""
    probe = (
        "import sys; from workflow_cli.app.report import Report; from workflow_cli.cli.formats.formats import render;"
        "render('text', Report(root='/', items=())); print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-c", probe], text=True, cwd=REPOSITORY).split()
    assert "workflow_cli.cli.formats.text" in loaded
    assert {"rich", "json", "xml.etree.ElementTree", "typer"}.isdisjoint(loaded)

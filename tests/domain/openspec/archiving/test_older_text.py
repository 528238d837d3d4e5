"""A MODIFIED that is older than the main spec's text."""

from __future__ import annotations

from workflow_cli.domain.openspec.archiving.older_text import (
    CONFLICT,
    MERGED,
    REMOVED,
    BroughtUpToDate,
    State,
    WrittenAgainst,
    bring_up_to_date,
)
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Level, builtin

HEAD = "# auth\n\n## Purpose\nLets people in.\n\n## Requirements\n\n"
STEPS = "\n#### Scenario: works\n- **WHEN** it runs\n- **THEN** it ends\n"


def block(name: str, *statement: str, steps: str = STEPS) -> str:
    return f"### Requirement: {name}\n" + "".join(f"{line}\n" for line in statement) + steps + "\n"


def document(text: str, file: str = "openspec/specs/auth/spec.md") -> Document:
    return Document(file=file, data=text.encode())


def change_with(delta: str) -> Change:
    file = "openspec/changes/c/specs/auth/spec.md"
    return Change(name="c", directory="openspec/changes/c", delta_documents=(("auth", document(delta, file)),))


def brought(delta: str, *, base: str | None, main: str, name: str = "A", accept: str | None = None) -> BroughtUpToDate:
    bases = {} if base is None else {("auth", name): WrittenAgainst(document=document(HEAD + base), when="then")}
    return bring_up_to_date(change_with(delta), lambda _id: document(HEAD + main), bases, accepts=lambda n: n == accept)


def states(result: BroughtUpToDate) -> list[State]:
    return [basis.state for basis in result.bases]


def delta_text(result: BroughtUpToDate) -> str:
    return result.change.delta_documents[0][1].text


OLD = block("A", "It SHALL stay.")
MODIFIED = "## MODIFIED Requirements\n\n"


def test_a_text_that_nobody_touched_is_current() -> None:
    """The change stays the very same object."""
    result = brought(MODIFIED + block("A", "It SHALL go."), base=OLD, main=OLD)
    assert states(result) == [State.CURRENT]
    assert result.findings == ()


def test_without_a_base_the_state_is_unknown_and_nothing_is_touched() -> None:
    """No guess is made."""
    delta = MODIFIED + block("A", "It SHALL go.")
    result = brought(delta, base=None, main=block("A", "It SHALL fly."))
    assert states(result) == [State.UNKNOWN]
    assert delta_text(result) == delta


def test_edits_of_other_lines_are_put_together() -> None:
    """The statement is the delta's, the step the main spec's; it is said, and it refuses nothing."""
    newer = block("A", "It SHALL stay.", steps=STEPS.replace("it ends", "it rests"))
    result = brought(MODIFIED + block("A", "It SHALL go."), base=OLD, main=newer)
    assert states(result) == [State.MERGED]
    assert [(f.rule, f.refuses) for f in result.findings] == [(MERGED, False)]
    assert "It SHALL go." in delta_text(result)
    assert "it rests" in delta_text(result)


def test_edits_of_one_line_are_a_conflict_that_names_both_places() -> None:
    """The finding stands in the delta and names the line of the main spec."""
    result = brought(MODIFIED + block("A", "It SHALL go."), base=OLD, main=block("A", "It SHALL fly."))
    assert states(result) == [State.CONFLICT]
    (finding,) = result.findings
    assert (finding.rule, finding.refuses, finding.place.line) == (CONFLICT, True, 3)
    assert "openspec/specs/auth/spec.md:9" in finding.message


def test_a_conflict_whose_loss_is_accepted_takes_the_delta_as_it_is() -> None:
    """As OpenSpec would."""
    delta = MODIFIED + block("A", "It SHALL go.")
    result = brought(delta, base=OLD, main=block("A", "It SHALL fly."), accept="A")
    assert states(result) == [State.FORCED]
    assert delta_text(result) == delta


def test_a_renamed_requirement_is_compared_under_its_old_name() -> None:
    """MODIFIED names the new name, the main spec still has the old one."""
    renamed = "## RENAMED Requirements\n- FROM: `### Requirement: A`\n- TO: `### Requirement: B`\n\n"
    newer = block("A", "It SHALL stay.", steps=STEPS.replace("it ends", "it rests"))
    result = brought(renamed + MODIFIED + block("B", "It SHALL go."), base=OLD, main=newer, name="B")
    assert states(result) == [State.MERGED]
    assert "### Requirement: B\nIt SHALL go." in delta_text(result)


def test_a_removal_of_newer_text_is_told() -> None:
    """It is what the change says, so it is a warning."""
    result = brought("## REMOVED Requirements\n\n### Requirement: A\n", base=OLD, main=block("A", "It SHALL fly."))
    assert [(f.rule, f.level) for f in result.findings] == [(REMOVED, Level.WARNING)]


def test_findings_are_placed_in_the_file_on_disk() -> None:
    """The merged block is two lines longer in memory; what stands below it keeps its line on disk."""
    newer = block("A", "It SHALL stay.", steps=f"{STEPS}- **AND** it rests\n- **AND** it wakes\n")
    delta = MODIFIED + block("A", "It SHALL go.") + "## ADDED Requirements\n\n" + block("New", "It SHALL be.")
    result = brought(delta, base=OLD, main=newer)
    changed = result.change.delta_documents[0][1]
    in_memory = changed.lines.index("### Requirement: New")
    on_disk = delta.split("\n").index("### Requirement: New")
    assert in_memory == on_disk + 2
    placed = result.on_disk(builtin("r", Level.ERROR, changed.place(in_memory), "m"))
    assert (placed.place.line, placed.line) == (on_disk + 1, on_disk + 1)


def test_line_ends_of_the_delta_do_not_matter() -> None:
    """CRLF in the one and LF in the other are the same text."""
    result = brought((MODIFIED + block("A", "It SHALL go.")).replace("\n", "\r\n"), base=OLD, main=OLD)
    assert states(result) == [State.CURRENT]

"""The tools over the tree itself, as the program wires them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import ScriptedModel
from workflow_cli.app.answering.ports import Access, Found, Nothing, ToolResult
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.passage import Evidence, Passage, PassageKind
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.tools import tool_box, tools_answerer

SPEC = """\
# mail

## Purpose
Tells people about failed checks by mail, at once and only once.

## Requirements

### Requirement: Mail
The monitor SHALL send a mail for each alert.

#### Scenario: Alert
- **WHEN** a check fails
- **THEN** a mail is sent
"""


class OnePassage:
    """An index that finds the one passage there is, if a word of it is asked for."""

    def search(self, question: str, *, limit: int, change: str | None = None) -> Sequence[Evidence]:
        passage = Passage(
            path="openspec/specs/mail/spec.md",
            line=8,
            end_line=9,
            address="openspec/specs/mail/spec.md#Requirement: Mail",
            kind=PassageKind.REQUIREMENT,
            title="Mail",
            text="### Requirement: Mail\nThe monitor SHALL send a mail for each alert.",
            section_hash="h",
        )
        return [Evidence(passage=passage, score=1.0, coverage=1.0)] if "mail" in question else []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    spec = tmp_path / "openspec/specs/mail/spec.md"
    spec.parent.mkdir(parents=True)
    spec.write_text(SPEC)
    change = tmp_path / "openspec/changes/add-copy/specs/mail/spec.md"
    change.parent.mkdir(parents=True)
    change.write_text("## ADDED Requirements\n\n### Requirement: Copy\nThe monitor keeps copies.\n")
    return tmp_path


def call(root: Path, name: str, index: Any = None, **arguments: Any) -> ToolResult:
    async def run() -> ToolResult:
        async with tool_box(root, settings_in_force(root), index=index) as box:
            tool = next(tool for tool in await box.tools() if tool.name == name)
            assert tool.access is Access.READ
            return await box.call(tool, arguments)

    return asyncio.run(run())


def test_a_document_is_read(root: Path) -> None:
    result = call(root, "read_document", path="./openspec/specs/mail/spec.md")
    assert (result.text, result.is_error, result.server) == (SPEC, False, "workflow")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "openspec/../../x", "openspec/specs/none.md", "openspec", "openspec/specs", "", "a\0b"],
)
def test_what_is_no_document_is_an_error_of_the_tool(root: Path, path: str) -> None:
    assert call(root, "read_document", path=path).is_error


def test_no_link_leads_out_of_the_tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither a link in the place of a file nor one on the way to it."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.md").write_text("secret")
    (root / "openspec/specs/link.md").symlink_to(outside / "secret.md")
    (root / "openspec/specs/away").symlink_to(outside)
    for path in ("openspec/specs/link.md", "openspec/specs/away/secret.md"):
        result = call(root, "read_document", path=path)
        assert result.is_error
        assert "secret" not in result.text.replace("secret.md", "")


def test_an_item_is_validated(root: Path) -> None:
    assert call(root, "validate_item", item="mail").text.splitlines()[0] == "spec mail is valid"
    wrong = call(root, "validate_item", item="add-copy")
    assert wrong.text.startswith("change add-copy is not valid\n")
    assert "[" in wrong.text
    assert call(root, "validate_item", item="nothing").is_error


def test_everything_is_listed(root: Path) -> None:
    assert call(root, "list_specs_and_changes").text == "Specs:\n- mail\nOpen changes:\n- add-copy"


def test_passages_are_found_where_there_is_an_index(root: Path) -> None:
    found = call(root, "search_specs", OnePassage, query="mail")
    assert found.text.startswith("openspec/specs/mail/spec.md:8 ")
    assert "SHALL send a mail" in found.text
    assert call(root, "search_specs", OnePassage, query="other").text == "nothing found"


@pytest.mark.parametrize("arguments", [{}, {"path": 5}, {"query": "x"}])
def test_wrong_arguments_are_an_error_of_the_tool(root: Path, arguments: dict[str, Any]) -> None:
    assert call(root, "read_document", **arguments).is_error


def test_nothing_is_written_but_the_record_of_steps(root: Path) -> None:
    before = {path for path in root.rglob("*") if ".workflow" not in path.parts}
    call(root, "validate_item", item="add-copy")
    assert {path for path in root.rglob("*") if ".workflow" not in path.parts} == before
    assert not (root / ".workflow" / "metrics.jsonl").exists()


def test_offline_the_built_in_tools_take_the_place_of_servers(root: Path) -> None:
    """Which says so."""
    (root / "workflow.yaml").write_text("network: {offline: true}\nmcp: {servers: {a: {command: x}}}\n")

    async def run() -> None:
        async with tool_box(root, settings_in_force(root)) as box:
            assert [tool.server for tool in await box.tools()] == ["workflow"] * 3
            assert list(box.problems) == ["a: network.offline is set"]

    asyncio.run(run())


def test_a_question_does_not_search_the_documents_a_second_time(root: Path) -> None:
    """That they hold no answer was found out before; weak passages under another name would be no answer either."""

    async def ask() -> Found | Nothing:
        settings = settings_in_force(root)
        async with tool_box(root, settings, index=OnePassage) as box:  # type: ignore[arg-type]
            asked = Asked(text="What do the specs say, if one searches for mail?", kind=QuestionKind.LOOKUP)
            return await tools_answerer(box, settings, root=root).answer(asked, ())

    assert isinstance(asyncio.run(ask()), Nothing)


def test_what_a_model_quotes_of_a_document_is_a_source(root: Path) -> None:
    """The passage is found by the quote, though it was not among those found for the question."""
    model = ScriptedModel(
        {"choice": "workflow.read_document"},
        {"path": "openspec/specs/mail/spec.md"},
        {"choice": "answer"},
        {
            "in_results": True,
            "claims": [{"result": 1, "quote": "The monitor SHALL send a mail for each alert.", "text": "By mail."}],
        },
    )

    async def ask() -> Found | Nothing:
        settings = settings_in_force(root)
        async with tool_box(root, settings, index=OnePassage) as box:  # type: ignore[arg-type]
            asked = Asked(text="How are people told?", kind=QuestionKind.LOOKUP)
            return await tools_answerer(box, settings, root=root, model=model).answer(asked, ())

    found = asyncio.run(ask())
    assert isinstance(found, Found)
    assert not found.unsourced
    assert [(s.path, s.line, s.section_hash) for s in found.sources] == [("openspec/specs/mail/spec.md", 9, "h")]

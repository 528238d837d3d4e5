"""The public names: four classes that cost nothing until they are asked for, and their types."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import workflow_cli
from workflow_cli.api import results

CLASSES = ("DocumentManager", "FeedbackLoop", "QuestionRouter", "WorkflowOrchestrator")
PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "python-api.md").read_text("utf-8")


def test_the_four_classes_are_given_when_they_are_asked_for() -> None:
    assert {*CLASSES, "WorkflowError", "__version__"} == {*workflow_cli.__all__}
    assert {*workflow_cli.__all__} <= {*dir(workflow_cli)}
    assert {getattr(workflow_cli, name).__name__ for name in CLASSES} == {*CLASSES}
    with pytest.raises(AttributeError, match="has no attribute 'DocumentManger'"):
        workflow_cli.DocumentManger  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["config", "show"]], ids=" ".join)
def test_no_command_imports_them(arguments: list[str], root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "workflow_cli", *arguments], capture_output=True, text=True, cwd=root
    )
    assert (done.returncode, "workflow_cli.api" in done.stderr) == (0, False)
    assert "workflow_cli" in done.stderr


def test_importing_them_imports_no_work() -> None:
    """What a method needs is imported when it is called, and in a thread."""
    program = "import sys; from workflow_cli import WorkflowOrchestrator; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.split())
    assert "workflow_cli.api.workflow_orchestrator" in loaded
    assert loaded.isdisjoint({"httpx", "markdown_it", "mcp", "sqlite3", "typer", "workflow_cli.cli", "pydantic"})


def methods(name: str) -> dict[str, inspect.Signature]:
    found = inspect.getmembers(getattr(workflow_cli, name), inspect.iscoroutinefunction)
    return {method: inspect.signature(function) for method, function in found if not method.startswith("_")}


@pytest.mark.parametrize("name", CLASSES)
def test_the_page_shows_every_method_as_it_is(name: str) -> None:
    shown = methods(name)
    assert shown
    for method, signature in shown.items():
        bare = [
            parameter.replace(annotation=inspect.Parameter.empty)
            for parameter in signature.parameters.values()
            if parameter.name != "self"
        ]
        text = str(inspect.Signature(bare)).replace("'", '"')
        assert f"| `{method}{text}` |" in PAGE


RESULTS = [name for name in results.__all__ if f"### `{name}`" in PAGE]


def test_the_page_has_what_the_methods_return() -> None:
    returned = {
        part.strip() for name in CLASSES for signature in methods(name).values()
        for part in str(signature.return_annotation).replace("tuple[", "").split(",")[:1]
    }  # fmt: skip
    assert returned == {*RESULTS}


#: What the page leaves to others: the pages of metrics, and what only commands need.
_UNSAID = {
    "Excerpt": {"next_line"},
    "FeedbackReport": {
        "window",
        "newest",
        "by",
        "series",
        "aside",
        "broken",
        "undecided",
        "narrative",
        "dropped",
        "notes",
    },
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_page_names_every_field(name: str) -> None:
    section = PAGE.split(f"### `{name}`\n")[1].split("\n#")[0]
    fields = {field.name for field in dataclasses.fields(getattr(results, name))}
    silent = _UNSAID.get(name, set())
    assert {field for field in fields - silent if f"`{field}`" not in section} == set()


def test_every_name_that_results_gives_is_there() -> None:
    assert {name for name in results.__all__ if not hasattr(results, name)} == set()


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_printed(quiet: bool, root: Path) -> None:
    """Neither by work that fails nor by what is logged, unless the program asks for its logs."""
    program = """
import asyncio, logging, sys
from workflow_cli import WorkflowError, WorkflowOrchestrator
if sys.argv[1] == "False":
    logging.basicConfig(level="WARNING")
orchestrator = WorkflowOrchestrator()
open("workflow.yaml", "w").write("answers: [")
try:
    asyncio.run(orchestrator.route_question("Who?", {"bad": 1}))
except WorkflowError:
    pass
asyncio.run(orchestrator.route_question("Does the shop lock an account after five wrong passwords?"))
"""
    done = subprocess.run([sys.executable, "-c", program, str(quiet)], capture_output=True, text=True, cwd=root)
    assert (done.returncode, done.stdout) == (0, "")
    assert ("settings from before stay in force" in done.stderr) != quiet
    assert done.stderr == "" or not quiet

"""Every command's name, module and one line of help; nothing here imports a command."""

from __future__ import annotations

from typing import NamedTuple

TEXT_OR_JSON = ("text", "json")


class CommandEntry(NamedTuple):
    """`module` holds a `typer.Typer` named `app`; the first of `formats` is the default."""

    module: str
    help: str
    formats: tuple[str, ...] = TEXT_OR_JSON


COMMANDS: dict[str, CommandEntry] = {
    "process": CommandEntry(
        "workflow_cli.cli.process",
        "Check changes and specs: validate, analyse, ask, draft, report.",
        ("text", "json", "jsonl", "sarif", "junit", "github", "markdown"),
    ),
    "ask": CommandEntry(
        "workflow_cli.cli.ask",
        "Answer a question from the documents, with literal quotes; or queue it for a person.",
        ("text", "json", "jsonl"),
    ),
    "propose": CommandEntry("workflow_cli.cli.propose", "Write a new change that is strictly valid at once."),
    "update": CommandEntry(
        "workflow_cli.cli.update", "Edit documents by structure: sections, requirements, scenarios, tasks."
    ),
    "archive": CommandEntry(
        "workflow_cli.cli.archive", "Merge finished changes into the specs and archive them; or take that back."
    ),
    "history": CommandEntry("workflow_cli.cli.history", "Show what was changed, by whom and why; undo it."),
    "review": CommandEntry(
        "workflow_cli.cli.review",
        "Show, approve and reject drafts that need a person; check that none went without.",
        ("text", "json", "github"),
    ),
    "questions": CommandEntry(
        "workflow_cli.cli.questions", "Show and answer questions that nobody could answer yet; one by one or in a file."
    ),
    "feedback": CommandEntry(
        "workflow_cli.cli.feedback",
        "Show what the events tell: times, success, quality, errors, and what is worth changing.",
        ("text", "json", "markdown", "html"),
    ),
    "loop": CommandEntry(
        "workflow_cli.cli.loop", "Try changes of settings one at a time, and keep only what is measured to be better."
    ),
    "mcp": CommandEntry(
        "workflow_cli.cli.mcp", "Serve agents over MCP; show the tools of other MCP servers, and approve servers."
    ),
    "init": CommandEntry("workflow_cli.cli.init", "Write a commented workflow.yaml beside openspec/."),
    "doctor": CommandEntry(
        "workflow_cli.cli.doctor", "Look whether everything the commands need is there and works; say what to do."
    ),
    "config": CommandEntry("workflow_cli.cli.config", "Show the settings in force and where each came from."),
}

"""Writes the pages that are made from the code: `make docs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from generate_mcp import mcp_page
from generate_metrics import metrics_page
from generate_policy import policy_page
from generate_rules import pages as rule_pages

from workflow_cli.settings.describe import reference_page

DOCS = Path(__file__).parent


def main() -> None:
    for name, make in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(f"wrote docs/{name}")
    for path in sorted((DOCS / "reference" / "rules").glob("*.md")):
        if path.relative_to(DOCS).as_posix() not in PAGES:
            path.unlink()
            print(f"removed docs/{path.relative_to(DOCS).as_posix()}")


def commands_page() -> str:
    """`reference/commands.md`: every help page, as the command prints it at a width of 100."""
    lines = ["# Commands", "", "<!-- Made from the help texts by `make docs`; change those. -->"]
    for words, help_text in help_pages():
        lines += ["", f"## {' '.join(words)}", "", "```console", f"$ {' '.join(words)} --help", help_text, "```"]
    return "\n".join(lines) + "\n"


def help_pages() -> Iterator[tuple[list[str], str]]:
    """The words of each command with its help."""
    from workflow_cli.cli.app import root_command
    from workflow_cli.cli.commands import COMMANDS
    from workflow_cli.cli.invocation import Invocation

    def page(command: Any, words: list[str], parent: Any) -> Iterator[tuple[list[str], str]]:
        context = command.context_class(
            command,
            info_name=words[-1],
            parent=parent,
            obj=Invocation(),
            max_content_width=100,
            terminal_width=100,
            help_option_names=["-h", "--help"],
        )
        yield words, context.get_help()
        if parent is None:
            for name in COMMANDS:
                yield from page(command._load(name), [*words, name], context)
        else:
            for name, subcommand in getattr(command, "commands", {}).items():
                yield from page(subcommand, [*words, name], context)

    yield from page(root_command(), ["workflow"], None)


PAGES: dict[str, Callable[[], str]] = {
    "reference/configuration.md": reference_page,
    "reference/commands.md": commands_page,
    "reference/policy.md": policy_page,
    "reference/metrics.md": metrics_page,
    "reference/mcp-server.md": mcp_page,
    **{f"reference/rules/{name}": make for name, make in rule_pages().items()},
}


if __name__ == "__main__":
    main()

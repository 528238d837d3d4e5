"""Writes the pages that are made from the code: `make docs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workflow_cli.domain.openspec.rule import Rule
from workflow_cli.domain.openspec.rules.catalogue import RULES
from workflow_cli.domain.openspec.rules.example import example_files
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


def rules_page() -> str:
    """`reference/rules/README.md`: the rules of the built-in analysis in one table."""
    lines = [
        "# Rules of the built-in analysis",
        "",
        "<!-- Made from the rules themselves by `make docs`; change those. -->",
        "",
        "No finding of these rules changes OpenSpec's verdict, and none is an error unless `rules.levels` in",
        "[workflow.yaml](../configuration.md#ruleslevels) says so. A rule that is off runs where `rules.enable` names",
        "it. *Precision* is the share of findings that readers of real trees agreed with.",
        "",
        "| rule | level | on | precision | finds |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| [{rule.id}]({rule.id}.md) | {rule.level} | {'yes' if rule.on_by_default else 'no'} | {_precision(rule)} "
        f"| {rule.title} |"
        for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def rule_page(rule: Rule) -> str:
    """`reference/rules/<id>.md`"""
    switch = "on by default" if rule.on_by_default else "off by default"
    facts = [f"level {rule.level}", switch]
    if rule.precision:
        facts.append(f"precision {_precision(rule)}")
    lines = [
        f"# {rule.id}",
        "",
        "<!-- Made from the rule itself by `make docs`; change that. -->",
        "",
        f"{rule.title}: {', '.join(facts)}.",
        "",
        rule.reason,
        "",
        "## Reported",
        "",
        *_example(rule.bad),
        "",
        "## Left alone",
        "",
        *_example(rule.good),
    ]
    return "\n".join(lines) + "\n"


def _precision(rule: Rule) -> str:
    if rule.precision is None:
        return "not measured"
    return f"{rule.precision.share:.0%} ({rule.precision.agreed} of {rule.precision.labelled})"


def _example(text: str) -> list[str]:
    # A text without file names is a requirement of its own; four backticks are longer than any fence in an example.
    files = (
        {"": text} if "==> " not in text else {f"`openspec/{path}`": part for path, part in example_files(text).items()}
    )
    lines: list[str] = []
    for name, content in files.items():
        lines += [*([""] if lines else []), *([name, ""] if name else []), "````markdown", content.rstrip("\n"), "````"]
    return lines


def _page_of(rule: Rule) -> Callable[[], str]:
    return lambda: rule_page(rule)


PAGES: dict[str, Callable[[], str]] = {
    "reference/configuration.md": reference_page,
    "reference/commands.md": commands_page,
    "reference/rules/README.md": rules_page,
    **{f"reference/rules/{rule.id}.md": _page_of(rule) for rule in RULES},
}


if __name__ == "__main__":
    main()

"""The reference pages of the built-in rules, made from the rules themselves; `generate.py` writes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from workflow_cli.domain.openspec.rule import Rule, Scope
from workflow_cli.domain.openspec.rules.catalogue import RULES
from workflow_cli.domain.openspec.rules.example import example_files

_LOOKS_AT = {
    Scope.REQUIREMENT: "each requirement of a main spec, or of a change's ADDED and MODIFIED sections",
    Scope.DOCUMENT: "each document of a spec or a change",
    Scope.CHANGE: "a change, with the main specs it aims at",
    Scope.DOCUMENT_IN_TREE: "each document, compared with the rest of the tree",
}


def pages() -> dict[str, Callable[[], str]]:
    """Every page of the reference by file name."""
    return {"README.md": _index, **{f"{rule.id}.md": partial(_page, rule) for rule in RULES}}


def _index() -> str:
    rows = [f"| [{rule.id}]({rule.id}.md) | {rule.title} | {_facts(rule)} |" for rule in RULES]
    return "\n".join(
        [
            "# Built-in rules",
            "",
            "What `workflow process` notices beyond OpenSpec's own rules. None of it changes OpenSpec's verdict. How",
            "the precision was measured, and how far it can be trusted, is told in",
            "[How precise the rules are](../../explanation/rule-precision.md).",
            "",
            "| rule | finds | level | by default | precision |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _facts(rule: Rule) -> str:
    return f"{rule.level} | {_on(rule)} | {_precision(rule)}"


def _page(rule: Rule) -> str:
    return "\n".join(
        [
            f"# {rule.id}",
            "",
            f"{rule.title}.",
            "",
            f"- Level: {rule.level}",
            f"- By default: {_on(rule)}",
            f"- Looks at: {_LOOKS_AT[rule.scope]}",
            *(
                []
                if rule.least is None
                else [f"- Score: {rule.measure}; reported from {rule.least:g} on, or as `rules.thresholds` says"]
            ),
            f"- Precision: {_precision(rule)}",
            "",
            "## Why",
            "",
            rule.reason,
            "",
            "## Reported",
            "",
            *_example(rule.bad),
            "## Not reported",
            "",
            *_example(rule.good),
        ]
    )


def _on(rule: Rule) -> str:
    return "on" if rule.on_by_default else "off"


def _precision(rule: Rule) -> str:
    if rule.precision is None:
        return "not measured"
    return f"{rule.precision.share:.0%} ({rule.precision.agreed} of {rule.precision.labelled} findings)"


def _example(text: str) -> list[str]:
    files = {"": text} if "==> " not in text else example_files(text)
    lines: list[str] = []
    for path, content in files.items():
        if path:
            lines += [f"`openspec/{path}`:", ""]
        lines += ["````markdown", content.rstrip("\n"), "````", ""]
    return lines

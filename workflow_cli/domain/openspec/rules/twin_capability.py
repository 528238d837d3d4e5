"""Capability ids that only a computer can tell apart."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.rule import DocumentInTree, Rule, Scope, TreeSummary


def look(id: str) -> str:
    """As file systems that fold case see it, and with `_`, `-` and spaces taken for one."""
    return unicodedata.normalize("NFKC", id).casefold().replace("_", "-").replace(" ", "-")


@lru_cache(maxsize=2)
def _by_look(tree: TreeSummary) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for id in tree.capabilities:
        found[look(id)].append(id)
    return found


def check(subject: DocumentInTree) -> Iterator[Finding]:
    mine = subject.subject.capability
    if mine is None:
        return
    own = {id for id in subject.subject.own_capabilities if look(id) == look(mine)}
    for other in sorted(own.union(_by_look(subject.tree).get(look(mine), ()))):
        # Of two main specs, the later one is told.
        if other == mine or (subject.subject.change is None and other > mine):
            continue
        yield builtin(
            RULE.id,
            RULE.level,
            subject.subject.document.place(0),
            f'capabilities "{mine}" and "{other}" look the same but are two',
            hint="Use one id; on a file system that ignores case the two overwrite each other.",
        )
        return


_SPEC = (
    "# mail\n\n## Purpose\nTell people about failed checks by mail, at once.\n\n## Requirements\n\n"
    "### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
    "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
)
_DELTA = (
    "## ADDED Requirements\n\n### Requirement: Footer\nThe monitor SHALL end a mail with the name of the check.\n\n"
    "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** the last line of the mail is its name\n"
)

RULE = Rule(
    id="twin-capability",
    title="Capability ids that look the same",
    level=Level.WARNING,
    scope=Scope.DOCUMENT_IN_TREE,
    reason=(
        "`mail_alerts` beside `mail-alerts` is mostly a slip that splits one capability in two; ids that differ only "
        "in case overwrite each other on file systems that ignore it."
    ),
    bad=f"==> specs/mail-alerts/spec.md <==\n{_SPEC}==> changes/add-footer/specs/mail_alerts/spec.md <==\n{_DELTA}",
    good=f"==> specs/mail-alerts/spec.md <==\n{_SPEC}==> changes/add-footer/specs/mail-alerts/spec.md <==\n{_DELTA}",
    check=check,
)

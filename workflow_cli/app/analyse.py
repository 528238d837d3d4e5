"""The built-in analysis of one item, own documents and tree apart, so that each can be reused by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.rule import OWN_SCOPES, TREE_SCOPES, ChangeSubject, Rule, SpecSubject, TreeSummary
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec
from workflow_cli.domain.openspec.rules.catalogue import BY_ID, rules_for
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.errors import SettingsError


def selected_rules(
    enabled: Sequence[str],
    disabled: Sequence[str],
    levels: Mapping[str, Level],
    thresholds: Mapping[str, float],
) -> Sequence[Rule]:
    """Raises SettingsError, with the nearest ids, for every id that is no rule's, and for thresholds that a rule cannot have."""
    faults = []
    for id in (*enabled, *disabled, *levels, *thresholds):
        if id not in BY_ID:
            from difflib import get_close_matches

            near = get_close_matches(id, BY_ID, n=1)
            faults.append(f"there is no rule {id!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    for id, least in thresholds.items():
        if id in BY_ID and (fault := _fault_of_threshold(BY_ID[id], least)) is not None:
            faults.append(fault)
    if faults:
        raise SettingsError(tuple(faults), hint="docs/reference/rules lists them")
    return rules_for(enabled, disabled, levels, thresholds)


def _fault_of_threshold(rule: Rule, least: float) -> str | None:
    if rule.least is None:
        return f"{rule.id} has no threshold: its findings have no score"
    if least < rule.least:
        return f"the threshold of {rule.id} is from {rule.least:g} to 1, not {least:g}"
    return None


def analyse_one_spec(
    id: str, document: Document, tree: TreeSummary, rules: Sequence[Rule], *, own: bool
) -> list[Finding]:
    """The scopes that depend on the document alone, or those that compare it with the tree."""
    subject = SpecSubject(spec=read_spec(id, document), tree=tree)
    return analyse_spec(subject, rules, OWN_SCOPES if own else TREE_SCOPES)


def analyse_one_change(
    change: Change, mains: SpecLookup, tree: TreeSummary, rules: Sequence[Rule], *, own: bool
) -> list[Finding]:
    """As `analyse_one_spec`. The own scopes need to know which capabilities there are, and no more of the tree."""
    subject = ChangeSubject(change=change, mains=main_specs(change, mains), tree=tree)
    return analyse_change(subject, rules, OWN_SCOPES if own else TREE_SCOPES)


def main_specs(change: Change, mains: SpecLookup) -> dict[str, Spec]:
    """The readable main specs that a change's deltas aim at."""
    found = ((id, mains(id)) for id, _ in change.delta_documents)
    return {id: read_spec(id, document) for id, document in found if isinstance(document, Document)}

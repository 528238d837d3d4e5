"""What a title alone commits a system to: its own words with SHALL, and nothing besides."""

from __future__ import annotations

import re

from workflow_cli.domain.openspec.proposing.plan import PlannedRequirement, PlannedScenario
from workflow_cli.domain.openspec.proposing.title import capitalized, sentence, split_verb
from workflow_cli.domain.openspec.proposing.wording import Wording
from workflow_cli.domain.openspec.requirement import has_keyword, requirement_name

#: English verbs whose title turns into a statement without a change of meaning.
_STATEMENTS = {
    **dict.fromkeys(
        ("add", "introduce", "implement", "create", "provide", "offer"), "The system SHALL provide {rest}."
    ),
    **{verb: f"The system SHALL {verb} {{rest}}." for verb in ("support", "allow", "enable", "validate", "enforce")},
    **dict.fromkeys(("remove", "drop", "retire"), "The system SHALL NOT provide {rest}."),
    "fix": "The system SHALL NOT show this fault: {rest}.",
}
#: A subject, SHALL or MUST, and what is to be done.
_SENTENCE = re.compile(r"\w.*\s(?:SHALL|MUST)\s+\w", re.A)
_NAMED_BY_THE_REST = frozenset(("add", "introduce", "implement", "create", "provide", "offer"))


def requirement_from_title(title: str, wording: Wording, *, english: bool) -> PlannedRequirement:
    """The title as a requirement; in English some first verbs make a plainer sentence."""
    said = sentence(title)
    verb, rest = split_verb(said)
    if _SENTENCE.match(title):
        return with_scenario(requirement_name(title), (title,), wording)
    if english and verb in _STATEMENTS:
        name = capitalized(rest) if verb in _NAMED_BY_THE_REST else said
        return with_scenario(requirement_name(name), (_STATEMENTS[verb].format(rest=rest),), wording)
    return with_scenario(requirement_name(said), (wording.statement.format(title=said),), wording)


def with_scenario(name: str, statement: tuple[str, ...], wording: Wording) -> PlannedRequirement:
    return PlannedRequirement(name=name, statement=statement, scenarios=(stand_in(name, statement, wording),))


def stand_in(name: str, statement: tuple[str, ...], wording: Wording) -> PlannedScenario:
    """A scenario that claims no more than its requirement, for want of one that somebody wrote."""
    said = next((line.strip() for line in statement if has_keyword(line)), statement[0].strip())
    return PlannedScenario(
        name=name,
        steps=(("WHEN", wording.when.format(name=name)), ("THEN", wording.then.format(statement=said))),
        stands_in=True,
    )

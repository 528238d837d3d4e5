"""What the provenance of a draft says where the loop made it: for which experiment, and what it is to that."""

from __future__ import annotations

from workflow_cli.domain.review.draft import Author, AuthorKind, Draft

LOOP = Author(kind=AuthorKind.RULE, name="loop")
EXPERIMENT, PART = "experiment", "loop"
PROMOTION, ROLLBACK = "promotion", "rollback"
PROPOSAL, RESULT, GAP, AGENT, ADVICE = "proposal", "result", "gap", "agent", "advice"
#: Parts that a person decides about.
DECIDED = (GAP, AGENT, ADVICE)
#: Parts that write the settings: a person decides about them where those are protected.
SETTINGS = (PROMOTION, ROLLBACK)


def awaits_decision(draft: Draft) -> bool:
    """Whether the loop keeps it before people until one says yes or no."""
    return EXPERIMENT in draft.provenance and draft.provenance.get(PART) in (*DECIDED, *SETTINGS)

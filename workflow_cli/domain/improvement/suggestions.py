"""What it is worth that a finding is not shown, as levers see it that keep findings of a rule to themselves."""

from __future__ import annotations

from workflow_cli.domain.improvement.judgement import Suggestion
from workflow_cli.domain.improvement.lever import Traced

#: Fewer verdicts on the findings of a rule say nothing of it.
FEWEST_VERDICTS = 10


def not_shown(said: Suggestion) -> Traced:
    """A rejected finding that is not shown is a gain, an accepted one a loss. A finding is its own cluster."""
    return Traced(cluster=said.id, difference=-1.0 if said.accepted else 1.0, event=said.id)

"""Failing tests and open tasks, for a coding agent of the project's own choosing: a branch, for people to look at.

Nothing is started before a person approved exactly this task and this command line. Where no agent is configured there is
nothing to ask about.
"""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import CODE, Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import AGENT
from workflow_cli.domain.improvement.lever import Proposals
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary


class CodingAgent:
    id = "coding-agent"
    signal = "tests that fail, and tasks that nobody has done"
    design = Design.APPROVAL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        agent = settings.get(AGENT)
        if agent is None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="not_configured")]
        if agent.get("missing"):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=str(agent["missing"]))]
        return [
            Candidate(
                lever=self.id,
                scope=work["scope"],
                changes={},
                design=Design.APPROVAL,
                hypothesis=work["why"],
                evidence=(f"commit:{agent['head']}",),
                document={
                    "kind": CODE,
                    "task": work["task"],
                    "failing": work["failing"],
                    "command": list(agent["command"]),
                    "tests": list(agent["tests"]),
                },
            )
            for work in agent["work"]
        ] or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]

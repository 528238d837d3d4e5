"""A tool that fails often is tried later, or not at all where another answerer does as well."""

from __future__ import annotations

from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import allowed, routes
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.observation import family_of
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary


class ToolOrder:
    id = "tool-order"
    signal = "the share of calls of a tool that fail, and how long they take to"
    design = Design.INTERLEAVED
    symptom = True
    urgent = True

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        found: list[Candidate | Deferred] = []
        for name, kind, route in routes(settings):
            for place, answerer in enumerate(route[:-1]):
                if family_of(answerer) != "mcp":
                    continue
                tried = seen.of(kind, answerer)
                if not tried.fails_often:
                    found.append(
                        Deferred(lever=self.id, scope=kind, reason=f"no_headroom: {tried.failed}/{tried.calls}")
                    )
                    continue
                ids = [
                    asked.id
                    for asked in seen.requests
                    if asked.kind == kind and any(a.answerer == answerer and not a.ok for a in asked.attempts)
                ]
                later = [*route[:place], route[place + 1], answerer, *route[place + 2 :]]
                without = [*route[:place], *route[place + 1 :]]
                found += [
                    Candidate(
                        lever=self.id,
                        scope=kind,
                        changes={name: order},
                        design=self.design,
                        hypothesis=f"{answerer} failed in {tried.failed} of {tried.calls} calls; tried later, it is seldom waited for",
                        evidence=evidence(ids),
                    )
                    for order in (later, without)
                    if allowed(settings, {name: order}) is None
                ]
        return found

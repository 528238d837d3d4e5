"""How often a call that failed at once is made again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.intervals import Interval, proportion_interval
from workflow_cli.domain.improvement.knobs import MODEL_RETRIES, TOOL_RETRIES, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.observation import Asked, Attempt, Outcome
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CALLS = 20
_TOO_MANY = 0.1
#: Failures that may be over the next moment. A model that is not there, or that says nothing of use, is no such thing.
_PASSING = frozenset(("error", "overloaded", "loading", "unreachable"))
#: Of these a tool is called again.
_PASSING_FOR_TOOLS = frozenset(("overloaded", "unreachable"))
#: How soon after a failure the next call tells whether calling again would have helped.
_SOON = 60.0
_LEAST_NEXT = 8
#: What an answer of a tool is taken to be worth that nobody judged.
_WORTH = 0.7


class Retries:
    id = "retries"
    signal = "the share of calls of a model or tool that fail with an error"
    design = Design.INTERLEAVED
    symptom = True
    urgent = True

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        return [self._of_model(seen, settings), *self._of_tools(seen, settings)]

    def _of_model(self, seen: Summary, settings: Settings) -> Candidate | Deferred:
        if MODEL_RETRIES not in settings:
            return Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")
        if no_model(settings):
            return Deferred(lever=self.id, scope=ANY_KIND, reason="no_model")
        made = seen.calls("model")
        calls, failed = len(made), [asked.id for asked, attempt in made if attempt.failure in _PASSING]
        if calls < _LEAST_CALLS or len(failed) < _TOO_MANY * calls:
            return Deferred(lever=self.id, scope=ANY_KIND, reason=f"no_headroom: {len(failed)}/{calls}")
        more = {MODEL_RETRIES: settings[MODEL_RETRIES] + 1}
        if (reason := allowed(settings, more)) is not None:
            return Deferred(lever=self.id, scope=ANY_KIND, reason=reason)
        return Candidate(
            lever=self.id,
            scope=ANY_KIND,
            changes=more,
            design=self.design,
            by_reference=True,
            touches="model",
            hypothesis=f"{len(failed)} of {calls} calls failed with an error; made once more, some of them succeed",
            evidence=evidence(failed),
        )

    def _of_tools(self, seen: Summary, settings: Settings) -> Proposals:
        """A tool cannot be asked again to choose by. How the next question fared that came soon after tells of it."""
        if TOOL_RETRIES not in settings:
            return []
        made = seen.calls("mcp")
        # Where somebody else answered, calling the tool again has little to win.
        lost = [asked.id for asked, attempt in made if _in_vain(attempt) and asked.outcome is not Outcome.ANSWERED]
        calls = len(made)
        if calls < _LEAST_CALLS or len(lost) < _TOO_MANY * calls:
            return [Deferred(lever=self.id, scope=TOOL_RETRIES, reason=f"no_headroom: {len(lost)}/{calls}")]
        soon = _next_went_well(made)
        if len(soon) < _LEAST_NEXT:
            reason = f"insufficient_pairs: {len(soon)}/{_LEAST_NEXT}"
            return [Deferred(lever=self.id, scope=TOOL_RETRIES, reason=reason)]
        more = {TOOL_RETRIES: settings[TOOL_RETRIES] + 1}
        if (reason_against := allowed(settings, more)) is not None:
            return [Deferred(lever=self.id, scope=TOOL_RETRIES, reason=reason_against)]
        helps = proportion_interval(sum(soon), len(soon))
        share = _WORTH * len(lost) / calls
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes=more,
                design=self.design,
                touches="mcp",
                predicted=Interval(share * helps.low, share * helps.high),
                hypothesis=f"{len(lost)} of {calls} calls of tools failed in passing and nobody else answered; of those that were "
                f"called again within a minute, {sum(soon)} of {len(soon)} answered",
                evidence=evidence(lost),
            )
        ]


def _in_vain(attempt: Attempt) -> bool:
    return attempt.failure in _PASSING_FOR_TOOLS


def _next_went_well(made: Sequence[tuple[Asked, Attempt]]) -> list[bool]:
    """Of each call that failed in passing and was soon followed by another: whether that one did not."""
    return [
        not _in_vain(then)
        for (asked, attempt), (later, then) in pairwise(made)
        if _in_vain(attempt) and 0 <= later.at - asked.at <= _SOON
    ]

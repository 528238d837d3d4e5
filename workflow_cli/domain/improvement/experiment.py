"""An experiment: a change of settings, why, how it is measured, and by which rule it is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.setting_values import Settings, fingerprint


class Design(StrEnum):
    """How the treatment is measured.

    TRACE: computed from the log, no calls. RECALL: questions with a known place are sought with both settings. INTERLEAVED:
    screened by asking again, then both arms side by side online. SWITCHBACK: the whole system, in turns. DOCUMENTS: repairs
    are made in every recorded document. APPROVAL: a person decides.
    """

    TRACE = "trace"
    RECALL = "recall"
    INTERLEAVED = "interleaved"
    SWITCHBACK = "switchback"
    DOCUMENTS = "documents"
    APPROVAL = "approval"


#: What a document of a candidate is, where it is no requirement.
CODE = "code"
PROMPT = "prompt"
#: Decided in the cycle that registers them, without traffic.
AT_ONCE = frozenset((Design.TRACE, Design.RECALL, Design.DOCUMENTS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """What a lever would change. `evidence` are ids of events; `predicted` is the lever's own interval, if it has one.

    `by_reference`: it cannot change who answers, only how well or soon, see `known_quality.py`.
    `touches`: the family of answerers without which a request has nothing to do with the change; `beyond_ms`: nor has one that
    this family was done with sooner.
    `document` is what a candidate of design APPROVAL would write: data for the sink of proposals.
    """

    lever: str
    scope: str
    changes: Settings
    design: Design
    hypothesis: str
    evidence: tuple[str, ...]
    predicted: Interval | None = None
    by_reference: bool = False
    touches: str | None = None
    beyond_ms: float | None = None
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deferred:
    """Nothing is proposed, and why: `no_model`, `insufficient_pairs: 7/20`, `no_headroom`, `class_D`, `cooldown`, `budget`."""

    lever: str
    scope: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """Registered. `head_start` is the e-value of a replay on CONFIRM. `before` are the values that `changes` replaces; `verdict_rate` thins what needs no verdict, see `known_quality.py`.

    `expected` is what the pairs are expected to show, see `expectation.py`; `share` the part of all requests they speak for. Both,
    and `beyond_ms`, are None in what older versions registered.
    """

    id: str
    lever: str
    scope: str
    design: Design
    approval: ApprovalClass
    changes: Settings
    before: Settings
    base: str
    hypothesis: str
    evidence: tuple[str, ...]
    predicted: Interval
    rule: Rule
    policy: str
    evaluation_set: str
    salt: str
    verdict_rate: float
    since: float
    expires: float
    same: bool = False
    by_reference: bool = False
    touches: str | None = None
    beyond_ms: float | None = None
    head_start: float = 1.0
    expected: Interval | None = None
    share: float | None = None
    document: Mapping[str, Any] | None = field(default=None)

    @property
    def is_code(self) -> bool:
        """Whether it is work for a coding agent."""
        return self.document is not None and self.document.get("kind") == CODE

    @property
    def is_advice(self) -> bool:
        """Whether it is a change of settings that a person decides about."""
        return self.document is not None and self.document.get("kind") == PROMPT

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "lever": self.lever,
            "scope": self.scope,
            "design": self.design.value,
            "class": self.approval.value,
            "to": dict(self.changes),
            "from": dict(self.before),
            "base": self.base,
            "hypothesis": self.hypothesis,
            "evidence": list(self.evidence),
            "predicted": [self.predicted.low, self.predicted.high],
            "rule": self.rule.as_json(),
            "rule_hash": self.rule.hash,
            "policy": self.policy,
            "evaluation_set": self.evaluation_set,
            "salt": self.salt,
            "verdict_rate": self.verdict_rate,
            "since": self.since,
            "expires": self.expires,
            "same": self.same,
            "by_reference": self.by_reference,
            "touches": self.touches,
            "beyond_ms": self.beyond_ms,
            "head_start": self.head_start,
            "expected": None if self.expected is None else [self.expected.low, self.expected.high],
            "share": self.share,
            "document": None if self.document is None else dict(self.document),
        }


class NotAnExperiment(ValueError):
    """A record that claims to register an experiment, and does not; also one whose rule is not the one that was hashed."""


def experiment_from(body: Mapping[str, Any]) -> Experiment:
    """Raises NotAnExperiment."""
    try:
        if fingerprint(body["rule"]) != body["rule_hash"]:
            raise NotAnExperiment("the rule is not the one that was hashed")
        # Another version may have had another threshold, and what it kept is still kept.
        known = {field.name for field in fields(Rule)}
        written = {name: value for name, value in body["rule"].items() if name in known}
        if "doubt_e" not in written:
            # A rule holds as it was written down: without doubt, there was nothing between going on and taking back.
            written["doubt_e"] = written.get("rollback_e", Rule().rollback_e)
        rule = Rule(**written)
        low, high = body["predicted"]
        return Experiment(
            id=body["id"],
            lever=body["lever"],
            scope=body["scope"],
            design=Design(body["design"]),
            approval=ApprovalClass(body["class"]),
            changes=dict(body["to"]),
            before=dict(body["from"]),
            base=body["base"],
            hypothesis=body["hypothesis"],
            evidence=tuple(body["evidence"]),
            predicted=Interval(float(low), float(high)),
            rule=rule,
            policy=body["policy"],
            evaluation_set=body["evaluation_set"],
            salt=body["salt"],
            verdict_rate=float(body["verdict_rate"]),
            since=float(body["since"]),
            expires=float(body["expires"]),
            same=body["same"] is True,
            by_reference=body["by_reference"] is True,
            touches=None if body["touches"] is None else str(body["touches"]),
            beyond_ms=None if (beyond := body.get("beyond_ms")) is None else float(beyond),
            head_start=float(body["head_start"]),
            expected=None if (expected := body.get("expected")) is None else Interval(*map(float, expected)),
            share=None if (share := body.get("share")) is None else float(share),
            document=body["document"],
        )
    except NotAnExperiment:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnExperiment(str(error)) from error


def experiment_id(lever: str, scope: str, before: Settings, changes: Settings, base: str) -> str:
    """The same change of the same configuration is the same experiment, whoever proposes it, however often."""
    return fingerprint([lever, scope, dict(before), dict(changes), base])


def fluff(candidate: Candidate, predicted: Interval | None, known_levers: Sequence[str]) -> str | None:
    """Why a candidate is no proposal, or None: the contract against talk."""
    if not candidate.evidence:
        return "no_evidence"
    if candidate.lever not in known_levers:
        return "unknown_lever"
    if candidate.design is Design.APPROVAL:
        return None if candidate.document else "no_document"
    if predicted is None:
        return "no_prediction"
    if predicted.low <= 0:
        return "no_headroom"
    return None

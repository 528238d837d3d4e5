"""The interface of a lever: one file in `levers/` each, registered in `levers/registry.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import MODELS_AVAILABLE
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

Proposals = Sequence[Candidate | Deferred]


@dataclass(frozen=True, kw_only=True, slots=True)
class Traced:
    """What one group of events would have been worth with the treatment, less what they would have been without it."""

    cluster: str
    difference: float
    event: str


class Lever(Protocol):
    """`signal` says in words what outside the loop is measured. A `symptom` may be new: then the last few cycles are looked at
    by themselves as well, in which it is not thinned out by all that went well before. An `urgent` one acts on calls that fail now, so that an
    experiment of another kind may have to give way to it.

    `propose` looks at what the events show and gives every candidate worth screening, or why there is none; it never
    decides. It is called often, so it has to be quick, and gives the same for the same events.
    """

    @property
    def id(self) -> str: ...
    @property
    def signal(self) -> str: ...
    @property
    def design(self) -> Design: ...
    @property
    def symptom(self) -> bool: ...
    @property
    def urgent(self) -> bool: ...

    def propose(self, seen: Summary, settings: Settings) -> Proposals: ...


class TraceLever(Lever, Protocol):
    """A lever whose effect can be computed from the log, without a call."""

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        """In the order of the log."""
        ...


def evidence(ids: Sequence[str], *, most: int = 20) -> tuple[str, ...]:
    """The newest ids, as many as are kept."""
    return tuple(ids[-most:])


def no_model(settings: Settings) -> bool:
    """Whether it is known that no model can be asked now: what has to do with one can neither be compared nor help."""
    models = settings.get(MODELS_AVAILABLE)
    return models is not None and not models

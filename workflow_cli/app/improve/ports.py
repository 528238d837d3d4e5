"""What the loop needs of the world, so that any world can stand behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from workflow_cli.domain.improvement.arms import Overlay
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.record import Reading, Record, RecordType
    from workflow_cli.domain.improvement.repaired import Repaired
    from workflow_cli.domain.improvement.replayed import Replayed
    from workflow_cli.domain.improvement.setting_values import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class HumanDecision:
    """What a person said to what the loop may not decide itself."""

    agreed: bool
    by: str
    because: str


class Traffic(Protocol):
    """The log of events."""

    def read(self, position: int) -> tuple[Sequence[Mapping[str, Any] | None], int]:
        """Events after a position, 0 at first, and the position after them; None for a line that is no object.

        They may come in portions: there are no more where the position does not move.
        """
        ...


class Tuning(Protocol):
    """The settings in force, and the overlay that one arm reads instead."""

    def base(self) -> Settings: ...

    def written(self, changes: Settings) -> tuple[Settings, Settings]:
        """Of changes whose values do not tell all that they set, such as a breaker that is on: the settings as they are put in
        force, by their own names, and what they are now. Nothing of others."""
        ...

    def fingerprint(self) -> str:
        """Of the bytes the settings are written in: whoever edits them changes it."""
        ...

    def staged(self) -> Overlay | None:
        """None where there is none, or it is damaged. Raises DocumentError for one that cannot be read."""
        ...

    def stage(self, overlay: Overlay | None) -> None:
        """Replace the overlay in one step."""
        ...

    def obstacle(self, changes: Settings) -> str | None:
        """What keeps such changes from being written into the settings as they are now, for people; None where nothing does."""
        ...

    def is_written(self, experiment: Experiment) -> bool:
        """Whether it was written, and not taken back by the loop since, whatever people have made of it: then it is not written again."""
        ...

    def promote(self, experiment: Experiment) -> Mapping[str, Any]:
        """Write the changes into the settings: one replace, one revision. What it returns is handed to `restore` as it is.

        Raises WaitsForPerson where a person has to decide about that first, as does `restore`. Called again for an experiment that `is_written`, it changes nothing and returns the same.
        """
        ...

    def restore(self, experiment: Experiment, promotion: Mapping[str, Any]) -> bool:
        """Put back the bytes from before; where somebody edited others since, those stay. False where nothing of the change is
        there to be taken back; then nothing was written."""
        ...


class Answerers(Protocol):
    """The parts that answer, asked without anybody being given the answer: no cache, no event, no state is touched."""

    def replay(self, question: str, kind: str, settings: Settings) -> Replayed | None:
        """None where it cannot be asked, such as without a model."""
        ...

    def passages(self, question: str, kind: str, settings: Settings) -> Replayed | None:
        """What is taken from the specs alone."""
        ...

    def supposing(self, document: Mapping[str, Any], settings: Settings) -> Supposed | None:
        """What would be found, were the requirement of a document in the specs; None where that cannot be told. To be closed."""
        ...

    def sections(self) -> Mapping[str, str]:
        """The texts that answers cite, by address."""
        ...

    def wording(self, question: str) -> str | None:
        """The words of a question as the log names it; None where they are not known any more."""
        ...


class Supposed(Protocol):
    """Documents as they would be. `made` are the addresses that would be new."""

    @property
    def made(self) -> Sequence[str]: ...
    def passages(self, question: str) -> Sequence[str] | None:
        """Their addresses, best first; None where it cannot be sought."""
        ...

    def close(self) -> None: ...


class Repairs(Protocol):
    """Repairs of findings, made in memory."""

    def replay(self, rule: str) -> Sequence[Repaired]:
        """What the repair of a rule makes of every recorded document, each once."""
        ...


class Proposals(Protocol):
    """Where people see what the loop does, and decide about what it may not."""

    def open(self, experiment: Experiment) -> None:
        """Write down an experiment, or a document that a person has to decide about."""
        ...

    def close(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None: ...

    def decisions(self) -> Mapping[str, HumanDecision]:
        """By experiment, what a person decided about its document, or against a promotion or roll-back of it."""
        ...

    def obstacle(self, experiment: Experiment) -> str | None:
        """What keeps an approved document from being carried out, for people, who are told of it; None where nothing does."""
        ...

    def is_replaced(self, experiment: Experiment) -> bool:
        """Whether somebody carried out another text than the one that was approved."""
        ...

    def carry_out(self, experiment: Experiment) -> Sequence[str]:
        """Commit an approved document, or nothing where it is there already; the addresses of the sections it made."""
        ...

    def is_undone(self, experiment: Experiment) -> bool:
        """Whether somebody else undid a document that was carried out."""
        ...

    def withdraw(self, experiment: Experiment) -> None:
        """Undo that."""
        ...


class Ledger(Protocol):
    """Appends are on the disk when they return; one process at a time may append."""

    def read(self) -> Reading: ...
    def append(self, type: RecordType, body: Mapping[str, Any], *, at: float) -> Record: ...

"""What the use cases need from the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.discovered import Fault, SpecFile
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.questions.question import Question


class Clock(Protocol):
    """The time, so that tests and replays can set it."""

    def now(self) -> datetime:
        """The time of day, in UTC and aware of it."""
        ...

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""
        ...


class EventLog(Protocol):
    """The record of what was done, how long it took and how it ended."""

    def append(self, event: Mapping[str, object]) -> None:
        """Record one event; `kind` names it, the other values are what JSON can hold.

        Never raises for a place that cannot be written: a record that is missing must not stop the work.
        """
        ...


class SpecTree(Protocol):
    """An `openspec/` directory. Methods that list raise DocumentError; what cannot be read is a Fault."""

    def spec_files(self) -> Sequence[SpecFile]: ...
    def change_names(self) -> Sequence[str]: ...
    def read_spec_file(self, spec: SpecFile) -> Document | Fault: ...
    def read_main(self, id: str) -> Document | Fault | None: ...
    def read_change(self, name: str) -> Change: ...
    def read_questions(self, change: str) -> bytes | None: ...
    def write_questions(self, change: str, data: bytes, *, base: bytes | None) -> None: ...
    def common_fingerprint(self) -> str: ...
    def spec_fingerprint(self, spec: SpecFile) -> str: ...
    def change_fingerprint(self, name: str) -> str: ...


class StepRecord(Protocol):
    """Results of finished steps as JSON values, by item, step and the key of their inputs."""

    @property
    def degraded(self) -> str | None: ...
    def get(self, item: str, step: str, key: str) -> Any | None: ...
    def put(self, item: str, step: str, key: str, result: Any) -> None: ...


class QuestionFormat(Protocol):
    """The form questions have in a change's `questions.yaml`."""

    def parse(self, data: bytes, file: str) -> list[Question]: ...
    def render(self, existing: bytes | None, questions: Sequence[Question]) -> bytes: ...

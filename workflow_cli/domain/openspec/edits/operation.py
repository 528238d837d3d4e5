"""What can be done to a document, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: The next step where a section or group is not there.
CREATE = "make it: --create, or `create: true` in an edit"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioText:
    """`text` is the scenario's body without its heading."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSection:
    """Make `text` the section's own text. `create` makes a section that is not there, at the end."""

    section: str
    text: str
    create: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AppendSection:
    """Add a paragraph (`text`) or a list item (`bullet`) to a section's own text; exactly one is set."""

    section: str
    text: str | None = None
    bullet: str | None = None
    create: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AddRequirement:
    """`text` is the statement, and may hold `#### Scenario:` parts itself."""

    name: str
    text: str
    scenarios: tuple[ScenarioText, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AddScenario:
    requirement: str
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModifyRequirement:
    """A new statement (`text`), or everything below the heading (`block`); exactly one is set."""

    requirement: str
    text: str | None = None
    block: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RenameRequirement:
    requirement: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveRequirement:
    """In a delta, `reason` is written down and must be given; a main spec has no place for it."""

    requirement: str
    reason: str | None = None
    migration: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckTask:
    """`task` is a number such as `1.2`, or the task's words; `1.2 [2]` is the second that fits."""

    task: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UncheckTask:
    task: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AddTask:
    """`group` is a heading's words or number; without one the task goes where the last task is."""

    text: str
    group: str | None = None
    create: bool = False


Operation: TypeAlias = (
    SetSection
    | AppendSection
    | AddRequirement
    | AddScenario
    | ModifyRequirement
    | RenameRequirement
    | RemoveRequirement
    | CheckTask
    | UncheckTask
    | AddTask
)

#: Those that may bring a new name of a requirement or scenario.
NAMING = (AddRequirement, AddScenario, ModifyRequirement, RenameRequirement)
#: The names operations have in lists of edits and on the command line.
OPERATIONS: dict[str, type[Operation]] = {
    "set-section": SetSection,
    "append-section": AppendSection,
    "add-requirement": AddRequirement,
    "add-scenario": AddScenario,
    "modify-requirement": ModifyRequirement,
    "rename-requirement": RenameRequirement,
    "remove-requirement": RemoveRequirement,
    "check-task": CheckTask,
    "uncheck-task": UncheckTask,
    "add-task": AddTask,
}
NAMES: dict[type[Operation], str] = {type_: name for name, type_ in OPERATIONS.items()}

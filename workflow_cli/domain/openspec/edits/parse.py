"""Lists of operations, as they come from YAML or JSON."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from workflow_cli.domain.openspec.edits.layout import can_be_encoded
from workflow_cli.domain.openspec.edits.operation import NAMES, OPERATIONS, AddScenario, Operation, ScenarioText
from workflow_cli.errors import FaultyInput

_KEYWORDS = ("given", "when", "then", "and")
#: Operations that take exactly one of these fields.
_EITHER = {"append-section": ("text", "bullet"), "modify-requirement": ("text", "block")}
_FLAGS = ("create",)


@dataclass(frozen=True, kw_only=True, slots=True)
class EditRequest:
    """An operation, and the document it names for itself, if it names one."""

    operation: Operation
    path: str | None = None


def parse_operations(value: object) -> list[Operation]:
    """The operations of a list such as `[{"op": "check-task", "task": "1.2"}]`; or of the loose form, a mapping.

    Raises FaultyInput with every fault at once, each with its index and field.
    """
    requests = parse_edits(value, paths=False)
    return [request.operation for request in requests]


def parse_edits(value: object, *, paths: bool = True) -> list[EditRequest]:
    """As `parse_operations`, but each item may name its document as `path`."""
    if isinstance(value, Mapping):
        from workflow_cli.domain.openspec.edits.loose import loose_operations

        return [EditRequest(operation=operation) for operation in loose_operations(value)]
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise FaultyInput((f"a list of edits was expected, not {_kind(value)}",), what="the edits")
    faults: list[str] = []
    found: list[EditRequest] = []
    for index, item in enumerate(value):
        here: list[str] = []
        request = _request(item, here, paths=paths)
        faults += [f"edit {index}: {fault}" for fault in here]
        if request:
            found.append(request)
    if faults:
        raise FaultyInput(tuple(faults), what="the edits")
    return found


def to_plain(operation: Operation) -> dict[str, object]:
    """The operation as an item of a list, which `parse_operations` reads back as the same operation."""
    plain: dict[str, object] = {"op": NAMES[type(operation)]}
    for field in fields(operation):
        value = getattr(operation, field.name)
        if field.name == "scenarios":
            value = [{"name": scenario.name, "text": scenario.text} for scenario in value] or None
        if value is not None and value is not False:
            plain[field.name] = value
    return plain


def _request(item: object, faults: list[str], *, paths: bool) -> EditRequest | None:
    if not isinstance(item, Mapping):
        faults.append(f"a mapping was expected, not {_kind(item)}")
        return None
    name = item.get("op")
    if not isinstance(name, str):
        faults.append("op: missing; one of " + ", ".join(OPERATIONS))
        return None
    made = OPERATIONS.get(name)
    if made is None:
        nearest = difflib.get_close_matches(name.lower().replace("_", "-"), OPERATIONS, n=1, cutoff=0.4)
        meant = f"; did you mean {nearest[0]}?" if nearest else "; one of " + ", ".join(OPERATIONS)
        faults.append(f"op: no operation {name!r}{meant}")
        return None
    known = {field.name: field for field in fields(made)}
    values: dict[str, Any] = {}
    path: str | None = None
    for key, given in item.items():
        if key == "op" or (made is AddScenario and key in _KEYWORDS):
            continue
        if key == "path" and paths:
            path = _text(given, "path", faults)
        elif key not in known:
            faults.append(_unknown(str(key), [*known, *(["path"] if paths else [])]))
        elif key == "scenarios":
            values[key] = _scenarios(given, faults)
        elif key in _FLAGS:
            values[key] = given
            if not isinstance(given, bool):
                faults.append(f"{key}: true or false was expected, not {_kind(given)}")
        elif given is not None or known[key].default is MISSING:
            values[key] = _text(given, key, faults)
    if made is AddScenario and "text" not in item:
        values["text"] = _steps(item, "", faults)
    faults += [f"{key}: missing" for key, field in known.items() if field.default is MISSING and key not in values]
    either = _EITHER.get(name)
    if either and sum(values.get(key) is not None for key in either) != 1:
        faults.append(f"exactly one of {' and '.join(either)} was expected")
    if faults:
        return None
    return EditRequest(operation=made(**values), path=path)


def _scenarios(given: object, faults: list[str]) -> tuple[ScenarioText, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        faults.append(f"scenarios: a list was expected, not {_kind(given)}")
        return ()
    found = []
    for index, item in enumerate(given):
        at = f"scenarios[{index}]."
        if not isinstance(item, Mapping):
            faults.append(f"{at[:-1]}: a mapping was expected, not {_kind(item)}")
            continue
        faults += [at + _unknown(str(key), ["name", "text", *_KEYWORDS]) for key in item if key not in _SCENARIO_KEYS]
        name = _text(item.get("name"), f"{at}name", faults)
        text = _text(item["text"], f"{at}text", faults) if "text" in item else _steps(item, at, faults)
        found.append(ScenarioText(name=name, text=text))
    return tuple(found)


_SCENARIO_KEYS = frozenset({"name", "text", *_KEYWORDS})


def _steps(item: Mapping[Any, Any], at: str, faults: list[str]) -> str:
    """`given`, `when`, `then` and `and`, each a text or a list of texts, as the lines of a scenario."""
    if not any(key in item for key in ("when", "then")):
        faults.append(f"{at}text: missing; give it, or `when` and `then`")
        return ""
    lines = []
    for keyword in _KEYWORDS:
        given = item.get(keyword)
        if given is None:
            continue
        texts = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
        for index, text in enumerate(texts):
            word = "AND" if index else keyword.upper()
            lines.append(f"- **{word}** {_text(text, at + keyword, faults)}")
    return "\n".join(lines)


def _text(given: object, field: str, faults: list[str]) -> str:
    if isinstance(given, str):
        if not can_be_encoded(given):
            faults.append(f"{field}: it holds half of a surrogate pair, which is no character")
        return given
    if isinstance(given, float):
        # 1.10 and 1.1 are the same number, but not the same task.
        faults.append(f'{field}: a number; put it in quotes, "{given}"')
        return ""
    faults.append(f"{field}: {'missing' if given is None else f'text was expected, not {_kind(given)}'}")
    return ""


def _unknown(key: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"{key}: unknown" + (f"; did you mean {nearest[0]}?" if nearest else f"; one of {', '.join(known)}")


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {dict: "a mapping", list: "a list", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)

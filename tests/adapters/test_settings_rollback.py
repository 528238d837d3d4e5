"""A change of settings taken out from between what others edited: the settings are what they were, or it is not taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.adapters.settings_rollback import SettingsChange
from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.adapters.yaml_splice import with_values
from workflow_cli.errors import DocumentError

FAILURES, SECONDS = ("answers", "breaker_failures"), ("answers", "breaker_seconds")
BREAKER: Mapping[tuple[str, ...], Any] = {FAILURES: 2, SECONDS: 300}


def taken_out(before: str, values: Mapping[tuple[str, ...], Any], edit: Any, **known: Any) -> str | None:
    after = with_values(before.encode(), values, "f").decode()
    change = SettingsChange(before.encode(), after.encode(), "f")
    in_force = {("answers", "budgets", name): value for name, value in known.items()}
    done = change.taken_out_of(edit(after).encode(), lambda: in_force)
    return None if done is None else done.decode()


@pytest.mark.parametrize(
    ("before", "edit", "back"),
    [
        ("answers:\n  cache: true\n", lambda t: t + "retrieval:\n  passages: 5\n", "answers:\n  cache: true\nretrieval:\n  passages: 5\n"),
        ("", lambda t: t + "# mine\n", "# mine\n"),
        ("", lambda t: t.replace("  breaker", "  # mine\n  breaker", 1), "  # mine\n"),
        ("", lambda t: t.replace("300", "300 # mine"), "# mine\n"),
        ("", lambda t: t + "  cache: false\n", "answers:\n  cache: false\n"),
        ("answers:\n", lambda t: t + "# mine\n", "answers:\n# mine\n"),
        ("answers: {}\n", lambda t: t + "mcp: {}\n", "answers: {}\nmcp: {}\n"),
        ("retrieval: {thin: 0.5}", lambda t: t + "mcp: {}\n", "retrieval: {thin: 0.5}\nmcp: {}\n"),
        ("answers: {cache: true}\n", lambda t: t.replace("true", "false"), "answers: {cache: false}\n"),
    ],
)  # fmt: skip
def test_what_was_added_goes_again(before: str, edit: Any, back: str) -> None:
    """With the section that came with it, where nobody has put anything else there."""
    assert taken_out(before, BREAKER, edit) == back


def test_what_others_set_is_theirs() -> None:
    """Then nothing at all is taken out."""
    assert taken_out("answers:\n", BREAKER, lambda text: text.replace("300", "60")) is None
    assert taken_out("answers:\n", BREAKER, lambda text: text.replace("  breaker_seconds: 300\n", "")) is None


def test_a_mapping_that_others_went_on_with_says_what_was_in_force() -> None:
    """Who gives the mapping gives all of it: without the entry it would be no default, but nothing."""
    budgets: Mapping[tuple[str, ...], Any] = {("answers", "budgets", "model"): 60, ("answers", "budgets", "tools"): 2}
    back = taken_out("", budgets, lambda text: text + "    specs: 5\n", model=60, tools=20)
    assert back is not None
    assert load_yaml(back.encode(), "f").value == {"answers": {"budgets": {"model": 60, "tools": 20, "specs": 5}}}
    assert taken_out("", budgets, lambda text: text + "# mine\n", model=60, tools=20) == "# mine\n"


_BEFORE = st.sampled_from(
    [
        "",
        "# settings\n",
        "answers:\n",
        "answers:\n  breaker_failures: 1000 # never\n",
        "answers:\n  breaker_failures: 1000\n  cache: true # kept\n\nmcp:\n  timeout: 5\n",
        "mcp:\n  timeout: 5",
        "answers: {breaker_failures: 1000, cache: true} # all\n",
        "'answers': {\n  cache: true # kept\n  }\n",
        "{answers: {cache: true}, mcp: {timeout: 5}}\n",
        "\ufeffanswers:\r\n    cache: true\r\n",
    ]
)
_LINES = st.sampled_from(
    ["# mine\n", "  # mine\n", "\n", "retrieval:\n  passages: 5\n", "rules: {disable: []} # mine\n", "  batch: 7\n", "  batch: '#'\n"]
)  # fmt: skip
_EDITS = st.lists(st.tuples(_LINES, st.integers(0, 12)), min_size=1, max_size=4)


@settings(max_examples=60)
@given(_BEFORE, _EDITS, st.booleans(), st.sampled_from([BREAKER, {SECONDS: 300}, {FAILURES: 2}]))
def test_the_settings_are_what_they_were_and_others_lines_stay(
    before: str, edits: list[tuple[str, int]], beside: bool, values: Mapping[tuple[str, ...], Any]
) -> None:
    after = with_values(before.encode(), values, "f")
    lines, theirs = after.decode().splitlines(keepends=True), []
    for line, at in edits:
        at = min(at, len(lines))
        lines[at:at] = [line]
        theirs.append(line)
    now = "".join(lines)
    if beside:
        now = now.replace("300", "300 # beside")
        theirs += ["# beside"] if "300" in now else []
    try:
        said = load_yaml(now.encode(), "f").value
    except DocumentError:
        return
    if not isinstance(said, dict) or not isinstance(said.get("answers"), dict | None):
        return
    done = SettingsChange(before.encode(), after, "f").taken_out_of(now.encode(), dict)
    if done is None:
        return
    old = load_yaml(before.encode(), "f").value or {}
    result = load_yaml(done, "f").value or {}
    for _, key in values:
        assert _entry(result, "answers", key) == _entry(old, "answers", key)
    for section in said.keys() | result.keys():
        for key in _entries(said, section).keys() | _entries(result, section).keys():
            if (section, key) not in values:
                assert _entry(result, section, key) == _entry(said, section, key)
    for line in filter(str.strip, theirs):
        assert done.decode().count(line.strip()) >= now.count(line.strip()), done.decode()


def _entries(said: Any, section: str) -> dict[str, Any]:
    return said.get(section) or {}


def _entry(said: Any, section: str, key: str) -> Any:
    return _entries(said, section).get(key)


@settings(max_examples=25)
@given(_BEFORE, st.sampled_from(["# mine\n", "retrieval: {passages: 5}\n", "\n"]), st.booleans())
def test_what_stands_above_or_below_is_never_in_the_way(before: str, line: str, above: bool) -> None:
    """It is not refused either."""
    if before.startswith("{") and not line.strip().startswith("#") and line.strip():
        return
    edit = (lambda text: line + text.lstrip("\ufeff")) if above else (lambda text: text.rstrip("\n") + "\n" + line)
    done = taken_out(before, BREAKER, edit)
    assert done is not None
    result = load_yaml(done.encode(), "f").value or {}
    answers = _entries(load_yaml(before.encode(), "f").value or {}, "answers")
    assert _entries(result, "answers") == answers
    assert line in done

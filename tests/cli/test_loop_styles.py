"""Settings are turned and taken back in whatever style of YAML people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, environment, tree, workflow
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from workflow_cli.wiring import settings_in_force

__all__ = ["environment", "tree", "workflow"]

_FLOW = "{answers: {order_lookup: [tools, specs, person], budgets: {tools: 4}, breaker_failures: 1000}} # all of it\n"
_STYLES = {
    "a byte order mark": "\ufeff" + STUBBORN,
    "a quoted section": STUBBORN.replace("answers:", '"answers":'),
    "quoted keys": STUBBORN.replace("breaker_failures:", "'breaker_failures':"),
    "on one line": _FLOW,
    "beside a policy": "'policy': {off: [number-changed]}\n" + STUBBORN,
}


@pytest.mark.parametrize("style", _STYLES)
def test_a_change_is_kept_in_any_style(workflow: Run, tree: Path, style: str) -> None:
    settings = stubborn_tree(tree)
    settings.write_text(_STYLES[style], encoding="utf-8")
    done = workflow("loop", "--lever", "breaker")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("registered: breaker; keep: gain: e=")
    answers = settings_in_force(tree).answers
    assert (answers.breaker_failures, answers.breaker_seconds) == (2, 300)
    text = settings.read_text("utf-8")
    assert text.startswith(_STYLES[style][: _STYLES[style].index("1000")])

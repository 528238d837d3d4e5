"""The page on levers names every lever, with its class, and every setting that a knob turns."""

from __future__ import annotations

import re
from pathlib import Path

from workflow_cli.domain.improvement.knobs import KNOBS, knob
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.real_settings import REAL

PAGE = (Path(__file__).parents[2] / "docs/reference/levers.md").read_text("utf-8")
ROWS = {match[1]: match[0] for match in re.finditer(r"^\| `([a-z-]+)` \|.*$", PAGE, re.MULTILINE)}


def test_every_lever_has_a_row_and_every_row_a_lever() -> None:
    assert set(ROWS) == {lever.id for lever in all_levers()}


def test_every_setting_is_named() -> None:
    for name, real in REAL.items():
        for source in real.sources[:1]:
            shown = re.sub(r"order_\w+", "order_<kind>", source)
            assert f"`{shown}`" in PAGE, name


def test_every_knob_has_a_setting_of_the_product() -> None:
    """What no setting obeys is no lever of this product."""
    kinds = {name for name in REAL if name.startswith("route.")}
    assert {*REAL} - kinds == {*KNOBS} - {"route."}
    assert all(knob(name) for name in REAL)

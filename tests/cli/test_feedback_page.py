"""The page of `workflow feedback` in a real browser: in the light and in the dark, wide and on the narrowest telephone.

axe looks for what people with bad eyes, a keyboard or a screen reader cannot use.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import REPOSITORY, Run
from tests.cli.feedback_log import Log, log_of

INTEGRATION = REPOSITORY / "tests" / "integration"
BROWSER = os.environ.get("CHROMIUM_BIN") or shutil.which("chromium") or shutil.which("chromium-browser")
LONG = "a-change-whose-name-somebody-thought-about-for-a-long-time-and-then-wrote-down-in-full"

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not (INTEGRATION / "node_modules" / "playwright-core").is_dir() or shutil.which("node") is None,
        reason="what drives the browser is not installed: `make openspec`",
    ),
]


def looks(*files: Path) -> list[dict[str, dict[str, Any]]]:
    """What is wrong with each of the pages, by who looks at it; `headings` are no fault."""
    done = subprocess.run(
        ["node", INTEGRATION / "look_at_page.mjs", str(BROWSER), *files], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout).values())


def busy(log: Log) -> None:
    """Two weeks in which all that the page can show happened, with the worst names that there are."""
    for number in range(300):
        ago = 24 * 13.5 - number
        late = number >= 160
        step = {"answerer": "tools", "outcome": "failed", "failure": "timeout", "attempts": 1, "ms": 8000}
        given = log.question(
            ago=ago,
            ms=9000.0 + number if late else 100.0 + number % 40,
            question_kind=("lookup", "howto", "code", "tool")[number % 4],
            answerer=("specs", "model", "tools", "person")[number % 4],
            model=("qwen/qwen3-8b", "a-vendor/" + "m" * 80)[number % 2] if number % 4 == 1 else None,
            status="not_in_specs" if late and number % 3 == 0 else "answered",
            terms_hash=f"{number % 9:016x}",
            asker=f"person-{number % 5}",
            change=(None, "支払い方法を追加する", LONG)[number % 3],
            route=[step] if late else [],
        )
        if number % 3 == 1:
            log.add(
                ago=ago - 0.1,
                kind="verdict",
                outcome="rejected" if late else "accepted",
                answer_id=log.answers[given],
                asked_at=log.moments[given],
                question_kind="lookup",
                client=f"person-{number % 7}",
            )
        log.add(ago=ago, kind="update", outcome="failed" if number % 9 == 0 else "written", error=None, duration_ms=40)
        log.add(ago=ago, kind="update", outcome="failed", error=f"{'x' * 90} {number}: <b>отказ</b>", duration_ms=5)
        log.add(
            ago=ago,
            kind="process.item",
            item=f"change/{LONG}",
            valid=number % 7 != 0,
            outcome="done",
            rules={"weak-modal": 1, "r" * 60: 1},
            duration_ms=60.0,
        )
        log.add(
            ago=ago,
            kind="finding.verdict",
            finding=f"{number:016x}",
            rule="weak-modal" if number % 2 else "r" * 60,
            client=f"person-{number % 5}",
            outcome="rejected" if number % 3 else "accepted",
        )
        log.add(
            ago=ago,
            kind="mcp.call",
            server="tracker",
            tool="search" * 9,
            outcome="timeout" if late else "answered",
            duration_ms=900.0,
        )


@pytest.fixture
def log(tree: Path) -> Log:
    return Log(tree)


def test_nobody_has_anything_to_say_against_it(workflow: Run, tree: Path, log: Log, tmp_path: Path) -> None:
    """Nothing is cut off, outside, unreadable, fetched or said to the console: with nothing to show, little, and all."""
    pages: dict[str, Path] = {}

    def write(name: str, *arguments: str) -> None:
        done = workflow("feedback", "--format", "html", *arguments)
        assert done.returncode == 0, done.stderr
        pages[name] = tmp_path / f"{name}.html"
        pages[name].write_text(done.stdout, encoding="utf-8")

    write("nothing")
    log.question(ago=1)
    write("little")
    log_of(tree).unlink()
    busy(log)
    with log_of(tree).open("a") as file:
        file.write("{torn\n" * 900)
    write("all")
    write("by change", "--by", "change")
    seen = dict(zip(pages, looks(*pages.values()), strict=True))
    for name, page in seen.items():
        assert len(page) == 4
        for who, look in page.items():
            faults = {what: fault for what, fault in look.items() if what != "headings" and fault}
            assert not faults, (name, who)
    headings = seen["by change"]["light"]["headings"]
    assert {"What got worse", "What to do next", "Over time", "By change", "All metrics"} <= set(headings)


def test_a_fault_is_seen(tmp_path: Path) -> None:
    """What is too wide, pale, fetched, or said to the console is told."""
    page = (
        "<!doctype html><html lang=en><title>x</title><main><h1>x</h1><p style='color:#ccc;background:#fff'>pale</p>"
        "<div style='width:2000px'>wide</div><img alt=x src='missing.png'><script>console.log('hello')</script></main>"
    )
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    light = looks(file)[0]["light"]
    assert light["scrolls"] is True
    assert [one.partition(":")[0] for one in light["outside"]] == ["div."]
    assert [one.rpartition("/")[2] for one in light["asked"]] == ["missing.png"]
    assert "hello" in light["said"]
    assert [one.partition(":")[0] for one in light["violations"]] == ["color-contrast"]

"""What was approved is kept, bound to exactly what was seen, and only counts where it was made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mcp_box import REPOSITORY
from workflow_cli.adapters.mcp_client.approval_key import approval_key
from workflow_cli.adapters.mcp_client.definitions import config_hash, definitions_of
from workflow_cli.adapters.mcp_client.pin_file import PinFile
from workflow_cli.adapters.mcp_client.server_config import server_of
from workflow_cli.errors import DocumentError

TOOL: dict[str, Any] = {
    "name": "look",
    "title": "Look",
    "description": "Looks.",
    "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}},
    "outputSchema": {"type": "object"},
    "annotations": {"readOnlyHint": True},
}
TOOLS = definitions_of([TOOL])
FILE = ".workflow/mcp-pins.json"


def pins(root: Path, key: bytes = b"k" * 32) -> PinFile:
    return PinFile(root, lambda _make: key)


def test_an_approval_is_read_again(tmp_path: Path) -> None:
    """Several servers, one file, for the owner alone; an approval anew takes the old one's place."""
    pins(tmp_path).approve("a", "hash-a", TOOLS, by="Jo", at="t")
    pins(tmp_path).approve("b", "hash-b", [], by="Al", at="t")
    pins(tmp_path).approve("a", "hash-c", TOOLS, by="Al", at="t")
    found = pins(tmp_path).read()
    assert {name: (pin.config, pin.by) for name, pin in found.items()} == {"a": ("hash-c", "Al"), "b": ("hash-b", "Al")}
    assert found["a"].tools == {"look": TOOLS[0].hash}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert pins(tmp_path).revoke("a")
    assert not pins(tmp_path).revoke("a")
    assert set(pins(tmp_path).read()) == {"b"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "look2"),
        ("title", "Looks"),
        ("description", "Looks. "),
        ("inputSchema", {"type": "object", "properties": {"q": {"type": "number"}}}),
        ("outputSchema", {"type": "object", "properties": {}}),
        ("annotations", {"readOnlyHint": True, "idempotentHint": True}),
    ],
)
def test_every_part_of_a_definition_counts(key: str, value: Any) -> None:
    assert definitions_of([{**TOOL, key: value}])[0].hash != TOOLS[0].hash


def test_the_order_of_keys_and_unknown_ones_do_not_count() -> None:
    """Icons may change; a server need not write its keys in the same order every time."""
    turned = {key: TOOL[key] for key in reversed(TOOL)}
    assert definitions_of([{**turned, "icons": ["x"], "_meta": {"a": 1}}])[0].hash == TOOLS[0].hash


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"command": "other"}, False),
        ({"args": ["b"]}, False),
        ({"env": {"OTHER": "1"}}, False),
        ({"cwd": "sub"}, False),
        ({"access": ["write"]}, False),
        ({"tools": {"delete": "read"}}, False),
        ({"env": {"KEY": "rotated"}}, True),
        ({"timeout": 5}, True),
    ],
)
def test_what_an_approval_of_a_server_is_bound_to(tmp_path: Path, change: dict[str, Any], same: bool) -> None:
    """What runs and what it may do; not the values of secrets, which change."""

    def hashed(entry: dict[str, Any]) -> str:
        return config_hash(server_of("s", entry, origin="", base=tmp_path, environment={}))

    entry = {"command": "run", "args": ["a"], "env": {"KEY": "1"}}
    assert (hashed(entry) == hashed({**entry, **change})) is same


def test_approvals_that_came_with_a_clone_do_not_count(tmp_path: Path) -> None:
    """Whoever made the file had another key; so has an account that has none yet."""
    pins(tmp_path, b"e" * 32).approve("a", "hash", TOOLS, by="Eve", at="t")
    mine = pins(tmp_path)
    assert mine.read() == {}
    assert "was not made by this account" in str(mine.problem)
    new = PinFile(tmp_path, lambda _make: None)
    assert new.read() == {}
    assert "was not made by this account" in str(new.problem)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: {**d, "servers": {**d["servers"], "b": d["servers"]["a"]}},
        lambda d: {**d, "servers": {"a": {**d["servers"]["a"], "config": "other"}}},
        lambda d: {**d, "mark": 5},
        lambda d: {**d, "schema": 2},
        lambda d: {**d, "servers": []},
        lambda d: [],
    ],
)
def test_a_file_that_was_changed_by_hand_counts_for_nothing(tmp_path: Path, damage: Any) -> None:
    pins(tmp_path).approve("a", "hash", TOOLS, by="Jo", at="t")
    file = tmp_path / FILE
    file.write_text(json.dumps(damage(json.loads(file.read_text()))))
    mine = pins(tmp_path)
    assert mine.read() == {}
    assert mine.problem
    mine.approve("a", "hash", TOOLS, by="Jo", at="t")
    assert set(mine.read()) == {"a"}
    assert mine.problem is None


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    pins(tmp_path).approve("a", "hash", TOOLS, by="Jo", at="t")
    (tmp_path / FILE).rename(elsewhere)
    (tmp_path / FILE).symlink_to(elsewhere)
    assert pins(tmp_path).read() == {}


def test_approvals_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    """By processes of their own, one key among them."""
    script = (
        "import sys; from pathlib import Path\n"
        "from workflow_cli.adapters.mcp_client.approval_key import approval_key\n"
        "from workflow_cli.adapters.mcp_client.pin_file import PinFile\n"
        "root = Path(sys.argv[1])\n"
        "PinFile(root, lambda make: approval_key(root / 'key', make=make)).approve(sys.argv[2], 'h', [], by='x', at='t')\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), f"s{n}"], cwd=REPOSITORY) for n in range(6)
    ]
    assert [process.wait(timeout=60) for process in started] == [0] * 6
    kept = PinFile(tmp_path, lambda make: approval_key(tmp_path / "key", make=make)).read()
    assert set(kept) == {f"s{n}" for n in range(6)}
    assert [path.name for path in (tmp_path / "key").iterdir()] == ["approval.key"]


def test_the_key_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    assert approval_key(tmp_path / "s", make=False) is None
    key = approval_key(tmp_path / "s", make=True)
    assert key == approval_key(tmp_path / "s", make=False) == approval_key(tmp_path / "s", make=True)
    file = tmp_path / "s" / "approval.key"
    assert (len(key or b""), file.stat().st_mode & 0o777) == (32, 0o600)
    os.chmod(file, 0o640)
    with pytest.raises(DocumentError, match="others can read it"):
        approval_key(tmp_path / "s", make=False)

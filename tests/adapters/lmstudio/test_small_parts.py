"""Addresses, lists of models, failures and the memory of forms, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.lmstudio.address import address_of
from workflow_cli.adapters.lmstudio.failures import error_in, failure_of
from workflow_cli.adapters.lmstudio.form_memory import FILE, FormMemory
from workflow_cli.adapters.lmstudio.forms import Form
from workflow_cli.adapters.lmstudio.listing import PATHS, models_in
from workflow_cli.adapters.network import NetworkRules, is_loopback

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "detail", "models", "data", "id", "key", "type", "loaded_instances"])
            | st.sampled_from(["config", "context_length", "meta", "n_ctx", "state", "variants", "object"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
        ("http://localhost:1234/v1", "http://127.0.0.1:1234"),
        ("HTTP://LocalHost:1234/", "http://127.0.0.1:1234"),
        ("http://host:1/v1/v1/models", "http://host:1"),
        ("https://example.org/llm/v1/chat/completions/", "https://example.org/llm"),
        ("http://host:1//v1//", "http://host:1"),
        ("http://[::1]:1234/api/v1", "http://[::1]:1234"),
        ("http://host:1/api", "http://host:1"),
        ("http://host:1/v10", "http://host:1/v10"),
    ],
)
def test_the_root_of_an_address(typed: str, root: str) -> None:
    address = address_of(typed)
    assert address.root == root
    assert address.url("/v1/models") == f"{root}/v1/models"
    assert address_of(address.root) == address


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "a.localhost", "::ffff:127.0.0.1"]
)
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert NetworkRules(loopback_only=True).refusal(host) is None
    assert NetworkRules(offline=True, loopback_only=True).refusal(host) is not None


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "0.0.0.0", "localhost.example", "127.0.0.1.example", "example", "", "2130706433"]
)
def test_not_this_machine(host: str) -> None:
    """Names are not looked up to find out."""
    assert not is_loopback(host)
    assert NetworkRules(loopback_only=True).refusal(host) is not None
    assert NetworkRules().refusal(host) is None


@given(st.sampled_from(PATHS), ANYTHING)
def test_a_list_of_any_form_is_read_or_refused(path: str, body: Any) -> None:
    models = models_in(path, body)
    assert models is None or all(model.id and model.names for model in models)


@given(st.integers(100, 599), ANYTHING | st.text())
def test_an_error_of_any_form_is_told_in_one_line(status: int, body: Any) -> None:
    failed = failure_of(status, body, where="host:1", token="sk-1")
    assert "\n" not in failed.message
    assert len(failed.message) < 400
    assert error_in(body) is None or isinstance(error_in(body), str)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return 0.0


def test_forms_are_kept_for_a_week(tmp_path: Path) -> None:
    """By server and model; then the strictest one is tried again."""
    clock = Clock()
    FormMemory(tmp_path, clock).put("a:1", "m", Form.PLAIN)
    FormMemory(tmp_path, clock).put("a:1", "n", Form.OBJECT)
    later = FormMemory(tmp_path, clock)
    assert [later.get("a:1", name) for name in ("m", "n", "o")] == [Form.PLAIN, Form.OBJECT, None]
    clock.time += timedelta(days=8)
    assert later.get("a:1", "m") is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"schema":9}', b'{"schema":1,"forms":{"a:1 m":5}}', b"\xff"])
def test_a_damaged_memory_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ".workflow").mkdir()
    (tmp_path / ".workflow" / FILE).write_bytes(data)
    memory = FormMemory(tmp_path, Clock())
    assert memory.get("a:1", "m") is None
    memory.put("a:1", "m", Form.PLAIN)
    assert FormMemory(tmp_path, Clock()).get("a:1", "m") is Form.PLAIN


def test_without_a_place_the_memory_is_that_of_the_process(tmp_path: Path) -> None:
    """Also where the directory cannot be written."""
    (tmp_path / ".workflow").write_text("a file")
    for memory in (FormMemory(None, Clock()), FormMemory(tmp_path, Clock())):
        memory.put("a:1", "m", Form.PLAIN)
        assert memory.get("a:1", "m") is Form.PLAIN

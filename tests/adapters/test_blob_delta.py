"""Texts as differences: what went in comes out, and nothing else does."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.blob_delta import Delta, expand, make_delta

texts = st.lists(st.sampled_from([b"a", b"b", b"line\n", b"\r\n", b"\x00\xff", b"long " * 200])).map(b"".join)


@given(texts, texts)
def test_every_text_can_be_had_from_any_base(data: bytes, base: bytes) -> None:
    assert expand(make_delta(data, base), base, size=len(data)) == data
    assert expand(make_delta(data), size=len(data)) == data


@given(texts, texts, st.integers(-2, 2).filter(bool))
def test_a_wrong_length_is_an_error(data: bytes, base: bytes, off: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all there is
        expand(make_delta(data, base), base, size=len(data) + off)


@given(texts, st.integers(0, 5000), st.integers(0, 5000), st.binary(max_size=40))
def test_made_up_differences_raise_nothing_else(base: bytes, prefix: int, suffix: int, packed: bytes) -> None:
    with contextlib.suppress(ValueError):
        expand(Delta(prefix, suffix, packed), base, size=100)


def test_a_small_edit_of_a_large_text_is_small() -> None:
    base = bytes(range(256)) * 4000
    data = base[:500_000] + b"a few words" + base[500_000:]
    assert len(make_delta(data, base).packed) < 50

"""A secret key is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workflow_cli.adapters.key_file import make_key


def test_a_key_is_private_and_made_once(tmp_path: Path) -> None:
    make_key(tmp_path / "key", 32)
    key = (tmp_path / "key").read_bytes()
    make_key(tmp_path / "key", 32)
    assert ((tmp_path / "key").read_bytes(), len(key)) == (key, 32)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["key"]


def test_a_full_disk_leaves_no_half_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:10]))
        with pytest.raises(OSError, match="No space left"):
            make_key(tmp_path / "key", 32)
    assert os.listdir(tmp_path) == []

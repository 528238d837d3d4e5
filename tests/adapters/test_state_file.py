"""Looking for files of the state, and whose they are where they may not be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.rights import only_what_modes_allow
from workflow_cli.adapters.state_file import bytes_of, is_there, names_in, who_may
from workflow_cli.errors import DocumentError


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    """A link that leads nowhere is there."""
    assert not is_there(tmp_path / "a")
    assert bytes_of(tmp_path / "a/b") is None
    assert names_in(tmp_path / "a") == []
    (tmp_path / "a").symlink_to("nowhere")
    assert is_there(tmp_path / "a")


def test_what_may_not_be_looked_at_is(tmp_path: Path) -> None:
    """With the directory that lets nobody in, which is not the file that was looked for."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with only_what_modes_allow():
        for look in (is_there, bytes_of, names_in):
            with pytest.raises(DocumentError, match="cannot read: Permission denied") as caught:
                look(closed / "deeper" / "file")
            assert caught.value.where == str(closed / "deeper" / "file")
            assert caught.value.hint == f"mend its permissions: chmod u+rwX {closed}"
    closed.chmod(0o700)


def test_a_file_in_the_place_of_a_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for look in (is_there, bytes_of, names_in):
        with pytest.raises(DocumentError, match="Not a directory") as caught:
            look(tmp_path / "file" / "deeper")
        assert caught.value.hint == "move away what stands in its place"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(("owner", "named"), [(0x7FFF0001, "user 2147418113"), (65534, "")])
def test_the_owner_is_named(tmp_path: Path, owner: int, named: str) -> None:
    """By number where the account has no name."""
    path = tmp_path / "file"
    path.touch()
    os.chown(path, owner, owner)
    said = who_may(PermissionError(errno.EACCES, "x"), path)
    assert said is not None
    assert said.startswith(f"{path} belongs to {named}")
    assert said.endswith("mend its permissions")
    assert who_may(OSError(errno.EIO, "x"), path) is None

"""A client and a server for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_use import Use


@pytest.fixture
def use(tmp_path: Path) -> Use:
    return Use(tmp_path)


@pytest.fixture
def server() -> Iterator[LmStudioServer]:
    with LmStudioServer() as running:
        yield running

"""The real command, or a skip that says how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.real_openspec import CORPUS, HOW_TO_GET_IT, RealOpenSpec, executable


@pytest.fixture
def real(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> RealOpenSpec:
    """The real command in a home of its own, which our own reading shares."""
    path = executable()
    if path is None:
        pytest.skip(HOW_TO_GET_IT)
    command = RealOpenSpec(path, tmp_path_factory.mktemp("home"))
    monkeypatch.setenv("HOME", str(command.home))
    monkeypatch.setenv("XDG_DATA_HOME", command.environment["XDG_DATA_HOME"])
    return command


@pytest.fixture
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus is not at {CORPUS.name}/ beside the repository's directory")
    return CORPUS

"""Where the measured commands and the trees are."""

from __future__ import annotations

import compileall
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "workflow_cli"
WORKFLOW = REPOSITORY / ".venv" / "bin" / "workflow"
PYTHON = REPOSITORY / ".venv" / "bin" / "python"
OPENSPEC = REPOSITORY / "tests" / "integration" / "node_modules" / ".bin" / "openspec"
TREE = REPOSITORY.parent / "shared" / "corpus" / "Fission-AI+OpenSpec"


def missing() -> list[str]:
    """What is needed and not there, as sentences."""
    needed = {
        WORKFLOW: "the command `workflow` is not installed in .venv: run `make setup`",
        OPENSPEC: "the command `openspec` is not installed: run `make openspec` (needs npm)",
    }
    return [message for path, message in needed.items() if not path.exists()]


def compile_package() -> None:
    """An installed package has its bytecode; this one is installed in place, and may have none yet."""
    compileall.compile_dir(PACKAGE, quiet=1)


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="workflow-bench-") as directory:
        yield Path(directory)


def forget(root: Path) -> None:
    """Take away what earlier runs recorded for the tree at `root`."""
    shutil.rmtree(root / ".workflow", ignore_errors=True)

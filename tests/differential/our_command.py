"""`workflow`, called as its command line calls it, without paying for a start each time."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from workflow_cli.cli.main import run


def workflow(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status and JSON document of a command in the tree at `root`."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        status = run([*arguments, "--format", "json", "--root", str(root)])
    out.flush()
    return status, json.loads(out.buffer.getvalue())  # type: ignore[attr-defined]

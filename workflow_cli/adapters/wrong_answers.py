"""Answers that somebody called wrong, as JSON lines: each a case for whoever improves the answers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.errors import DocumentError

WRONG_ANSWERS_FILE = "wrong-answers.jsonl"


class WrongAnswersFile:
    """`.workflow/wrong-answers.jsonl`; each line is one write, so that any number of processes may append."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def append(self, case: Mapping[str, Any]) -> str:
        """Keep the case; returns the file, from the root. Raises DocumentError."""
        make_state_directory(self._root)
        path = self._root / STATE_DIRECTORY / WRONG_ANSWERS_FILE
        line = json.dumps(case, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o600)
            try:
                if os.write(descriptor, line) != len(line):
                    raise DocumentError("only a part could be written", where=str(path), hint="make room")
            finally:
                os.close(descriptor)
        except OSError as error:
            raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error
        return path.relative_to(self._root).as_posix()

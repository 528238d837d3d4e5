"""The event of one answer, found from the end of the log without reading all of it."""

from __future__ import annotations

import json
import mmap
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_cli.adapters.metrics_log.files import log_files, open_log

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def find_answer(path: Path, answer_id: str) -> Mapping[str, Any] | None:
    """The newest `question` event that gave this answer; None where there is none. Raises DocumentError."""
    if not _ID.fullmatch(answer_id):
        return None
    needle = b'"answer_id":' + json.dumps(answer_id).encode()
    for file in reversed(log_files(path)):
        descriptor = open_log(file)
        try:
            if os.fstat(descriptor).st_size == 0:
                continue
            with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
                end = len(data)
                while (at := data.rfind(needle, 0, end)) >= 0:
                    begins = data.rfind(b"\n", 0, at) + 1
                    stop = data.find(b"\n", at)
                    event = _event(data[begins : stop if stop >= 0 else len(data)])
                    if event is not None and event.get("kind") == "question" and event.get("answer_id") == answer_id:
                        return event
                    end = at
        finally:
            os.close(descriptor)
    return None


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

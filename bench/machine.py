"""What the figures were measured on."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from pathlib import Path

from places import OPENSPEC, PYTHON


def description() -> list[str]:
    """Sentences for the page; no name of a machine or a person."""
    return [
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.release().split('-')[0]}",
        f"{_said([str(PYTHON), '--version'])}, Node {_said(['node', '--version'])}, "
        f"OpenSpec {_said([str(OPENSPEC), '--version'])}",
        f"{datetime.date.today().isoformat()}, load {os.getloadavg()[0]:.1f} at the start",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _said(command: list[str]) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return result.stdout.strip() or "unknown"

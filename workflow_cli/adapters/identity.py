"""Who is at work here."""

from __future__ import annotations

import getpass
from pathlib import Path

from workflow_cli.adapters.git_environment import ask_git


def person(root: Path) -> str:
    """`Name <address>` as git knows the person in this directory, else the name of the account."""
    name, address = _git(root, "user.name"), _git(root, "user.email")
    if name and address:
        return f"{name} <{address}>"
    if name or address:
        return name or address
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _git(root: Path, key: str) -> str:
    try:
        done = ask_git(root, "config", "--get", key)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""

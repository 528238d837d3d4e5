"""What git is in the middle of in the checkout that lies around a directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow_cli.adapters.git_environment import ask_git, refuse_untrusted

#: What lies in the directory of git while it is so, and how that is ended, or taken back.
_UNDER_WAY: Mapping[str, tuple[str, str]] = {
    "rebase-merge": ("rebase", "git rebase --continue, or --abort"),
    "rebase-apply": ("rebase", "git rebase --continue, or --abort"),
    "MERGE_HEAD": ("merge", "git merge --continue, or --abort"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "git cherry-pick --continue, or --abort"),
    "REVERT_HEAD": ("revert", "git revert --continue, or --abort"),
    "BISECT_LOG": ("bisect", "git bisect reset"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GitState:
    """`branch` is None on no branch; `under_way` what was begun and not ended, with the command to end it."""

    branch: str | None
    under_way: tuple[str, str] | None


def git_version() -> str | None:
    """Such as `2.39.5`; None where there is no git."""
    try:
        said = ask_git(Path("."), "--version").stdout
    except OSError:
        return None
    return said.decode("utf-8", "replace").strip().removeprefix("git version ").partition(" ")[0] or "of no version"


def git_state(root: Path) -> GitState | None:
    """None outside a work tree. Raises OSError where there is no git, WorkflowError where it looks at nothing."""
    asked = ask_git(root, "rev-parse", "--is-inside-work-tree", "--absolute-git-dir")
    refuse_untrusted(asked.stderr, root)
    inside, _, directory = os.fsdecode(asked.stdout).strip().partition("\n")
    if asked.returncode != 0 or inside != "true":
        return None
    under_way = next((told for name, told in _UNDER_WAY.items() if os.path.exists(os.path.join(directory, name))), None)
    branch = os.fsdecode(ask_git(root, "symbolic-ref", "--quiet", "--short", "HEAD").stdout).strip()
    return GitState(branch=branch or None, under_way=under_way)


def is_ignored(root: Path, path: str) -> bool:
    return ask_git(root, "check-ignore", "--quiet", "--", path).returncode == 0


def tracked_below(root: Path, path: str) -> int:
    """How many files below a path git has in its index."""
    return ask_git(root, "ls-files", "-z", "--", path).stdout.count(b"\0")

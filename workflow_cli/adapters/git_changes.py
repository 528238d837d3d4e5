"""Which files a branch touches, as git sees it."""

from __future__ import annotations

import os
from pathlib import Path

from workflow_cli.adapters.git_environment import ask_git, refuse_untrusted
from workflow_cli.errors import UsageError, WorkflowError


def touched_since(root: Path, ref: str, directory: str) -> list[str]:
    """Paths below `directory`, from `root`, that differ from where the branch left `ref`, or are new to git.

    Committed, staged, unstaged and untracked changes all count. Raises UsageError for a ref that git does not
    know, WorkflowError where there is no git or no checkout.
    """
    if not ref or ref.startswith("-"):
        raise UsageError(f"{ref!r} is no ref", where="--changed-since", hint="name a branch, tag or commit")
    base = _git(root, "merge-base", ref, "HEAD", ref=ref).decode().strip()
    changed = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", base, "--", directory)
    fresh = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", directory)
    names = (os.fsdecode(name) for name in (changed + fresh).split(b"\0") if name)
    return sorted(set(names))


def _git(root: Path, *arguments: str, ref: str | None = None) -> bytes:
    try:
        done = ask_git(root, *arguments)
    except FileNotFoundError:
        raise WorkflowError(
            "git is not installed", where="--changed-since", hint="install git, or name the changes"
        ) from None
    if done.returncode == 0:
        return done.stdout
    refuse_untrusted(done.stderr, root)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    message = said[0] if said else f"git {arguments[0]} ended with status {done.returncode}"
    if ref is not None and "not a git repository" not in message:
        raise UsageError(
            f"git finds no common ancestor with {ref!r}: {message}",
            where="--changed-since",
            hint="fetch it first; a shallow clone needs more history",
        )
    raise WorkflowError(message, where=str(root), hint="run inside a git checkout, or name the changes")

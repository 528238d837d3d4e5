"""The state of the tree where a branch left another, read from git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from workflow_cli.adapters.git_environment import ask_git, refuse_untrusted
from workflow_cli.adapters.identity import person
from workflow_cli.errors import UsageError, WorkflowError

#: What approvals are about; the rest of a repository is no business of theirs.
PATHS = ("openspec", "workflow.yaml", "workflow.yml")
DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
#: A file that was rewritten more often than this in one branch is compared over fewer steps.
_MOST_COMMITS = 200


class GitReference:
    """Implements `Reference` for the merge base of `ref` and HEAD. Raises UsageError for a ref git does not know."""

    def __init__(self, root: Path, ref: str) -> None:
        if not ref or ref.startswith("-"):
            raise UsageError(f"{ref!r} is no ref", where="--base", hint="name a branch, tag or commit")
        self._root = root
        base = self._git("merge-base", ref, "HEAD", missing=b"").decode().strip()
        if not base:
            if _run(self._root, "rev-parse", "--git-dir").returncode != 0:
                raise WorkflowError(
                    "not a git repository", where=str(root), hint="run inside a git checkout, or leave out --base"
                )
            raise UsageError(
                f"git finds no common ancestor with {ref!r}",
                where="--base",
                hint="fetch it first; a shallow clone needs more history",
            )
        self._base = base

    @property
    def is_head(self) -> bool:
        """Whether nothing was committed since."""
        return self._git("rev-parse", "HEAD").decode().strip() == self._base

    def changed(self) -> Sequence[str]:
        tracked = self._git("diff", "--name-only", "--no-renames", "--relative", "-z", self._base, "--", *PATHS)
        fresh = self._git("ls-files", "--others", "--exclude-standard", "-z", "--", *PATHS)
        return sorted({os.fsdecode(name) for name in (tracked + fresh).split(b"\0") if name})

    def content(self, path: str) -> bytes | None:
        return self._blob(self._base, path)

    def between(self, path: str) -> Iterator[bytes]:
        listed = self._git(
            "log", f"--max-count={_MOST_COMMITS}", "--format=%H", f"{self._base}..HEAD", "--", f":(literal){path}"
        )
        for commit in listed.decode("ascii").split():
            data = self._blob(commit, path)
            if data is not None:
                yield data

    def authors(self, paths: Sequence[str]) -> Sequence[str]:
        files = ["--", *(f":(literal){path}" for path in paths)]
        names = self._git("log", "--format=%aN <%aE>", f"{self._base}..HEAD", *files).decode("utf-8", "replace")
        here = [person(self._root)] if self._git("status", "--porcelain", *files) else []
        return list(dict.fromkeys([*here, *names.splitlines()]))

    def _blob(self, commit: str, path: str) -> bytes | None:
        # An empty file and none are told apart by the status.
        done = _run(self._root, "cat-file", "blob", f"{commit}:./{path}")
        return done.stdout if done.returncode == 0 else None

    def _git(self, *arguments: str, missing: bytes | None = None) -> bytes:
        done = _run(self._root, *arguments)
        if done.returncode == 0:
            return done.stdout
        if missing is not None:
            return missing
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise WorkflowError(said[0] if said else f"git {arguments[0]} failed", where=str(self._root))


def default_branch(root: Path) -> str:
    """The branch that others leave: what the remote calls its head, or main or master.

    Raises UsageError where there is none of them, WorkflowError where git is not installed.
    """
    for ref in DEFAULT_BRANCHES:
        if _run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").returncode == 0:
            return ref
    raise UsageError(
        f"there is no branch to compare with: git knows none of {', '.join(DEFAULT_BRANCHES)}",
        where="--base",
        hint="fetch one, or name what to compare with: --base REF",
    )


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        done = ask_git(root, *arguments)
    except FileNotFoundError:
        raise WorkflowError("git is not installed", where="--base", hint="install git") from None
    if done.returncode != 0:
        refuse_untrusted(done.stderr, root)
    return done

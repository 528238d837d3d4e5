"""An external coding agent, run in a worktree of its own, and what it did held to the project's tests.

The agent shares the repository's objects and its account on the machine: what it writes outside of its worktree is not
prevented here, but noticed where it concerns the checkout or the repository, before git reads any of it. The tests run in
another worktree, of the commit alone, so that nothing counts but what would be merged.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from workflow_cli.adapters.contained_process import Ended, end_left_behind, run_contained
from workflow_cli.app.improve.coding import Assignment, Worked
from workflow_cli.errors import WorkflowError

WORKTREES = "worktrees"
#: Not the agent's: tokens of this program, and what would make git look elsewhere.
_WITHHELD = ("LM_API_TOKEN", "WORKFLOW_", "GIT_")
#: What of the repository makes git do something, or says what is where.
_TELLING = ("config", "config.worktree", "hooks", "info", "refs", "packed-refs", "reftable", "objects/info")
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false")
_MOST_FILES = 2000
#: What git calls a repository within a repository.
_REPOSITORY = b"160000"
_PLACE_OF_TASK = "{task}"


class GitCodingAgent:
    """See Coder. `root` lies in a git checkout; `state` is a directory git ignores; `watched` are files of the loop's own.

    `protected` says by which pattern a path from the top of the checkout is protected, None for one that is not.
    """

    def __init__(
        self,
        root: Path,
        state: Path,
        *,
        protected: Callable[[str], str | None],
        watched: Sequence[Path],
        seconds: float,
        most_output: int,
    ) -> None:
        self._root = root
        self._state = state
        self._protected = protected
        self._watched = tuple(watched)
        self._seconds = seconds
        self._most_output = most_output

    # -- the port ------------------------------------------------------------------------------------------------

    def work(self, assignment: Assignment) -> Worked:
        """See Coder."""
        try:
            base = self.head()
            if base is None:
                return _nothing("no_git")
            return self._work(assignment, base)
        except (WorkflowError, OSError) as error:
            return _nothing(f"failed: {error}")

    def tidy(self) -> None:
        """See Coder."""
        for place in sorted((self._state / WORKTREES).glob("*")):
            self._forget(place)

    def head(self) -> str | None:
        """The commit that is checked out; None outside of a checkout and before the first commit."""
        try:
            return self._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except WorkflowError:
            return None

    def tests_pass(self, tests: Sequence[str], commit: str, name: str) -> Ended:
        """The tests in a worktree of a commit."""
        place = self._added(f"{name}-tests", commit)
        try:
            return self._run(tests, place, b"")
        finally:
            self._removed(place)

    # -- one assignment ------------------------------------------------------------------------------------------

    def _work(self, assignment: Assignment, base: str) -> Worked:
        before = self.tests_pass(assignment.tests, base, assignment.name)
        if assignment.failing == (before.status == 0):
            reason = "tests_pass_already" if assignment.failing else _why("tests_fail_before", before)
            return _nothing(reason, seconds=before.seconds, tail=before.tail)
        place = self._added(assignment.name, base)
        try:
            repository, checkout = self._repository(place), self._checkout()
            ended = self._run(_command(assignment), place, assignment.task.encode())
            # Git does what a repository tells it to: so it is run again only where nobody told that anything else.
            meddled = _differing(repository, self._repository(place)) or _differing(checkout, self._checkout())
            if meddled is not None:
                return _nothing(f"outside: {meddled}", seconds=ended.seconds, tail=ended.tail)
            if ended.status != 0:
                return _nothing(_why("agent", ended), seconds=ended.seconds, tail=ended.tail)
            return self._judged(assignment, base, place, ended)
        finally:
            self._removed(place)

    def _judged(self, assignment: Assignment, base: str, place: Path, ended: Ended) -> Worked:
        top = self._top_of(place)
        self._git("add", "--all", at=top)
        tree = self._git("write-tree", at=top).decode().strip()
        raw = self._git("diff-tree", "-r", "--no-renames", "-z", base, tree, at=top).split(b"\0")
        modes = {os.fsdecode(path): told.split(b" ")[1] for told, path in zip(raw[::2], raw[1::2], strict=False)}
        changed = list(modes)
        if not changed:
            return _nothing("no_change", seconds=ended.seconds, tail=ended.tail)
        if len(changed) > _MOST_FILES:
            return _nothing(f"too_much: {len(changed)} files", seconds=ended.seconds)
        for path in changed:
            if (pattern := self._protected(path)) is not None:
                return _nothing(f"protected: {path} ({pattern})", files=changed, seconds=ended.seconds, tail=ended.tail)
            if _leads_out(top / path, top) or modes[path] == _REPOSITORY:
                return _nothing(f"leads_outside: {path}", files=changed, seconds=ended.seconds)
        message = f"{assignment.task.splitlines()[0][:72]}\n\nBy {assignment.command[0]}, not merged, in a worktree of {base[:12]}.\n"
        commit = self._git("commit-tree", tree, "-p", base, "-m", message, at=top).decode().strip()
        after = self.tests_pass(assignment.tests, commit, assignment.name)
        seconds = ended.seconds + after.seconds
        if after.status != 0:
            return _nothing(_why("tests", after), files=changed, seconds=seconds, tail=after.tail)
        branch = f"loop/{assignment.name.removeprefix('loop-')}"
        # Only where there is none of the name: nothing of anybody's is moved.
        self._git("update-ref", f"refs/heads/{branch}", commit, "0" * len(commit))
        return Worked(branch=branch, commit=commit, reason="tests_pass", files=changed, seconds=seconds)

    def _run(self, command: Sequence[str], place: Path, given: bytes) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_WITHHELD)}
        return run_contained(
            command,
            cwd=place,
            environment=environment,
            given=given,
            seconds=self._seconds,
            most_output=self._most_output,
        )

    # -- worktrees -----------------------------------------------------------------------------------------------

    def _added(self, name: str, commit: str) -> Path:
        """A worktree of a commit; the directory in it that is the root of the tree."""
        place = self._state / WORKTREES / name
        self._forget(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        self._git("worktree", "add", "--detach", "--force", str(place), commit)
        return place / self._prefix()

    def _removed(self, root: Path) -> None:
        self._forget(self._top_of(root))

    def _forget(self, place: Path) -> None:
        """Whatever stands in the way is put right first: a read-only directory, or what a killed run left."""
        end_left_behind(place)
        for directory, _, _ in os.walk(place):
            os.chmod(directory, 0o700)
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(WorkflowError):
            self._git("worktree", "prune")

    def _prefix(self) -> str:
        return self._git("rev-parse", "--show-prefix").decode().strip()

    def _top_of(self, root: Path) -> Path:
        within = self._state / WORKTREES
        return within / root.relative_to(within).parts[0]

    # -- what is not the agent's ---------------------------------------------------------------------------------

    def _repository(self, place: Path) -> Mapping[str, str]:
        """Hashes of what makes git do something or says what is where; git itself is not asked."""
        top, common = self._top_of(place), self._common_directory
        seen = {"the worktree's .git": _hash_of(top / ".git")}
        seen["the worktree's configuration"] = _hash_of(common / "worktrees" / top.name / "config.worktree")
        for part in _TELLING:
            for file in _files(common / part):
                seen[f".git/{file.relative_to(common)}"] = _hash_of(file)
        return seen | {path.name: _hash_of(path) for path in self._watched}

    def _checkout(self) -> Mapping[str, str]:
        """Hashes of what differs from the commit in the checkout that people work in."""
        top = Path(os.fsdecode(self._git("rev-parse", "--show-toplevel").strip()))
        state = f"{self._prefix()}.workflow/"
        status = self._git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", at=top)
        entries = ((entry[:2], os.fsdecode(entry[3:])) for entry in status.split(b"\0") if entry)
        return {path: f"{how!r} {_hash_of(top / path)}" for how, path in entries if not path.startswith(state)}

    @cached_property
    def _common_directory(self) -> Path:
        told = self._git("rev-parse", "--path-format=absolute", "--git-common-dir")
        return Path(os.fsdecode(told.rstrip(b"\n")))

    def _git(self, *arguments: str, at: Path | None = None) -> bytes:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *_QUIET, "-C", str(at or self._root), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", **_AUTHOR},
        )
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise WorkflowError(f"git {arguments[0]}: {said[-1] if said else done.returncode}", where=str(self._root))
        return done.stdout


_AUTHOR = {
    "GIT_AUTHOR_NAME": "workflow loop",
    "GIT_AUTHOR_EMAIL": "loop@localhost",
    "GIT_COMMITTER_NAME": "workflow loop",
    "GIT_COMMITTER_EMAIL": "loop@localhost",
}


def _command(assignment: Assignment) -> list[str]:
    """The task is on standard input, and stands for an argument that is nothing but its place; no shell reads it."""
    return [assignment.task if part == _PLACE_OF_TASK else part for part in assignment.command]


def _nothing(reason: str, *, files: Sequence[str] = (), seconds: float = 0.0, tail: str = "") -> Worked:
    return Worked(branch=None, commit=None, reason=reason, files=files, seconds=seconds, tail=tail)


def _why(who: str, ended: Ended) -> str:
    if ended.late:
        return f"{who}: timeout"
    return f"{who}: flood" if ended.flooded else f"{who}: status {ended.status}"


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> str | None:
    """The first name whose hash is another one."""
    return next((name for name in sorted({*before, *after}) if before.get(name) != after.get(name)), None)


def _leads_out(path: Path, top: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(top.resolve())


def _files(path: Path) -> list[Path]:
    if path.is_dir() and not path.is_symlink():
        return sorted(Path(directory) / name for directory, _, names in os.walk(path) for name in names)
    return [path] if path.exists() else []


def _hash_of(path: Path) -> str:
    try:
        if path.is_symlink():
            return f"link {os.readlink(path)}"
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{digest} {path.stat().st_mode:o}"
    except OSError as error:
        return f"none ({error.errno})"

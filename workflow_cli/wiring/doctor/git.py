"""Whether git is there, what it is in the middle of, and whether it leaves the state alone."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import Surroundings


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.adapters.checkout import is_in_checkout
    from workflow_cli.adapters.git_state import git_state, git_version

    version = git_version()
    if version is None:
        if at.root is not None and is_in_checkout(at.root):
            text = "not found, so edits that nobody committed are not seen before something is written over them"
            yield warning(text, next="install git, or have PATH lead to it")
        else:
            yield ok("not found, and not needed")
        return
    state = None if at.root is None else git_state(at.root)
    if at.root is None:
        yield ok(version)
    elif state is None:
        yield ok(f"{version}; the tree is in no checkout, and works without")
    else:
        branch = "on no branch" if state.branch is None else f"on branch {state.branch}"
        if state.under_way is None:
            yield ok(f"{version}, {branch}")
        else:
            what, end = state.under_way
            yield warning(f"{version}, {branch}, in the middle of a {what}: documents may be half merged", next=end)
        yield _ignored(at)


def _ignored(at: Surroundings) -> Seen:
    from workflow_cli.adapters.git_state import is_ignored, tracked_below

    if tracked := tracked_below(at.tree, STATE_DIRECTORY):
        text = f"git has {tracked} of its files, and state does not belong into commits"
        return warning(text, where=STATE_DIRECTORY, next=f"git rm -r --cached {STATE_DIRECTORY}", part="ignored")
    # Without it there is nothing to ignore: whoever makes it has git ignore it.
    if not (at.tree / STATE_DIRECTORY).exists() or is_ignored(at.tree, f"{STATE_DIRECTORY}/state.db"):
        return ok("git leaves the state alone", where=STATE_DIRECTORY, part="ignored")
    hint = f"echo '*' > {STATE_DIRECTORY}/.gitignore"
    return warning("git does not ignore it", where=STATE_DIRECTORY, next=hint, part="ignored")


CHECK = Check("git", "git", look, {"ignored": "State ignored by git"})

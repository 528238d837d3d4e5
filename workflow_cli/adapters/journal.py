"""Carrying a write plan out, and what becomes of one whose process died on the way.

A plan is durable in the history before it is begun, and every step of it can be taken again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from workflow_cli.adapters.tree_files import TreeFiles
from workflow_cli.adapters.write_plan import PlannedFile, WritePlan
from workflow_cli.domain.review.draft import DirectoryMove, content_hash
from workflow_cli.domain.review.path_history import place_after
from workflow_cli.errors import WorkflowError

#: Gives the bytes for a content hash.
Content = Callable[[str], bytes]


class State(Enum):
    BEFORE = auto()
    AFTER = auto()
    OTHER = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """How far a plan got. `conflicts` say in words what somebody else changed."""

    files: tuple[State, ...]
    moves: tuple[State, ...]
    conflicts: tuple[str, ...]

    @property
    def untouched(self) -> bool:
        return all(state is State.BEFORE for state in (*self.files, *self.moves))


def carry_out(tree: TreeFiles, plan: WritePlan, content: Content) -> None:
    """Take every step that is not taken yet; all is durable when this returns.

    Nothing takes its name before everything new is on the disk, so that a full disk is noticed in time.
    Raises StaleDocument or OSError.
    """
    moved = [_move_state(tree, move) is State.AFTER for move in plan.moves]
    if not any(moved):  # else every file was written, and has another path by now
        waiting = [file for file in plan.files if _state(tree, file, file.path) is not State.AFTER]
        stage(tree, plan, waiting, content)
        tree.flush_staged()
        _switch_files(tree, plan, waiting, content)
    _move(tree, plan, moved)


def stage(tree: TreeFiles, plan: WritePlan, waiting: Sequence[PlannedFile], content: Content) -> None:
    """Make the plan's directories, and write the new bytes of these files beside them, not flushed yet. Raises OSError."""
    for directory in plan.made:
        tree.make_directory(directory)
    for file in waiting:
        if file.after is not None:
            tree.stage(file.path, file.temporary, content(file.after), file.mode)


def switch(tree: TreeFiles, plan: WritePlan, content: Content) -> None:
    """Take every step of a plan of which none is taken, but for the new bytes, which are all staged and on the disk.

    Everything is durable when this returns. Raises StaleDocument or OSError.
    """
    _switch_files(tree, plan, plan.files, content)
    _move(tree, plan, [False] * len(plan.moves))


def _switch_files(tree: TreeFiles, plan: WritePlan, waiting: Sequence[PlannedFile], content: Content) -> None:
    for file in waiting:
        _write(tree, file, content, to=file.after, instead_of=file.before)
    for file in plan.files:
        if file.after is None:
            tree.prune(file.path)
        else:
            tree.touch(file.path)
    tree.sync()


def _move(tree: TreeFiles, plan: WritePlan, done: Sequence[bool]) -> None:
    if not plan.moves:
        return
    for move, is_done in zip(plan.moves, done, strict=True):
        if not is_done:
            tree.move_directory(move.source, move.target)
        tree.touch(move.source)
        tree.touch(move.target)
    tree.sync()


def undo(tree: TreeFiles, plan: WritePlan, content: Content) -> tuple[str, ...]:
    """Take back every step that was taken; what somebody else has changed since stays, and is said in words.

    Raises OSError.
    """
    conflicts: list[str] = []
    for move in reversed(plan.moves):
        if _move_state(tree, move) is State.AFTER:
            tree.make_parents(move.source)
            tree.move_directory(move.target, move.source)
    tree.sync()
    for file in plan.files:
        _discard(tree, file)
        state = _state(tree, file, file.path)
        if state is State.OTHER:
            conflicts.append(f"{file.path} was changed by somebody else meanwhile, and left as it is")
        elif state is State.AFTER:
            if file.before is not None:
                tree.make_parents(file.path)
                tree.stage(file.path, file.temporary, content(file.before), file.mode)
                tree.flush_staged()
            _write(tree, file, content, to=file.before, instead_of=file.after)
    for directory in reversed(plan.made):
        with contextlib.suppress(WorkflowError):
            tree.remove_directory(directory)
    tree.sync()
    return tuple(conflicts)


def look(tree: TreeFiles, plan: WritePlan) -> Found:
    """How far the plan got, as the files themselves tell."""
    moves = tuple(_move_state(tree, move) for move in plan.moves)
    done = [move for move, state in zip(plan.moves, moves, strict=True) if state is State.AFTER]
    # Moves begin when every file is written; whatever a file holds by then came later.
    files = tuple(State.AFTER if done else _state(tree, file, place_after(file.path, done)) for file in plan.files)
    conflicts = [
        f"{file.path} was changed by somebody else"
        for file, state in zip(plan.files, files, strict=True)
        if state is State.OTHER
    ]
    conflicts += [
        f"{move.source} cannot be moved to {move.target} any more"
        for move, state in zip(plan.moves, moves, strict=True)
        if state is State.OTHER
    ]
    return Found(files=files, moves=moves, conflicts=tuple(conflicts))


def clean(tree: TreeFiles, plan: WritePlan) -> None:
    """Remove the temporary files that the plan names."""
    for file in plan.files:
        _discard(tree, file)


def _discard(tree: TreeFiles, file: PlannedFile) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, WorkflowError):
        tree.discard(file.path, file.temporary)


def _write(tree: TreeFiles, file: PlannedFile, content: Content, *, to: str | None, instead_of: str | None) -> None:
    expected = None if instead_of is None else content(instead_of)
    if to is not None:
        tree.put(file.path, file.temporary, instead_of=expected)
    elif expected is not None:
        tree.remove(file.path, instead_of=expected)


def _state(tree: TreeFiles, file: PlannedFile, path: str) -> State:
    try:
        data, _ = tree.read(path)
    except (OSError, WorkflowError):
        return State.OTHER
    hash = content_hash(data)
    return State.BEFORE if hash == file.before else State.AFTER if hash == file.after else State.OTHER


def _move_state(tree: TreeFiles, move: DirectoryMove) -> State:
    try:
        there, moved = tree.is_directory(move.source), tree.exists(move.target)
    except (OSError, WorkflowError):
        return State.OTHER
    if there == moved:
        return State.OTHER
    return State.AFTER if moved else State.BEFORE

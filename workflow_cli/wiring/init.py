"""`init`: what a project gets to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedProject:
    """What `workflow init` did: file names relative to `root`; `kept` is where the old file went."""

    root: Path
    written: tuple[str, ...]
    kept: str | None


def start_project(root: Path, *, force: bool) -> StartedProject:
    """Write the commented workflow.yaml and the line for git. Raises AlreadyThere without `force`."""
    from workflow_cli.adapters.project_files import line_for_git, put_aside, refuse_existing, write_new
    from workflow_cli.settings import PROJECT_FILE
    from workflow_cli.settings.describe import commented_file

    path = root / PROJECT_FILE
    if not force:
        refuse_existing(path)
    # First, for what cannot be done to the end is not begun.
    ignored = line_for_git(root)
    kept = put_aside(path) if force else None
    write_new(path, commented_file().encode())
    if ignored:
        ignored.append()
    written = (PROJECT_FILE, *([ignored.path.name] if ignored else []))
    return StartedProject(root=root, written=written, kept=kept.name if kept else None)

"""What the four classes have in common: how they are made, and what they share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from workflow_cli.api.project import Project


class OnProject:
    """`root` is the directory that holds `openspec/`, by default the nearest upward from the working directory.

    `config` is a settings file to use, `offline` uses no server at all. Nothing has to be closed. Raises NoTree where there is no
    tree, SettingsError for settings that are wrong.
    """

    def __init__(
        self,
        *,
        root: str | os.PathLike[str] | None = None,
        config: str | os.PathLike[str] | None = None,
        offline: bool = False,
    ) -> None:
        self._begin(Project(root=root, config=config, offline=offline))

    @classmethod
    def _on(cls, project: Project) -> Self:
        """One that shares what another has read."""
        made = cls.__new__(cls)
        made._begin(project)
        return made

    def _begin(self, project: Project) -> None:
        self._project = project

    @property
    def root(self) -> Path:
        """The directory that holds `openspec/`, as a real path."""
        return self._project.root

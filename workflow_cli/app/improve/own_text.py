"""Whether a change of the loop still says what the loop wrote, and a person may have approved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from workflow_cli.domain.review.draft import content_hash
from workflow_cli.domain.review.of_the_loop import EXPERIMENT

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents

#: What of a change decides what the specs say once it is archived.
_SPECS = ("specs/", ".openspec.yaml")


class OwnText:
    """`files` names, from the root, what lies in a directory."""

    def __init__(self, documents: Documents, files: Callable[[str], Collection[str]]) -> None:
        self._documents = documents
        self._files = files

    def foreign(
        self, experiment: str, directory: str, *, at: str | None = None, specs_alone: bool = False
    ) -> list[str]:
        """The files that are not as the history has them of the experiment; `at` is where the directory lies now.

        Notes of people beside them are no text of the change.
        """
        now = directory if at is None else at
        own = self._own(experiment, directory)
        there = {path.removeprefix(f"{now}/") for path in self._files(now)}
        named = {name for name in own if not specs_alone or name.startswith(_SPECS)}
        named |= {name for name in there if name.startswith(_SPECS)}
        return sorted(f"{now}/{name}" for name in named if not self._is(f"{now}/{name}", own.get(name)))

    def _own(self, experiment: str, directory: str) -> dict[str, str | None]:
        return {
            file.path.removeprefix(f"{directory}/"): file.after
            for revision in self._documents.revisions()
            if revision.provenance.get(EXPERIMENT) == experiment
            for file in revision.files
            if file.path.startswith(f"{directory}/")
        }

    def _is(self, path: str, hash: str | None) -> bool:
        data = self._documents.read(path)
        # As git may have written it: with the line ends of this checkout.
        return hash in (content_hash(data), content_hash(data and data.replace(b"\r\n", b"\n")))

"""The settings that the loop turns, as they are in force and as they stand in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.adapters.tuned_settings import TunedSettings
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.domain.improvement.setting_values import Settings as Knobs
    from workflow_cli.settings import Settings


class LoopSettings:
    """The settings of the tree, by `load`: read anew each time."""

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load = load

    def tuned(
        self, documents: Documents, review: ReviewDrafts, *, overlay: Path, offered: Callable[[], Knobs]
    ) -> TunedSettings:
        from workflow_cli.adapters.overlay_file import OverlayFile
        from workflow_cli.adapters.tuned_settings import TunedSettings

        return TunedSettings(
            documents, OverlayFile(overlay), submit=review.submit, values=self._turnable, offered=offered
        )

    def _turnable(self) -> tuple[Mapping[str, Any], Callable[[str], bool]]:
        """The values, and which of them are the file's to give."""
        from workflow_cli.settings import PROJECT_FILE

        settings = self._load()

        def turnable(name: str) -> bool:
            origin = settings.origins[name]
            return origin == "default" or origin.partition(":")[0] == PROJECT_FILE

        return _Values(settings), turnable

    def written(self, knobs: Mapping[str, Any]) -> Mapping[tuple[str, ...], Any]:
        """What the changes of knobs put where in the file, each as `workflow config show` has it then.

        The file may have a list of one item without its brackets.
        """
        from workflow_cli.domain.improvement.real_settings import as_settings, written

        values = _Values(self._load())
        settings = as_settings(knobs, values)
        return {path: _at(path, settings) for path in written(knobs, values)}

    def current(self, path: tuple[str, ...]) -> Any:
        """What `workflow config show` has now."""
        return _at(path, self._load())


def _at(path: tuple[str, ...], settings: Settings | Mapping[str, Any]) -> Any:
    from workflow_cli.settings import plain

    value = plain(settings[".".join(path[:2])])
    return value.get(path[2]) if len(path) > 2 else value


class _Values(Mapping[str, Any]):
    """Settings by their dotted names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getitem__(self, name: str) -> Any:
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        from workflow_cli.settings import KEYS

        return iter(KEYS)

    def __len__(self) -> int:
        from workflow_cli.settings import KEYS

        return len(KEYS)

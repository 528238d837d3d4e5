"""Those who answer, for the loop: opened when the first question comes, and asked in one event loop for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.wiring import STATE_DIRECTORY

if TYPE_CHECKING:
    from workflow_cli.adapters.passage_index import SqlitePassageIndex
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.improvement.setting_values import Settings as Knobs
    from workflow_cli.settings import Settings
    from workflow_cli.wiring.ask import AskRun


#: So much of what is asked about has to be in a passage for its capability to be the place of an answer.
_NEAR = 0.5


class LoopAsking:
    """`base` are the settings in force, as the loop turns them. A `dry` run looks into a copy of the state. Close it when done."""

    def __init__(self, root: Path, settings: Settings, *, base: Callable[[], Knobs], dry: bool) -> None:
        self._root = root
        self._settings = settings
        self._base = base
        self._dry = dry
        self._stack = ExitStack()
        self._portal: Any = None
        self._made: dict[str, Means] = {}

    def close(self) -> None:
        self._stack.close()

    @cached_property
    def run(self) -> AskRun:
        from workflow_cli.adapters.event_log import NoEvents
        from workflow_cli.wiring.ask import AskRun

        state = self._copied_state() if self._dry else None
        return self._stack.enter_context(AskRun(self._root, self._settings, events=NoEvents(), state=state))

    def _copied_state(self) -> Path:
        """The state database as it is, in a directory of its own: looking into the index brings it up to date."""
        import contextlib
        import shutil
        import tempfile

        place = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="workflow-dry-run-")))
        for name in ("state.db", "state.db-wal"):
            with contextlib.suppress(OSError):
                shutil.copyfile(self._root / STATE_DIRECTORY / name, place / name)
        return place

    def wait(self, work: Callable[[], Any]) -> Any:
        """What the coroutine of `work` gives. Connections belong to the event loop they were made in, so there is one."""
        if self._portal is None:
            from anyio.from_thread import start_blocking_portal

            portal = self._portal = self._stack.enter_context(start_blocking_portal())
            self._stack.callback(lambda: portal.call(self.run.aclose))
        return self._portal.call(work)

    def models(self) -> Sequence[str]:
        """The models that can be asked now, none where nobody is there."""
        from workflow_cli.adapters.listening import listens
        from workflow_cli.adapters.lmstudio.address import address_of

        chosen, network = self._settings.lm_studio, self._settings.network
        hosts = dict.fromkeys((chosen.base_url, *chosen.hosts))
        may = [host for host in hosts if not network.loopback_only or address_of(host).is_loopback]
        if network.offline or not any(map(listens, may)):
            return ()
        models: Sequence[str] = self.wait(self.run.models)
        return models

    def asked_of(self, hash: str) -> Asked | None:
        return self.run.asked_of(hash)

    def text_of(self, hash: str) -> str | None:
        """The words of the question, as long as they are known."""
        asked = self.run.asked_of(hash)
        return None if asked is None else asked.text

    def means_with(self, knobs: Knobs) -> Means:
        """What a question is answered with where `knobs` are in force."""
        from workflow_cli.domain.improvement.setting_values import fingerprint
        from workflow_cli.wiring.arms import with_knobs

        key = fingerprint(dict(knobs))
        if key not in self._made:
            base = self._base()
            changes = {name: value for name, value in knobs.items() if base.get(name) != value}
            self._made[key] = self.run.means_with(with_knobs(self._settings, changes))
        return self._made[key]

    def index_with(self, capability: str, requirement: str) -> tuple[SqlitePassageIndex, Sequence[str]]:
        """The passages as they would be with one more requirement in a main spec, to be closed; and the addresses that are new."""
        from workflow_cli.adapters.confined_read import ConfinedReader
        from workflow_cli.domain.answering.passages import cut

        path = f"openspec/specs/{capability}/spec.md"
        try:
            before = ConfinedReader(self._root, self._settings.limits.max_file_bytes).read(self._root / path)
        except FileNotFoundError:
            before = b""
        after = b"%s\n\n%s" % (before, requirement.encode("utf-8", "replace"))
        known = {one.passage.address for one in cut(path, before)}
        made = [one.passage.address for one in cut(path, after) if one.passage.address not in known]
        return self.run.index_supposing(path, after), made

    def nearest_capability(self, question: str) -> str | None:
        """The capability of the nearest passage in a main spec; None where none has half of what is asked about."""
        index = self.run.means_with(self._settings).index
        index.refresh()
        for evidence in index.search(question, limit=8):
            passage = evidence.passage
            if passage.capability is not None and passage.change is None and not passage.archived:
                return passage.capability if evidence.coverage >= _NEAR else None
        return None

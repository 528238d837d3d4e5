"""`loop` with the real world behind its ports: the log, the settings, the answerers, the changes, the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.documents import DocumentsRun, spec_tree
from workflow_cli.wiring.feedback import LEDGER, LEDGER_KEY

if TYPE_CHECKING:
    from workflow_cli.adapters.ledger_file import LedgerFile
    from workflow_cli.adapters.question_traffic import QuestionTraffic
    from workflow_cli.adapters.tuned_settings import TunedSettings
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.app.improve.ask_again import AskAgain
    from workflow_cli.app.improve.change_proposals import ChangeProposals
    from workflow_cli.app.improve.context import Context
    from workflow_cli.app.improve.cycle import Cycle
    from workflow_cli.app.improve.replay_repairs import ReplayRepairs
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.improvement.policy import LoopPolicy
    from workflow_cli.domain.improvement.record import Reading
    from workflow_cli.domain.improvement.setting_values import Settings as Knobs
    from workflow_cli.domain.improvement.story import Story
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.settings import Settings
    from workflow_cli.wiring.ask import AskRun
    from workflow_cli.wiring.loop_agent import AgentOffers
    from workflow_cli.wiring.loop_search import PromptSearch

MEMORY = "loop.json"
#: Nothing is new: a cycle looks again after so many seconds all the same.
_SLEEP = 6 * 3600.0
_MOST_SCREENED = 2000
#: Old texts of the history in which a repair is tried out.
_MOST_TEXTS = 400
_ANSWERS = "answers-by-people"


class LoopRun(DocumentsRun):
    """One run of the loop; use it as a context manager. `load` reads the settings anew, as they are then.

    `clock` stands in for the machine's. A `dry` run writes nothing that is there afterwards, whatever its cycle does.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        load: Callable[[], Settings],
        levers: Sequence[str] = (),
        clock: Clock | None = None,
        dry: bool = False,
    ) -> None:
        super().__init__(root, settings)
        self._dry = dry
        self._time: Clock = self._clock if clock is None else clock
        self._load = load
        self._levers = tuple(levers)
        self._stack = ExitStack()
        self._portal: Any = None
        self._over_at = float("inf")
        self.state_directory = root / STATE_DIRECTORY

    def __exit__(self, *raised: object) -> None:
        try:
            self._stack.close()
        finally:
            super().__exit__(*raised)

    # -- the lock ----------------------------------------------------------------------------------------------

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Whether this process may act; False at once where another loop is at it."""
        from workflow_cli.adapters.state_directory import make_state_directory

        if self._dry:
            yield not self.is_held()
            return
        make_state_directory(self._root)
        with self.ledger.hold() as held:
            yield held

    # -- cycles ------------------------------------------------------------------------------------------------

    def cycle(self) -> Cycle:
        """One cycle; the changes follow the ledger before and after it. Raises WorkflowError where it cannot go on."""
        from workflow_cli.app.improve.cycle import run_cycle

        self._over_at = self._clock.elapsed() + self._settings.loop.cycle_seconds
        for looked_up in ("_offered", "_models"):
            self.__dict__.pop(looked_up, None)
        self.proposals.problems.clear()
        if self._dry:
            return run_cycle(self.context, dry=True)
        self.proposals.settle(self.context)
        done = run_cycle(self.context)
        self.proposals.settle(self.context)
        self._remember()
        return done

    def story(self, *, with_requests: bool = False) -> Story:
        """What the ledger tells; nothing is made that is not there."""
        from workflow_cli.domain.improvement.story import story_of

        if not with_requests:
            return story_of(self.reading())
        from workflow_cli.adapters.question_traffic import QuestionTraffic
        from workflow_cli.domain.improvement.muted import Silence, silence_of
        from workflow_cli.domain.improvement.window import Window

        window = Window()
        whole = QuestionTraffic(self._settings.events.path, since=0.0, text_of=lambda _: None)
        for record in whole.read(0)[0]:
            window.add(record)

        def requests(scope: str, since: float) -> int:
            return sum(asked.at >= since and scope in ("*", asked.kind) for asked in window.asked)

        def silence(rule: str, at: float) -> Silence:
            return silence_of(rule, at, checks=window.checks, suggestions=window.suggestions)

        return story_of(self.reading(), requests=requests, silence=silence)

    def is_held(self) -> bool:
        """Whether a loop is at it now."""
        from workflow_cli.adapters.ledger_file import LedgerFile

        return LedgerFile(self.state_directory / LEDGER).is_held()

    @property
    def root(self) -> Path:
        return self._root

    @property
    def problems(self) -> list[str]:
        """What could not be written of the changes; it is tried again."""
        return list(dict.fromkeys(self.proposals.problems))

    def nothing_new(self) -> bool:
        """Whether a cycle would see nothing that the last one has not seen."""
        memory = self._memory()
        return (
            memory.get("seen") == self._seen()
            and isinstance(at := memory.get("at"), int | float)
            and isinstance(wake := memory.get("wake"), int | float)
            and at <= self._now < wake
        )

    def was_frozen(self) -> bool:
        """Whether the last cycle left the loop frozen, by itself."""
        return self._memory().get("frozen") is True

    @property
    def levers(self) -> Mapping[str, bool]:
        """All there are, and whether each may be used."""
        from workflow_cli.domain.improvement.levers.registry import all_levers

        chosen = self.policy.levers
        return {lever.id: chosen is None or lever.id in chosen for lever in all_levers()}

    def freeze(self, reason: str) -> None:
        from workflow_cli.domain.improvement.record import RecordType

        self.context.record(RecordType.FREEZE, {"reason": reason})

    def unfreeze(self, by: str, because: str) -> None:
        from workflow_cli.domain.improvement.record import RecordType

        self.context.record(RecordType.UNFREEZE, {"by": by, "because": because})
        # A person has looked at the ledger as it is: what is missing from it is missed no more.
        self._keep_in_mind({**self._memory(), "ledger": self._reached(), "seen": None})

    # -- what it is made of -------------------------------------------------------------------------------------

    @cached_property
    def ledger(self) -> LedgerFile:
        """Raises DocumentError where its key is damaged."""
        return self._ledger(make=not self._dry)

    def _ledger(self, *, make: bool) -> LedgerFile:
        from workflow_cli.adapters.ledger_file import LedgerFile, ledger_key

        path, key = self.state_directory / LEDGER, self.state_directory / LEDGER_KEY
        known = key.exists()
        # Where both were put aside the loop begins anew.
        reached = self._remembered_end() if known or path.exists() else None
        secret = ledger_key(key) if known or (make and self.state_directory.is_dir()) else b""
        return LedgerFile(path, key=secret, reached=reached)

    def reading(self) -> Reading:
        """The ledger as it is, without anything being made that is not there; of a dry run, as it would be."""
        return self.context.world.ledger.read() if self._dry else self._ledger(make=False).read()

    def _remembered_end(self) -> tuple[int, str] | None:
        match self._memory().get("ledger"):
            case [int(seq), str(hash)]:
                return seq, hash
        return None

    def _reached(self) -> list[Any] | None:
        last = self.ledger.last
        return None if last is None else [last.seq, last.hash]

    @cached_property
    def context(self) -> Context:
        from workflow_cli.app.improve.context import Context, World
        from workflow_cli.app.improve.pretended import pretended

        memory = self._memory()
        world = World(
            clock=self._time,
            traffic=self.traffic,
            tuning=self.tuning,
            answerers=self.answerers,
            proposals=self.proposals,
            ledger=self.ledger,
            repairs=self.repairs,
            coder=self._agents.coder,
            rewriter=self._search if self._settings.loop.search_prompts else None,
        )
        context = Context(world=pretended(world) if self._dry else world, policy=self.policy)
        replays = memory.get("replays")
        if isinstance(replays, list):
            context.replays = [float(at) for at in replays if isinstance(at, int | float)]
        screened = memory.get("screened")
        if isinstance(screened, dict):
            context.screened = {str(key): size for key, size in screened.items() if isinstance(size, int)}
        return context

    @cached_property
    def policy(self) -> LoopPolicy:
        from workflow_cli.domain.improvement.knobs import ApprovalClass
        from workflow_cli.domain.improvement.policy import LoopPolicy

        chosen = self._settings.loop
        levers = self._levers or chosen.levers
        return LoopPolicy(
            levers=None if not levers else tuple(levers),
            automatic=frozenset(ApprovalClass(one) for one in chosen.automatic),
            experiments_a_day=chosen.edits_a_day,
            replays_a_day=2 * chosen.model_calls_a_day,
        )

    @cached_property
    def traffic(self) -> QuestionTraffic:
        from workflow_cli.adapters.question_traffic import QuestionTraffic

        return QuestionTraffic(
            self._settings.events.path,
            since=self._now - self.policy.reach,
            text_of=lambda id: self._asking.answer_to(id),
            most=self._most_events,
        )

    def _most_events(self) -> int | None:
        """What is under way needs everything since it began."""
        state = self.context.state
        return self.policy.most_events if state.running is None and state.probation is None else None

    @cached_property
    def tuning(self) -> TunedSettings:
        from workflow_cli.adapters.overlay_file import OverlayFile
        from workflow_cli.adapters.tuned_settings import TunedSettings
        from workflow_cli.settings import PROJECT_FILE
        from workflow_cli.wiring.arms import OVERLAY_FILE

        def values() -> tuple[Mapping[str, Any], Callable[[str], bool]]:
            settings = self._load()

            def turnable(name: str) -> bool:
                origin = settings.origins[name]
                return origin == "default" or origin.partition(":")[0] == PROJECT_FILE

            return _Values(settings), turnable

        return TunedSettings(
            self._documents,
            OverlayFile(self.state_directory / OVERLAY_FILE),
            submit=self.review.submit,
            values=values,
            offered=lambda: self._offered,
        )

    @cached_property
    def _offered(self) -> Knobs:
        """What the levers may choose from: the models that can be asked now, the library of bullets, the rules there are."""
        from workflow_cli.domain.answering.bullets import BULLETS
        from workflow_cli.domain.improvement.knobs import (
            AGENT,
            BULLET_LIBRARY,
            MODEL_DEFAULT,
            MODELS_AVAILABLE,
            REPAIRS_KNOWN,
            RULES_KNOWN,
            SEARCH,
        )
        from workflow_cli.domain.openspec.fixable import FIXABLE
        from workflow_cli.domain.openspec.rules.catalogue import BY_ID

        models = self._models
        return {
            MODELS_AVAILABLE: list(models),
            **({MODEL_DEFAULT: models[0]} if models else {}),
            BULLET_LIBRARY: {name: bullet.against for name, bullet in BULLETS.items()},
            RULES_KNOWN: sorted(BY_ID),
            REPAIRS_KNOWN: sorted(FIXABLE),
            **({} if (agent := self._agent) is None else {AGENT: agent}),
            **({SEARCH: self._search_state} if self._settings.loop.search_prompts else {}),
        }

    @property
    def _search(self) -> PromptSearch:
        from workflow_cli.wiring.loop_search import PromptSearch

        return PromptSearch(lambda: self._asking, go=self._in_loop, max_tokens=self._settings.lm_studio.max_tokens)

    @property
    def _search_state(self) -> str:
        from workflow_cli.adapters.gepa_search import is_installed

        if not is_installed():
            return "no_gepa"
        return "dry_run" if self._dry else "there"

    @property
    def _agent(self) -> Mapping[str, Any] | None:
        levers = self.policy.levers
        return None if levers is not None and "coding-agent" not in levers else self._agents.offered()

    @cached_property
    def _agents(self) -> AgentOffers:
        from workflow_cli.wiring.arms import OVERLAY_FILE
        from workflow_cli.wiring.loop_agent import AgentOffers

        return AgentOffers(
            self._root,
            self._settings,
            own=[self.state_directory / name for name in (LEDGER, LEDGER_KEY, OVERLAY_FILE)],
            known=lambda: self._memory().get("tests"),
            may_run=lambda: not self._dry and self.context.state.frozen is None,
        )

    @cached_property
    def answerers(self) -> AskAgain:
        from workflow_cli.app.improve.ask_again import AskAgain
        from workflow_cli.wiring.arms import with_knobs

        made: dict[str, Means] = {}

        def means_with(knobs: Knobs) -> Means:
            from workflow_cli.domain.improvement.setting_values import fingerprint

            key = fingerprint(dict(knobs))
            if key not in made:
                base = self.tuning.base()
                changes = {name: value for name, value in knobs.items() if base.get(name) != value}
                made[key] = self._asking.means_with(with_knobs(self._settings, changes))
            return made[key]

        return AskAgain(
            asked_of=lambda hash: self._asking.asked_of(hash),
            means_with=means_with,
            recorded=lambda question: self.traffic.last_tool_attempt(question),
            go=self._in_loop,
            has_model=lambda: bool(self._settings.loop.model_calls_a_day and self._models),
            over=lambda: self._clock.elapsed() > self._over_at,
            texts=self._texts,
        )

    @cached_property
    def proposals(self) -> ChangeProposals:
        from workflow_cli.app.improve.change_proposals import ChangeProposals, Tree
        from workflow_cli.domain.improvement.real_settings import written

        tree = spec_tree(self._root, self._settings)
        return ChangeProposals(
            self._documents,
            self.review,
            Tree(
                open=tree.change_names,
                archived=tree.archived_names,
                requirements=self._requirements,
                addresses=self._addresses,
                place=self._place,
                archive=self._archive,
                undo_archive=self._undo_archive,
            ),
            values=lambda knobs: written(knobs, _Values(self._load())),
            current=self._current,
            text_of=self._text_of,
        )

    @cached_property
    def repairs(self) -> ReplayRepairs:
        from workflow_cli.app.fixes import creators_in
        from workflow_cli.app.improve.replay_repairs import ReplayRepairs
        from workflow_cli.domain.openspec.rules.catalogue import rules_for

        tree = spec_tree(self._root, self._settings)
        chosen = self._settings.rules
        return ReplayRepairs(
            self._recorded_texts,
            rules=rules_for(chosen.enable, chosen.disable),
            mains=tree.read_main,
            creators=creators_in(tree),
        )

    def _recorded_texts(self) -> Iterator[tuple[str, bytes]]:
        """What documents are, and what they were in the history: before a revision as well as after it. The newest first."""
        from workflow_cli.domain.openspec.document import Document

        tree = spec_tree(self._root, self._settings)
        yield from (
            (document.file, document.data)
            for spec in tree.spec_files()
            if isinstance(document := tree.read_main(spec.id), Document)
        )
        for name in tree.change_names():
            yield from ((document.file, document.data) for document in tree.read_change(name).documents)
        left = _MOST_TEXTS
        for revision in reversed(self._documents.revisions()):
            for file in revision.files:
                for hash in (file.after, file.before):
                    if hash is not None and file.path.endswith(".md") and left > 0:
                        left -= 1
                        yield file.path, self._documents.content(hash)

    @cached_property
    def _asking(self) -> AskRun:
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
                shutil.copyfile(self.state_directory / name, place / name)
        return place

    @cached_property
    def _models(self) -> Sequence[str]:
        """The models that can be asked now, none where nobody is there. Looked for once a run."""
        from workflow_cli.adapters.listening import listens
        from workflow_cli.adapters.lmstudio.address import address_of

        chosen, network = self._settings.lm_studio, self._settings.network
        hosts = dict.fromkeys((chosen.base_url, *chosen.hosts))
        may = [host for host in hosts if not network.loopback_only or address_of(host).is_loopback]
        if network.offline or not any(map(listens, may)):
            return ()
        models: Sequence[str] = self._in_loop(self._asking.models)
        return models

    def _in_loop(self, work: Callable[[], Any]) -> Any:
        """In one event loop for the whole run: connections belong to the loop they were made in."""
        if self._portal is None:
            from anyio.from_thread import start_blocking_portal

            portal = self._portal = self._stack.enter_context(start_blocking_portal())
            self._stack.callback(lambda: portal.call(self._asking.aclose))
        return self._portal.call(work)

    # -- the tree ----------------------------------------------------------------------------------------------

    def _text_of(self, hash: str) -> str | None:
        asked: Asked | None = self._asking.asked_of(hash)
        return None if asked is None else asked.text

    def _current(self, path: tuple[str, ...]) -> Any:
        """What the settings say now, as it would stand in the file."""
        value = self._load()[".".join(path[:2])]
        if len(path) > 2:
            value = value.get(path[2])
        return list(value) if isinstance(value, tuple) else value

    def _requirements(self, capability: str) -> Collection[str]:
        from workflow_cli.domain.openspec.document import Document

        found = spec_tree(self._root, self._settings).read_main(capability)
        if not isinstance(found, Document):
            return ()
        return _requirement_names(capability, found)

    def _addresses(self, capability: str, requirement: str) -> Collection[str]:
        from workflow_cli.domain.answering.passages import cut

        path = f"openspec/specs/{capability}/spec.md"
        data = self._documents.read(path) or b""
        return [
            one.passage.address
            for one in cut(path, data)
            if f"Requirement: {requirement}" in one.passage.address.split(" > ")
        ]

    def _texts(self) -> Mapping[str, str]:
        """What the main specs say at each place that an answer may cite."""
        from workflow_cli.domain.answering.passages import cut
        from workflow_cli.domain.improvement.places import place_of

        texts: dict[str, str] = {}
        for spec in spec_tree(self._root, self._settings).spec_files():
            path = f"openspec/specs/{spec.id}/spec.md"
            for piece in cut(path, self._documents.read(path) or b""):
                texts[place_of(piece.passage.address)] = piece.passage.text
        return texts

    def _place(self, question: str) -> str:
        """The capability of the nearest passage in a main spec; one of its own where nothing is near."""
        index = self._asking.means_with(self._settings).index
        index.refresh()
        for evidence in index.search(question, limit=8):
            passage = evidence.passage
            if passage.capability is not None and passage.change is None and not passage.archived:
                return passage.capability
        return _ANSWERS

    def _archive(self, name: str, skip_specs: bool) -> None:
        self.answerers.forget()
        from workflow_cli.adapters.git_history import GitHistory
        from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions
        from workflow_cli.app.archive_report import Outcome
        from workflow_cli.app.improve.change_proposals import LOOP
        from workflow_cli.errors import EditRefused

        report = ArchiveChange(
            spec_tree(self._root, self._settings),
            self._documents,
            GitHistory(self._root),
            self._clock,
            self._events,
            ArchiveOptions(author=LOOP, yes=True, skip_specs=skip_specs, because="decided by the rule of the loop"),
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        ).run([name])
        (result,) = report.changes
        if result.outcome is not Outcome.ARCHIVED:
            why = "; ".join(refusal.message for refusal in result.refusals) or result.outcome.value
            raise EditRefused(f"not archived: {why}", where=f"openspec/changes/{name}", hint=f"workflow archive {name}")

    def _undo_archive(self, name: str) -> None:
        self.answerers.forget()
        from workflow_cli.app.improve.change_proposals import LOOP
        from workflow_cli.app.undo_archive import UndoArchive
        from workflow_cli.errors import EditRefused

        undone = UndoArchive(
            spec_tree(self._root, self._settings),
            self._documents,
            author=LOOP,
            because="taken back by the rule of the loop",
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        ).run(name)
        if undone.revision is None:
            why = "; ".join(refusal.message for refusal in undone.refusals) or "it waits for a person"
            raise EditRefused(
                f"the archive was not taken back: {why}", where=name, hint=f"workflow archive --undo {name}"
            )

    # -- what is remembered between runs ------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._time.now().timestamp()

    def _seen(self) -> dict[str, Any]:
        """What a cycle looks at, by size and time of change."""
        directory = self.state_directory
        watched = [
            self._root / "workflow.yaml",
            directory / LEDGER,
            directory / "overlay.json",
            directory / "history.db",
            directory / "history.db-wal",
            directory / "drafts",
        ]
        from workflow_cli.adapters.event_lines import EventLines

        return {
            "log": EventLines(self._settings.events.path).end,
            "files": {path.name: _stamp(path) for path in watched},
            "settings": [*map(str, (self._settings.loop.levers, self._settings.loop.automatic, self._levers))],
        }

    def _memory(self) -> dict[str, Any]:
        try:
            value = json.loads((self.state_directory / MEMORY).read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _remember(self) -> None:
        """May be lost, and then the next cycle looks at everything again."""
        state = self.context.state
        wake = self._now + _SLEEP
        if state.running is not None:
            wake = min(wake, state.running.expires)
        if state.probation is not None:
            wake = min(wake, state.probation_since + state.probation.rule.probation_seconds)
        if self.proposals.problems:
            wake = self._now
        # History is brought home before it is looked at: else closing it would be news.
        self._documents.close()
        memory = {
            "ledger": self._reached(),
            "at": self._now,
            "wake": wake,
            "frozen": state.frozen is not None and not state.frozen.startswith("stopped"),
            "replays": self.context.replays_today(),
            # What was only looked at while nothing may be tried is looked at again when something may.
            "screened": {} if state.frozen else dict(list(self.context.screened.items())[-_MOST_SCREENED:]),
            "seen": self._seen(),
            **({} if (tests := self._agents.tests) is None else {"tests": tests}),
        }
        self._keep_in_mind(memory)

    def _keep_in_mind(self, memory: Mapping[str, Any]) -> None:
        from workflow_cli.adapters.atomic_write import replace_file
        from workflow_cli.errors import WorkflowError

        path = self.state_directory / MEMORY
        try:
            base = path.read_bytes() if path.exists() else None
            replace_file(path, json.dumps(memory).encode(), base=base)
        except (OSError, WorkflowError):
            return


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


def _stamp(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def _requirement_names(id: str, document: Document) -> list[str]:
    from workflow_cli.domain.openspec.spec import read_spec

    return [requirement.name for requirement in read_spec(id, document).requirements]

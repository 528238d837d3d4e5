"""`loop` with the real world behind its ports: the log, the settings, the answerers, the changes, the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.errors import UsageError
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.documents import DocumentsRun
from workflow_cli.wiring.feedback import LEDGER, LEDGER_KEY

if TYPE_CHECKING:
    from workflow_cli.adapters.ledger_file import LedgerFile
    from workflow_cli.adapters.loop_memory import LoopMemory
    from workflow_cli.adapters.passage_index import SqlitePassageIndex
    from workflow_cli.adapters.question_traffic import QuestionTraffic
    from workflow_cli.adapters.tuned_settings import TunedSettings
    from workflow_cli.app.improve.ask_again import AskAgain
    from workflow_cli.app.improve.change_proposals import ChangeProposals
    from workflow_cli.app.improve.context import Context
    from workflow_cli.app.improve.cycle import Cycle
    from workflow_cli.app.improve.ports import HumanDecision, Repairs
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.policy import LoopPolicy
    from workflow_cli.domain.improvement.record import Reading
    from workflow_cli.domain.improvement.story import Story
    from workflow_cli.settings import Settings
    from workflow_cli.wiring.loop_agent import AgentOffers
    from workflow_cli.wiring.loop_asking import LoopAsking
    from workflow_cli.wiring.loop_next_cycle import NextCycle
    from workflow_cli.wiring.loop_offers import Offers
    from workflow_cli.wiring.loop_search import PromptSearch
    from workflow_cli.wiring.loop_tree import LoopTree
    from workflow_cli.wiring.loop_tuning import LoopSettings

MEMORY = "loop.json"
#: Held by `loop --every` as long as it runs.
RESIDENT = "loop.lock"


def check_levers(names: Sequence[str], *, where: str) -> None:
    """Raises UsageError for a name that no lever has."""
    if not names:
        return
    from difflib import get_close_matches

    from workflow_cli.domain.improvement.levers.registry import all_levers

    known = [lever.id for lever in all_levers()]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(known)
            raise UsageError(f"no lever {name!r}", where=where, hint=hint)


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
        self._over_at = float("inf")
        self._problems_before: Sequence[str] = ()
        self.state_directory = root / STATE_DIRECTORY

    def __exit__(self, *raised: object) -> None:
        try:
            self._stack.close()
        finally:
            super().__exit__(*raised)

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

    @contextmanager
    def resident(self) -> Iterator[bool]:
        """Whether this is the only process that goes on and on here; False at once where there is another."""
        from workflow_cli.adapters.lone_process import held
        from workflow_cli.adapters.state_directory import make_state_directory

        if self._dry:
            yield True
            return
        make_state_directory(self._root)
        with held(self.state_directory / RESIDENT) as alone:
            yield alone

    def is_held(self) -> bool:
        """Whether a loop is at it now."""
        from workflow_cli.adapters.ledger_file import LedgerFile

        return LedgerFile(self.state_directory / LEDGER).is_held()

    # -- what it does ------------------------------------------------------------------------------------------

    def cycle(self) -> Cycle:
        """One cycle; the changes follow the ledger before and after it. Raises WorkflowError where it cannot go on."""
        from workflow_cli.app.improve.cycle import run_cycle

        self._over_at = self._clock.elapsed() + self._settings.loop.cycle_seconds
        self._offers.look_again()
        self.proposals.problems.clear()
        self._problems_before = self._memory.problems()
        if self._dry:
            return run_cycle(self.context, dry=True)
        self._next.begin(at_all=self.ledger.last is None)
        self.proposals.settle(self.context)
        done = run_cycle(self.context)
        self.proposals.settle(self.context)
        self._prepare_next(to_tell=bool(done.did or done.ended))
        return done

    def tell(self) -> None:
        """What the last cycle did was told, so that the next one need not."""
        if not self._dry:
            self._next.tell(self._reached())

    def freeze(self, reason: str) -> None:
        from workflow_cli.domain.improvement.record import RecordType

        self.context.record(RecordType.FREEZE, {"reason": reason})

    def unfreeze(self, by: str, because: str) -> None:
        from workflow_cli.domain.improvement.record import RecordType

        self.context.record(RecordType.UNFREEZE, {"by": by, "because": because})
        self._next.look_again(self._reached())

    # -- what it tells -----------------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        return self._root

    def reading(self) -> Reading:
        """The ledger as it is, without anything being made that is not there; of a dry run, as it would be."""
        return self.context.world.ledger.read() if self._dry else self._ledger(make=False).read()

    def story(self, *, with_requests: bool = False) -> Story:
        """What the ledger tells; nothing is made that is not there."""
        from workflow_cli.domain.improvement.story import story_of

        if not with_requests:
            return story_of(self.reading())
        from workflow_cli.wiring.loop_story import story_with_requests

        return story_with_requests(self.reading(), self._settings.events.path)

    def observed(self) -> tuple[Story, bool]:
        """The story, and whether a cycle is under way: what was read in the middle of one is not interrupted."""
        held, story = self.is_held(), self.story()
        return story, self.is_held() or held

    def muted(self, story: Story) -> list[str]:
        """The rules that are not run because the loop found that people reject what they say."""
        return [rule for rule in story.muted if rule in self._settings.rules.disable]

    def decided(self, story: Story) -> Mapping[str, HumanDecision]:
        """What people decided, and no cycle has followed yet, by experiment."""
        held = story.state.held
        if not (story.state.waiting or held):
            return {}
        agreed = {id: said for id, one in held.items() if (said := self.proposals.agreed_to(one)) is not None}
        return {**agreed, **self.proposals.decisions()}

    def in_force(self, experiment: Experiment) -> Mapping[str, Any]:
        """What the settings that an experiment turns are now, by dotted name; nothing in a dry run, which only pretends to turn them."""
        return {} if self._dry else self.tuning.told(experiment.changes)

    @property
    def problems(self) -> list[str]:
        """What could not be written of the changes; it is tried again."""
        return list(dict.fromkeys(self.proposals.problems))

    def put_off(self) -> list[str]:
        """What the last cycle met with in its way."""
        return self._memory.problems()

    @property
    def new_problems(self) -> list[str]:
        """Those that the last cycle did not have."""
        return [problem for problem in self.problems if problem not in self._problems_before]

    @property
    def levers(self) -> Mapping[str, bool]:
        """All there are, and whether each may be used."""
        from workflow_cli.domain.improvement.levers.registry import all_levers

        chosen = self.policy.levers
        return {lever.id: chosen is None or lever.id in chosen for lever in all_levers()}

    # -- its ports ---------------------------------------------------------------------------------------------

    @cached_property
    def context(self) -> Context:
        from workflow_cli.app.improve.context import Context, World
        from workflow_cli.app.improve.pretended import pretended

        memory = self._memory
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
        return Context(
            world=pretended(world) if self._dry else world,
            policy=self.policy,
            replays=memory.replays(),
            screened=memory.screened(),
            told=memory.told(),
        )

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
    def ledger(self) -> LedgerFile:
        """Raises DocumentError where its key is damaged."""
        return self._ledger(make=not self._dry)

    def _ledger(self, *, make: bool) -> LedgerFile:
        from workflow_cli.adapters.ledger_file import LedgerFile, ledger_key
        from workflow_cli.adapters.state_file import is_there

        path, key = self.state_directory / LEDGER, self.state_directory / LEDGER_KEY
        known = is_there(key)
        # Where both were put aside the loop begins anew.
        reached = self._memory.ledger_end() if known or is_there(path) else None
        secret = ledger_key(key) if known or (make and self.state_directory.is_dir()) else b""
        return LedgerFile(path, key=secret, reached=reached)

    def _reached(self) -> list[Any] | None:
        last = self.ledger.last
        return None if last is None else [last.seq, last.hash]

    @cached_property
    def traffic(self) -> QuestionTraffic:
        from workflow_cli.adapters.question_traffic import QuestionTraffic

        return QuestionTraffic(
            self._settings.events.path,
            since=self._now - self.policy.reach,
            text_of=lambda id: self._asking.run.answer_to(id),
            most=self._most_events,
        )

    def _most_events(self) -> int | None:
        """What is under way needs everything since it began."""
        state = self.context.state
        return self.policy.most_events if state.running is None and state.probation is None else None

    @cached_property
    def tuning(self) -> TunedSettings:
        return self._tunable.tuned(
            self._documents, self.review, overlay=self._overlay, offered=lambda: self._offers.all
        )

    @cached_property
    def answerers(self) -> AskAgain:
        from workflow_cli.app.improve.ask_again import AskAgain

        asking, most = self._asking, self._settings.loop.model_calls_a_day
        return AskAgain(
            asked_of=asking.asked_of,
            means_with=asking.means_with,
            recorded=lambda question: self.traffic.last_tool_attempt(question),
            go=asking.wait,
            has_model=lambda: bool(most and self._offers.models),
            over=lambda: self._clock.elapsed() > self._over_at,
            texts=self._tree.texts,
            suppose=self._with_requirement,
        )

    def _with_requirement(self, document: Mapping[str, Any]) -> tuple[SqlitePassageIndex, Sequence[str]] | None:
        requirement = self.proposals.requirement(document)
        return None if requirement is None else self._asking.index_with(*requirement)

    @cached_property
    def proposals(self) -> ChangeProposals:
        from workflow_cli.app.improve.change_proposals import ChangeProposals

        return ChangeProposals(
            self._documents,
            self.review,
            self._tree.of_proposals,
            values=self._tunable.written,
            current=self._tunable.current,
            text_of=self._asking.text_of,
        )

    @property
    def repairs(self) -> Repairs:
        return self._tree

    # -- what stands behind them -------------------------------------------------------------------------------

    @cached_property
    def _memory(self) -> LoopMemory:
        from workflow_cli.adapters.loop_memory import LoopMemory

        return LoopMemory(self.state_directory / MEMORY)

    @cached_property
    def _tunable(self) -> LoopSettings:
        from workflow_cli.wiring.loop_tuning import LoopSettings

        return LoopSettings(self._load)

    @cached_property
    def _asking(self) -> LoopAsking:
        from workflow_cli.wiring.loop_asking import LoopAsking

        asking = LoopAsking(self._root, self._settings, base=lambda: self.tuning.base(), dry=self._dry)
        return self._stack.enter_context(closing(asking))

    @cached_property
    def _tree(self) -> LoopTree:
        from workflow_cli.wiring.loop_tree import LoopTree

        return LoopTree(
            self._root,
            self._settings,
            self._documents,
            self.review,
            clock=self._clock,
            events=self._events,
            near=self._asking.nearest_capability,
            forget=lambda: self.answerers.forget(),
        )

    @cached_property
    def _agents(self) -> AgentOffers:
        from workflow_cli.wiring.loop_agent import AgentOffers

        return AgentOffers(
            self._root,
            self._settings,
            own=[*(self.state_directory / name for name in (LEDGER, LEDGER_KEY)), self._overlay],
            known=lambda: self._memory.read().get("tests"),
            may_run=lambda: not self._dry and self.context.state.frozen is None,
        )

    @property
    def _search(self) -> PromptSearch:
        from workflow_cli.wiring.loop_search import PromptSearch

        asking = self._asking
        return PromptSearch(lambda: asking.run, go=asking.wait, max_tokens=self._settings.lm_studio.max_tokens)

    @cached_property
    def _offers(self) -> Offers:
        from workflow_cli.wiring.loop_offers import Offers

        return Offers(find_models=self._asking.models, agent=self._agent, search=self._search_state)

    def _agent(self) -> Mapping[str, Any] | None:
        levers = self.policy.levers
        return None if levers is not None and "coding-agent" not in levers else self._agents.offered()

    def _search_state(self) -> str | None:
        if not self._settings.loop.search_prompts:
            return None
        from workflow_cli.adapters.gepa_search import is_installed

        if not is_installed():
            return "no_gepa"
        return "dry_run" if self._dry else "there"

    @property
    def _overlay(self) -> Path:
        from workflow_cli.wiring.arms import OVERLAY_FILE

        return self.state_directory / OVERLAY_FILE

    @property
    def _now(self) -> float:
        return self._time.now().timestamp()

    # -- from one cycle to the next ----------------------------------------------------------------------------

    def nothing_new(self) -> bool:
        """Whether a cycle would see nothing that the last one has not seen."""
        return not self._next.is_due(self._now)

    def was_frozen(self) -> bool:
        """Whether the last cycle left the loop frozen, by itself."""
        return self._memory.was_frozen()

    @cached_property
    def _next(self) -> NextCycle:
        from workflow_cli.wiring.loop_next_cycle import NextCycle

        chosen, directory = self._settings.loop, self.state_directory
        return NextCycle(
            self._memory,
            log=self._settings.events.path,
            files=[
                self._root / "workflow.yaml",
                directory / LEDGER,
                self._overlay,
                *(directory / name for name in ("history.db", "history.db-wal", "drafts")),
            ],
            told=list(map(str, (chosen.levers, chosen.automatic, self._levers))),
        )

    def _prepare_next(self, *, to_tell: bool) -> None:
        # History is brought home before it is looked at: else closing it would be news.
        self._close_documents()
        self._next.prepare(
            self.context,
            now=self._now,
            ledger=self._reached(),
            problems=self.problems,
            again=bool(self.problems) or self.context.obstructed,
            tests=self._agents.tests,
            to_tell=to_tell,
        )

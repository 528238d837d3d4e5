"""Asks questions of the log again, with other settings, without anybody noticing: no cache, event, breaker or queue.

The route is the real one, over the real documents and the real model. Tools are not called: they may be slow, cost
money or do things. What they did when the question was last put to them is what they do now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.app.answering.route_walk import Means, Walk
from workflow_cli.domain.answering.breaker import Admission, Breaker
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.route import MODEL, PERSON, TOOLS, plan
from workflow_cli.domain.improvement.knobs import GLOSSARY, TITLE_WEIGHT
from workflow_cli.domain.improvement.observation import Outcome
from workflow_cli.domain.improvement.places import place_of
from workflow_cli.domain.improvement.replayed import Replayed
from workflow_cli.domain.improvement.setting_values import fingerprint
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import PassageIndex
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence
    from workflow_cli.domain.improvement.setting_values import Settings

    class ClosableIndex(PassageIndex, Protocol):
        def close(self) -> None: ...


_DEEPEST = 50
#: A model that fails so is not there at all, whatever the settings.
_NOT_THERE = frozenset((FailureKind.UNREACHABLE, FailureKind.UNAUTHORIZED, FailureKind.NO_MODEL))
#: How the tools did when a question was last put to them, None where it never was.
Recorded = Callable[[str], Mapping[str, Any] | None]


class AskAgain:
    """See Answerers. `asked_of` gives the question of a hash, None where its words are not known any more.

    `means_with` makes what is asked with. `go` runs a coroutine in an event loop. `over` tells that the time of the cycle is up.
    `texts` reads what the documents say at each place. `suppose` gives an index with the requirement of a document in it, and the
    addresses that are new; None where there is no telling.
    """

    def __init__(
        self,
        *,
        asked_of: Callable[[str], Asked | None],
        means_with: Callable[[Settings], Means],
        recorded: Recorded,
        go: Callable[[Callable[[], Any]], Any],
        has_model: Callable[[], bool],
        over: Callable[[], bool] = lambda: False,
        texts: Callable[[], Mapping[str, str]] = dict,
        suppose: Callable[[Mapping[str, Any]], tuple[ClosableIndex, Sequence[str]] | None] = lambda _: None,
    ) -> None:
        self._asked_of = asked_of
        self._means_with = means_with
        self._recorded = recorded
        self._go = go
        self._has_model = has_model
        self._over = over
        self._texts = texts
        self._suppose = suppose
        self._sections: Mapping[str, str] | None = None
        # How deep one looks costs nothing: each question is sought once, as deep as the loop may ever go.
        self._found: dict[tuple[str, Any], tuple[tuple[str, ...], float]] = {}
        self._fresh = False

    def replay(self, question: str, kind: str, settings: Settings) -> Replayed | None:
        """See Answerers. None also for a question whose words are gone, or that would need tools it never had."""
        asked = None if self._over() else self._asked_of(question)
        if asked is None or asked.kind.value != kind:
            return None
        means = self._means_with(settings)
        tools = _AsRecorded(self._recorded(question), means.policy.budgets.get(TOOLS, means.policy.deadline))
        # Once: what was recorded of the tools is all of their attempts.
        policy = replace(means.policy, attempts=1)
        means = replace(
            means,
            policy=policy,
            answerers={**means.answerers, TOOLS: tools},
            breakers=_NoBreakers(),
            limiters={},
            on_step=None,
        )
        missing = {PERSON: "not asked again"}
        if not self._has_model():
            missing[MODEL] = "there is no model"
        walk = Walk(means, asked, plan(asked.kind, means.policy, only=None, missing=missing))
        try:
            if not walk.quick():
                self._go(walk.rest)
        except _NeverAsked:
            return None
        if any(step.answerer == MODEL and step.failure in _NOT_THERE for step in walk.route):
            return None  # settings cannot be compared by who happened to be away
        ms = sum(step.milliseconds for step in walk.route) + tools.waited
        if walk.answer is not None:
            cites = tuple(dict.fromkeys(place_of(source.address) for source in walk.answer.found.sources))
            return Replayed(outcome=Outcome.ANSWERED, cites=cites or tools.cites, ms=ms)
        return Replayed(outcome=Outcome.ABSTAINED if walk.judged else Outcome.FAILED, cites=(), ms=ms)

    def passages(self, question: str, kind: str, settings: Settings) -> Replayed | None:  # noqa: ARG002 - the port's
        """See Answerers."""
        asked = None if self._over() else self._asked_of(question)
        if asked is None:
            return None
        means = self._means_with(settings)
        key = (question, (settings.get(TITLE_WEIGHT), fingerprint(settings.get(GLOSSARY) or {})))
        if key not in self._found:
            started = means.clock.elapsed()
            try:
                if not self._fresh:
                    means.index.refresh()
                    self._fresh = True
                found = means.index.search(asked.text, limit=_DEEPEST, change=asked.change)
            except WorkflowError:
                return None
            addresses = tuple(place_of(one.passage.address) for one in found)
            self._found[key] = addresses, (means.clock.elapsed() - started) * 1000
        addresses, ms = self._found[key]
        cites = tuple(dict.fromkeys(addresses[: means.policy.passages]))
        return Replayed(outcome=Outcome.ANSWERED if cites else Outcome.ABSTAINED, cites=cites, ms=ms)

    def supposing(self, document: Mapping[str, Any], settings: Settings) -> Supposed | None:
        """See Answerers."""
        try:
            found = self._suppose(document)
        except (OSError, WorkflowError):
            return None
        return None if found is None else Supposed(*found, self._asked_of, self._means_with(settings), self._over)

    def forget(self) -> None:
        """Documents may have changed: look at them again."""
        self._found.clear()
        self._fresh = False
        self._sections = None

    def sections(self) -> Mapping[str, str]:
        """See Answerers. The documents are read when somebody looks into them: few cycles come so far."""
        if self._sections is None:
            self._sections = _Lazy(self._texts)
        return self._sections

    def wording(self, question: str) -> str | None:
        """See Answerers."""
        asked = self._asked_of(question)
        return None if asked is None else asked.text


class Supposed:
    """See the port."""

    def __init__(
        self,
        index: ClosableIndex,
        made: Sequence[str],
        asked_of: Callable[[str], Asked | None],
        means: Means,
        over: Callable[[], bool],
    ) -> None:
        self.made = tuple(map(place_of, made))
        self.close = index.close
        self._index = index
        self._asked_of = asked_of
        self._depth = means.policy.passages
        self._over = over

    def passages(self, question: str) -> Sequence[str] | None:
        asked = None if self._over() else self._asked_of(question)
        if asked is None:
            return None
        found = self._index.search(asked.text, limit=self._depth, change=asked.change)
        return tuple(dict.fromkeys(place_of(one.passage.address) for one in found))


class _Lazy(Mapping[str, str]):
    """A mapping that is made when it is first looked into."""

    def __init__(self, make: Callable[[], Mapping[str, str]]) -> None:
        self._make = make
        self._made: Mapping[str, str] | None = None

    def _there(self) -> Mapping[str, str]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> str:
        return self._there()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._there())

    def __len__(self) -> int:
        return len(self._there())


class _NeverAsked(Exception):
    """The tools were never asked this question, so nobody knows what they would say."""


class _AsRecorded:
    """The tools as they were; `waited` is in milliseconds, and nobody waits for it."""

    name = TOOLS

    def __init__(self, recorded: Mapping[str, Any] | None, budget: float) -> None:
        self._recorded = recorded
        self._budget = budget * 1000
        self.waited = 0.0
        self.cites: tuple[str, ...] = ()

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:  # noqa: ARG002 - the port's
        if self._recorded is None:
            raise _NeverAsked
        ms = float(self._recorded["ms"])
        self.waited = min(ms, self._budget)
        failure = self._recorded["failure"]
        if ms > self._budget * 1.05 or failure == FailureKind.TIMEOUT.value:
            raise AnswererFailed(FailureKind.TIMEOUT, "no answer in time, as before")
        if failure == "abstained":
            return Nothing(reason="nothing, as before")
        if failure is not None:
            raise AnswererFailed(FailureKind.REFUSED, f"failed, as before ({failure})")
        self.cites = tuple(self._recorded["cites"])
        return Found(text="as before", confidence=1.0, unsourced=True)


class _NoBreakers:
    """Every answerer is asked, and nothing that becomes of it is kept."""

    def admit(self, *_: Any, **__: Any) -> Admission:
        return Admission.CLOSED

    def state(self, *_: Any) -> Breaker:
        return Breaker()

    def failed(self, *_: Any, **__: Any) -> None: ...
    def succeeded(self, *_: Any) -> None: ...

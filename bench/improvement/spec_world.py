"""The world of the benchmark: people and agents ask about a real tree; specs, two models and a tool answer.

Nothing here is told to the loop but the events. Times are in seconds of the world, milliseconds in events.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from statistics import NormalDist
from typing import Any

from bench.improvement.corpus import ASKED_AS, Asked, Index, plain, renamed, requirements, trees
from bench.improvement.world import Call, Request, Served, World
from workflow_cli.domain.improvement.knobs import BREAKER_FAILURES, BREAKER_SECONDS

#: Right with this probability, by model and kind, when the passage is there; times this without it.
RIGHT = {
    "small": {"lookup": 0.75, "howto": 0.75, "code": 0.25, "tool": 0.45},
    "big": {"lookup": 0.82, "howto": 0.8, "code": 0.85, "tool": 0.5},
    "hasty": {"lookup": 0.3, "howto": 0.25, "code": 0.2, "tool": 0.2},
}
WITHOUT_PASSAGE = 0.7
MEDIAN = {"small": 2.0, "big": 6.0, "hasty": 0.5}
#: Passages as they stand answer a question of a kind with this probability, where the right one is among them.
FITS = {"lookup": 0.95, "howto": 0.55, "code": 0.1, "tool": 0.1}
SEEN = 0.3
FLIPPED = 0.05
CORRECTED = 0.5
#: How often a question comes in its own words, and in those of each paraphrase.
WORDINGS = (0.6, 0.2, 0.2)

HEALTHY: dict[str, Any] = {
    "answers.cache_ttl": 86400,
    "answers.cache_invalidation": "on_change",
    "retrieval.depth": 5,
    "retrieval.title_weight": 2.0,
    "retrieval.glossary": {},
    "models.available": ["small", "big"],
    "models.default": "small",
    "models.by_kind": {"code": "big"},
    "models.timeout": 40,
    "models.retries": 1,
    "models.concurrency": 2,
    "mcp.timeout": 6,
    "mcp.breaker": True,
    "route.lookup": ["specs", "model"],
    "route.howto": ["model", "specs"],
    "route.code": ["model"],
    "route.tool": ["mcp:tracker", "model"],
}


class Shared(dict[str, Any]):
    """What copies of a world share, because it never changes."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Shared:
        return self


@dataclass
class _Entry:
    at: float
    cites: Sequence[str]
    gold: str
    quality: float


@dataclass(kw_only=True)
class SpecWorld(World):
    """`repeats`: the chance that a question of the last hour comes again. `edit_seconds`: the mean time between edits.

    `hung`: the share of the time in which the tool hangs, in stretches. `missing`, `renamed`: how much of the documents is gone or
    called otherwise. `burst`: how many requests come together, `gap`: seconds between them.
    """

    repeats: float = 0.1
    edit_seconds: float = 400.0
    hung: float = 0.02
    capacity: int = 2
    burst: float = 4.0
    gap: float = 15.0
    missing: float = 0.0
    renamed: int = 0
    load_drift: float = 0.3
    seen: float = SEEN
    slower: float = 1.0
    clients: int = 10
    asked: list[Asked] = field(init=False, repr=False)
    shared: Shared = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = {**HEALTHY, **self.settings}
        places = trees()
        tree = places[self.seed % len(places)]
        setup = Random(f"setup/{self.seed}")
        self.asked = list(requirements(tree))
        setup.shuffle(self.asked)
        gone = {a.section for a in self.asked if setup.random() < self.missing}
        names = self._other_names(setup)
        parts = [(a.section, renamed(a.title, names), renamed(a.body, names)) for a in self.asked]
        self.index = Index(part for part in parts if part[0] not in gone)
        by_question = {q: a for a in self.asked for q in a.questions}
        self.shared = Shared(
            asked=self.asked,
            by_question=by_question,
            gone=gone,
            names=names,
            weights=[1 / (rank + 1) ** 0.9 for rank in range(len(self.asked))],
            difficulty={q: setup.gauss(0, 1) for q in by_question},
            fits={q: setup.random() for q in by_question},
            doubts={q: setup.random() for q in by_question},
            full={a.section: (a.title, a.body) for a in self.asked},
            threshold=self._threshold(),
        )
        self.asked = Shared(self.shared)["asked"]
        self.written: dict[str, str] = {}
        self.cache: dict[Any, _Entry] = {}
        self.edit_times: dict[str, float] = {}
        self.recent: list[Request] = []
        self.running: list[float] = []
        self.failures = 0
        self.open_until = 0.0
        self.wave = setup.uniform(0, 2 * math.pi)
        self.walk = 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> SpecWorld:
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        for name in ("cache", "edit_times", "recent", "running", "written", "settings"):
            setattr(copied, name, self.__dict__[name].copy())
        copied.random = Random()
        return copied

    # What is asked

    def requests(self, cycle: int) -> Iterable[Request]:
        start, end = cycle * self.seconds, (cycle + 1) * self.seconds
        left, times = self.requests_a_cycle, []
        while left > 0:
            size = min(left, 1 + int(self.random.expovariate(1 / self.burst)))
            at, client = self.random.uniform(start, end - 600), f"client-{self._client()}"
            for _ in range(size):
                times.append((at, client))
                at += self.random.expovariate(1 / self.gap)
            left -= size
        for at, client in sorted(times):
            yield self._request(min(at, end - 1), client)

    def _client(self) -> int:
        return min(self.clients - 1, int(self.random.expovariate(0.4)))

    def _request(self, at: float, client: str) -> Request:
        self.recent = [request for request in self.recent if request.at > at - 3600][-60:]
        if self.recent and self.random.random() < self.repeats:
            old = self.random.choice(self.recent)
            request = Request(at=at, kind=old.kind, question=old.question, cluster=old.cluster, client=client)
        else:
            (asked,) = self.random.choices(self.asked, self.shared["weights"])
            (kind,) = self.random.choices(list(self.kinds), list(self.kinds.values()))
            (question,) = self.random.choices(asked.questions, WORDINGS)
            request = Request(at=at, kind=kind, question=question, cluster=asked.section, client=client)
        self.recent.append(request)
        return request

    # What answers

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        gold = self._gold(request.question)
        route = settings[f"route.{request.kind}"]
        model = settings["models.by_kind"].get(request.kind, settings["models.default"])
        ttl, on_change = settings["answers.cache_ttl"], settings["answers.cache_invalidation"] == "on_change"
        key = (request.question, model, *route, settings["retrieval.depth"])
        entry = self.cache.get(key)
        if entry is not None and request.at - entry.at <= ttl:
            changed = any(self.edit_times.get(section, -1.0) > entry.at for section in entry.cites)
            if not (changed and on_change):
                stale = self.edit_times.get(entry.gold, -1.0) > entry.at
                quality = 0.0 if stale else entry.quality
                return self._said(request, Served(ms=5.0, quality=quality, cites=entry.cites, cached=True))
        served = self._answer(request, settings, route, model, live=True)
        if served.outcome == "answered":
            self.cache[key] = _Entry(request.at, served.cites, gold, served.quality)
        return self._said(request, served)

    def replay(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        model = settings["models.by_kind"].get(request.kind, settings["models.default"])
        return self._answer(request, settings, settings[f"route.{request.kind}"], model, live=False)

    def passages(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        return self._answer(request, settings, ["specs"], "", live=False)

    def _answer(
        self, request: Request, settings: Mapping[str, Any], route: Sequence[str], model: str, *, live: bool
    ) -> Served:
        gold = self._gold(request.question)
        depth = int(settings["retrieval.depth"])
        ranked = self.index.rank(request.question, settings["retrieval.title_weight"], settings["retrieval.glossary"])
        found = [section for section, _ in ranked[:depth]]
        score = ranked[0][1] if ranked else 0.0
        calls: list[Call] = []
        total = 0.0
        for answerer in route:
            now = request.at + total / 1000
            if answerer == "specs":
                call, quality, cites = self._specs(request, found, score, gold, depth)
            elif answerer == "model":
                call, quality, cites = self._model(request, found, gold, model, settings, now, live=live)
            else:
                if settings["mcp.breaker"] and live and now < self.open_until:
                    continue
                call, quality, cites = self._tool(request, gold, answerer, settings, now, live=live)
            calls.append(call)
            total += call.ms
            if call.failure is None:
                return Served(ms=total, quality=quality, calls=calls, cites=cites, score=score)
        abstained = not calls or calls[-1].failure == "abstained"
        return Served(
            ms=max(total, 1.0),
            quality=0.3 if abstained else 0.0,
            calls=calls,
            outcome="abstained" if abstained else "failed",
            score=score,
        )

    def _specs(
        self, request: Request, found: Sequence[str], score: float, gold: str, depth: int
    ) -> tuple[Call, float, Sequence[str]]:
        ms = (40 + 60 * depth) * self.random.lognormvariate(0, 0.1)
        # Quotes are checked: passages that do not answer are mostly seen not to.
        doubt = 0.08 if gold in found else 0.6
        if score < self.shared["threshold"] or not found or self.shared["doubts"][request.question] < doubt:
            return Call(answerer="specs", ms=ms, failure="abstained"), 0.3, ()
        right = gold in found and self.shared["fits"][request.question] < FITS[request.kind]
        return Call(answerer="specs", ms=ms), float(right), found

    def _model(
        self,
        request: Request,
        found: Sequence[str],
        gold: str,
        model: str,
        settings: Mapping[str, Any],
        now: float,
        *,
        live: bool,
    ) -> tuple[Call, float, Sequence[str]]:
        queued = beside = 0.0
        if live:
            while self.running and self.running[0] <= now:
                heapq.heappop(self.running)
            limit = int(settings["models.concurrency"])
            if len(self.running) >= limit:
                # The earliest moment at which fewer than the limit are under way.
                queued = sorted(self.running)[len(self.running) - limit] - now
            beside = sum(end > now + queued for end in self.running)
        crowd = max(1.0, (beside + 1) / self.capacity) ** 1.6
        seconds = MEDIAN[model] * self.slower * self._load(now) * crowd * self.random.lognormvariate(0, 0.5)
        cut = queued + seconds > settings["models.timeout"]
        spent = min(queued + seconds, settings["models.timeout"])
        if live:
            heapq.heappush(self.running, now + max(queued, spent))
        if cut:
            return (
                Call(answerer="model", ms=1000 * spent, failure="timeout", queued_ms=1000 * min(queued, spent)),
                0,
                (),
            )
        chance = RIGHT[model][request.kind] * (1.0 if gold in found else WITHOUT_PASSAGE)
        draw = math.sqrt(0.7) * self.shared["difficulty"][request.question] + math.sqrt(0.3) * self.random.gauss(0, 1)
        right = NORMAL.cdf(draw) < chance
        call = Call(answerer="model", ms=1000 * spent, queued_ms=1000 * queued)
        if right:
            return call, 1.0, (gold,)
        if self.random.random() < 0.15:
            return Call(answerer="model", ms=1000 * spent, queued_ms=1000 * queued, failure="abstained"), 0.3, ()
        others = [section for section in found if section != gold]
        wrong = gold if not others or self.random.random() < 0.2 else others[0]
        return call, 0.0, (wrong,)

    def _tool(
        self, request: Request, gold: str, answerer: str, settings: Mapping[str, Any], now: float, *, live: bool
    ) -> tuple[Call, float, Sequence[str]]:
        limit = 1000.0 * settings["mcp.timeout"]
        hangs = self._hangs(now) if live else self.random.random() < self.hung
        if hangs or self.random.random() < 0.05:
            if live:
                self.failures += 1
                if self.failures >= BREAKER_FAILURES:
                    self.open_until = now + BREAKER_SECONDS
            return (
                Call(answerer=answerer, ms=limit if hangs else 300.0, failure="timeout" if hangs else "error"),
                0.0,
                (),
            )
        if live:
            self.failures = 0
        ms = 1200 * self.random.lognormvariate(0, 0.4)
        if ms > limit:
            return Call(answerer=answerer, ms=limit, failure="timeout"), 0.0, ()
        right = self.random.random() < (0.9 if request.kind == "tool" else 0.2)
        return Call(answerer=answerer, ms=ms), float(right), (gold,) if right else ("tracker#other",)

    def _hangs(self, now: float) -> bool:
        """Stretches of two hours on average in which every call hangs, in between the tool is well.

        The stretches have a chance of their own: nothing that is done moves them.
        """
        number = int(now // 3600)
        return any(
            start <= now < start + length
            for hour in range(number - 6, number + 1)
            for start, length in _stretch(self.seed, hour, self.hung)
        )

    def _load(self, now: float) -> float:
        return math.exp(self.load_drift * math.sin(2 * math.pi * now / 86400 + self.wave) + self.walk)

    # What people say

    def _said(self, request: Request, served: Served) -> Served:
        if served.outcome == "failed" or self.random.random() >= self.seen:
            return served
        right = served.quality >= 1.0
        gold = self._gold(request.question)
        there = gold in self.index.texts
        reference: Sequence[str] = ()
        answer = None
        if not right and self.random.random() < CORRECTED:
            if there:
                reference = (gold,)
            else:
                title, body = self.shared["full"][gold]
                answer = f"{title}: {body}"[:3500]
        if served.outcome == "abstained":
            # Nothing to accept; a person may still say what the answer is.
            verdict = False if reference or answer else None
        else:
            verdict = right != (self.random.random() < FLIPPED)
        return Served(
            ms=served.ms,
            quality=served.quality,
            calls=served.calls,
            outcome=served.outcome,
            cites=served.cites,
            score=served.score,
            cached=served.cached,
            verdict=verdict,
            reference=reference if verdict is False else (),
            answer=answer if verdict is False else None,
        )

    # What is written

    def edits(self, cycle: int) -> Iterable[tuple[float, Sequence[str]]]:
        at = cycle * self.seconds
        while (at := at + self.random.expovariate(1 / self.edit_seconds)) < (cycle + 1) * self.seconds:
            (asked,) = self.random.choices(self.asked, self.shared["weights"])
            yield at, (asked.section,)

    def edited(self, at: float, sections: Sequence[str]) -> None:
        for section in sections:
            self.edit_times[section] = at

    def sections(self) -> Mapping[str, str]:
        return self.index.texts

    def shift(self, cycle: int) -> None:
        self.walk = 0.8 * self.walk + self.random.gauss(0, 0.1)

    def _gold(self, question: str) -> str:
        asked = self.shared["by_question"].get(question)
        section = "" if asked is None else asked.section
        return self.written.get(section, section)

    def _threshold(self) -> float:
        """Passages are not given for the worst sixth of questions."""
        best = sorted(
            ranked[0][1] if (ranked := self.index.rank(question, 2.0, {})) else 0.0
            for asked in self.asked
            for question in asked.questions
        )
        return best[len(best) // 6]

    def _other_names(self, setup: Random) -> dict[str, str]:
        if not self.renamed:
            return {}
        asked = Counter(word for a in self.asked for word in plain(" ".join(a.questions)) if len(word) > 3)
        held = Counter(word for a in self.asked for word in plain(f"{a.title} {a.body}"))
        # Words by which sections are found: in questions and in the sections that answer them, and in few others.
        both = Counter(
            word
            for a in self.asked
            for word in plain(" ".join(a.questions)) & plain(f"{a.title} {a.body}")
            if len(word) > 3
        )
        total, no_terms = len(self.asked), plain(ASKED_AS)
        weights = {
            w: n * math.log(total / held[w]) ** 2
            for w, n in both.items()
            if asked[w] >= 3 and held[w] <= 0.3 * total and w not in no_terms
        }
        terms = sorted(weights, key=lambda word: (-weights[word], word))[: self.renamed]
        setup.shuffle(terms)
        return {word: f"{word[::-1]}um" for word in terms}

    # What the judge knows

    def recall(self, settings: Mapping[str, Any], depth: int = 5) -> float:
        """Over all questions whose requirement is there."""
        held = [
            gold in [s for s, _ in self._ranked(question, settings)[:depth]]
            for question in self.shared["by_question"]
            if (gold := self._gold(question)) in self.index.texts
        ]
        return sum(held) / max(1, len(held))

    def _ranked(self, question: str, settings: Mapping[str, Any]) -> list[tuple[str, float]]:
        return self.index.rank(question, settings["retrieval.title_weight"], settings["retrieval.glossary"])

    def held(self, question: str, settings: Mapping[str, Any]) -> bool:
        """Whether the passages hold what answers a question."""
        return self._gold(question) in [
            s for s, _ in self._ranked(question, settings)[: int(settings["retrieval.depth"])]
        ]


NORMAL = NormalDist()


@lru_cache(maxsize=65536)
def _stretch(seed: int, hour: int, share: float) -> tuple[tuple[float, float], ...]:
    """The stretch that begins in an hour, if one does; together they take up a share of the time."""
    random = Random(f"hang/{seed}/{hour}")
    # Stretches overlap, so that a share of the time is free of them with the probability exp(-rate × mean length).
    if random.random() >= 1 - math.exp(math.log(max(1e-9, 1 - share)) / 1.5):
        return ()
    return ((3600 * (hour + random.random()), min(6 * 3600.0, random.expovariate(1 / 7200))),)

"""What is worth changing: what it cost people in the window, the events that show it, and the lever that could act.

Costs are seconds in which somebody or something waited for what was of no use. They are measured, never estimated, so
they leave out what an error cost afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflow_cli.domain.feedback.counting import CACHED
from workflow_cli.domain.feedback.measured import ENOUGH
from workflow_cli.domain.feedback.seen import NO_RULES, Seen, found_half, is_error, outdated, repeats
from workflow_cli.domain.feedback.tally import newest
from workflow_cli.domain.feedback.verdicts import KnownRules
from workflow_cli.domain.improvement.intervals import Interval, proportion_interval
from workflow_cli.domain.improvement.judgement import Suggestion

#: As for spec gaps: the same question so often.
_RECURRING = 3
_MUCH = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Insight:
    """`says` is a sentence. `cases` of `of` were so, at a rate within `rate`; `needed` had to be there to say it.

    `lever` is the id of the one that could act; None where none can, and `why` says what could be done instead.
    `evidence` are ids of events. `found` is False where there is not enough data.
    """

    id: str
    says: str
    cost_seconds: float
    cases: int
    of: int
    needed: int
    rate: Interval | None
    lever: str | None
    why: str
    evidence: tuple[str, ...]

    @property
    def found(self) -> bool:
        return self.of >= self.needed


def insights(seen: Seen, known: KnownRules = NO_RULES, muted: Collection[str] = ()) -> list[Insight]:
    """Those that can be told come first, the dearest of them first; then what there is too little data for.

    `muted` are rules that nobody is shown any more.
    """
    found = [
        *_attempts(seen),
        *_answers(seen),
        *_unanswered(seen),
        *_cache(seen),
        *_retrieval(seen),
        *_commands(seen),
        *_rules(seen, muted),
        *_findings(seen, known, muted),
        *_drafts(seen),
    ]
    return sorted(found, key=lambda insight: (not insight.found, -insight.cost_seconds, insight.id))


def _may_be_much(cases: int, of: int) -> bool:
    """Whether it is so often so that it surely matters, or whether there are too few to say that it does not."""
    return of < ENOUGH or proportion_interval(cases, of).low >= _MUCH


def _attempts(seen: Seen) -> Iterator[Insight]:
    """Answerers and tools that were tried in vain."""
    calls: dict[str, int] = {}
    for (_, answerer, _), (count, _) in seen.tally.attempts.items():
        calls[answerer] = calls.get(answerer, 0) + count
    failed: dict[tuple[str, str], list[int]] = {}
    failures = {
        who + (pattern,) for kind, *rest, pattern in seen.tally.errors if kind == "question" for who in [tuple(rest)]
    }
    for (_, answerer, went), (count, spent) in seen.tally.attempts.items():
        if (answerer, went) in failures:
            entry = failed.setdefault((answerer, went), [0, 0])
            entry[0] += count
            entry[1] += spent
    for (answerer, failure), (count, spent) in failed.items():
        if not _may_be_much(count, calls[answerer]):
            continue
        lever, why = _lever_of(answerer, failure)
        yield Insight(
            id=f"attempts:{answerer}:{failure}",
            says=f"attempts by {answerer} were in vain: {failure}",
            cost_seconds=spent / 1e6,
            cases=count,
            of=calls[answerer],
            needed=ENOUGH,
            rate=proportion_interval(count, calls[answerer]),
            lever=lever,
            why=why,
            evidence=_evidence(seen, "question", answerer, failure),
        )


def _lever_of(answerer: str, failure: str) -> tuple[str | None, str]:
    if failure == "timeout":
        if answerer.startswith(("tools", "mcp")):
            return "breaker", "leave a tool alone that keeps timing out, or ask it later"
        return "shorter-timeout", "give up where an answer has become unlikely"
    if answerer.startswith(("tools", "mcp")):
        return "tool-order", "ask what fails less often first"
    if failure in ("overloaded", "loading"):
        return "concurrency", "ask less of it at once"
    if failure in ("bad_reply", "context_overflow"):
        return "prompt-bullets", "say in the prompt what form the reply has to have"
    return "retries", "try again where that helps, and not where it does not"


def _answers(seen: Seen) -> Iterator[Insight]:
    """Answers that people rejected, or after which they asked again."""
    answered: dict[tuple[str, str, str], list[float]] = {}
    for row, buckets in seen.rows("question"):
        if row[2]:
            entry = answered.setdefault((row[1], row[2], row[3]), [0, 0.0])
            entry[0] += sum(buckets.values())
    for key, entry in answered.items():
        kind, answerer, model = key
        said = [v for v in seen.verdicts if (v.question_kind, v.answerer, v.model) == key]
        rejected = [v for v in said if not v.accepted]
        again, again_ids = seen.tally.reasked.get(key, [0, []])
        times = seen.durations("question", where=lambda row, key=key: row[1:4] == key)  # type: ignore[misc]
        mean = times.mean_seconds
        who = f"{answerer} ({model})" if model else answerer
        if rejected:
            rate = proportion_interval(len(rejected), len(said))
            yield Insight(
                id=f"rejected:{kind}:{answerer}:{model}",
                says=f"answers by {who} to {kind} questions were rejected",
                cost_seconds=len(rejected) * mean,
                cases=len(rejected),
                of=len(said),
                needed=ENOUGH,
                rate=rate,
                lever="model-of-kind" if model else "router-order",
                why="have another model, or another answerer first, take this kind of question",
                evidence=tuple(newest([v.event for v in rejected])),
            )
        if again and _may_be_much(min(again, int(entry[0])), int(entry[0])):
            yield Insight(
                id=f"reasked:{kind}:{answerer}:{model}",
                says=f"after answers by {who} to {kind} questions the same was asked again within ten minutes",
                cost_seconds=again * mean,
                cases=again,
                of=int(entry[0]),
                needed=ENOUGH,
                rate=proportion_interval(min(again, int(entry[0])), int(entry[0])),
                lever="retrieval-depth" if answerer == "specs" else "router-order",
                why="find more of what is there, or ask somebody else first",
                evidence=tuple(again_ids),
            )


def _unanswered(seen: Seen) -> Iterator[Insight]:
    """Questions that came back and that the documents do not answer."""
    often = {words: entry for words, entry in seen.tally.unanswered.items() if entry[0] >= _RECURRING}
    asked = seen.count("question")
    if not often:
        return
    times = seen.durations("question", where=lambda row: row[4] in ("not_in_specs", "pending"))
    mean = times.mean_seconds
    cases = sum(entry[0] for entry in often.values())
    dearest = sorted(often.values(), key=lambda entry: (-entry[0], entry[1]))[:3]
    what = "1 question was" if len(often) == 1 else f"{len(often)} questions were"
    yield Insight(
        id="unanswered",
        says=f"{what} asked {_RECURRING} times or more and not answered by the documents",
        cost_seconds=cases * mean,
        cases=cases,
        of=asked,
        needed=_RECURRING,
        rate=proportion_interval(min(cases, asked), asked) if asked else None,
        lever="spec-gap",
        why="propose the requirement that is missing",
        evidence=tuple(entry[1][-1] for entry in dearest),
    )


def _cache(seen: Seen) -> Iterator[Insight]:
    """Answers that were worked out again, and answers whose sources were changed afterwards."""
    again, cached = repeats(seen)
    if missed := again - cached:
        times = seen.durations(
            "question", where=lambda row: row[2] not in ("", "person") and not row[4].endswith(CACHED)
        )
        mean = times.mean_seconds
        if _may_be_much(missed, again):
            yield Insight(
                id="cache:missed",
                says="questions that had been answered before were worked out again",
                cost_seconds=missed * mean,
                cases=missed,
                of=again,
                needed=ENOUGH,
                rate=proportion_interval(missed, again),
                lever="cache-ttl",
                why="keep answers for longer, as long as their sources stay as they are",
                evidence=(),
            )
    changed, cited = outdated(seen)
    if changed and _may_be_much(changed, cited):
        yield Insight(
            id="cache:outdated",
            says="answers cite sections that were changed afterwards",
            cost_seconds=0.0,
            cases=changed,
            of=cited,
            needed=ENOUGH,
            rate=proportion_interval(changed, cited),
            lever="cache-invalidation",
            why="let go of an answer when its source changes, and keep none for longer than sources stay",
            evidence=(),
        )


def _retrieval(seen: Seen) -> Iterator[Insight]:
    """Questions that were not answered, by whether there were passages about what they ask."""
    for kind in sorted({of for of, _, _ in seen.tally.retrieved}):
        half, sought = found_half(seen, lambda key, kind=kind: key[0] == kind)  # type: ignore[misc]
        there, not_answered = found_half(
            seen,
            lambda key, kind=kind: key[0] == kind and key[2] in ("not_in_specs", "pending"),  # type: ignore[misc]
        )
        if not not_answered:
            continue
        times = seen.durations(
            "question",
            where=lambda row, kind=kind: row[1] == kind and row[4] in ("not_in_specs", "pending"),  # type: ignore[misc]
        )
        mean = times.mean_seconds
        far = not_answered - there
        for cases, of, id, says, lever, why in (
            (there, half, "held", "though passages held half of what they ask about", "retrieval-depth", "read more of what is found"),
            (far, sought - half, "far", "and no passage held half of what they ask about", "mined-synonyms", "let the words of questions and documents be known as the same, or write what is missing"),
        ):  # fmt: skip
            if cases and _may_be_much(cases, of):
                yield Insight(
                    id=f"retrieval:{id}:{kind}",
                    says=f"{kind or 'such'} questions were not answered, {says}",
                    cost_seconds=cases * mean,
                    cases=cases,
                    of=of,
                    needed=ENOUGH,
                    rate=proportion_interval(cases, of),
                    lever=lever,
                    why=why,
                    evidence=(),
                )


def _commands(seen: Seen) -> Iterator[Insight]:
    """Commands, models and tools that failed, by the message."""
    for (kind, who, pattern), (count, ids) in seen.tally.errors.items():
        if kind == "question":
            continue  # see attempts
        total = seen.count(kind, where=lambda row, who=who: row[2] == who)  # type: ignore[misc]
        times = seen.durations(kind, where=lambda row, who=who: is_error(row) and row[2] == who)  # type: ignore[misc]
        mean = times.mean_seconds
        name = _NAMES.get(kind, kind).format(who or "?")
        lever, why = _lever_of("tools" if kind == "tool.call" else "model", pattern)
        if kind not in ("tool.call", "model.call"):
            lever, why = None, "no lever acts on this: look at the events"
        yield Insight(
            id=f"error:{kind}:{who}:{pattern}",
            says=f"{name} failed: {pattern}",
            cost_seconds=count * mean,
            cases=count,
            of=total,
            needed=ENOUGH,
            rate=proportion_interval(min(count, total), total) if total else None,
            lever=lever,
            why=why,
            evidence=tuple(ids),
        )


_NAMES = {
    "model.call": "a request to a model ({})",
    "tool.call": "a call of the tool {}",
    "process.item": "the check of an item",
}


def _rules(seen: Seen, muted: Collection[str]) -> Iterator[Insight]:
    """Findings that keep coming back, and that people are still shown."""
    items = seen.count("process.item")
    times = seen.durations("process.item")
    mean = times.mean_seconds
    by_rule: dict[str, int] = {}
    for (rule, _), count in seen.tally.rules.items():
        by_rule[rule] = by_rule.get(rule, 0) + count
    for rule, count in by_rule.items():
        if rule in muted or not _may_be_much(min(count, items), items):
            continue
        yield Insight(
            id=f"rule:{rule}",
            says=f"{rule} was found again and again",
            cost_seconds=count * mean,
            cases=count,
            of=items,
            needed=ENOUGH,
            rate=proportion_interval(min(count, items), items) if items else None,
            lever="rule-muting",
            why="where its findings are rejected more often than not, mute it; else mend what causes them",
            evidence=(),
        )


def _findings(seen: Seen, known: KnownRules, muted: Collection[str]) -> Iterator[Insight]:
    """Rules whose findings are rejected more often than not; the time of who had to read them was measured by nobody."""
    said: dict[str, list[Suggestion]] = {}
    for finding in seen.findings:
        said.setdefault(finding.rule, []).append(finding)
    for rule, every in said.items():
        rejected = [finding for finding in every if not finding.accepted]
        if rule in muted or 2 * len(rejected) <= len(every):
            continue
        can = rule in known.mutable
        yield Insight(
            id=f"findings:{rule}",
            says=f"findings of {rule} were rejected more often than not",
            cost_seconds=0.0,
            cases=len(rejected),
            of=len(every),
            needed=ENOUGH,
            rate=proportion_interval(len(rejected), len(every)),
            lever="rule-muting" if can else None,
            why="mute it, where findings that did not choose it are rejected as well"
            if can
            else "no lever mutes it: find out why people think otherwise than it does",
            evidence=tuple(newest([finding.id for finding in rejected])),
        )


def _drafts(seen: Seen) -> Iterator[Insight]:
    """Drafts by models that people rejected; they cost no time of their own that was measured."""
    decided: dict[str, list[int]] = {}
    for row, buckets in seen.rows("draft"):
        if row[1] == "model" and row[4] in ("approved", "rejected"):
            entry = decided.setdefault(row[2], [0, 0])
            entry[row[4] == "rejected"] += sum(buckets.values())
    for model, (approved, rejected) in decided.items():
        if rejected:
            yield Insight(
                id=f"drafts:{model}",
                says=f"drafts by {model or 'a model'} were rejected",
                cost_seconds=0.0,
                cases=rejected,
                of=approved + rejected,
                needed=ENOUGH,
                rate=proportion_interval(rejected, approved + rejected),
                lever="prompt-bullets",
                why="say in the prompt what people rejected them for",
                evidence=(),
            )


def _evidence(seen: Seen, kind: str, who: str, pattern: str) -> tuple[str, ...]:
    entry = seen.tally.errors.get((kind, who, pattern))
    return tuple(entry[1]) if entry else ()

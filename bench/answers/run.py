"""How good answers from the specs are: `make bench-answers`, or `python bench/answers/run.py [--half chosen|checked]`.

Derives questions with known sources from the trees of the corpus, asks them, and writes docs/answers-benchmark.md.
Ends with status 3 where there is no corpus, and with 1 where a quote was not in its file.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controls import PlainBm25, WordCount
from questions import Asked, Case, cases
from trees import CORPUS, Tree, halves, named, requirement_of, trees

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.ports import Found
from workflow_cli.app.answering.specs_answerer import SpecsAnswerer
from workflow_cli.domain.answering.asked import Asked as Question
from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.passage import Passage
from workflow_cli.domain.answering.passages import belonging_of, cut
from workflow_cli.domain.answering.rank import strength
from workflow_cli.domain.markdown.source import Source
from workflow_cli.settings.keys import SURE, THIN

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "answers-benchmark.md"
OURS, PLAIN, TRIGRAM, COUNT = "workflow", "plain BM25", "trigram BM25", "word count"
SYSTEMS = (OURS, PLAIN, TRIGRAM, COUNT)
LANGUAGES = {"en": "English", "es": "Spanish", "ja": "Japanese", "ru": "Russian", "zh": "Chinese"}
DEEP = 10
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)


@dataclass
class Outcome:
    """`ranks` is where each system had the right requirement first, 0 where not among its first ten."""

    tree: Tree
    half: str
    asked: Asked
    held: float
    ranks: dict[str, int] = field(default_factory=dict)
    quotes: int = 0
    false_quotes: int = 0
    shown_right: bool = False


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures answers from the specs.")
    parser.add_argument("--half", choices=["chosen", "checked"], help="only these trees, and the page is left alone")
    arguments = parser.parse_args()
    if not CORPUS.is_dir():
        print("error: the corpus of trees is not there", file=sys.stderr)
        return 3
    every = trees()
    chosen, checked = halves(every)
    outcomes = [
        outcome
        for half, some in (("chosen", chosen), ("checked", checked))
        if arguments.half in (None, half)
        for tree in some
        for case in cases(tree, every)
        for outcome in asked_of(tree, half, case)
    ]
    text = page(outcomes)
    print(text)
    if arguments.half is None:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if any(outcome.false_quotes for outcome in outcomes) else 0


def asked_of(tree: Tree, half: str, case: Case) -> list[Outcome]:
    """Every question of a case put to every system, over files of its own."""
    if not case.asked:
        return []
    with tempfile.TemporaryDirectory(prefix="workflow-answers-") as directory:
        root = Path(directory)
        for path, data in case.documents.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        index = SqlitePassageIndex(root, None, max_file_bytes=10 << 20)
        index.refresh()
        answerer = SpecsAnswerer(thin=THIN, current_hash=index.current_hash)
        passages = [one.passage for path, data in sorted(case.documents.items()) for one in cut(path, data)]
        controls: dict[str, Callable[[str, int], list[Passage]]] = {
            PLAIN: PlainBm25(passages).search,
            TRIGRAM: PlainBm25(passages, "trigram").search,
            COUNT: WordCount(passages).search,
        }
        return [_outcome(tree, half, asked, index, answerer, controls, case) for asked in case.asked]


def _outcome(
    tree: Tree,
    half: str,
    asked: Asked,
    index: SqlitePassageIndex,
    answerer: SpecsAnswerer,
    controls: dict[str, Callable[[str, int], list[Passage]]],
    case: Case,
) -> Outcome:
    evidence = index.search(asked.text, limit=DEEP)
    outcome = Outcome(tree=tree, half=half, asked=asked, held=strength(evidence))
    if asked.gold is not None:
        outcome.ranks[OURS] = _rank([e.passage for e in evidence], asked.gold)
        for name, search in controls.items():
            outcome.ranks[name] = _rank(search(asked.text, DEEP), asked.gold)
    said = asyncio.run(answerer.answer(Question(text=asked.text, kind=QuestionKind.LOOKUP), evidence))
    if isinstance(said, Found):
        for source in said.sources:
            outcome.quotes += 1
            outcome.false_quotes += not _is_there(case.documents[source.path], source.line, source.quote)
            outcome.shown_right |= asked.gold is not None and _of(source.path, source.address) == asked.gold
    return outcome


def _is_there(data: bytes, line: int, quote: str) -> bool:
    """Whether a file has the quote, to the letter, from some place on that line on."""
    document = Source(data)
    start = document.line_span(line - 1).start
    place = data.find(quote.encode(), start)
    return place >= 0 and document.line_of(place) == line - 1


def _of(path: str, address: str) -> tuple[str, str] | None:
    return named(address, belonging_of(path).capability or path)


def _rank(found: Sequence[Passage], gold: tuple[str, str]) -> int:
    return next((place for place, passage in enumerate(found, 1) if requirement_of(passage) == gold), 0)


# -- the page ----------------------------------------------------------------------------------------------------


def page(outcomes: Sequence[Outcome]) -> str:
    quotes = sum(outcome.quotes for outcome in outcomes)
    false = sum(outcome.false_quotes for outcome in outcomes)
    parts = [
        HEAD,
        "## In short\n",
        _recall(outcomes, "trees", lambda o: HALVES[o.half]),
        f"Quotes shown: {quotes:,}; literally in their file at their line: {quotes - false:,} "
        f"({(quotes - false) / max(quotes, 1):.1%}).\n",
        "## By language\n",
        _recall(outcomes, "language", lambda o: LANGUAGES[o.tree.language]),
        "## When the specs have no answer\n",
        REFUSALS,
        _refusals(outcomes, "trees", lambda o: HALVES[o.half]),
        _refusals(outcomes, "language", lambda o: LANGUAGES[o.tree.language]),
        "### Other thresholds\n",
        f"On the trees they were chosen on, and on the others. In force is {THIN:g} (`retrieval.thin`).\n",
        _thresholds(outcomes),
        "### Confidence\n",
        f"How often one of the passages shown is of the right requirement, by the confidence of the answer. "
        f"`retrieval.sure` is {SURE:g}.\n",
        _confidence(outcomes),
        "## By tree\n",
        _recall(outcomes, "tree", lambda o: o.tree.name),
        _refusals(outcomes, "tree", lambda o: o.tree.name),
    ]
    return "\n".join(parts)


HEAD = """# How good answers from the specs are

Made by `make bench-answers`, which writes this page. Nobody wrote the questions: they are derived from the OpenSpec trees
of 20 public repositories, the same at every run, so that the right source of each is known.

| questions | what is asked | right is |
|---|---|---|
| scenario | what happens under the conditions of a scenario that was taken out of every document | its requirement |
| paraphrase | a requirement's first sentence in half of its words, some replaced, in another order | that requirement |
| foreign | what a scenario of another tree tells, where at least half of the words are nowhere in this one | a refusal |
| removed | what a requirement tells that was taken out of every document | a refusal |

*Right* is any passage of the requirement, in the spec or in a change. All systems search the same passages. *plain BM25* is
SQLite's full text search as it comes: `unicode61`, one column, no weights, the words joined by OR. *trigram BM25* is the same
by pieces of three letters, which is what SQLite offers for scripts without spaces. *word count* is what one would do with
ripgrep: the passages that hold most of the question's words.

Weights and thresholds were chosen on every other tree of each language, and not touched after that; the rest of the trees,
*checked*, tells how they do elsewhere. MRR is the mean of 1/rank, 0 beyond the tenth.
"""
REFUSALS = """Share of the questions that are refused as *not in the specs*. Refusing is right for *foreign* and *removed* and wrong
for the others. *removed* is the hard one: the rest of the tree still talks about the same things, and words alone cannot
tell that the one sentence is missing.
"""
HALVES = {"chosen": "chosen on", "checked": "checked on"}


def _recall(outcomes: Sequence[Outcome], what: str, key: Callable[[Outcome], str]) -> str:
    rows = [
        f"| {what} | questions | n | " + " | ".join(f"{system} @1 / @3 / @5 (MRR)" for system in SYSTEMS) + " |",
        "|---|---|---:|" + "---:|" * len(SYSTEMS),
    ]
    for name in sorted({key(o) for o in outcomes}):
        for kind in ("scenario", "paraphrase"):
            some = [o for o in outcomes if key(o) == name and o.asked.kind == kind]
            if some:
                cells = [_cell([o.ranks[system] for o in some]) for system in SYSTEMS]
                rows.append(f"| {name} | {kind} | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _cell(ranks: Sequence[int]) -> str:
    shares = " / ".join(f"{sum(0 < rank <= most for rank in ranks) / len(ranks):.0%}" for most in (1, 3, 5))
    return f"{shares} ({statistics.mean(1 / rank if rank else 0 for rank in ranks):.2f})"


def _refusals(outcomes: Sequence[Outcome], what: str, key: Callable[[Outcome], str]) -> str:
    kinds = ("foreign", "removed", "scenario", "paraphrase")
    rows = [f"| {what} | " + " | ".join(f"{kind} (n)" for kind in kinds) + " |", "|---|" + "---:|" * len(kinds)]
    for name in sorted({key(o) for o in outcomes}):
        cells = []
        for kind in kinds:
            some = [o for o in outcomes if key(o) == name and o.asked.kind == kind]
            cells.append(f"{sum(o.held < THIN for o in some) / len(some):.0%} ({len(some)})" if some else "-")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _thresholds(outcomes: Sequence[Outcome]) -> str:
    rows = ["| threshold | trees | foreign | removed | scenario | paraphrase |", "|---:|---|---:|---:|---:|---:|"]
    for threshold in THRESHOLDS:
        for half, name in HALVES.items():
            cells = []
            for kind in ("foreign", "removed", "scenario", "paraphrase"):
                some = [o for o in outcomes if o.half == half and o.asked.kind == kind]
                cells.append(f"{sum(o.held < threshold for o in some) / len(some):.0%}" if some else "-")
            rows.append(f"| {threshold:g} | {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _confidence(outcomes: Sequence[Outcome]) -> str:
    bounds = (THIN, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    rows = ["| confidence | trees | scenario (n) | paraphrase (n) |", "|---|---|---:|---:|"]
    for least, most in zip(bounds, (*bounds[1:], 1.01), strict=True):
        for half, name in HALVES.items():
            cells = []
            for kind in ("scenario", "paraphrase"):
                some = [o for o in outcomes if o.half == half and o.asked.kind == kind and least <= o.held < most]
                cells.append(f"{sum(o.shown_right for o in some) / len(some):.0%} ({len(some)})" if some else "-")
            label = f"{least:g} to {most:g}" if most <= 1 else "1"
            rows.append(f"| {label} | {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())

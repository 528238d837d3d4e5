"""Whether words tell that a requirement is missing: `python bench/answers/evidence.py`.

The same question, what happens under the conditions of a scenario, is asked twice: of a tree without the scenario, where
its requirement is still there, and of one without the requirement. For each sign that refusals could go by: how often
it is stronger in the first (0.5 is chance), and how many of the second would be refused where one in ten of the first
is. *together* weighs all signs by a logistic regression on the trees numbers are chosen on; `checked` are the others.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from questions import _question_of, _said, _title, _without
from scipy.optimize import minimize
from trees import CORPUS, Tree, halves, requirement_of, trees

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.domain.answering.passage import Evidence, PassageKind
from workflow_cli.domain.answering.query import Thing, read_question
from workflow_cli.domain.answering.rank import strength, telling
from workflow_cli.domain.words.terms import terms

MOST, FOLDS, WRONG = 60, 5, 0.1
THERE, MISSING = "there", "missing"
Signs = Mapping[str, float]


def pairs(tree: Tree) -> Iterator[tuple[str, dict[str, bytes], list[str]]]:
    """Documents and the questions to them, in folds, so that no tree loses more than a fifth of what is asked."""
    rng = random.Random(tree.name)
    known = [r for r in tree.requirements if r.scenarios]
    chosen = [(r, rng.choice(r.scenarios)) for r in rng.sample(known, min(MOST, len(known)))]
    asked = [(r, s, text) for r, s in chosen if (text := _question_of(s, tree))]
    same = {_said(s) for _, s, _ in asked} | {(requirement_of(s), _title(s)) for _, s, _ in asked}
    gone = [
        p
        for p in tree.passages
        if p.kind is PassageKind.SCENARIO and (_said(p) in same or (requirement_of(p), _title(p)) in same)
    ]
    yield THERE, _without(tree, gone), [text for _, _, text in asked]
    for fold in (asked[n::FOLDS] for n in range(FOLDS)):
        names = {r.name for r, _, _ in fold}
        said = {_said(p) for r, _, _ in fold for p in (r.own, *r.scenarios)}
        whole = [p for p in tree.passages if ((part := requirement_of(p)) and part[1] in names) or _said(p) in said]
        both = {(p.path, p.line): p for p in (*gone, *whole)}
        yield MISSING, _without(tree, both.values()), [text for _, _, text in fold]


def signs(index: SqlitePassageIndex, question: str) -> Signs | None:
    things, found = read_question(question), index.search(question, limit=10)
    if not things or not found:
        return None
    counts = index._counts([term for thing in things for form in thing.forms for term in form])
    (total,) = index._connection.execute("SELECT count(*) FROM passage").fetchone()
    weighed = telling(things, counts, total)
    whole = min(sum(weighed.weights), weighed.enough)
    scores = [e.score for e in found] + [0.0] * 10
    read = [frozenset(terms(e.passage.text)) for e in found[:3]]
    titles = [frozenset(terms(e.passage.address.partition("#")[2])) for e in found[:3]]
    order = sorted(range(len(things)), key=lambda n: -weighed.weights[n])
    known = [n for n in order if any(all(counts.get(term) for term in form) for form in things[n].forms)]
    return {
        "coverage, as in force": strength(found),
        "coverage of the first": found[0].coverage,
        "the three rarest words": _held(things, order[:3], read, weighed.weights),
        "the words that the tree has": _held(things, known, read, weighed.weights),
        "words in titles": max(
            sum(w for t, w in zip(things, weighed.weights, strict=True) if t.is_in(title)) / whole for title in titles
        ),
        "score of the first, of what it could be": scores[0] / whole,
        "margin to the second": 1 - scores[1] / scores[0],
        "margin to the fifth": 1 - scores[4] / scores[0],
        "margin to the tenth": 1 - scores[9] / scores[0],
        "spread of the ten scores": float(np.std(scores[:10])) / sum(weighed.weights),
        "words beside each other": max(_beside(things, e) for e in found[:3]),
    }


def _held(
    things: Sequence[Thing], some: Sequence[int], read: Sequence[frozenset[str]], weights: Sequence[float]
) -> float:
    whole = sum(weights[n] for n in some)
    return max(sum(weights[n] for n in some if things[n].is_in(words)) for words in read) / whole if whole else 0.0


def _beside(things: Sequence[Thing], found: Evidence) -> float:
    """Of neighbouring words of the question the share that stand at most three apart."""
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms(found.passage.text)):
        places.setdefault(term, []).append(place)
    near = [
        any(abs(i - j) <= 3 for i in places.get(a.forms[0][0], ()) for j in places.get(b.forms[0][0], ()))
        for a, b in pairwise(things)
    ]
    return sum(near) / len(near) if near else 0.0


def measured(tree: Tree) -> Iterator[tuple[str, Signs]]:
    for kind, documents, asked in pairs(tree):
        with tempfile.TemporaryDirectory(prefix="workflow-evidence-") as directory:
            for path, data in documents.items():
                (Path(directory) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(directory) / path).write_bytes(data)
            index = SqlitePassageIndex(Path(directory), None, max_file_bytes=10 << 20)
            index.refresh()
            yield from ((kind, found) for text in asked if (found := signs(index, text)))
            index.close()


def stronger(there: np.ndarray, missing: np.ndarray) -> float:
    return float(np.mean((there[:, None] > missing) + 0.5 * (there[:, None] == missing)))


def refused(there: np.ndarray, missing: np.ndarray) -> float:
    return float(np.mean(missing < np.quantile(there, WRONG)))


def regression(rows: np.ndarray, is_there: np.ndarray) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        sure = rows @ weights[:-1] + weights[-1]
        return float(np.mean(np.logaddexp(0, np.where(is_there, -sure, sure))) + 0.01 * weights[:-1] @ weights[:-1])

    return np.asarray(minimize(loss, np.zeros(rows.shape[1] + 1)).x[:-1])


def main() -> int:
    if not CORPUS.is_dir():
        print("error: the corpus of trees is not there", file=sys.stderr)
        return 3
    halved = dict(zip(("chosen", "checked"), halves(trees()), strict=True))
    found = {half: [one for tree in some for one in measured(tree)] for half, some in halved.items()}
    names = list(found["chosen"][0][1])
    rows = {half: np.array([[s[name] for name in names] for _, s in some]) for half, some in found.items()}
    is_there = {half: np.array([kind == THERE for kind, _ in some]) for half, some in found.items()}
    mean, spread = rows["chosen"].mean(0), rows["chosen"].std(0)
    weights = regression((rows["chosen"] - mean) / spread, is_there["chosen"])
    columns = {half: np.c_[some, ((some - mean) / spread) @ weights] for half, some in rows.items()}
    for half, there in is_there.items():
        print(f"{half}: {there.sum()} there, {(~there).sum()} missing")
    for n, name in enumerate([*names, "together"]):
        figures = []
        for half, there in is_there.items():
            sign = columns[half][:, n]
            figures.append(
                f"{half} {stronger(sign[there], sign[~there]):.2f} {refused(sign[there], sign[~there]):4.0%}"
            )
        print(f"{name:42}", "  ".join(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

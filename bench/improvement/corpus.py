"""Questions out of real trees: of each requirement one scenario is left out of the index, and asked."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import Scenario
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.words.terms import terms

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
_LEAST, _MOST = 95, 260
#: How a question begins. Its words are no terms of any document.
ASKED_AS = "What happens when"
#: What is called otherwise where a term is: a word, or a part of a name such as `maxFileBytes`.
_PLAIN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STEP = re.compile(r"^[\s*-]*\**(WHEN|THEN|AND|GIVEN)\**\s*", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A requirement: what the index holds of it, and the question for what was left out with its two paraphrases."""

    section: str
    title: str
    body: str
    questions: tuple[str, str, str]


def trees() -> list[Path]:
    """Trees with enough requirements; the bundled examples and this project's own specs where the corpus is absent."""
    found = [path for path in sorted(CORPUS.glob("*")) if len(_read(path)) >= _LEAST] if CORPUS.is_dir() else []
    return found or [REPOSITORY]


def requirements(tree: Path) -> list[Asked]:
    return _read(tree)[:_MOST]


@lru_cache(maxsize=32)
def _read(tree: Path) -> list[Asked]:
    roots = [tree / "openspec"]
    if tree == REPOSITORY:
        roots += sorted((tree / "examples").glob("*/openspec"))
    found = []
    for root in roots:
        for path in sorted(root.glob("specs/**/spec.md")):
            spec = read_spec(path.parent.name, Document(file=str(path), data=path.read_bytes()))
            for requirement in spec.requirements:
                if not requirement.scenarios:
                    continue
                *others, asked = requirement.scenarios
                body = _body(requirement.text, others)
                section = f"{path.parent.name}#{requirement.name}"
                questions = _questions(section, asked.name, asked.body)
                found.append(Asked(section=section, title=requirement.name, body=body, questions=questions))
    # A tree whose order is that of its directories would put one topic first.
    Random(tree.name).shuffle(found)
    return found


def written(markdown: str) -> tuple[str, str]:
    """What the index holds of a requirement that was added: its name, and all that it says."""
    text = f"## Requirements\n\n{markdown}"
    (requirement,) = read_spec("written", Document(file="spec.md", data=text.encode())).requirements
    return requirement.name, _body(requirement.text, requirement.scenarios)


def _body(text: str, scenarios: Sequence[Scenario]) -> str:
    return " ".join([text, *(f"{s.name} {' '.join(s.body)}" for s in scenarios)])


def _questions(section: str, name: str, body: tuple[str, ...]) -> tuple[str, str, str]:
    steps = [_STEP.sub("", line).strip() for line in body if _STEP.match(line)]
    asked = f"{ASKED_AS} {steps[0] if steps else name}?"
    # Each paraphrase keeps two of three words, as somebody in a hurry would ask; which ones, differs.
    random = Random(section)
    words = f"{name} {steps[0] if steps else ''}".split()
    hurried = [" ".join([word for word in words if random.random() < 0.67] or words) for _ in range(2)]
    return asked[:400], f"{hurried[0]} ?"[:400], f"{hurried[1]}?"[:400]


def words(text: str) -> list[str]:
    """As the product cuts them: stems, and every two neighbouring letters of scripts without spaces."""
    return terms(text)


@lru_cache(maxsize=1 << 14)
def sought(question: str) -> list[str]:
    """The words of a question that are looked for: not those it begins with, which the product leaves out too."""
    asking = set(words(ASKED_AS))
    every = words(question)
    return [word for word in every if word not in asking] or every


def renamed(text: str, names: Mapping[str, str]) -> str:
    """With other words, by their stems, wherever they stand, in whatever form and in the middle of a name too."""
    return _PLAIN.sub(lambda found: names.get(stem_of(found[0]), found[0]), text) if names else text


def plain(text: str) -> set[str]:
    """The stems of the words of a text."""
    return {stem_of(word) for word in _PLAIN.findall(text)}


@lru_cache(maxsize=1 << 16)
def stem_of(word: str) -> str:
    return words(word)[0]


class Index:
    """BM25 over two fields. Shared by all copies of a world until one of them writes."""

    def __init__(self, sections: Iterable[tuple[str, str, str]]) -> None:
        self._titles: dict[str, Counter[str]] = {}
        self._bodies: dict[str, Counter[str]] = {}
        self.texts: dict[str, str] = {}
        for section, title, body in sections:
            self._titles[section] = Counter(words(title))
            self._bodies[section] = Counter(words(body))
            self.texts[section] = f"{title}\n{body}"
        self._postings: dict[str, list[str]] = defaultdict(list)
        for section in self.texts:
            for word in self._titles[section].keys() | self._bodies[section].keys():
                self._postings[word].append(section)
        self._lengths = {section: sum(self._bodies[section].values()) for section in self.texts}
        self._mean = sum(self._lengths.values()) / max(1, len(self._lengths))
        self._ranked: dict[Any, list[tuple[str, float]]] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Index:
        return self  # never changed: a document more makes another index

    def with_section(self, section: str, title: str, body: str) -> Index:
        return Index([*self._parts(), (section, title, body)])

    def without(self, section: str) -> Index:
        return Index(part for part in self._parts() if part[0] != section)

    def _parts(self) -> list[tuple[str, str, str]]:
        return [(section, *text.split("\n", 1)) for section, text in self.texts.items()]  # type: ignore[misc]

    def rank(self, question: str, title_weight: float, glossary: Mapping[str, str]) -> list[tuple[str, float]]:
        """The ten best sections with their scores."""
        asked = sought(question)
        same = _same(tuple(glossary.items()))
        key = (question, title_weight, tuple(other for word in asked for other in same.get(word, ())))
        found = self._ranked.get(key)
        if found is None:
            found = self._ranked[key] = self._rank([*asked, *key[2]], title_weight)
        return found

    def _rank(self, asked: list[str], title_weight: float) -> list[tuple[str, float]]:
        scores: dict[str, float] = defaultdict(float)
        count = len(self.texts)
        for word in set(asked):
            postings = self._postings.get(word, ())
            if not postings:
                continue
            weight = math.log(1 + (count - len(postings) + 0.5) / (len(postings) + 0.5))
            for section in postings:
                often = title_weight * self._titles[section][word] + self._bodies[section][word]
                length = 0.25 + 0.75 * self._lengths[section] / self._mean
                scores[section] += weight * often * 2.2 / (often + 1.2 * length)
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:10]


@lru_cache(maxsize=256)
def _same(glossary: tuple[tuple[str, str], ...]) -> Mapping[str, Sequence[str]]:
    return {word: words(other) for name, other in glossary for word in words(name)[:1]}

"""Questions whose right source is known, derived from a tree without anybody writing them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trees import Requirement, Tree, requirement_of

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.openspec.rules.languages import language_of

MOST = 40
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])?\s*(?:\*\*|__)?\s*([^\W\d_]+)\s*:?\s*(?:\*\*|__)?\s*:?\s*(.*)$")
_GIVEN = {"given", "when", "if", "当", "如果", "假如", "前提", "もし", "когда", "если", "при", "cuando", "dado", "dada"}
_FIRST_SENTENCE = re.compile(r"(.+?)(?:[.。!?](?:\s|$)|\n\s*\n|\Z)", re.S)
_MARKUP = re.compile(r"[`*_#>\[\]()|]+")
_WORD = re.compile(r"\w+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")

_WHEN = {
    "en": "What happens when {}?",
    "es": "¿Qué pasa cuando {}?",
    "ru": "Что происходит, когда {}?",
    "zh": "当{}时会发生什么？",
    "ja": "{}場合、どうなりますか？",
}
_HOW = {
    "en": ("How is it that {}?", "What do the specs say about {}?", "Should {}?", "Tell me about {}"),
    "es": ("¿Cómo {}?", "¿Qué dice la especificación sobre {}?"),
    "ru": ("Как {}?", "Что сказано про {}?"),
    "zh": ("如何{}？", "{}是什么要求？", "请问{}吗？"),
    "ja": ("どのように{}？", "{}とは何ですか？"),
}
#: Words somebody might use instead. Chosen before anything was measured.
_SYNONYMS = {
    "en": {
        "create": "make",
        "delete": "remove",
        "display": "show",
        "error": "failure",
        "user": "person",
        "file": "document",
        "directory": "folder",
        "configuration": "settings",
        "return": "give back",
        "provide": "offer",
        "support": "handle",
        "validate": "check",
        "list": "enumerate",
        "update": "change",
        "execute": "run",
        "request": "call",
    },
    "es": {"usuario": "persona", "error": "fallo", "archivo": "fichero", "crear": "generar", "mostrar": "enseñar"},
    "ru": {"файл": "документ", "ошибка": "сбой", "создать": "сделать", "показать": "вывести"},
    "zh": {
        "用户": "使用者",
        "错误": "异常",
        "创建": "新建",
        "删除": "移除",
        "显示": "展示",
        "文件": "档案",
        "配置": "设置",
    },
    "ja": {"作成": "生成", "削除": "除去", "表示": "出力", "エラー": "失敗", "設定": "構成"},
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`gold` is the requirement, as capability and name; None where the tree has no answer."""

    text: str
    kind: str
    gold: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """Questions, and the documents of the tree they are asked of."""

    documents: dict[str, bytes]
    asked: tuple[Asked, ...]


def cases(tree: Tree, others: Sequence[Tree]) -> list[Case]:
    """The same at every run."""
    rng = random.Random(tree.name)
    return [
        _left_out(tree, rng),
        Case(documents=tree.documents, asked=(*_paraphrased(tree, rng), *_foreign(tree, others, rng))),
        _removed(tree, rng),
    ]


def _left_out(tree: Tree, rng: random.Random) -> Case:
    """One scenario of a requirement is taken out of every document; then what it tells is asked."""
    candidates = [r for r in tree.requirements if len(r.scenarios) > 1 or _statement(r.own)]
    asked: list[Asked] = []
    gone: list[Passage] = []
    for requirement in _some([r for r in candidates if r.scenarios], rng):
        scenario = rng.choice(requirement.scenarios)
        if text := _question_of(scenario, tree):
            gone.append(scenario)
            asked.append(Asked(text=text, kind="scenario", gold=(requirement.capability, requirement.name)))
    same = {_said(p) for p in gone} | {(requirement_of(p), _title(p)) for p in gone}
    left = _without(
        tree,
        (
            p
            for p in tree.passages
            if p.kind is PassageKind.SCENARIO and (_said(p) in same or (requirement_of(p), _title(p)) in same)
        ),
    )
    return Case(documents=left, asked=tuple(asked))


def _removed(tree: Tree, rng: random.Random) -> Case:
    """Requirements are taken out of every document, at most a fifth of them; then what they tell is asked."""
    candidates = [r for r in tree.requirements if r.scenarios]
    chosen = _some(candidates, rng)[: max(len(tree.requirements) // 5, 1)]
    asked = [
        Asked(text=text, kind="removed", gold=None)
        for r in chosen
        if (text := _question_of(rng.choice(r.scenarios), tree))
    ]
    names = {r.name for r in chosen}
    said = {_said(p) for r in chosen for p in (r.own, *r.scenarios)}
    left = _without(
        tree,
        (p for p in tree.passages if ((part := requirement_of(p)) and part[1] in names) or _said(p) in said),
    )
    return Case(documents=left, asked=tuple(asked))


def _paraphrased(tree: Tree, rng: random.Random) -> Iterable[Asked]:
    """A requirement's first sentence in few words, some of them others, in another order, as a question."""
    statements = Counter(_statement(r.own) for r in tree.requirements)
    for requirement in _some([r for r in tree.requirements if statements[_statement(r.own)] == 1], rng):
        statement = _statement(requirement.own)
        language = _language(statement, tree)
        words = _content(statement, language)
        if len(words) < 4:
            continue
        swapped = _SYNONYMS[language]
        kept = [swapped.get(word.lower(), word) for word in words[::2]][:7]
        middle = len(kept) // 2
        form = rng.choice(_HOW[language])
        gold = (requirement.capability, requirement.name)
        yield Asked(text=form.format(_joined(kept[middle:] + kept[:middle])), kind="paraphrase", gold=gold)


def _joined(words: Sequence[str]) -> str:
    """With a space between two words unless both are Chinese or Japanese."""
    text = words[0]
    for before, word in pairwise(words):
        text += word if _HAN.match(word) and _HAN.match(before[-1]) else f" {word}"
    return text


def _language(text: str, tree: Tree) -> str:
    found = language_of(text)
    return found if found in _WHEN else tree.language


def _foreign(tree: Tree, others: Sequence[Tree], rng: random.Random) -> Iterable[Asked]:
    """What other trees tell, where at least half of the words are nowhere in this one."""
    here = set(_units(" ".join(d.decode("utf-8", "replace") for d in tree.documents.values())))
    texts = [
        text
        for other in others
        if other.name != tree.name and other.language == tree.language
        for r in _some(other.requirements, rng)
        for scenario in r.scenarios[:1]
        if (text := _question_of(scenario, other))
    ]
    rng.shuffle(texts)
    strange = [text for text in texts if _share_absent(text, here) >= 0.5]
    return [Asked(text=text, kind="foreign", gold=None) for text in strange[:MOST]]


def _share_absent(text: str, here: set[str]) -> float:
    units = [unit for unit in _units(text) if len(unit) > 3 or _HAN.match(unit)]
    return sum(unit not in here for unit in units) / len(units) if units else 0.0


def _units(text: str) -> list[str]:
    """Words; of Chinese and Japanese every two neighbouring letters."""
    found = []
    for word in _WORD.findall(text.lower()):
        runs = _HAN.findall(word)
        found += [run[i : i + 2] for run in runs for i in range(max(len(run) - 1, 1))] or [word]
    return found


def _some(requirements: Sequence[Requirement], rng: random.Random) -> list[Requirement]:
    return rng.sample(list(requirements), min(MOST, len(requirements)))


def _question_of(scenario: Passage, tree: Tree) -> str:
    """What happens when, by the conditions of a scenario; empty where it has none."""
    when = []
    for line in scenario.text.split("\n")[1:]:
        match = _ITEM.match(line)
        if match and match[1].lower() in _GIVEN:
            when.append(match[2])
    text = _plain(" ".join(when)) or _plain(_title(scenario))
    language = _language(text, tree)
    return _WHEN[language].format(text.rstrip(" .。,，、")) if len(_units(text)) > 2 else ""


def _statement(passage: Passage) -> str:
    match = _FIRST_SENTENCE.match(passage.text.partition("\n")[2].strip())
    return _plain(match[1]) if match else ""


def _content(text: str, language: str) -> list[str]:
    if language in ("zh", "ja"):
        # Pieces that punctuation and words in Latin script set apart, cut into what might be words.
        pieces = re.findall(r"[A-Za-z0-9_.-]+|[\u3040-\u30ff\u3400-\u9fff]{1,4}", text)
        return pieces[:15]
    return [word for word in _WORD.findall(text) if len(word) > 3 and word not in ("SHALL", "MUST")][:15]


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).split())


def _title(passage: Passage) -> str:
    return " ".join(re.sub(r"^Scenario:\s*", "", passage.title, flags=re.I).casefold().split())


def _said(passage: Passage) -> str:
    return " ".join(passage.text.partition("\n")[2].split()) or passage.address


def _without(tree: Tree, passages: Iterable[Passage]) -> dict[str, bytes]:
    left = dict(tree.documents)
    by_path: dict[str, list[Passage]] = {}
    for passage in passages:
        by_path.setdefault(passage.path, []).append(passage)
    for path, gone in by_path.items():
        lines = left[path].splitlines(keepends=True)
        for passage in sorted(gone, key=lambda p: -p.line):
            del lines[passage.line - 1 : passage.end_line]
        left[path] = b"".join(lines)
    return left

"""What a language costs: `python bench/answers/languages.py DIRECTORY`.

The corpus has trees in five languages. The installation guide of Debian says the same in many, so a question is refused
more often in one than in another for the language alone; manual pages are in Polish and Turkish too. DIRECTORY holds
the packages `installation-guide-amd64` and `manpages-LANGUAGE`, each unpacked with `dpkg-deb -x`. Sections become
requirements and their paragraphs scenarios. Questions are the benchmark's kinds: `scenario` the first words of a paragraph that
was taken out, `paraphrase` of a section's first sentence, `removed` of a section that was taken out, `foreign` from
manual pages where at least half of the words are nowhere in the guide.
"""

from __future__ import annotations

import gzip
import html
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from questions import Asked, Case, _joined, _said, _share_absent, _units, _without
from trees import Tree, requirement_of

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.domain.answering.passage import PassageKind
from workflow_cli.domain.answering.rank import strength
from workflow_cli.settings.keys import THIN

MOST = 120
#: How one asks what happens, and what is said; the folders of guide and manual.
ASKED = {
    "en": ("What happens when {}?", "What do the specs say about {}?"),
    "de": ("Was passiert, wenn {}?", "Was steht in den Spezifikationen über {}?"),
    "es": ("¿Qué pasa cuando {}?", "¿Qué dice la especificación sobre {}?"),
    "fr": ("Que se passe-t-il quand {} ?", "Que disent les spécifications sur {} ?"),
    "pt": ("O que acontece quando {}?", "O que diz a especificação sobre {}?"),
    "ru": ("Что происходит, когда {}?", "Что сказано про {}?"),
    "ja": ("{}場合、どうなりますか？", "{}とは何ですか？"),
    "ko": ("{} 경우 어떻게 됩니까?", "{} 무엇입니까?"),
    "vi": ("Điều gì xảy ra khi {}?", "Đặc tả nói gì về {}?"),
    "zh_CN": ("当{}时会发生什么？", "{}是什么要求？"),
    "pl": ("Co się dzieje, gdy {}?", "Co mówi specyfikacja o {}?"),
    "tr": ("{} ise ne olur?", "Belirtim {} hakkında ne diyor?"),
}
_MANUAL_ONLY = ("pl", "tr")
_TOGETHER = ("ja", "zh_CN")
_PART = re.compile(r"<h([2-5])[^>]*>(.*?)</h\1>|<p>(.*?)</p>", re.S)
_NUMBER = re.compile(r"^\w+(\.\d+)+\.?\s*")
_SENTENCE = re.compile(r"(.+?)(?:[.。!?！？](?:\s|$|(?<=[。！？]))|\Z)", re.S)
_FONT = re.compile(r"\\f(?:\[.*?\]|.)|\\[&c/|]|\\\(..|\\\[.*?\]|\\\*\S")
_FONT_LINE = re.compile(r"\.(?:B|I|BR|IR|RB|RI|BI|IB)\b\s*(.*)")
_NEXT = re.compile(r"\.(?:PP|P|LP|TP|IP|RS|RE|HP)\b")

#: For each part of a document its sections, each as its title and its paragraphs.
Sections = dict[str, list[tuple[str, list[str]]]]


def guide(directory: Path, language: str) -> Sections:
    found: Sections = {}
    for path in sorted(directory.glob(f"*/usr/share/doc/installation-guide-amd64/{language}/*.html")):
        if not (part := re.match(r"ch\d\d|ap[a-z]", path.name)):
            continue
        sections = found.setdefault(part[0], [])
        for piece in _PART.finditer(path.read_text("utf-8", "replace")):
            if piece[2] is not None:
                sections.append((_NUMBER.sub("", _plain(piece[2])), []))
            elif sections and len(_units(text := _plain(piece[3]))) > 5:
                sections[-1][1].append(text)
    return found


def manual(paths: Sequence[Path]) -> Sections:
    return {path.name.partition(".")[0].lower(): list(_manual(path)) for path in paths}


def _manual(path: Path) -> Iterator[tuple[str, list[str]]]:
    section: tuple[str, list[str]] | None = None
    words: list[str] = []
    for line in [*gzip.decompress(path.read_bytes()).decode("utf-8", "replace").split("\n"), ".SH"]:
        new = line.startswith((".SH", ".SS"))
        if new or _NEXT.match(line):
            text = " ".join(_FONT.sub("", " ".join(words).replace("\\-", "-")).split())
            if section and len(_units(text)) > 5:
                section[1].append(text)
            words = []
        if new:
            if section:
                yield section
            section = (line[3:].strip(' "') or "x", [])
        elif match := _FONT_LINE.match(line):
            words.append(match[1].replace('"', ""))
        elif not line.startswith((".", "'")):
            words.append(line)


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def documents(found: Sections) -> dict[str, bytes]:
    made = {}
    for part, sections in found.items():
        lines = ["## Requirements", ""]
        names: set[str] = set()
        for title, paragraphs in sections:
            if len(paragraphs) > 1:
                name = title.replace("#", "")
                while name in names:
                    name += " +"
                names.add(name)
                lines += [f"### Requirement: {name}", paragraphs[0], ""]
                for number, text in enumerate(paragraphs[1:], 1):
                    lines += [f"#### Scenario: {number}", text, ""]
        if names:
            made[f"openspec/specs/{part}/spec.md"] = "\n".join(lines).encode()
    return made


def cases(language: str, found: Sections, foreign: Sections) -> list[Case]:
    tree = Tree(name=language, documents=documents(found))
    rng = random.Random(language)
    happens, says = ASKED[language]
    known = [r for r in tree.requirements if r.scenarios]

    def asked_of(text: str, kind: str, gold: tuple[str, str] | None) -> list[Asked]:
        first = _first_words(text, language).rstrip(" .。,，、:：")
        return [Asked(text=happens.format(first), kind=kind, gold=gold)] if len(_units(first)) > 3 else []

    chosen = [(r, rng.choice(r.scenarios)) for r in rng.sample(known, min(MOST, len(known)))]
    scenarios = [a for r, s in chosen for a in asked_of(_body(s.text), "scenario", (r.capability, r.name))]
    gone = {_said(s) for _, s in chosen}
    left = _without(tree, (p for p in tree.passages if p.kind is PassageKind.SCENARIO and _said(p) in gone))
    paraphrases = []
    for r in rng.sample(known, min(MOST, len(known))):
        words = _words(_first_words(_body(r.own.text), language), language)[:15:2][:7]
        if len(words) > 1:
            text = says.format(_joined(words[len(words) // 2 :] + words[: len(words) // 2]))
            paraphrases.append(Asked(text=text, kind="paraphrase", gold=(r.capability, r.name)))
    here = set(_units(" ".join(d.decode() for d in tree.documents.values())))
    others = [text for sections in foreign.values() for _, paragraphs in sections for text in paragraphs]
    rng.shuffle(others)
    strange = [a for text in others for a in asked_of(text, "foreign", None) if _share_absent(a.text, here) >= 0.5]
    out = rng.sample(known, len(known) // 5)
    removed = [a for r in out for a in asked_of(_body(rng.choice(r.scenarios).text), "removed", None)]
    names, said = {r.name for r in out}, {_said(p) for r in out for p in (r.own, *r.scenarios)}
    without = _without(
        tree, (p for p in tree.passages if ((part := requirement_of(p)) and part[1] in names) or _said(p) in said)
    )
    return [
        Case(documents=left, asked=tuple(scenarios)),
        Case(documents=tree.documents, asked=(*paraphrases, *strange[:MOST])),
        Case(documents=without, asked=tuple(removed)),
    ]


def _body(text: str) -> str:
    return text.partition("\n")[2].strip()


def _first_words(text: str, language: str) -> str:
    match = _SENTENCE.match(text)
    sentence = match[1] if match else text
    return sentence[:60] if language in _TOGETHER else " ".join(sentence.split()[:22])


def _words(text: str, language: str) -> list[str]:
    if language in _TOGETHER:
        return re.findall(r"[A-Za-z0-9_.-]+|[\u3040-\u30ff\u3400-\u9fff]{1,4}", text)
    return [word for word in re.findall(r"\w+", text) if len(word) > (1 if language == "ko" else 3)]


def main() -> int:
    if len(sys.argv) != 2 or not (directory := Path(sys.argv[1])).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    for language in ASKED:
        pages = sorted(directory.glob(f"*/usr/share/man/{'pt_BR' if language == 'pt' else language}/man*/*.gz"))
        random.Random(language).shuffle(pages)
        own = 45 if language in _MANUAL_ONLY else 0
        found = manual(pages[:own]) if own else guide(directory, language)
        if not documents(found):
            print(f"{language:6} not there")
            continue
        outcomes: dict[str, list[tuple[float, int]]] = {}
        for case in cases(language, found, manual(pages[own : own + 60])):
            for asked, held, rank in _found(case):
                outcomes.setdefault(asked.kind, []).append((held, rank))
        print(f"{language:6}", "  ".join(_figures(kind, some) for kind, some in sorted(outcomes.items())))
    return 0


def _found(case: Case) -> Iterator[tuple[Asked, float, int]]:
    with tempfile.TemporaryDirectory(prefix="workflow-languages-") as directory:
        for path, data in case.documents.items():
            (Path(directory) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(directory) / path).write_bytes(data)
        index = SqlitePassageIndex(Path(directory), None, max_file_bytes=10 << 20)
        index.refresh()
        for asked in case.asked:
            evidence = index.search(asked.text, limit=10)
            places = (n for n, e in enumerate(evidence, 1) if requirement_of(e.passage) == asked.gold)
            yield asked, strength(evidence), next(places, 0)
        index.close()


def _figures(kind: str, some: Sequence[tuple[float, int]]) -> str:
    refused = f"{kind} refused {sum(held < THIN for held, _ in some) / len(some):.0%} ({len(some)})"
    if kind in ("foreign", "removed"):
        return refused
    return refused + " @1/@5 " + "/".join(f"{sum(0 < r <= most for _, r in some) / len(some):.0%}" for most in (1, 5))


if __name__ == "__main__":
    sys.exit(main())

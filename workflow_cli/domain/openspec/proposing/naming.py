"""Names of changes and capabilities, made from titles by the habits of the tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256

from workflow_cli.domain.openspec.proposing.title import split_verb
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.openspec.rules.word_set import word_set
from workflow_cli.domain.openspec.text import without_start
from workflow_cli.errors import UsageError

#: Characters; OpenSpec allows 200, but a name is typed again and again.
LONGEST = 60

VERBS = word_set(
    "add allow build change clarify create define deprecate document drop enable enforce enhance expand extend "
    "extract fix harden implement improve integrate introduce make merge migrate modernize move optimize provide "
    "redesign refactor remove rename replace restrict rewrite simplify specify split streamline support test "
    "unify update upgrade use validate"
)
_LITTLE = word_set("a an the of to for with and or is are be been that this its shall must")

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-")
_NOT_KEBAB = re.compile(r"[^a-z0-9]+")

# Letters that decompose into nothing ASCII.
_LETTERS = {
    **dict(zip("абвгдезийклмнопрстуфыэіґøłđðı", "abvgdeziyklmnoprstufyeigolddi", strict=True)),
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ю": "yu",
    "я": "ya",
    "ъ": "",
    "ь": "",
    "ї": "yi",
    "є": "ye",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}


_KANA = re.compile(r"[\u3040-\u30ff]")
_SYLLABLES = re.compile(r"[A-Z][a-z0-9]*|[a-z0-9]+")
_ASCII_OR_NOT = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_UNSPELLED_DIGITS = 6


def spelled_words(text: str) -> list[str]:
    """The words of a text whose script has no letters of ours, spelled as they sound; a Chinese word by syllables.

    Of Japanese only what is written in katakana or in our letters: its other characters would get their Chinese
    sounds, which is no spelling of them.
    """
    text = text.replace("'", "")
    if _KANA.search(text):
        from workflow_cli.domain.openspec.proposing.katakana import katakana_words

        return [
            word for run, is_katakana in katakana_words(text) for word in ([run] if is_katakana else slug_words(run))
        ]
    from anyascii import anyascii  # here, because few titles need its tables

    words: list[str] = []
    for run in _ASCII_OR_NOT.findall(text):
        words += slug_words(run) if run.isascii() else [w.lower() for w in _SYLLABLES.findall(anyascii(run))]
    return words


def _is_left_out(text: str) -> bool:
    """Whether letters of the text have no letter of ours for them."""
    return any(c.isalpha() and c.lower() not in _LETTERS and not slug_words(c) for c in text)


def is_partly_spelled(title: str) -> bool:
    """Whether the name made from it leaves some of its words out."""
    if _KANA.search(title):
        from workflow_cli.domain.openspec.proposing.katakana import KATAKANA

        return _is_left_out(KATAKANA.sub("", title))
    return _is_left_out(title) and len(slug_words(title)) > 1


def _title_words(title: str) -> list[str]:
    """The words a name is made of. What cannot be spelled is stood for by some digits where little is left."""
    words = slug_words(title)
    if len(words) < 2 and _is_left_out(title):
        words = spelled_words(title)
        if len(words) < 2 and _KANA.search(title) and is_partly_spelled(title):
            words = [*(words or ["proposal"]), sha256(title.encode()).hexdigest()[:_UNSPELLED_DIGITS]]
    return words


def slug_words(text: str) -> list[str]:
    """The words of a text in ASCII; words of scripts that have no letters for it are left out."""
    lowered = text.lower().replace("'", "").replace("\u2019", "")
    known = "".join(_LETTERS.get(c, c) for c in lowered)
    plain = "".join(c for c in unicodedata.normalize("NFKD", known) if not unicodedata.combining(c))
    return [word for word in _NOT_KEBAB.split(plain) if word]


def change_name(title: str, *, with_verb: bool, date_prefix: str = "") -> str:
    """A kebab-case name such as `add-two-factor-login`. Raises UsageError where the title cannot be spelled in ASCII.

    A title of another script with less than two words of our letters is spelled as it sounds.

    `with_verb`: names of this tree begin with what is done, so one that says nothing of it gets `add-`.
    `date_prefix` is put in front, such as `2026-08-17-`.
    """
    words = _title_words(title)
    if not words:
        raise UsageError(
            "no name can be made from this title, because a name is written in a-z, 0-9 and hyphens",
            hint="give one: --id add-something",
        )
    # An English verb before words of another language would say something that nobody said.
    if with_verb and words[0] not in VERBS and title.isascii() and language_of(title) in (None, "en"):
        words = ["add", *words]
    kept = [word for word in words if word not in _LITTLE] or words
    return date_prefix + _joined(kept, LONGEST)


def _joined(words: Sequence[str], longest: int) -> str:
    name = words[0][:longest]
    for word in words[1:]:
        if len(name) + 1 + len(word) > longest:
            break
        name += f"-{word}"
    return name


def new_capability(title: str, change: str) -> str:
    """The name of a capability that does not exist yet: what the title is about, in four words at most."""
    verb, rest = split_verb(title)
    words = slug_words(rest if verb in VERBS else title)
    words = [word for word in words if word not in _LITTLE]
    if not words:
        bare = without_start(_DATED, change).split("-")
        words = bare[1:] if len(bare) > 1 and bare[0] in VERBS else bare
    return _joined(words[:4], LONGEST)


def check_change_name(name: str) -> None:
    """Raises UsageError for a name that `openspec new change` would not take."""
    if not KEBAB.fullmatch(name) or len(name) > 200 or name == "archive":
        raise UsageError(
            f"{name!r} cannot be the name of a change",
            where="--id",
            hint="a-z, 0-9 and single hyphens, such as add-two-factor-login; not `archive`",
        )


def nearly_named(name: str, existing: Collection[str]) -> str | None:
    """The capability that is named almost like one that is not there: somebody may have meant it."""
    from difflib import get_close_matches

    return None if name in existing else next(iter(get_close_matches(name, sorted(existing), n=1, cutoff=0.8)), None)


def check_capability(name: str, existing: Collection[str]) -> None:
    """Raises UsageError for a name that is no path below `specs/`, or that is a known one in other letters."""
    if name in existing:
        return
    if not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")) or len(name) > 200:
        raise UsageError(
            f"{name!r} cannot be the name of a capability",
            where="--capability",
            hint="kebab-case, such as user-auth or area/user-auth",
        )
    twin = next((known for known in sorted(existing) if known.lower() == name.lower()), None)
    if twin:
        raise UsageError(
            f"{name!r} differs from the capability {twin!r} only in case",
            where="--capability",
            hint=f"did you mean {twin}?",
        )


def names_begin_with_verbs(names: Iterable[str]) -> bool:
    """Whether most names do; a tree without names follows OpenSpec's own habit, which is yes."""
    bare = [without_start(_DATED, name) for name in names]
    return sum(name.split("-")[0] in VERBS for name in bare) * 2 >= len(bare)


def names_begin_with_dates(names: Iterable[str]) -> bool:
    listed = list(names)
    return bool(listed) and all(_DATED.match(name) for name in listed)

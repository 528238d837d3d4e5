"""Names of changes and capabilities, made from titles by the habits of the tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from workflow_cli.domain.openspec.proposing.title import split_verb
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.openspec.rules.word_set import word_set
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


def spelled_words(text: str) -> list[str]:
    """The words of a text whose script has no letters of ours, spelled as they sound; a Chinese word by syllables.

    None for Japanese: its characters would get their Chinese sounds, which is no spelling of it.
    """
    if _KANA.search(text):
        return []
    from anyascii import anyascii  # here, because few titles need its tables

    return [word.lower() for word in _SYLLABLES.findall(anyascii(text.replace("'", "")))]


def slug_words(text: str) -> list[str]:
    """The words of a text in ASCII; words of scripts that have no letters for it are left out."""
    lowered = text.lower().replace("'", "").replace("\u2019", "")
    known = "".join(_LETTERS.get(c, c) for c in lowered)
    plain = "".join(c for c in unicodedata.normalize("NFKD", known) if not unicodedata.combining(c))
    return [word for word in _NOT_KEBAB.split(plain) if word]


def change_name(title: str, *, with_verb: bool, date_prefix: str = "") -> str:
    """A kebab-case name such as `add-two-factor-login`. Raises UsageError where the title cannot be spelled in ASCII.

    A title without any word of our letters is spelled as it sounds.

    `with_verb`: names of this tree begin with what is done, so one that says nothing of it gets `add-`.
    `date_prefix` is put in front, such as `2026-08-17-`.
    """
    words = slug_words(title) or spelled_words(title)
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
        bare = _DATED.sub("", change).split("-")
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
    bare = [_DATED.sub("", name) for name in names]
    return sum(name.split("-")[0] in VERBS for name in bare) * 2 >= len(bare)


def names_begin_with_dates(names: Iterable[str]) -> bool:
    listed = list(names)
    return bool(listed) and all(_DATED.match(name) for name in listed)

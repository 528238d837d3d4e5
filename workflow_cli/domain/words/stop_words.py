"""Words that say nothing about what a question is about; they count neither for a passage nor against it."""

from __future__ import annotations

import re
from functools import lru_cache

from workflow_cli.domain.words.terms import terms

_WORDS = (
    # English, and the words every requirement has
    "a about above after all also an and any are as at be because been before being below between both but by can could "
    "did do does doing each either else ever every for from further given had has have having he her here him his how i if "
    "in into is it its itself just many may me might more most much must my no nor not of off on once only or other our out "
    "over own please same shall she should so some such than that the their them then there these they this those through to too "
    "under until up upon us very was we were what when where which while who whom whose why will with within without would "
    "you your explain tell describe happen happens happened say says said mean means ought supposed exactly",
    # Spanish, Portuguese, French, Italian, German
    "el la los las un una unos unas de del al y o en que qué se es son por para con sin como cómo su sus lo pero si "
    "debe deben cuando cuándo entonces dado dada este esta cada sobre hasta cuál cuáles quién dónde cuánto cuántos "
    "cuánta cuántas pasa ocurre qual quais quanto quantos quantas os as um uma do da dos das no na nos nas e ou em "
    "ao são quando onde quem então deve devem não pelo pela le les une des du au aux et ou dans qui est sont pour "
    "avec sans comme quel quelle quels quelles où comment combien pourquoi il lo gli di della dei che sono per cosa "
    "quale dove come quanti quante perché der die das den dem des ein eine einen einem einer und oder ist sind wird "
    "werden von zu zum zur mit ohne für auf bei aus nach soll muss müssen wenn dann was wie wo wer warum welche "
    "welcher welches wieviel wieviele",
    # What else asks in German, French, Portuguese and Italian, as far as it is no word of another language
    "passiert geschieht gibt kann können darf dürfen sollen sollte sollten wen wem wessen weshalb wieso wohin woher womit "
    "wodurch wofür wozu quand lorsque lorsqu quoi laquelle lequel lesquels lesquelles doit doivent peut peuvent faut "
    "acontece acontecem ocorre ocorrem pode podem qualquer succede avviene accade può possono devono",
    # Polish, Turkish, Vietnamese
    "co kto gdzie kiedy gdy jeśli jeżeli jak jaki jaka jakie jakich który która które których dlaczego czemu czy ile się "
    "być dzieje stanie może mogą musi muszą powinien powinna powinno powinny oraz lub przez dla nie "
    "ne neden niçin niye nasıl nedir kim kimin nerede nereye hangi hangisi kaç ise eğer olur olmalı olmalıdır midir mıdır "
    "hakkında nelerdir ile ve veya için bir "
    "gì nào khi điều xảy thế sao đâu nhiêu nếu thì phải được không những các của và là có",
    # Russian
    "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет "
    "о из ему когда если или ни быть был до для это этот эта где кто какой какая какие какое каким почему должен должна "
    "должно должны при чем чего сколько происходит",
    # Chinese; letters are put together in twos with those around them all the same
    "一个 一個 一种 一種 一些 一下 这个 這個 那个 那個",
)
#: What asks, in scripts without spaces; taken out before the letters are put together in twos.
_ASKING = (
    *(
        "什么时候",
        "为什么",
        "是什么",
        "什么",
        "如何",
        "怎么样",
        "怎么",
        "怎样",
        "是否",
        "多少",
        "哪些",
        "哪个",
        "哪里",
        "请问",
        "会发生",
        "哪种",
        "哪儿",
        "谁",
        "能否",
        "能不能",
        "有没有",
        "是不是",
    ),
    *("应该", "应当", "必须", "吗", "呢", "什麼", "為什麼", "怎麼"),
    *(
        "どのように",
        "どうなりますか",
        "どうなる",
        "どうすれば",
        "どう",
        "どの",
        "どこ",
        "なぜ",
        "いつ",
        "何が",
        "何を",
        "とは何ですか",
        "ですか",
    ),
    *("誰が", "誰に", "いくつ", "できますか", "ますか", "でしょうか", "なければならない", "なければなりません", "何"),
    *("무엇", "어떻게", "언제", "어디", "누가", "왜", "어떤", "입니까", "합니까", "인가요", "하나요"),
    *("됩니까", "습니까", "되나요", "나요", "까요", "무슨", "경우"),
)
#: What asks in French, in words that are others' too (*passe*), and pronouns that hang on to their verb.
_FRENCH = re.compile(
    r"\bqu['’]est-ce qu(?:e\b|i\b|['’])|\best-ce qu(?:e\b|['’])|\b(?:que |qui )?se passe\b|\bse produit\b"
    r"|-t-(?:ils?|elles?|on)\b|(?<=\w)-(?:ils?|elles?)\b",
    re.I,
)
#: What a text has that the pattern fits: most have none of it, which is told in a twentieth of the time.
_MAY_BE_FRENCH = ("se p", "Se p", "-ce", "-t-", "-il", "-el")


@lru_cache(maxsize=1)
def stop_terms() -> frozenset[str]:
    """As terms: the stems of the words."""
    return frozenset(term for words in _WORDS for term in terms(words))


def without_asking(text: str) -> str:
    """The text less what only asks and is no word of its own: in scripts without spaces, and in French."""
    if any(map(text.__contains__, _MAY_BE_FRENCH)):
        text = _FRENCH.sub(" ", text)
    return text if text.isascii() else _asking().sub(" ", text)


@lru_cache(maxsize=1)
def _asking() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _ASKING), key=len, reverse=True)))


def asked_terms(text: str) -> list[str]:
    """The terms of a question in its order, less what only asks and is no word of its own; all where nothing else is left."""
    return terms(without_asking(text)) or terms(text)


def telling_terms(text: str) -> list[str]:
    """The terms of a question that say what it is about; all of them where there are no others."""
    every = asked_terms(text)
    return [term for term in every if term not in stop_terms()] or every

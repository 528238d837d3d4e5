"""What sort of answer a question wants, told from its words alone.

Conservative: what no pattern claims is a LOOKUP, and a lookup that is taken for something else is asked of more
answerers than it needs, never of fewer. Written for the languages OpenSpec trees are kept in.
"""

from __future__ import annotations

import re

from workflow_cli.domain.answering.asked import QuestionKind

#: What no document can know: the time, the state of the repository, what stands at an address.
_TOOL = re.compile(
    r"""https?://\S
    | \b(?:what(?:'s|\ is)?\ (?:the\ )?(?:current\ )?time\ is\ it | what\ is\ the\ (?:current\ time\b | time\W*\Z)
        | what(?:'s|\ is)\ (?:the\ date\ today|today's\ date))
    | \b(?:latest|last|most\ recent|newest)\ (?:git\ )?commits?\b | \bgit\ (?:log|status|diff|blame)\b
    | \bwie\ (?:spät|viel\ uhr)\ ist\ es\b | \b(?:letzter?|neuester?)\ commit\b
    | \bquelle\ heure\ est[- ]il\b | \bdernier\ commit\b
    | \bqu[eé]\ hora\ es\b | \bque\ horas\ s[aã]o\b | \bche\ or[ae]\ (?:è|sono)\b | \b[uú]ltimo\ commit\b
    | \bсколько\ (?:сейчас\ )?времени\b | \bкоторый\ час\b | \bпоследн(?:ий|его)\ коммит
    | 现在几点 | 現在幾點 | 今天(?:几|幾)号 | 最(?:新|近)的?(?:一次)?提交 | (?:今|いま)(?:は)?何時 | 最新のコミット | 지금\ ?몇\ ?시
    | 최신\ ?커밋
    """,
    re.VERBOSE | re.IGNORECASE,
)

_CODE = re.compile(
    r"""\b[A-Za-z_][\w.]*\(\)
    | \b[\w/-]+\.(?:py|pyi|ts|tsx|js|jsx|mjs|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|scala|sh|sql)\b
    | \b\w+::\w+
    | \b(?:which|what)\ (?:function|method|class|module|file)s?\ (?:\w+\ )?(?:implements?|defines?|handles?|contains?|calls?)\b
    | \bwhere\ in\ the\ (?:code|source)\b | \bwo\ im\ (?:code|quelltext)\b | \b(?:dove|onde|dónde)\ (?:nel|no|en\ el)\ c[oó]dig?[oe]\b
    | \boù\ dans\ le\ code\b | \bгде\ в\ коде\b | (?:哪个|哪個)(?:函数|函式|方法|类|類|文件) | 代码(?:中|里)的?哪里 | どの(?:関数|クラス|ファイル)
    """,
    re.VERBOSE | re.IGNORECASE,
)

#: Only where the asker, or anybody, is to do something: "how does login lock" asks what the documents say.
_HOWTO = re.compile(
    r"""\W*(?:
      (?:please\ |so\ )?how\ (?:do|can|could|should|would|must)\ (?:i|we|you|one)\b | how\ to\ | what\ are\ the\ steps\b
    | wie\ (?:kann|könnte|soll|sollte|muss|mache?|lege|ändere)\ (?:ich|wir|man)\b
    | comment\ (?:faire|puis-je|pouvons-nous|peut-on|dois-je|doit-on|est-ce\ que\ (?:je|nous)\ (?:peux|pouvons|dois))\b
    | (?:¿\ ?)?c[oó]mo\ (?:puedo|podemos|se\ puede|hago|debo|hacer)\b
    | como\ (?:posso|podemos|fa[cç]o|devo|fazer)\b
    | come\ (?:posso|possiamo|faccio|si\ fa|devo|fare)\b
    | hoe\ (?:kan|moet|doe)\ (?:ik|wij|we|je)\b
    | jak\ (?:mogę|możemy|zrobić|należy)\b
    | как\ (?:мне|нам|можно|сделать|я\ могу)\b
    | nasıl\ yap
    | (?:请问|請問)?(?:我们?|我們|怎样才能|怎樣才能)?(?:该|該|应该|應該|要|可以)?(?:如何|怎么|怎麼|怎样|怎樣)
    | .{0,40}(?:どうやって|どうすれば|する方法(?:は|を))
    | .{0,40}어떻게\ (?:해야|하나요|하면|할\ 수)
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def kind_of(text: str) -> QuestionKind:
    """The kind of a question; LOOKUP where nothing tells otherwise."""
    if _TOOL.search(text):
        return QuestionKind.TOOL
    if _CODE.search(text):
        return QuestionKind.CODE
    if _HOWTO.match(text):
        return QuestionKind.HOWTO
    return QuestionKind.LOOKUP

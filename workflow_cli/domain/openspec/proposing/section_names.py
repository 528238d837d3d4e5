"""What the sections of a proposal are called, in the languages that proposals are written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from workflow_cli.domain.openspec.text import trim

_ENGLISH = {
    "why": "why,problem,problem statement,motivation,background,context,reason,rationale,intent",
    "what": "what changes,what,changes,proposed changes,solution,proposed solution,proposal,scope",
    "impact": "impact",
    "design": "design,decisions,technical design,technical approach,approach,architecture",
    "tasks": "tasks,todo,to do",
    "requirements": "requirements,requirement",
    "questions": "questions,open questions",
}
_OTHERS = {
    "why": (
        "为什么,為什麼,背景,动机,動機,原因,なぜ,背景と目的,왜,배경,동기,이유,зачем,почему,причина,мотивация,"
        "por qué,motivación,por quê,motivação,warum,hintergrund,pourquoi,contexte,perché,motivazione,waarom,neden,gerekçe,"
        "dlaczego,uzasadnienie,vì sao,tại sao,lý do,чому"
    ),
    "what": (
        "变更内容,變更內容,变更,変更内容,変更点,변경 사항,변경 내용,что меняется,изменения,qué cambia,cambios,"
        "o que muda,mudanças,was sich ändert,änderungen,ce qui change,changements,cosa cambia,modifiche,wat verandert,"
        "wijzigingen,değişiklikler,ne değişiyor,co się zmienia,zmiany,thay đổi,nội dung thay đổi,зміни,що змінюється"
    ),
    "impact": "影响,影響,影响范围,影響範囲,영향,влияние,impacto,auswirkungen,impatto,etki,wpływ,tác động,вплив",
    "design": "设计,設計,설계,дизайн,diseño,entwurf,conception",
    "tasks": "任务,任務,タスク,작업,задачи,tareas,tarefas,aufgaben,tâches,attività,taken,görevler,zadania,nhiệm vụ,завдання",
    "requirements": "需求,要求,要件,요구사항,требования,requisitos,anforderungen,exigences,requisiti,vereisten,gereksinimler,wymagania,yêu cầu,вимоги",
    "questions": "未决问题,未決問題,未解決の質問,열린 질문,вопросы,preguntas,perguntas,offene fragen",
}
_ROLES = {name: role for names in (_ENGLISH, _OTHERS) for role, listed in names.items() for name in listed.split(",")}
_NOT_ENGLISH = {name for listed in _OTHERS.values() for name in listed.split(",")} - {
    name for listed in _ENGLISH.values() for name in listed.split(",")
}

#: What OpenSpec's own template calls them.
TEMPLATE = {"why": "Why", "what": "What Changes", "impact": "Impact"}


def role_of(title: str) -> str | None:
    """What a section of that title is for: `why`, `what`, `impact` and so on; None where it says something else."""
    return _ROLES.get(trim(title).lower().rstrip(":："))


def usual_names(titles: Iterable[str]) -> Mapping[str, str]:
    """What the sections of the template are called here: as in the template, unless most say it in another language.

    `titles` are those of every proposal. English names other than the template's are not taken up: OpenSpec warns of
    proposals without its own, and a reader of English does not need others.
    """
    counted: dict[str, Counter[str]] = {role: Counter() for role in TEMPLATE}
    for title in map(trim, titles):
        if (role := role_of(title)) in counted:
            counted[role][title] += 1
    names = dict(TEMPLATE)
    for role, found in counted.items():
        foreign = Counter({title: n for title, n in found.items() if title.lower().rstrip(":：") in _NOT_ENGLISH})
        if foreign.total() * 2 > found.total():
            names[role] = foreign.most_common(1)[0][0]
    return names

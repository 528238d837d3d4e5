"""The questions that a new change leaves to people, in the languages that proposals are written in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """`{title}`, `{name}`, `{names}`, `{heading}`, `{chosen}` and `{other}` are filled in. `*_why` say why it is asked."""

    reason: str
    reason_why: str
    behaviour: str
    behaviour_why: str
    scenario: str
    scenario_why: str
    scenarios: str
    scenarios_why: str
    capability: str
    capability_why: str
    as_written: str
    new_as_written: str
    another_new: str
    another_existing: str
    noted_why: str
    section: str
    section_why: str


ASKINGS = {
    "en": Asking(
        reason='Why is "{title}" needed, and by whom?',
        reason_why="The proposal has no reason yet. Put the answer under {heading}.",
        behaviour='What exactly shall the system do once "{title}" is done?',
        behaviour_why="The requirement only restates the title, and nobody can build or test a title.",
        scenario='In which situation does "{name}" show, and what is seen then?',
        scenario_why="Its scenario only restates the requirement.",
        scenarios="In which situation does each of these show, and what is seen then: {names}?",
        scenarios_why="Their scenarios only restate them.",
        capability="Which capability does this belong to?",
        capability_why="It was chosen by the words of the title.",
        as_written="{chosen}, as written",
        new_as_written="{chosen}, a new one, as written",
        another_new="{other}, a new one",
        another_existing="{other}, which exists",
        noted_why="The notes ask it.",
        section='What belongs under "{heading}"?',
        section_why="The project's template for proposals has this section.",
    ),
    "de": Asking(
        reason="Warum wird „{title}“ gebraucht, und von wem?",
        reason_why="Der Vorschlag hat noch keinen Grund. Die Antwort gehört unter „{heading}“.",
        behaviour="Was genau soll das System tun, wenn „{title}“ fertig ist?",
        behaviour_why="Die Anforderung wiederholt nur den Titel, und einen Titel kann niemand bauen oder testen.",
        scenario="In welcher Lage zeigt sich „{name}“, und was ist dann zu sehen?",
        scenario_why="Das Szenario wiederholt nur die Anforderung.",
        scenarios="In welcher Lage zeigt sich jede von diesen, und was ist dann zu sehen: {names}?",
        scenarios_why="Die Szenarien wiederholen sie nur.",
        capability="Zu welcher Capability gehört das?",
        capability_why="Sie wurde nach den Worten des Titels gewählt.",
        as_written="{chosen}, wie geschrieben",
        new_as_written="{chosen}, eine neue, wie geschrieben",
        another_new="{other}, eine neue",
        another_existing="{other}, die es schon gibt",
        noted_why="Die Notizen fragen danach.",
        section="Was gehört unter „{heading}“?",
        section_why="Die Vorlage des Projekts für Vorschläge hat diesen Abschnitt.",
    ),
    "es": Asking(
        reason="¿Por qué hace falta «{title}», y a quién?",
        reason_why="La propuesta todavía no tiene motivo. La respuesta va en «{heading}».",
        behaviour="¿Qué debe hacer exactamente el sistema cuando «{title}» esté hecho?",
        behaviour_why="El requisito solo repite el título, y nadie puede construir ni probar un título.",
        scenario="¿En qué situación se nota «{name}», y qué se ve entonces?",
        scenario_why="Su escenario solo repite el requisito.",
        scenarios="¿En qué situación se nota cada uno de estos, y qué se ve entonces: {names}?",
        scenarios_why="Sus escenarios solo los repiten.",
        capability="¿A qué capacidad pertenece esto?",
        capability_why="Se eligió por las palabras del título.",
        as_written="{chosen}, como está escrito",
        new_as_written="{chosen}, una nueva, como está escrito",
        another_new="{other}, una nueva",
        another_existing="{other}, que ya existe",
        noted_why="Lo preguntan las notas.",
        section="¿Qué va en «{heading}»?",
        section_why="La plantilla de propuestas del proyecto tiene esta sección.",
    ),
    "pt": Asking(
        reason='Por que "{title}" é necessário, e para quem?',
        reason_why='A proposta ainda não tem motivo. A resposta vai em "{heading}".',
        behaviour='O que exatamente o sistema deve fazer quando "{title}" estiver pronto?',
        behaviour_why="O requisito só repete o título, e ninguém pode construir nem testar um título.",
        scenario='Em que situação "{name}" se mostra, e o que se vê então?',
        scenario_why="O cenário só repete o requisito.",
        scenarios="Em que situação cada um destes se mostra, e o que se vê então: {names}?",
        scenarios_why="Os cenários só os repetem.",
        capability="A que capacidade isto pertence?",
        capability_why="Foi escolhida pelas palavras do título.",
        as_written="{chosen}, como está escrito",
        new_as_written="{chosen}, uma nova, como está escrito",
        another_new="{other}, uma nova",
        another_existing="{other}, que já existe",
        noted_why="As notas perguntam.",
        section='O que vai em "{heading}"?',
        section_why="O modelo de propostas do projeto tem esta seção.",
    ),
    "fr": Asking(
        reason="Pourquoi « {title} » est-il nécessaire, et pour qui ?",
        reason_why="La proposition n'a pas encore de raison. La réponse va sous « {heading} ».",
        behaviour="Que doit faire exactement le système une fois « {title} » réalisé ?",
        behaviour_why="L'exigence ne fait que répéter le titre, et personne ne peut réaliser ni tester un titre.",
        scenario="Dans quelle situation « {name} » se montre-t-il, et que voit-on alors ?",
        scenario_why="Son scénario ne fait que répéter l'exigence.",
        scenarios="Dans quelle situation chacune de celles-ci se montre-t-elle, et que voit-on alors : {names} ?",
        scenarios_why="Leurs scénarios ne font que les répéter.",
        capability="À quelle capacité cela appartient-il ?",
        capability_why="Elle a été choisie d'après les mots du titre.",
        as_written="{chosen}, comme écrit",
        new_as_written="{chosen}, une nouvelle, comme écrit",
        another_new="{other}, une nouvelle",
        another_existing="{other}, qui existe",
        noted_why="Les notes le demandent.",
        section="Que faut-il mettre sous « {heading} » ?",
        section_why="Le modèle de propositions du projet a cette section.",
    ),
    "ru": Asking(
        reason="Зачем нужно «{title}», и кому?",
        reason_why="В предложении ещё нет причины. Ответ должен стоять в разделе «{heading}».",
        behaviour="Что именно должна делать система, когда «{title}» будет готово?",
        behaviour_why="Требование лишь повторяет заголовок, а заголовок нельзя ни построить, ни проверить.",
        scenario="В какой ситуации проявляется «{name}», и что тогда видно?",
        scenario_why="Сценарий лишь повторяет требование.",
        scenarios="В какой ситуации проявляется каждое из этих требований, и что тогда видно: {names}?",
        scenarios_why="Их сценарии лишь повторяют их.",
        capability="К какой возможности (capability) это относится?",
        capability_why="Она выбрана по словам заголовка.",
        as_written="{chosen}, как написано",
        new_as_written="{chosen}, новая, как написано",
        another_new="{other}, новая",
        another_existing="{other}, которая уже есть",
        noted_why="Об этом спрашивают заметки.",
        section="Что должно стоять в разделе «{heading}»?",
        section_why="В шаблоне предложений этого проекта есть такой раздел.",
    ),
    "zh": Asking(
        reason="为什么需要“{title}”？谁需要它？",
        reason_why="提案还没有说明原因。请把回答写在“{heading}”一节。",
        behaviour="“{title}”完成后，系统究竟应该做什么？",
        behaviour_why="需求只是重复了标题，而标题无法实现，也无法测试。",
        scenario="在什么情况下会体现“{name}”？那时会看到什么？",
        scenario_why="它的场景只是重复了需求。",
        scenarios="以下每一项在什么情况下会体现？那时会看到什么：{names}？",
        scenarios_why="它们的场景只是重复了需求。",
        capability="这属于哪个能力（capability）？",
        capability_why="它是根据标题的用词选择的。",
        as_written="{chosen}，如现在所写",
        new_as_written="{chosen}，新的，如现在所写",
        another_new="{other}，新的",
        another_existing="{other}，已经存在",
        noted_why="笔记中提出了这个问题。",
        section="“{heading}”一节应该写什么？",
        section_why="本项目的提案模板有这一节。",
    ),
    "ja": Asking(
        reason="「{title}」はなぜ、誰のために必要か。",
        reason_why="提案にはまだ理由がない。回答は「{heading}」の節に書く。",
        behaviour="「{title}」が完了したとき、システムは正確には何をしなければならないか。",
        behaviour_why="要件は題名を繰り返しているだけで、題名は実装もテストもできない。",
        scenario="「{name}」はどのような状況で現れ、そのとき何が見えるか。",
        scenario_why="シナリオは要件を繰り返しているだけである。",
        scenarios="次のそれぞれはどのような状況で現れ、そのとき何が見えるか：{names}",
        scenarios_why="シナリオはそれらを繰り返しているだけである。",
        capability="これはどの capability に属するか。",
        capability_why="題名の言葉から選ばれた。",
        as_written="{chosen}（書かれているとおり）",
        new_as_written="{chosen}（新規、書かれているとおり）",
        another_new="{other}（新規）",
        another_existing="{other}（既存）",
        noted_why="メモで尋ねられている。",
        section="「{heading}」には何を書くか。",
        section_why="このプロジェクトの提案のひな形にこの節がある。",
    ),
    "ko": Asking(
        reason="“{title}”은(는) 왜, 누구에게 필요합니까?",
        reason_why="제안에 아직 이유가 없습니다. 답은 “{heading}” 아래에 적습니다.",
        behaviour="“{title}”이(가) 완료되면 시스템은 정확히 무엇을 해야 합니까?",
        behaviour_why="요구사항이 제목만 되풀이하며, 제목은 구현하거나 시험할 수 없습니다.",
        scenario="“{name}”은(는) 어떤 상황에서 나타나며, 그때 무엇이 보입니까?",
        scenario_why="시나리오가 요구사항만 되풀이합니다.",
        scenarios="다음 각각은 어떤 상황에서 나타나며, 그때 무엇이 보입니까: {names}?",
        scenarios_why="시나리오가 그것들만 되풀이합니다.",
        capability="이것은 어느 capability에 속합니까?",
        capability_why="제목의 낱말로 골랐습니다.",
        as_written="{chosen}, 적힌 대로",
        new_as_written="{chosen}, 새로운 것, 적힌 대로",
        another_new="{other}, 새로운 것",
        another_existing="{other}, 이미 있는 것",
        noted_why="메모에서 묻고 있습니다.",
        section="“{heading}” 아래에는 무엇이 들어갑니까?",
        section_why="이 프로젝트의 제안 양식에 이 절이 있습니다.",
    ),
}


def asking(language: str | None) -> Asking:
    return ASKINGS.get(language or "en", ASKINGS["en"])

"""The sentences a new change is made of, where nobody has said anything yet.

Headings stay English because OpenSpec reads them; so does SHALL.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """`{title}`, `{rest}`, `{name}`, `{statement}`, `{capability}`, `{change}`, `{count}` are filled in.

    `statement` makes a requirement of any title; `frame` stands above words taken over that have no SHALL.
    """

    statement: str
    frame: str
    when: str
    then: str
    purpose: str
    why_open: str
    draft: str
    affected_specs: str
    affected_code_open: str
    section_open: str
    related: str
    group: str
    verification: str
    answer_task: str
    build_task: str
    test_task: str


WORDINGS = {
    "en": Wording(
        statement="The system SHALL meet this request: {title}.",
        frame="The system SHALL satisfy the following.",
        when='the requirement "{name}" is put to the test',
        then="this holds: {statement}",
        purpose="Describes how the system behaves where `{capability}` is concerned, as first asked for by the change `{change}`.",
        why_open='The request is "{title}". Why it is needed has not been written down yet; `questions.yaml` asks for it.',
        draft=(
            "Draft: requirement and scenario only restate the words above. What a person still has to say is asked in "
            "`questions.yaml`."
        ),
        affected_specs="Affected specs: {specs}",
        affected_code_open="Affected code: not looked into yet",
        section_open="Not written yet.",
        related="See also: {places}",
        group="Implementation",
        verification="Verification",
        answer_task="Answer the questions in `questions.yaml` and take the answers into the documents",
        build_task='Implement "{name}"',
        test_task='Test every scenario of "{name}"',
    ),
    "de": Wording(
        statement="Das System SHALL (muss) diesem Wunsch entsprechen: {title}.",
        frame="Das System SHALL (muss) Folgendes erfüllen.",
        when="die Anforderung „{name}“ geprüft wird",
        then="gilt: {statement}",
        purpose="Beschreibt das Verhalten des Systems rund um `{capability}`, zuerst verlangt von der Änderung `{change}`.",
        why_open="Der Wunsch lautet „{title}“. Warum das nötig ist, steht noch nirgends; `questions.yaml` fragt danach.",
        draft=(
            "Entwurf: Anforderung und Szenario wiederholen nur die Worte oben. Was noch jemand sagen muss, fragt "
            "`questions.yaml`."
        ),
        affected_specs="Betroffene Specs: {specs}",
        affected_code_open="Betroffener Code: noch nicht untersucht",
        section_open="Noch nicht geschrieben.",
        related="Siehe auch: {places}",
        group="Umsetzung",
        verification="Prüfung",
        answer_task="Die Fragen in `questions.yaml` beantworten und die Antworten in die Dokumente übernehmen",
        build_task="„{name}“ umsetzen",
        test_task="Jedes Szenario von „{name}“ testen",
    ),
    "es": Wording(
        statement="El sistema SHALL (debe) cumplir esta petición: {title}.",
        frame="El sistema SHALL (debe) cumplir lo siguiente.",
        when="se comprueba el requisito «{name}»",
        then="se cumple: {statement}",
        purpose="Describe cómo se comporta el sistema en lo que toca a `{capability}`, pedido primero por el cambio `{change}`.",
        why_open="La petición es «{title}». Todavía no está escrito por qué hace falta; lo pregunta `questions.yaml`.",
        draft=(
            "Borrador: el requisito y el escenario solo repiten las palabras de arriba. Lo que alguien debe decir todavía "
            "se pregunta en `questions.yaml`."
        ),
        affected_specs="Specs afectadas: {specs}",
        affected_code_open="Código afectado: aún sin examinar",
        section_open="Aún sin escribir.",
        related="Véase también: {places}",
        group="Implementación",
        verification="Verificación",
        answer_task="Responder las preguntas de `questions.yaml` y llevar las respuestas a los documentos",
        build_task="Implementar «{name}»",
        test_task="Probar cada escenario de «{name}»",
    ),
    "pt": Wording(
        statement="O sistema SHALL (deve) atender a este pedido: {title}.",
        frame="O sistema SHALL (deve) cumprir o seguinte.",
        when='o requisito "{name}" é verificado',
        then="cumpre-se: {statement}",
        purpose="Descreve como o sistema se comporta no que toca a `{capability}`, pedido primeiro pela mudança `{change}`.",
        why_open='O pedido é "{title}". Ainda não está escrito por que é necessário; `questions.yaml` pergunta.',
        draft=(
            "Rascunho: o requisito e o cenário só repetem as palavras acima. O que alguém ainda precisa dizer é perguntado "
            "em `questions.yaml`."
        ),
        affected_specs="Specs afetadas: {specs}",
        affected_code_open="Código afetado: ainda não examinado",
        section_open="Ainda não escrito.",
        related="Ver também: {places}",
        group="Implementação",
        verification="Verificação",
        answer_task="Responder às perguntas de `questions.yaml` e levar as respostas aos documentos",
        build_task='Implementar "{name}"',
        test_task='Testar cada cenário de "{name}"',
    ),
    "fr": Wording(
        statement="Le système SHALL (doit) répondre à cette demande : {title}.",
        frame="Le système SHALL (doit) respecter ce qui suit.",
        when="l'exigence « {name} » est vérifiée",
        then="ceci est vrai : {statement}",
        purpose="Décrit le comportement du système pour `{capability}`, demandé d'abord par le changement `{change}`.",
        why_open="La demande est « {title} ». Sa raison n'est pas encore écrite ; `questions.yaml` la demande.",
        draft=(
            "Brouillon : l'exigence et le scénario ne font que répéter les mots ci-dessus. Ce qu'une personne doit encore "
            "dire est demandé dans `questions.yaml`."
        ),
        affected_specs="Specs concernées : {specs}",
        affected_code_open="Code concerné : pas encore examiné",
        section_open="Pas encore écrit.",
        related="Voir aussi : {places}",
        group="Réalisation",
        verification="Vérification",
        answer_task="Répondre aux questions de `questions.yaml` et reporter les réponses dans les documents",
        build_task="Réaliser « {name} »",
        test_task="Tester chaque scénario de « {name} »",
    ),
    "ru": Wording(
        statement="Система SHALL (должна) выполнять этот запрос: {title}.",
        frame="Система SHALL (должна) удовлетворять следующему.",
        when="проверяется требование «{name}»",
        then="верно следующее: {statement}",
        purpose="Описывает поведение системы в том, что касается `{capability}`; впервые запрошено изменением `{change}`.",
        why_open="Запрос: «{title}». Зачем это нужно, пока не записано; об этом спрашивает `questions.yaml`.",
        draft=(
            "Черновик: требование и сценарий лишь повторяют слова выше. О том, что ещё должен сказать человек, спрашивает "
            "`questions.yaml`."
        ),
        affected_specs="Затронутые спецификации: {specs}",
        affected_code_open="Затронутый код: ещё не изучен",
        section_open="Ещё не написано.",
        related="См. также: {places}",
        group="Реализация",
        verification="Проверка",
        answer_task="Ответить на вопросы в `questions.yaml` и перенести ответы в документы",
        build_task="Реализовать «{name}»",
        test_task="Проверить каждый сценарий требования «{name}»",
    ),
    "zh": Wording(
        statement="系统 SHALL 满足以下请求：{title}。",
        frame="系统 SHALL 满足以下内容。",
        when="检验需求“{name}”",
        then="以下内容成立：{statement}",
        purpose="描述系统在 `{capability}` 方面的行为，也就是与该能力有关的全部需求与场景；该能力最初由变更 `{change}` 提出。",
        why_open="请求是“{title}”。为什么需要它，目前还没有人写下来；`questions.yaml` 中的问题正在等待回答，回答之后应写入本节。",
        draft="草稿：需求和场景只是重复上面的文字。仍需由人说明的内容见 `questions.yaml`。",
        affected_specs="受影响的规范：{specs}",
        affected_code_open="受影响的代码：尚未调查",
        section_open="尚未填写。",
        related="另见：{places}",
        group="实现",
        verification="验证",
        answer_task="回答 `questions.yaml` 中的问题，并将答案写入文档",
        build_task="实现“{name}”",
        test_task="测试“{name}”的每个场景",
    ),
    "ja": Wording(
        statement="システムは次の要望を満たさなければならない (SHALL)：{title}。",
        frame="システムは以下を満たさなければならない (SHALL)。",
        when="要件「{name}」を検証する",
        then="次が成り立つ：{statement}",
        purpose="`{capability}` に関するシステムの振る舞い、すなわち関連するすべての要件とシナリオを記述する。最初に変更 `{change}` で求められた。",
        why_open="要望は「{title}」である。なぜ必要かはまだ書かれていない。`questions.yaml` がそれを尋ねており、回答はこの節に書く。",
        draft="下書き：要件とシナリオは上の言葉を繰り返しているだけである。人が決めるべきことは `questions.yaml` で尋ねている。",
        affected_specs="影響する仕様：{specs}",
        affected_code_open="影響するコード：未調査",
        section_open="まだ書かれていません。",
        related="関連：{places}",
        group="実装",
        verification="検証",
        answer_task="`questions.yaml` の質問に答え、回答を文書に反映する",
        build_task="「{name}」を実装する",
        test_task="「{name}」のすべてのシナリオをテストする",
    ),
    "ko": Wording(
        statement="시스템은 다음 요청을 충족해야 한다 (SHALL): {title}.",
        frame="시스템은 다음을 충족해야 한다 (SHALL).",
        when="요구사항 “{name}”을(를) 확인한다",
        then="다음이 성립한다: {statement}",
        purpose="`{capability}`에 관한 시스템의 동작, 곧 관련된 모든 요구사항과 시나리오를 설명한다. 변경 `{change}`에서 처음 요청되었다.",
        why_open="요청은 “{title}”이다. 왜 필요한지는 아직 적혀 있지 않다. `questions.yaml`에서 그것을 묻고 있으며, 답은 이 절에 적는다.",
        draft="초안: 요구사항과 시나리오는 위의 말을 되풀이할 뿐이다. 사람이 더 말해야 할 것은 `questions.yaml`에서 묻는다.",
        affected_specs="영향을 받는 명세: {specs}",
        affected_code_open="영향을 받는 코드: 아직 조사하지 않음",
        section_open="아직 작성되지 않았습니다.",
        related="참고: {places}",
        group="구현",
        verification="검증",
        answer_task="`questions.yaml`의 질문에 답하고 답을 문서에 반영한다",
        build_task="“{name}” 구현",
        test_task="“{name}”의 모든 시나리오 시험",
    ),
}


def wording(language: str | None) -> Wording:
    return WORDINGS.get(language or "en", WORDINGS["en"])

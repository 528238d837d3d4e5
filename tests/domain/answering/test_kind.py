"""The kind of a question, told from its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.kind import kind_of


@pytest.mark.parametrize(
    "text",
    [
        "How long is a session?",
        "How does login lock an account?",
        "Wie lange gilt eine Sitzung?",
        "Comment est signalée une erreur ?",
        "系统如何处理过期会话？",
        "セッションの期限は？",
        "What happens at the last time a token is used?",
        "How many commits are shown in the list?",
        "What does `workflow process --all` do?",
        "What time zone do reports use?",
        "What is the time limit of an upload?",
        "How much time does a person have to answer?",
        "Which file formats are accepted?",
        "What is stored in the status file?",
        "How to-do lists are ordered?",
    ],
)
def test_what_asks_for_the_documents_is_a_lookup(text: str) -> None:
    """Also where it begins with a word that often asks for something else."""
    assert kind_of(text) is QuestionKind.LOOKUP


@pytest.mark.parametrize(
    "text",
    [
        "How do I add a payment method?",
        "how to export orders",
        "How can we reset a password?",
        "Wie kann ich ein Konto löschen?",
        "Comment puis-je exporter les commandes ?",
        "¿Cómo puedo borrar una cuenta?",
        "Como posso exportar?",
        "Come si fa a esportare?",
        "как мне удалить аккаунт?",
        "如何添加支付方式？",
        "我们应该怎么导出订单？",
        "注文をエクスポートするにはどうすればいいですか",
        "비밀번호를 어떻게 해야 바꾸나요?",
    ],
)
def test_what_asks_for_a_way_is_a_howto(text: str) -> None:
    assert kind_of(text) is QuestionKind.HOWTO


@pytest.mark.parametrize(
    "text",
    [
        "What does parse_config() return?",
        "Which function handles the login?",
        "Is src/auth/session.py covered by a requirement?",
        "Where in the code is the lock taken?",
        "哪个函数负责登录？",
    ],
)
def test_what_asks_about_code_is_code(text: str) -> None:
    assert kind_of(text) is QuestionKind.CODE


@pytest.mark.parametrize(
    "text",
    [
        "What time is it in Tokyo?",
        "What is the latest commit?",
        "Show git log of the last day",
        "What does https://example.org/status say?",
        "Wie spät ist es?",
        "Quelle heure est-il ?",
        "现在几点？",
        "最新的提交是什么？",
    ],
)
def test_what_no_document_can_know_is_for_tools(text: str) -> None:
    assert kind_of(text) is QuestionKind.TOOL


@given(st.text())
def test_every_text_has_a_kind(text: str) -> None:
    assert kind_of(text) in QuestionKind

"""Telling languages apart, well enough for word rules."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.rules.languages import is_english, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The system SHALL store the file when it is closed.", "en"),
        ("系统 SHALL 保存 `config.yaml` 文件", "zh"),
        ("CLI SHALL 支持 WebSocket 与 HTTP Server Push 协议的连接", "zh"),
        ("システムは設定ファイルを読み込む", "ja"),
        ("시스템은 파일을 저장해야 한다", "ko"),
        ("Система ДОЛЖНА сохранить файл README.md", "ru"),
        ("El sistema SHALL guardar los datos de la sesión", "es"),
        ("Das System SHALL die Datei speichern, wenn sie geschlossen wird", "de"),
        ("Le système SHALL garder les fichiers dans la liste", "fr"),
        ("O sistema SHALL guardar os dados da sessão quando não está em uso", "pt"),
    ],
)
def test_a_sentence_is_recognised(text: str, language: str) -> None:
    """By its script, or by its little words."""
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "401", "JSON", "`x`", "SHALL"])
def test_what_does_not_tell_is_in_no_language(text: str) -> None:
    """Rather none than the wrong one."""
    assert language_of(text) is None


def test_a_short_text_is_in_the_language_around_it() -> None:
    """ "Returns JSON" among Chinese is no English sentence."""
    assert is_english("Returns JSON", around="en")
    assert not is_english("Returns JSON", around="zh")

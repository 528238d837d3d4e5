"""Headings that mean Purpose, Requirements or a delta section, and that OpenSpec does not read.

OpenSpec knows the English titles alone, word for word. What people write in their own language, or with a colon, a
remark or another level, is another section to it. Here it is recognised, to name it in a hint, never to read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from workflow_cli.domain.openspec.heading import Heading

PURPOSE_TITLE = "Purpose"
REQUIREMENTS_TITLE = "Requirements"
#: Stands for the four delta sections.
DELTA = "delta"

_PURPOSE = (
    "purpose,overview,目的,目标,用途,概述,概要,목적,개요,цель,назначение,propósito,objetivo,zweck,ziel,objectif,but,"
    "finalité,scopo,amaç,cel,mục đích"
)
_REQUIREMENTS = (
    "requirements?,需求,要求,要件,요구 ?사항,требовани[ея],requisitos?,requerimientos?,anforderung(?:en)?,exigences?,"
    "requisit[oi],gereksinim(?:ler)?,wymagani[ae],yêu cầu"
)
_OPERATIONS = {
    "ADDED": (
        "added,new,新增,添加,增加,追加,추가,добавлен\\w*,новые,añadid[oa]s?,agregad[oa]s?,nuev[oa]s?,adicionad[oa]s?,"
        "hinzugefügte?,neue,ajoutée?s?,nouvelles?,aggiunt[oi],eklenen,dodane,thêm"
    ),
    "MODIFIED": (
        "modified,changed,updated,修改,变更,變更,変更,修正,수정,변경,измен[её]нн?\\w*,modificad[oa]s?,geänderte?,"
        "modifiée?s?,modificat[oi],değiştirilen,zmienione,sửa"
    ),
    "REMOVED": (
        "removed,deleted,删除,刪除,移除,削除,삭제,제거,удал[её]нн?\\w*,eliminad[oa]s?,removid[oa]s?,entfernte?,"
        "supprimée?s?,rimoss[oi],kaldırılan,usunięte,xóa"
    ),
    "RENAMED": (
        "renamed,重命名,改名,名称変更,이름 변경,переименован\\w*,renombrad[oa]s?,renomead[oa]s?,umbenannte?,renommée?s?,"
        "rinominat[oi],zmieniono nazwę"
    ),
}


def _alternatives(words: str) -> str:
    return "|".join(words.split(","))


# Words of scripts without spaces stand side by side; those of others end where a word ends.
_NOT_LATIN = r"(?![^\W\d_\u2e80-\uffff])"
_PURPOSE_LINE = re.compile(rf"(?:{_alternatives(_PURPOSE)}){_NOT_LATIN}\W*\Z", re.I)
_REQUIREMENT_WORD = re.compile(rf"(?<![^\W\d_\u2e80-\uffff])(?:{_alternatives(_REQUIREMENTS)}){_NOT_LATIN}", re.I)
_OPERATION_WORDS = {
    operation: re.compile(rf"(?<![^\W\d_\u2e80-\uffff])(?:{_alternatives(words)}){_NOT_LATIN}", re.I)
    for operation, words in _OPERATIONS.items()
}
#: At the deepest level a requirement of that name, and no section.
_ONE_REQUIREMENT = re.compile(rf"(?:{_alternatives(_REQUIREMENTS)})\s*[:：]\s*\S", re.I)
_DEEPEST = 3
_LONGEST = 80


class Unread(NamedTuple):
    """A heading, and the title that it would need. `line` counts from 0.

    `says_no_more`: it is that title in other words, so that nothing would be lost if it were replaced. `below`: it has
    to stay as it is, below a heading of that title.
    """

    line: int
    written: str
    meant: str
    says_no_more: bool
    below: bool = False

    @property
    def hint(self) -> str:
        place = f'line {self.line + 1}, "{self.written}",'
        if self.below:
            return f"{place} has to stand below `## {self.meant}`: OpenSpec reads requirements nowhere else"
        return f"{place} would have to be `## {self.meant}`: OpenSpec reads no other title"


def unread_heading(found: Iterable[Heading], *wanted: str) -> Unread | None:
    """The first heading that means one of the wanted sections without being titled so.

    Where there is none and requirements are looked for, the first that stands outside of their section.
    """
    outside: Unread | None = None
    for heading in found:
        title = heading.title
        if title is None or heading.level > _DEEPEST or len(title) > _LONGEST:
            continue
        if heading.level == _DEEPEST and _ONE_REQUIREMENT.match(title):
            written = f"{'#' * heading.level} {title}"
            outside = outside or Unread(heading.line, written, REQUIREMENTS_TITLE, says_no_more=False, below=True)
            continue
        meant = _meaning(title)
        if meant is not None and (meant if meant in (PURPOSE_TITLE, REQUIREMENTS_TITLE) else DELTA) in wanted:
            bare = title.rstrip(":： ")
            alone = _REQUIREMENT_WORD.fullmatch(bare) is not None or meant == PURPOSE_TITLE
            return Unread(heading.line, f"{'#' * heading.level} {title}", meant, alone)
    return outside if REQUIREMENTS_TITLE in wanted else None


def _meaning(title: str) -> str | None:
    if _PURPOSE_LINE.match(title):
        return PURPOSE_TITLE
    if not _REQUIREMENT_WORD.search(title):
        return None
    for operation, pattern in _OPERATION_WORDS.items():
        if pattern.search(title):
            return f"{operation} {REQUIREMENTS_TITLE}"
    return REQUIREMENTS_TITLE

"""Answers given before, served again only while what they cite is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workflow_cli.app.answering.routing_ports import KeptAnswer
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, Source
from workflow_cli.domain.answering.standing import moved
from workflow_cli.domain.openspec.text import decode, drop_bom

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import PassageIndex
    from workflow_cli.app.answering.routing_ports import AnswerCache, SourceFiles
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.asked import Asked


class AnswerMemory:
    """`seconds` is how long an answer lives that cites no document, `cited` how long at most one that does.

    `model` is the one that the settings name for the question; None for whichever is loaded.
    """

    def __init__(
        self,
        cache: AnswerCache,
        index: PassageIndex,
        files: SourceFiles,
        clock: Clock,
        *,
        seconds: float,
        cited: float | None = None,
        model: str | None = None,
    ) -> None:
        self._cache = cache
        self._index = index
        self._files = files
        self._clock = clock
        self._seconds = seconds
        self._cited = cited
        self._model = model

    def recall(self, key: str, *, final_only: bool) -> tuple[Answer, float] | None:
        """The answer kept for the question, with its sources as they are now, and how many seconds ago it was given.

        With `final_only`, none that was the best to be had only because nobody better could be asked, and none of a model
        that the settings have replaced.

        A cited file that is byte for byte as it was needs no further look. In one that changed, each cited section
        must be as it was, and its quote is found at its line of now.
        """
        kept = self._cache.get(key)
        if kept is None or (final_only and (kept.provisional or self._is_of_another_model(kept))):
            return None
        if not self._in_time(kept):
            return None
        changed: dict[str, bytes] = {}
        for path, hash in kept.files.items():
            data = self._files.read(path)
            if data is None:
                self._cache.evict(kept.answer.id)
                return None
            if hashlib.sha256(data).hexdigest() != hash:
                changed[path] = data
        if not changed:
            return kept.answer, self._age(kept)
        self._index.refresh()
        sources = [self._now(source, changed) for source in kept.answer.sources]
        if any(source is None for source in sources):
            self._cache.evict(kept.answer.id)
            return None
        answer = replace(kept.answer, sources=tuple(source for source in sources if source is not None))
        hashes = {path: hashlib.sha256(data).hexdigest() for path, data in changed.items()}
        self._cache.put(replace(kept, answer=answer, files={**kept.files, **hashes}))
        return answer, self._age(kept)

    def keep(self, key: str, asked: Asked, answer: Answer, files: Mapping[str, str], *, provisional: bool) -> None:
        """Keep an answer to serve it again; one that is no answer is kept only to be found by its id."""
        now = self._clock.now().timestamp()
        self._cache.put(
            KeptAnswer(
                key=key,
                question=asked.text,
                kind=asked.kind.value,
                change=asked.change,
                context=dict(asked.context),
                answer=replace(answer, route=()),
                files=files,
                at=now,
                expires_at=None if answer.sources else now + self._seconds,
                model=self._model,
                provisional=provisional,
                served=answer.status is AnswerStatus.ANSWERED,
            )
        )

    def _is_of_another_model(self, kept: KeptAnswer) -> bool:
        """Whether a model gave it, and the settings name neither that one nor the one that they named then."""
        return kept.answer.model is not None and self._model not in (kept.model, kept.answer.model)

    def _in_time(self, kept: KeptAnswer) -> bool:
        """What cites documents is judged by the setting of now: it may have been kept with another one."""
        end = kept.expires_at
        if end is None:
            if self._cited is None:
                return True
            end = kept.at + self._cited
        # One from the future was kept by a clock that has been set back since.
        return kept.at <= self._clock.now().timestamp() < end

    def _age(self, kept: KeptAnswer) -> float:
        return max(0.0, self._clock.now().timestamp() - kept.at)

    def _now(self, source: Source, changed: Mapping[str, bytes]) -> Source | None:
        data = changed.get(source.path)
        if data is None:
            return source
        if not source.section_hash or self._index.current_hash(source.path, source.address) != source.section_hash:
            return None
        return moved(source, drop_bom(decode(data)))

"""Pending questions kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from workflow_cli.adapters.question_store import new_id, stamp
from workflow_cli.app.answering.ports import GivenAnswer, PendingQuestion
from workflow_cli.app.ports import Clock
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.question_key import key_of
from workflow_cli.errors import AlreadyThere, Refused, UsageError


class QuestionsInMemory:
    def __init__(self, *, clock: Clock, most_open: int = 10_000) -> None:
        self._clock = clock
        self._most_open = most_open
        self.by_key: dict[str, PendingQuestion] = {}

    def put(self, question: PendingQuestion) -> PendingQuestion:
        key = key_of(question.text, change=question.change, context=question.context)
        there = self.by_key.get(key)
        if there is None:
            if len(self.listed()) >= self._most_open:
                raise Refused(f"{self._most_open} questions are open, and no more are taken")
            there = replace(question, id=question.id or new_id(), askers=())
        elif there.answer is None and self._is_past(there):
            there = replace(
                there, asked_at=question.asked_at, priority=question.priority, expires_at=question.expires_at
            )
        elif there.answer is None:
            ends = (there.expires_at, question.expires_at)
            end = None if None in ends else max(ends, key=lambda at: datetime.fromisoformat(at or ""))
            there = replace(there, priority=min(there.priority, question.priority), expires_at=end)
        names = (*there.askers, *question.askers, *([question.asker] if question.asker else []))
        askers = tuple(dict.fromkeys(names))
        self.by_key[key] = replace(there, askers=askers, asker=askers[0] if askers else None)
        return self.by_key[key]

    def get(self, id: str) -> PendingQuestion | None:
        return next((entry for entry in self.by_key.values() if entry.id == id), None)

    def find(self, asked: Asked) -> PendingQuestion | None:
        entry = self.by_key.get(key_of(asked.text, change=asked.change, context=asked.context))
        return None if entry is None or (entry.answer is None and self._is_past(entry)) else entry

    def listed(self, *, answered: bool | None = False) -> Sequence[PendingQuestion]:
        found = [
            entry
            for entry in self.by_key.values()
            if answered is None or ((entry.answer is not None) is answered and (answered or not self._is_past(entry)))
        ]
        return sorted(found, key=lambda entry: (entry.priority, entry.asked_at))

    def answer(
        self, id: str, text: str, *, by: str | None, by_agent: bool = False, sources: Sequence[Source] = ()
    ) -> PendingQuestion:
        given = GivenAnswer(id=id, text=text, by=by, by_agent=by_agent, sources=tuple(sources))
        return self.answer_all([given])[0]

    def answer_all(self, given: Sequence[GivenAnswer]) -> Sequence[PendingQuestion]:
        before = dict(self.by_key)
        try:
            return [self._answer(one) for one in given]
        except BaseException:
            self.by_key = before
            raise

    def _answer(self, given: GivenAnswer) -> PendingQuestion:
        key, entry = self._place(given.id)
        if entry.answer is not None and not given.replace:
            if entry.answer == given.text:
                return entry
            raise AlreadyThere(f"question {given.id} has another answer")
        self.by_key[key] = replace(
            entry,
            answer=given.text,
            answered_by=given.by,
            answered_by_agent=given.by_agent,
            answered_at=stamp(self._clock.now()),
            sources=given.sources,
        )
        return self.by_key[key]

    def drop(self, id: str) -> PendingQuestion:
        key, _ = self._place(id)
        return self.by_key.pop(key)

    async def wait(self, id: str, *, seconds: float) -> PendingQuestion | None:
        end = asyncio.get_running_loop().time() + seconds
        while (entry := self.get(id)) is not None and entry.answer is None:
            if asyncio.get_running_loop().time() >= end:
                return None
            await asyncio.sleep(0.01)
        return entry

    def close(self) -> None:
        pass

    def _place(self, id: str) -> tuple[str, PendingQuestion]:
        for key, entry in self.by_key.items():
            if entry.id == id:
                return key, entry
        raise UsageError(f"no question {id}")

    def _is_past(self, entry: PendingQuestion) -> bool:
        return entry.expires_at is not None and datetime.fromisoformat(entry.expires_at) <= self._clock.now()

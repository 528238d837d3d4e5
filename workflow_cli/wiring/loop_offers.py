"""What there is for the levers of the loop to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.domain.improvement.setting_values import Settings as Knobs


class Offers:
    """What the levers may choose from: the models that can be asked now, the library of bullets, the rules there are.

    It is looked for once, until it is to be looked for again. `search` is what there is to search for an advice with.
    """

    def __init__(
        self,
        *,
        find_models: Callable[[], Sequence[str]],
        agent: Callable[[], Mapping[str, Any] | None],
        search: Callable[[], str | None],
    ) -> None:
        self._find_models = find_models
        self._agent = agent
        self._search = search

    def look_again(self) -> None:
        for looked_up in ("models", "all"):
            self.__dict__.pop(looked_up, None)

    @cached_property
    def models(self) -> Sequence[str]:
        return self._find_models()

    @cached_property
    def all(self) -> Knobs:
        from workflow_cli.domain.answering.bullets import BULLETS
        from workflow_cli.domain.improvement.knobs import (
            AGENT,
            BULLET_LIBRARY,
            MODEL_DEFAULT,
            MODELS_AVAILABLE,
            REPAIRS_KNOWN,
            RULES_KNOWN,
            SEARCH,
        )
        from workflow_cli.domain.openspec.fixable import FIXABLE
        from workflow_cli.domain.openspec.rules.catalogue import BY_ID

        models = self.models
        return {
            MODELS_AVAILABLE: list(models),
            **({MODEL_DEFAULT: models[0]} if models else {}),
            BULLET_LIBRARY: {name: bullet.against for name, bullet in BULLETS.items()},
            RULES_KNOWN: sorted(BY_ID),
            REPAIRS_KNOWN: sorted(FIXABLE),
            **({} if (agent := self._agent()) is None else {AGENT: agent}),
            **({} if (search := self._search()) is None else {SEARCH: search}),
        }

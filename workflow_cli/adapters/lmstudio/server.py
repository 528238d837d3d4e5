"""One model server: what it has loaded, and whether it can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.failures import ServerFailed, error_in
from workflow_cli.adapters.lmstudio.listing import PATHS, Model, models_in
from workflow_cli.adapters.lmstudio.wire import Wire
from workflow_cli.adapters.redirect import is_redirect
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.address import Address
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions

#: For how many seconds a server that is down is not asked again, so that it does not hold up every call.
_DOWN_FOR = {FailureKind.UNREACHABLE: 2.0, FailureKind.TIMEOUT: 30.0}


class Server:
    """Within one event loop. What is loaded is asked for again when it is old, or a call went wrong."""

    def __init__(self, address: Address, options: LmStudioOptions) -> None:
        self.wire = Wire(address, options)
        self._options = options
        self._models: tuple[Model, ...] | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._failed: AnswererFailed | None = None

    @property
    def label(self) -> str:
        return self.wire.address.label

    def forget(self) -> None:
        """What is loaded, and whether the server is there, has to be asked for before the next call."""
        self._models = None
        self._failed = None

    async def models(self) -> tuple[Model, ...]:
        """Raises ServerFailed where the server cannot be reached, or gives no list."""
        async with self._asking:
            age = time.monotonic() - self._asked_at
            if self._failed is not None and age < _DOWN_FOR.get(self._failed.kind, 0.0):
                raise self._failed
            if self._models is None or age > self._options.listing_age:
                try:
                    self._models, self._failed = await self._listed(), None
                except AnswererFailed as failed:
                    self._models, self._failed = None, failed
                    raise
                finally:
                    self._asked_at = time.monotonic()
            return self._models

    async def _listed(self) -> tuple[Model, ...]:
        told: ServerFailed | None = None
        for path in PATHS:
            response = await self.wire.get(path, seconds=max(self._options.connect_timeout * 2, 10.0))
            if response.status in (401, 403, 407):
                # Another family of paths would want the same token.
                raise self.wire.refused(response.status, response.headers, response.body)
            if response.status == 200 and error_in(response.body) is None:
                models = models_in(path, response.body)
                if models is not None:
                    return await self._with_slots(models) if path == PATHS[-1] else models
            failed = self.wire.refused(response.status, response.headers, response.body)
            told = failed if told is None or _tells(failed) else told
        if told is not None and _tells(told):
            raise told
        raise ServerFailed(
            FailureKind.BAD_REPLY,
            "what answers there is no model server: none of its lists of models has the form of one",
            where=self.label,
            status=200,
            hint="check lm_studio.base_url",
        )

    async def _with_slots(self, models: tuple[Model, ...]) -> tuple[Model, ...]:
        """What llama.cpp tells elsewhere: the window of one slot, and the number of slots."""
        if not models:
            return models
        try:
            response = await self.wire.get("/props", seconds=10.0)
        except ServerFailed:
            return models
        props = response.body if response.status == 200 and isinstance(response.body, Mapping) else {}
        settings = props.get("default_generation_settings")
        context = _count(settings.get("n_ctx")) if isinstance(settings, Mapping) else None
        slots = _count(props.get("total_slots"))
        return tuple(replace(model, context=context or model.context, parallel=slots) for model in models)

    async def ready(self, model: Model) -> Model:
        """The model, loaded. Where it is not, one single call loads it while all others wait.

        Calls that come at once to a model that is not loaded would load a copy each.
        """
        if model.loaded is not False:
            return model
        async with self._loading:
            now = self._again(model, await self.models())
            if now.loaded is False:
                self.forget()
                now = self._again(model, await self.models())  # another process may have loaded it
            if now.loaded is False:
                await self._warm_up(now)
                self.forget()
                now = self._again(model, await self.models())
            return now if now.loaded is not False else replace(now, loaded=None)

    def _again(self, model: Model, models: tuple[Model, ...]) -> Model:
        same = [one for one in models if one.answers_to(model.id)]
        return next((one for one in same if one.loaded), same[0] if same else model)

    async def _warm_up(self, model: Model) -> None:
        path, body = (
            "/v1/chat/completions",
            {
                "model": model.id,
                "messages": [{"role": "user", "content": "Say: ready"}],
                "max_tokens": 1,
                "stream": False,
            },
        )
        if model.embeds:
            path, body = "/v1/embeddings", {"model": model.id, "input": ["ready"]}
        response = await self.wire.post(path, body, seconds=self._options.first_token_timeout)
        if response.status != 200 or error_in(response.body) is not None:
            raise self.wire.refused(response.status, response.headers, response.body)


def _tells(failed: ServerFailed) -> bool:
    """Whether it says more than that one list of several is not there."""
    return failed.kind is not FailureKind.BAD_REPLY or is_redirect(failed.status or 0)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

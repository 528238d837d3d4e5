"""Which model of which server a call goes to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.listing import Model, same_model
from workflow_cli.adapters.lmstudio.options import LmStudioOptions
from workflow_cli.adapters.lmstudio.server import Server
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A model on a server. `named` tells that this model was asked for, so that no other may answer."""

    server: Server
    model: Model
    named: bool

    def window(self, otherwise: int) -> int:
        """Tokens of prompt and reply; `otherwise` where the server does not tell, and the model can do as much."""
        return self.model.context or min(otherwise, self.model.longest or otherwise)

    def limit(self, concurrency: int) -> int:
        """How many requests may be under way at once."""
        return min(concurrency, self.model.parallel or concurrency)


async def places_for(
    name: str | None, servers: Sequence[Server], options: LmStudioOptions, *, embeds: bool = False
) -> list[Place]:
    """The same model on every server that has it, in the order of the servers. Raises AnswererFailed where none has.

    Without a name it is the model that the first server in reach has loaded. Servers that are down are passed over.
    """
    lists = await asyncio.gather(*(server.models() for server in servers), return_exceptions=True)
    failures: list[AnswererFailed] = []
    reached: list[tuple[Server, tuple[Model, ...]]] = []
    for server, found in zip(servers, lists, strict=True):
        if isinstance(found, AnswererFailed):
            failures.append(found)
        elif isinstance(found, BaseException):
            raise found
        else:
            reached.append((server, found))
    places: list[Place] = []
    for server, models in reached:
        suiting = [model for model in models if model.embeds is embeds or (name and model.answers_to(name))]
        model = _choice(name, suiting, may_load=options.may_load)
        if model is not None and (name or not places or same_model(places[0].model.id, model.id, places[0].model)):
            places.append(Place(server=server, model=model, named=name is not None))
    if places:
        return places
    if not reached:
        raise failures[0]
    raise _nothing(name, reached, embeds=embeds)


def _choice(name: str | None, models: Sequence[Model], *, may_load: bool) -> Model | None:
    if name is not None:
        models = [model for model in models if model.answers_to(name)]
    ready = [model for model in models if model.loaded is not False]
    if ready:
        # Where the server tells what is loaded, that; an instance of just the name that was asked for first.
        return min(ready, key=lambda model: (model.loaded is not True, model.id != name))
    if may_load and (name is not None or len(models) == 1):
        return models[0] if models else None
    return None


def _nothing(name: str | None, reached: Sequence[tuple[Server, tuple[Model, ...]]], *, embeds: bool) -> ServerFailed:
    known = [model for _, models in reached for model in models if model.embeds is embeds]
    names = list(dict.fromkeys(model.id for model in known))
    there = f"; there are: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}" if names else ""
    if name is None:
        message = f"no {'embedding ' if embeds else ''}model is loaded{there}"
        hint = "load one: `lms load`, or name it in lm_studio.model and set lm_studio.may_load"
    elif any(model.answers_to(name) for model in known):
        message = f"the model {name} is not loaded"
        hint = f"`lms load {name}`, or set lm_studio.may_load"
    else:
        message = f"there is no model {name}{there}"
        hint = "set lm_studio.model to one of them, or to null for the one that is loaded"
    where = ", ".join(server.label for server, _ in reached)
    return ServerFailed(FailureKind.NO_MODEL, message, where=where, hint=hint, before_reply=True)

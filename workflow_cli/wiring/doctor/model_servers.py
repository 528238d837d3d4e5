"""Whether each model server answers, which model would be asked there, how much that reads, and whether it can give JSON.

Nothing is loaded for it, whatever the settings allow, as that may take minutes and evict what somebody else works with.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from workflow_cli.app.doctor.check import Check, Probe, Seen, State, failed, ok, skipped, warning
from workflow_cli.wiring.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.client import LmStudio
    from workflow_cli.adapters.lmstudio.listing import Model
    from workflow_cli.adapters.lmstudio.placing import Place
    from workflow_cli.domain.answering.failure import AnswererFailed
    from workflow_cli.settings import Settings

#: Seconds for the one small reply that is asked of each model, and for what a server says of itself.
_REPLY, _LISTS = 60.0, 90.0
#: Where the failure has no next step of its own.
_LOG = "see the server's own log"
#: Tokens that a prompt of a few passages takes.
_PROMPT = 1024
_WORD = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
_IN_WORDS = {
    "json_schema": "the schema binds the reply",
    "json_schema_no_reasoning": "the schema binds the reply, with reasoning switched off",
    "plain": "only because the prompt asks for it",
    "json_object": "as JSON of any form, with the schema in the prompt",
}


def look(at: Surroundings) -> Iterator[Seen | Probe]:
    if at.settings is None:
        yield skipped("none was contacted, as the settings are wrong")
        return
    from workflow_cli.adapters.lmstudio.address import address_of
    from workflow_cli.wiring.model_review import is_configured
    from workflow_cli.wiring.network import network_rules

    chosen, rules = at.settings.lm_studio, network_rules(at.settings)
    named = is_configured(at.settings)
    seconds = _LISTS + _REPLY * len(_names(at.settings))
    addresses = {address.root: address for address in map(address_of, (chosen.base_url, *chosen.hosts))}
    for host, address in addresses.items():
        if refusal := rules.refusal(address.host):
            yield skipped(refusal, where=address.label)
        elif not named and not _listens(host):
            text = "none is configured, and none listens here; everything works without"
            hint = "to have one: start it (`lms server start`), or set lm_studio.base_url"
            yield skipped(text, where=address.label, next=hint)
        else:
            yield Probe(where=address.label, seconds=seconds, look=partial(_asked, at.settings, host, named=named))


def _names(settings: Settings) -> Sequence[str | None]:
    """The models that calls are for; None is the one that is loaded."""
    return list(dict.fromkeys((settings.lm_studio.model, *settings.lm_studio.models_by_kind.values())))


def _listens(host: str) -> bool:
    from workflow_cli.adapters.listening import listens

    return listens(host)


async def _asked(settings: Settings, host: str, *, named: bool) -> Sequence[Seen]:
    """What is wrong with a server that nobody named is no failure: nobody counts on it."""
    found = [seen async for seen in _one_host(settings, host)]
    if named:
        return found
    return [replace(seen, state=State.WARNING) if seen.state is State.FAILED else seen for seen in found]


async def _one_host(settings: Settings, host: str) -> AsyncIterator[Seen]:
    from workflow_cli.wiring.models import lm_studio_of

    options, calls = _options(settings, host), _Calls()
    async with lm_studio_of(options, root=None, events=calls) as client:
        (status,) = await client.status()
        if status.problem is not None:
            yield _failed(status.problem, where=status.host)
            return
        # Once more: what the first one took is mostly the time in which this program loads its HTTP library.
        started = time.monotonic()
        (status,) = await client.status()
        taken = (time.monotonic() - started) * 1000
        models = [model for model in status.models if not model.embeds]
        yield ok(f"answers in {taken:.0f} ms and lists {_counted(models)}", where=status.host)
        for name in _names(settings):
            trying = client.used_with(replace(options, may_load=False))
            async for seen in _one_model(client, trying, calls, settings, status.host, name):
                yield seen


async def _one_model(
    client: LmStudio, trying: LmStudio, calls: _Calls, settings: Settings, host: str, name: str | None
) -> AsyncIterator[Seen]:
    """`client` is told what the settings allow, to say what they would do; `trying` loads nothing."""
    from workflow_cli.domain.answering.failure import AnswererFailed

    try:
        (place,) = await client.places(name)
    except AnswererFailed as failure:
        yield _failed(failure, where=host, part="model")
        return
    model = place.model
    where = f"{host} {model.id}"
    if model.loaded is False:
        text = "is not loaded; the first call loads it, as lm_studio.may_load allows, and may evict another"
        yield ok(text, where=where, part="model")
        yield skipped("not known before the model is loaded, and nothing is loaded here", where=where, part="context")
        yield skipped("not tried, as nothing is loaded here", where=where, part="output")
        return
    untold = "would be asked; the server does not tell whether it is loaded"
    yield ok("is loaded" if _is_loaded(model) else untold, where=where, part="model")
    yield _context(place, settings, where)
    if not _is_loaded(model):  # there are servers that list all they have, and load what they are asked for
        text = "not tried: the server does not tell whether the model is loaded, and trying could load it"
        yield skipped(text, where=where, part="output")
        return
    yield await _output(trying, calls, where, name)


def _counted(models: Sequence[Model]) -> str:
    counted = f"{len(models)} model{'' if len(models) == 1 else 's'}"
    loaded = sum(_is_loaded(model) for model in models)
    tells = loaded or any(model.loaded is not None for model in models)
    return f"{counted}, {loaded} loaded" if tells else counted


def _is_loaded(model: Model) -> bool:
    """Whether it is loaded for sure: who tells how much one reads now has it loaded."""
    return model.loaded is True or (model.loaded is None and model.context is not None)


def _context(place: Place, settings: Settings, where: str) -> Seen:
    chosen, known = settings.lm_studio, place.model.context
    tokens = place.window(chosen.window)
    if known is None:
        text = f"the server does not tell; prompts are cut to {tokens} tokens, as lm_studio.window says"
        if settings.origins["lm_studio.window"] != "default":
            return ok(text, where=where, part="context")
        hint = "set lm_studio.window to what the model was started with"
        return warning(text, where=where, next=hint, part="context")
    longest = place.model.longest
    more = f", of {longest} that it could read" if longest and longest > known else ""
    text = f"{tokens} tokens as it is loaded{more}"
    if tokens - chosen.max_tokens >= _PROMPT:
        return ok(text, where=where, part="context")
    text += f"; beside a reply of {chosen.max_tokens} (lm_studio.max_tokens) hardly a passage fits in"
    hint = f"lms load {place.model.id} --context-length 16384, or less for lm_studio.max_tokens"
    return warning(text, where=where, next=hint, part="context")


async def _output(client: LmStudio, calls: _Calls, where: str, model: str | None) -> Seen:
    import asyncio

    from workflow_cli.app.answering.ports import ChatMessage, ChatRequest
    from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

    request = ChatRequest(
        messages=(ChatMessage(role="user", content='Reply with {"word": "ready"} and nothing else.'),),
        max_tokens=128,
        purpose="doctor",
        schema=_WORD,
        schema_name="word",
        model=model,
    )
    try:
        async with asyncio.timeout(_REPLY):
            reply = await client.complete(request)
    except TimeoutError:
        hint = "see the server's own log, or have it load a smaller model"
        return failed(f"no reply within {_REPLY:g} s", where=where, next=hint, part="output")
    except AnswererFailed as failure:
        larger = "try a model of 7B or more" if failure.kind is FailureKind.BAD_REPLY else _LOG
        return _failed(failure, where=where, part="output", otherwise=larger)
    how = _IN_WORDS.get(str(calls.last.get("form")), "")
    return ok(f"works, {how}; {reply.milliseconds:.0f} ms", where=where, part="output")


def _failed(failure: AnswererFailed, *, where: str, part: str | None = None, otherwise: str = _LOG) -> Seen:
    return failed(failure.message, where=where, next=failure.hint or otherwise, part=part)


def _options(settings: Settings, host: str) -> Any:
    from workflow_cli.wiring.models import lm_studio_options

    options = lm_studio_options(settings)
    return replace(
        options,
        hosts=(host,),
        attempts=1,
        first_token_timeout=min(options.first_token_timeout, _REPLY),
        idle_timeout=min(options.idle_timeout, _REPLY),
        timeout=min(options.timeout, _REPLY),
    )


class _Calls:
    """Takes the event of each call, which tells in what form the reply came, and writes none."""

    def __init__(self) -> None:
        self.last: Mapping[str, object] = {}

    def append(self, event: Mapping[str, object]) -> None:
        self.last = event


CHECK = Check(
    "model-server",
    "Model server",
    look,
    {"model": "Model", "context": "Context", "output": "Structured output"},
)

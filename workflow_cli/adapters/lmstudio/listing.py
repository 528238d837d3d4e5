"""Which models a server has, read from any of the three lists that servers give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One loaded instance of a model, or a model that is not loaded.

    `id` is what a request names; `names` all under which it may be asked for. `loaded` is None where the list does
    not tell. `context` is how many tokens it reads as loaded, None where unknown; `longest` what it could.
    `parallel` is how many requests it takes at once.
    """

    id: str
    names: tuple[str, ...]
    embeds: bool = False
    loaded: bool | None = None
    context: int | None = None
    longest: int | None = None
    parallel: int | None = None

    def answers_to(self, name: str) -> bool:
        wanted = name.casefold()
        return any(wanted == known.casefold() for known in self.names)


#: In the order in which they are tried: the ones that tell most first.
PATHS = ("/api/v1/models", "/api/v0/models", "/v1/models")


def models_in(path: str, body: Any) -> tuple[Model, ...] | None:
    """The models of a list; None where the body does not have the shape of this path's list."""
    if not isinstance(body, Mapping):
        return None
    if path == "/api/v1/models":
        entries, read = body.get("models"), _native
    else:
        entries, read = body.get("data"), _older if path == "/api/v0/models" else _plain
    if not isinstance(entries, list):
        return None
    return tuple(model for entry in entries if isinstance(entry, Mapping) for model in read(entry))


def _native(entry: Mapping[str, Any]) -> Iterator[Model]:
    key = _text(entry.get("key"))
    if key is None:
        return
    embeds, longest = entry.get("type") == "embedding", _count(entry.get("max_context_length"))
    variants = tuple(filter(None, map(_text, _list(entry.get("variants")))))
    names = tuple(dict.fromkeys((key, *filter(None, (_text(entry.get("selected_variant")),)), *variants)))
    instances = [one for one in _list(entry.get("loaded_instances")) if isinstance(one, Mapping)]
    for instance in instances:
        id, config = _text(instance.get("id")) or key, instance.get("config")
        config = config if isinstance(config, Mapping) else {}
        yield Model(
            id=id,
            names=tuple(dict.fromkeys((id, *names))),
            embeds=embeds,
            loaded=True,
            context=_count(config.get("context_length")),
            longest=longest,
            parallel=_count(config.get("parallel")),
        )
    if not instances:
        yield Model(id=key, names=names, embeds=embeds, loaded=False, longest=longest)


def _older(entry: Mapping[str, Any]) -> Iterator[Model]:
    id = _text(entry.get("id"))
    if id is not None:
        state = entry.get("state")
        yield Model(
            id=id,
            names=(id,),
            embeds=entry.get("type") == "embeddings",
            loaded=None if state is None else state == "loaded",
            context=_count(entry.get("loaded_context_length")),
            longest=_count(entry.get("max_context_length")),
        )


def _plain(entry: Mapping[str, Any]) -> Iterator[Model]:
    id = _text(entry.get("id"))
    if id is not None:
        # vLLM tells the window itself; llama.cpp tells in `meta` what the model was trained for.
        meta = entry.get("meta")
        meta = meta if isinstance(meta, Mapping) else {}
        yield Model(
            id=id,
            names=tuple(dict.fromkeys((id, id.replace("\\", "/").rpartition("/")[2]))),
            embeds="embed" in id.casefold(),
            context=_count(entry.get("max_model_len")) or _count(meta.get("n_ctx")),
            longest=_count(meta.get("n_ctx_train")),
        )


def same_model(asked: str, echoed: str, model: Model) -> bool:
    """Whether `echoed`, the name in a reply, is the model that was asked for.

    Variants (`@q4_k_m`), instance numbers (`:2`), paths and file ends are looked through.
    """
    known = {_core(name) for name in (asked, *model.names)}
    return _core(echoed) in known


def _core(name: str) -> str:
    core = name.casefold().replace("\\", "/").rpartition("/")[2].removesuffix(".gguf")
    core = core.partition("@")[0]
    head, colon, tail = core.rpartition(":")
    return head if colon and tail.isdigit() else core


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

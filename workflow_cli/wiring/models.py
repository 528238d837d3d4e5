"""Models behind a server, and the answerer that asks one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import event_log
from workflow_cli.wiring.network import network_rules

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.client import LmStudio
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions
    from workflow_cli.app.answering.model_answerer import ModelAnswerer
    from workflow_cli.app.answering.ports import ChatModel
    from workflow_cli.app.ports import EventLog
    from workflow_cli.settings import Settings


def lm_studio(root: Path | None, settings: Settings, *, events: EventLog | None = None) -> LmStudio:
    """The configured servers; no connection is made before the first call. Close it when done.

    `root` is where it is remembered which form of output a model can give; None remembers nothing.
    """
    from workflow_cli.adapters.event_log import NoEvents

    if events is None:
        events = NoEvents() if root is None else event_log(settings, root)
    return lm_studio_of(lm_studio_options(settings), root=root, events=events)


def lm_studio_of(options: LmStudioOptions, *, root: Path | None, events: EventLog) -> LmStudio:
    """As `lm_studio`, used as `options` say."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.lmstudio.client import LmStudio
    from workflow_cli.adapters.lmstudio.form_memory import FormMemory

    clock = SystemClock()
    return LmStudio(options, events=events, clock=clock, forms=FormMemory(root, clock))


def lm_studio_options(settings: Settings) -> LmStudioOptions:
    from workflow_cli.adapters.lmstudio.address import address_of
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions

    chosen = settings.lm_studio
    trusted = _hosts_of_the_person(settings)
    return LmStudioOptions(
        hosts=(chosen.base_url, *chosen.hosts),
        token=chosen.token.reveal() if chosen.token else None,
        token_hosts=None if trusted is None else tuple(address_of(host).root for host in trusted),
        model=chosen.model,
        models_by_kind=chosen.models_by_kind,
        embedding_model=chosen.embedding_model,
        may_load=chosen.may_load,
        concurrency=chosen.concurrency,
        attempts=chosen.attempts,
        window=chosen.window,
        connect_timeout=chosen.connect_timeout,
        first_token_timeout=chosen.first_token_timeout,
        idle_timeout=chosen.idle_timeout,
        timeout=chosen.timeout,
        network=network_rules(settings),
    )


def _hosts_of_the_person(settings: Settings) -> tuple[str, ...] | None:
    """Addresses a person's token may be sent to; None for all.

    A cloned project must not get somebody's token by naming an address of its own: such a one gets the project's own
    token, or none, unless it is on this machine.
    """
    from workflow_cli.adapters.lmstudio.address import address_of
    from workflow_cli.settings import PROJECT_FILE

    def of_project(key: str) -> bool:
        return settings.origins[key].startswith(f"{PROJECT_FILE}:")

    if of_project("lm_studio.token"):
        return None
    chosen = settings.lm_studio
    named = [(chosen.base_url, "lm_studio.base_url"), *((host, "lm_studio.hosts") for host in chosen.hosts)]
    return tuple(host for host, key in named if not of_project(key) or address_of(host).is_loopback)


def model_answerer(
    root: Path, settings: Settings, model: ChatModel, *, on_text: Callable[[str], None] | None = None
) -> ModelAnswerer:
    """Answers over passages by `model`; `on_text` gets every claim as soon as its quote is found in the documents."""
    import secrets

    from workflow_cli.adapters.confined_read import ConfinedReader, is_within
    from workflow_cli.adapters.prompt_files import load_prompt
    from workflow_cli.app.answering.model_answerer import ModelAnswerer
    from workflow_cli.domain.answering.bullets import with_advice, with_bullets

    reader = ConfinedReader(root, settings.limits.max_file_bytes)

    def read(path: str) -> bytes | None:
        try:
            return reader.read(root / path) if is_within(root, root / path) else None
        except OSError:
            return None

    return ModelAnswerer(
        model,
        with_advice(with_bullets(load_prompt("answer"), settings.answers.bullets), settings.answers.advice),
        read=read,
        fence=lambda: secrets.token_hex(8),
        max_tokens=settings.lm_studio.max_tokens,
        models=settings.lm_studio.models_by_kind,
        on_text=on_text,
    )

"""How model servers are to be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_cli.adapters.network import NetworkRules


@dataclass(frozen=True, kw_only=True, slots=True)
class LmStudioOptions:
    """`hosts` are addresses, the first preferred where several are equally free; `token` goes to `token_hosts` only.

    Times are in seconds. `models_by_kind` names models by the purpose of a call. `window` is taken where a server
    does not say how many tokens a model reads. `attempts` bounds how often one call is made where making it again is
    safe; `retry_wait` is the longest wait that a server may ask for in between.
    """

    hosts: tuple[str, ...]
    token: str | None = field(default=None, repr=False)
    token_hosts: tuple[str, ...] | None = None
    model: str | None = None
    models_by_kind: Mapping[str, str] = field(default_factory=dict)
    embedding_model: str | None = None
    may_load: bool = False
    concurrency: int = 4
    attempts: int = 2
    window: int = 4096
    connect_timeout: float = 5.0
    first_token_timeout: float = 300.0
    idle_timeout: float = 60.0
    timeout: float = 600.0
    listing_age: float = 30.0
    retry_wait: float = 10.0
    network: NetworkRules = field(default_factory=NetworkRules)

"""All levers. A new one is a file beside this one and a line here."""

from __future__ import annotations

from workflow_cli.domain.improvement.lever import Lever
from workflow_cli.domain.improvement.levers.breaker import ToolBreaker
from workflow_cli.domain.improvement.levers.cache_invalidation import CacheInvalidation
from workflow_cli.domain.improvement.levers.cache_ttl import CacheTtl
from workflow_cli.domain.improvement.levers.coding_agent import CodingAgent
from workflow_cli.domain.improvement.levers.concurrency import Concurrency
from workflow_cli.domain.improvement.levers.field_weight import FieldWeight
from workflow_cli.domain.improvement.levers.longer_timeout import LongerTimeout
from workflow_cli.domain.improvement.levers.mined_synonyms import MinedSynonyms
from workflow_cli.domain.improvement.levers.model_of_kind import ModelOfKind
from workflow_cli.domain.improvement.levers.prompt_bullets import PromptBullets
from workflow_cli.domain.improvement.levers.prompt_text import PromptText
from workflow_cli.domain.improvement.levers.recurring_failures import RecurringFailures
from workflow_cli.domain.improvement.levers.retries import Retries
from workflow_cli.domain.improvement.levers.retrieval_depth import RetrievalDepth
from workflow_cli.domain.improvement.levers.router_order import RouterOrder
from workflow_cli.domain.improvement.levers.rule_muting import RuleMuting
from workflow_cli.domain.improvement.levers.shorter_timeout import ShorterTimeout
from workflow_cli.domain.improvement.levers.spec_gap import SpecGap
from workflow_cli.domain.improvement.levers.suggestion_threshold import SuggestionThreshold
from workflow_cli.domain.improvement.levers.tool_order import ToolOrder


def all_levers() -> tuple[Lever, ...]:
    """In the order in which they are asked; the same order decides between equals."""
    return (
        CacheInvalidation(),
        CacheTtl(),
        ToolBreaker(),
        ShorterTimeout(),
        ToolOrder(),
        LongerTimeout(),
        Retries(),
        RetrievalDepth(),
        FieldWeight(),
        MinedSynonyms(),
        RouterOrder(),
        ModelOfKind(),
        PromptBullets(),
        Concurrency(),
        RuleMuting(),
        SuggestionThreshold(),
        RecurringFailures(),
        SpecGap(),
        PromptText(),
        CodingAgent(),
    )

"""Every setting there is: type, default, description and example, in one table.

The JSON Schema, the commented workflow.yaml of `workflow init` and the reference page are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.openspec.fixable import FIXABLE
from workflow_cli.domain.review.protected_paths import PROTECTED_FROM_AGENTS, PROTECTED_PATHS
from workflow_cli.settings.composite_kinds import ListOf, MappingTo, OneOrMore, Optional
from workflow_cli.settings.kinds import (
    Choice,
    CommandLine,
    Decimal,
    FilePath,
    Flag,
    OneLine,
    SecretText,
    Share,
    Size,
    WebAddress,
    Whole,
    Word,
)
from workflow_cli.settings.mcp_servers import McpServers
from workflow_cli.settings.section import Key, Section, key

if TYPE_CHECKING:
    from workflow_cli.settings.secret import Secret

#: Named here, because the rules themselves are not needed to read settings; a test holds both together.
POLICY_RULE_IDS = (
    "model-written",
    "loop-proposed",
    "capability-retired",
    "requirement-deleted",
    "scenario-deleted",
    "outcome-deleted",
    "keyword-weakened",
    "negation-changed",
    "exception-added",
    "number-changed",
    "protected-path",
    "policy-changed",
)
LEVELS = ("error", "warning", "info")
#: Set by `make bench-answers`: see docs/explanation/retrieval.md.
THIN = 0.4
SURE = 0.8
STEPS = ("validate", "analyse", "ask", "draft")
#: As in domain/answering/route.py; a test holds both together.
ANSWERERS = ("specs", "model", "tools", "person")
#: As in domain/answering/bullets.py; a test holds both together.
BULLETS = ("answer-when-said", "compare-first", "exact-quotes", "json-only", "short-claims")


class ProcessSettings(Section):
    """What `workflow process` does with a change."""

    steps: tuple[str, ...] = key(
        ListOf(Choice(STEPS), may_be_empty=False),
        list(STEPS),
        "The steps to take. `draft` mends what `validate` and `analyse` find, and needs one of them.",
        ["validate"],
    )
    strict: bool = key(Flag(), False, "Warnings make an item invalid too, as in OpenSpec.", True)
    fail_level: str = key(
        Choice(LEVELS), "error", "The least severe finding that ends the command with status 1.", "warning"
    )
    baseline: Path | None = key(
        FilePath(inside=True),
        None,
        "A file of old findings to tolerate; it may only shrink.",
        "baseline.json",
    )
    max_questions: int = key(Whole(0, 5), 5, "The most clarifying questions to ask about one change.", 3)
    fix: tuple[str, ...] = key(
        ListOf(Choice(tuple(sorted(FIXABLE)))),
        [],
        "Rules whose repairs are committed without --fix, where the policy allows it.",
        ["task-number"],
    )
    model: str = key(
        Choice(("auto", "on", "off")),
        "auto",
        "Whether a model reads changes too: where a server is configured or listens, always, or never.",
        "off",
    )
    model_tokens: int = key(
        Whole(1, 100_000_000), 60_000, "Tokens of prompts and replies that the review of one change may take.", 20_000
    )
    model_seconds: int = key(Whole(1, 86400), 600, "Seconds that all reviews of one run may take together.", 120)


class RuleSettings(Section):
    """Which rules of the built-in analysis apply, and how severe they are."""

    enable: tuple[str, ...] = key(
        ListOf(Word()), [], "Ids of rules to switch on that are off by default.", ["passive-without-actor"]
    )
    disable: tuple[str, ...] = key(ListOf(Word()), [], "Ids of rules to switch off.", ["vague-quantity"])
    levels: Mapping[str, str] = key(
        MappingTo("rule id", Choice(LEVELS)),
        {},
        "Severities other than the rules' own.",
        {"weak-modal": "info"},
    )
    thresholds: Mapping[str, float] = key(
        MappingTo("rule id", Share()),
        {},
        "Scores from which on findings of a rule are reported, for rules whose findings have one.",
        {"near-duplicate-requirement": 0.95},
    )


class PolicySettings(Section):
    """Which drafts a person must approve before they are committed."""

    off: tuple[str, ...] = key(
        ListOf(Choice(POLICY_RULE_IDS)), [], "Ids of policy rules to switch off.", ["number-changed"]
    )
    protected: tuple[str, ...] = key(
        ListOf(Word()),
        list(PROTECTED_PATHS),
        "Paths from the root that only people release; * stays within a directory, ** does not.",
        ["openspec/specs/billing/**"],
    )
    deltas: bool = key(
        Flag(), True, "Whether the wording of a change's own deltas is held to the rules like that of specs.", False
    )
    other_person: bool = key(Flag(), False, "Whether somebody else than the author of a draft must approve it.", True)


class LimitSettings(Section):
    """What is refused as too large."""

    max_file_bytes: int = key(Size(), "10 MiB", "The largest document that is read.", "2 MiB")


class DocumentSettings(Section):
    """How documents are written."""

    auto_commit: bool = key(
        Flag(), False, "In a git checkout, commit what each revision touched, and nothing else.", True
    )
    dirty: str = key(
        Choice(("refuse", "allow")),
        "refuse",
        "What to do where the same lines have edits that are neither committed in git nor in the history.",
        "allow",
    )
    lock_timeout: int = key(Whole(0, 3600), 30, "Seconds to wait while another process writes.", 120)


class EventSettings(Section):
    """The record of what was done, one JSON line each."""

    enabled: bool = key(Flag(), True, "Whether to write events.", False)
    path: Path = key(
        FilePath(inside=True, optional=False), ".workflow/metrics.jsonl", "Where.", ".workflow/events.jsonl"
    )
    max_bytes: int = key(Size(), "64 MiB", "Beyond this the file is put aside and a new one begun.", "8 MiB")


class NetworkSettings(Section):
    """Which servers may be spoken to."""

    offline: bool = key(Flag(), False, "Use no server at all.", True)
    loopback_only: bool = key(Flag(), False, "Use no server outside this machine.", True)


class LmStudioSettings(Section):
    """A model server: LM Studio, or any of the same HTTP dialect."""

    base_url: str = key(
        WebAddress(),
        "http://127.0.0.1:1234",
        "Its address.",
        "http://127.0.0.1:1234",
        "LM_STUDIO_BASE_URL",
    )
    hosts: tuple[str, ...] = key(
        ListOf(WebAddress()),
        [],
        "Further servers with the same model, to spread the load over.",
        ["http://10.0.0.7:1234"],
    )
    token: Secret | None = key(SecretText(), None, "Its token; better kept in the environment.", None, "LM_API_TOKEN")
    model: str | None = key(
        Optional(Word()), None, "The model to ask; null for the one that is loaded.", "qwen/qwen3-8b"
    )
    models_by_kind: Mapping[str, str] = key(
        MappingTo("kind of question or purpose of a call", Word()),
        {},
        "Other models for a kind of question (lookup, howto, code, tool) or a purpose (answer, review, edit, propose).",
        {"code": "qwen/qwen3-coder-30b"},
    )
    embedding_model: str | None = key(
        Optional(Word()),
        None,
        "The model that makes vectors of texts; null for the one that is loaded.",
        "text-embedding-nomic-embed-text-v1.5",
    )
    may_load: bool = key(
        Flag(), False, "Whether a call may make the server load a model, which may evict another.", True
    )
    connect_timeout: int = key(Whole(1, 600), 5, "Seconds to wait for a connection.", 2)
    first_token_timeout: int = key(
        Whole(1, 86400), 300, "Seconds until a reply begins; reading a long prompt takes most of them.", 900
    )
    idle_timeout: int = key(Whole(1, 86400), 60, "Seconds that a reply may stand still once it has begun.", 120)
    timeout: int = key(Whole(1, 86400), 600, "Seconds for a whole reply.", 1800)
    max_tokens: int = key(Whole(16, 1000000), 1024, "The most tokens of one reply.", 4096)
    window: int = key(
        Whole(512, 10000000),
        4096,
        "Tokens of prompt and reply together, for servers that do not tell how many their model reads.",
        32768,
    )
    concurrency: int = key(
        Whole(1, 1000), 4, "Calls under way at once on each server; never more than it says it takes.", 1
    )
    attempts: int = key(Whole(1, 10), 2, "How often a call is made, where making it again is safe.", 3)

    def model_for(self, purpose: str) -> str | None:
        """The model that is named for a purpose of calls; None where the one that is loaded will do."""
        return self.models_by_kind.get(purpose) or self.model


class McpSettings(Section):
    """Tool servers (MCP) that may help to answer questions."""

    servers: Mapping[str, Mapping[str, Any]] = key(
        McpServers(),
        {},
        "The servers, by name.",
        {"clock": {"command": "mcp-server-time", "tools": {"get_current_time": "read"}}},
    )
    file: Path | None = key(
        FilePath(inside=True),
        None,
        "A JSON file that lists servers under mcpServers, as other programs use.",
        ".mcp.json",
    )
    trust: str = key(
        Choice(("approved", "configured")),
        "approved",
        "Use only servers and tools that a person approved, or every one that is configured.",
        "configured",
        personal=True,
    )
    timeout: int = key(Whole(1, 3600), 30, "Seconds a tool may take.", 120)
    connect_timeout: int = key(Whole(1, 600), 20, "Seconds a server may take to start and list its tools.", 60)
    max_result_bytes: int = key(Size(), "64 KiB", "What is beyond this of a tool's result is cut off.", "16 KiB")
    concurrency: int = key(Whole(1, 64), 4, "The most calls under way at one server.", 1)
    max_tools: int = key(Whole(1, 64), 8, "The most tools to offer a model for one question, the fittest ones.", 4)
    max_calls: int = key(Whole(1, 20), 4, "The most tool calls for one question.", 2)
    attempts: int = key(
        Whole(1, 4),
        2,
        "How often a tool is called, again only where it reads and its server was overloaded or lost in passing.",
        1,
    )


class AnswerSettings(Section):
    """Who answers questions, in which order, and with how much time."""

    order: tuple[str, ...] = key(
        ListOf(Choice(ANSWERERS)),
        list(ANSWERERS),
        "Who is asked, one after the other, until somebody answers.",
        ["specs", "person"],
    )
    order_lookup: tuple[str, ...] | None = key(
        Optional(ListOf(Choice(ANSWERERS))),
        None,
        "The order for questions of what something is; null for answers.order.",
        ["specs", "person"],
    )
    order_howto: tuple[str, ...] | None = key(
        Optional(ListOf(Choice(ANSWERERS))),
        None,
        "The order for questions of how to do something; null for answers.order.",
        ["specs", "model", "person"],
    )
    order_code: tuple[str, ...] | None = key(
        Optional(ListOf(Choice(ANSWERERS))),
        None,
        "The order for questions about code; null for answers.order.",
        ["tools", "specs", "model", "person"],
    )
    order_tool: tuple[str, ...] | None = key(
        Optional(ListOf(Choice(ANSWERERS))),
        ["tools", "specs", "model", "person"],
        "The order for what no document can know, such as the time or a commit; null for answers.order.",
        ["tools", "person"],
    )
    deadline: int = key(Whole(1, 86400), 300, "Seconds for a whole question, a person's time aside.", 60)
    budgets: Mapping[str, float] = key(
        MappingTo("answerer", Decimal(0.1, 86400), keys=ANSWERERS),
        {"model": 240, "tools": 60},
        "Seconds that one of them may take of it.",
        {"model": 30},
    )
    limits: Mapping[str, int] = key(
        MappingTo("answerer", Whole(1, 10000), keys=ANSWERERS),
        {"model": 64, "tools": 64},
        "How many questions one of them gets at once, in one process.",
        {"model": 1},
    )
    attempts: int = key(Whole(1, 10), 3, "How often one of them is asked, where asking again is safe.", 1)
    advice: str | None = key(
        OneLine(800),
        None,
        "A sentence or two that are added to what a model is told when it answers; its rules stay as they are.",
        "Prefer the passage whose title names the subject of the question.",
    )
    bullets: tuple[str, ...] = key(
        ListOf(Choice(BULLETS)),
        [],
        "Sentences of the program's own that are added to what a model is told.",
        ["exact-quotes"],
    )
    breaker_failures: int = key(
        Whole(1, 1000), 3, "After so many failures in a row one of them is left alone for a while.", 1
    )
    breaker_seconds: int = key(
        Whole(1, 300), 15, "How long at first; twice as long each time it fails again, at most 300.", 60
    )
    cache: bool = key(
        Flag(), True, "Whether answers are kept and served again while what they cite is the same.", False
    )
    cache_seconds: int = key(Whole(1, 31_536_000), 3600, "How long an answer is kept that cites no document.", 60)
    cache_cited_seconds: int | None = key(
        Optional(Whole(0, 31_536_000)),
        None,
        "How long at most an answer is kept that cites documents; null for as long as they say the same.",
        86_400,
    )
    cache_entries: int = key(Whole(1, 1_000_000), 10_000, "How many answers are kept.", 1000)
    batch_at_once: int = key(Whole(1, 10_000), 64, "How many questions of a batch are under way at once.", 8)


class QuestionSettings(Section):
    """Questions that nobody could answer yet."""

    expire_days: int = key(Whole(0, 3650), 30, "Days after which a question is no longer asked; 0 means never.", 7)
    most_open: int = key(Whole(1, 1_000_000), 10_000, "So many may be open; more are refused.", 500)
    context_keys: tuple[str, ...] = key(
        ListOf(Word()), [], "Keys that a question's context may have beside the known ones.", ["ticket"]
    )


class RetrievalSettings(Section):
    """How passages are found for a question, and when they are an answer."""

    glossary: Path = key(
        FilePath(inside=True, optional=False),
        "openspec/glossary.yaml",
        "A file of words that mean the same; it need not be there.",
        "docs/glossary.yaml",
    )
    synonyms: Mapping[str, tuple[str, ...]] = key(
        MappingTo("word of questions", OneOrMore(Word())),
        {},
        "Words that people ask with, each with the word, or the words, that the documents have instead; beside the glossary.",
        {"basket": "cart", "fee": ["charge", "price"]},
    )
    thin: float = key(
        Share(), THIN, "Passages that hold less than this of what is asked about are no answer: not in the specs.", 0.5
    )
    sure: float = key(
        Share(), SURE, "Passages that hold this much answer a lookup without asking a model as well.", 0.9
    )
    passages: int = key(Whole(1, 50), 8, "How many passages are looked at for an answer.", 12)
    title_weight: float = key(
        Decimal(0.1, 20), 2.0, "How much more a word of the question counts in a passage's title than in its text.", 3.0
    )


class LoopSettings(Section):
    """What `workflow loop` may do by itself, and how much of it."""

    levers: tuple[str, ...] | None = key(
        Optional(ListOf(Word())), None, "Only these levers; null for all of them.", ["retrieval-depth", "cache-ttl"]
    )
    automatic: tuple[str, ...] = key(
        ListOf(Choice(("A", "B"))),
        ["A", "B"],
        "The classes of changes that need no person: A within bounds, B with notice. Class C always needs one.",
        ["A"],
    )
    edits_a_day: int = key(Whole(0, 1000), 24, "The most changes that are tried within 24 hours.", 4)
    model_calls_a_day: int = key(
        Whole(0, 1_000_000), 400, "The most questions that a model is asked again for comparison within 24 hours.", 0
    )
    search_prompts: bool = key(
        Flag(),
        False,
        "Whether an advice for the model is searched for, once a day, by some hundred of its calls; needs the extra `gepa`.",
        True,
    )
    coding_agent: tuple[str, ...] | None = key(
        CommandLine(),
        None,
        "A coding agent: it gets a task on its standard input, in a worktree of git, once a person has approved that.",
        ["my-agent", "--quiet"],
        personal=True,
    )
    test_command: tuple[str, ...] | None = key(
        CommandLine(),
        None,
        "The project's tests, which decide about what the coding agent did; 0 is passed.",
        ["make", "test"],
        personal=True,
    )
    coding_agent_seconds: int = key(
        Whole(1, 86_400), 1800, "How long the coding agent may take, and the tests each time they are run.", 600
    )
    coding_agent_output: int = key(Size(), "16 MiB", "How much either of them may print before it is ended.", "1 MiB")
    coding_agent_protected: tuple[str, ...] = key(
        ListOf(Word()),
        list(PROTECTED_FROM_AGENTS),
        "Files that the coding agent must not change, from the top of the checkout; policy.protected and the loop's own come on top.",
        ["tests/**", "ci/**"],
    )
    cycle_seconds: int = key(
        Whole(1, 86_400), 600, "After so many seconds a cycle asks nothing again for comparison.", 60
    )


class WatchSettings(Section):
    """The directory of documents, as other programs name it. No command reads it: `--root` names the tree."""

    path: Path | None = key(
        FilePath(inside=True), None, "Accepted and checked, and read by no command.", "openspec", "OPENSPEC_WATCH_PATH"
    )


class SocketSettings(Section):
    """Unix sockets of other processes on this machine."""

    orchestrator: Path | None = key(
        FilePath(),
        None,
        "Accepted and checked, and read by no command: each does its work itself.",
        ".workflow/orchestrator.sock",
        "WORKFLOW_ORCHESTRATOR_SOCKET",
    )
    mcp: Path | None = key(
        FilePath(),
        None,
        "Where an MCP server listens, which is asked as the server `orchestrator` once it is approved.",
        ".workflow/mcp.sock",
        "MCP_ORCHESTRATOR_SOCKET",
    )


SECTIONS: dict[str, type[Section]] = {
    "process": ProcessSettings,
    "rules": RuleSettings,
    "policy": PolicySettings,
    "limits": LimitSettings,
    "documents": DocumentSettings,
    "events": EventSettings,
    "network": NetworkSettings,
    "lm_studio": LmStudioSettings,
    "mcp": McpSettings,
    "answers": AnswerSettings,
    "questions": QuestionSettings,
    "retrieval": RetrievalSettings,
    "loop": LoopSettings,
    "watch": WatchSettings,
    "sockets": SocketSettings,
}


def keys_of(section: str) -> Iterator[tuple[str, Key]]:
    """The keys of a section with their own names, in order."""
    return ((name, key) for name, key in vars(SECTIONS[section]).items() if isinstance(key, Key))


KEYS: dict[str, Key] = {f"{section}.{leaf}": key for section in SECTIONS for leaf, key in keys_of(section)}


VARIABLE_PREFIX = "WORKFLOW_"


def variable_of(name: str) -> str:
    """The environment variable that every key has: `process.strict` → `WORKFLOW_PROCESS__STRICT`."""
    return VARIABLE_PREFIX + name.replace(".", "__").upper()

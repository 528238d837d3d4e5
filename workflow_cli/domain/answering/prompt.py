"""Prompts: a template with places, and the passages that fit into a model's window."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workflow_cli.domain.answering.passage import Evidence
from workflow_cli.domain.answering.tokens import MESSAGE_FRAME

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
#: Kept free for what the model's own template adds, and for estimates that were too low.
SPARE_SHARE = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptTemplate:
    """A prompt file: `name` and `version` are in its file name, the places `{{so}}` are filled by `filled`.

    `bullets` are the names of sentences that were added to it.
    """

    name: str
    version: int
    system: str
    user: str
    bullets: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`answer.v1`, as events name it; `answer.v1+exact-quotes` with a sentence added."""
        return "+".join((f"{self.name}.v{self.version}", *self.bullets))


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with each `{{place}}` filled, all at once: what is put in is not searched for places. Raises KeyError."""
    return _PLACE.sub(lambda match: values[match[1]], text)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedPrompt:
    """`used` are the passages in it, numbered from 1 in this order; `dropped` those for which there was no room."""

    system: str
    user: str
    used: tuple[Evidence, ...]
    dropped: tuple[Evidence, ...]
    tokens: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Tokens of a model's window, and how many of them the reply may take."""

    window: int
    reply: int

    @property
    def prompt(self) -> int:
        """What is left for the prompt."""
        return self.window - self.reply - self.window // SPARE_SHARE


def plan_prompt(
    template: PromptTemplate,
    values: Mapping[str, str],
    evidence: Sequence[Evidence],
    *,
    room: Room,
    count: Callable[[str], int],
    fence: str,
) -> PlannedPrompt:
    """The prompt with as many passages as there is room for, best first.

    A passage is in it whole or not at all. `fence` is a word that nobody who wrote a document can have known; it
    stands around everything that comes from documents or from the one who asks.
    """
    frame = {**{name: fenced(name, text, fence) for name, text in values.items()}, "fence": fence, "passages": ""}
    system = filled(template.system, frame)
    taken = count(system) + count(filled(template.user, frame)) + 2 * MESSAGE_FRAME
    used: list[Evidence] = []
    dropped: list[Evidence] = []
    blocks: list[str] = []
    for found in evidence:
        block = passage_block(len(used) + 1, found, fence)
        tokens = count(block) + 1
        if taken + tokens <= room.prompt:
            used.append(found)
            blocks.append(block)
            taken += tokens
        else:
            dropped.append(found)
    user = filled(template.user, {**frame, "passages": "\n".join(blocks)})
    return PlannedPrompt(system=system, user=user, used=tuple(used), dropped=tuple(dropped), tokens=taken)


def passage_block(number: int, found: Evidence, fence: str) -> str:
    """One passage with its number and place, between fences."""
    passage = found.passage
    state = " (archived)" if passage.archived else f" (open change {passage.change})" if passage.change else ""
    head = _one_line(f"passage {number} from {passage.path}:{passage.line}{state}")
    return f"<<{fence} {head}\n{_defused(passage.text, fence)}\n{fence}>>"


def fenced(name: str, text: str, fence: str) -> str:
    """Text of somebody else as data, under a name; nothing for no text."""
    if not text.strip():
        return ""
    return f"<<{fence} {name}\n{_defused(text, fence)}\n{fence}>>"


def _defused(text: str, fence: str) -> str:
    # It cannot be guessed; should it stand there all the same, it must not end the block.
    return text.replace(fence, "?" * len(fence)).strip("\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())

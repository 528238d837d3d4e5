"""A model's reply to a question: claims, each of which has to prove itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.domain.answering.passage import Evidence
from workflow_cli.domain.answering.quote import FoundQuote, find_quote

MOST_CLAIMS = 12
LONGEST_CLAIM = 1200

#: What a model has to reply; the quote comes first, so that the claim is written after what it rests on.
CLAIMS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["in_passages", "claims"],
    "properties": {
        "in_passages": {"type": "boolean"},
        "claims": {
            "type": "array",
            "maxItems": MOST_CLAIMS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["passage", "quote", "text"],
                "properties": {
                    "passage": {"type": "integer", "minimum": 1},
                    "quote": {"type": "string"},
                    "text": {"type": "string"},
                },
            },
        },
    },
}

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"(?:https?|ftp|file)://\S+|\bwww\.\S+|\b[\w.+-]+@[\w-]+\.[\w.]+", re.IGNORECASE)

_JOINERS = "\u200c\u200d"  # Persian and the scripts of India are wrong without them


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a model says, and what it says it has from where: nothing of it is believed yet. `passage` from 1."""

    text: str
    quote: str
    passage: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelReply:
    """`in_passages` is False where the model says that the passages do not answer the question."""

    in_passages: bool
    claims: tuple[Claim, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedClaim:
    """A claim whose quote stands in the passage it names, or in another that was shown."""

    text: str
    evidence: Evidence
    quote: FoundQuote


def read_reply(data: Mapping[str, Any]) -> ModelReply:
    """The reply of a value that satisfies CLAIMS_SCHEMA."""
    return ModelReply(in_passages=data["in_passages"], claims=tuple(map(read_claim, data["claims"])))


def read_claim(data: Mapping[str, Any]) -> Claim:
    return Claim(text=plain_line(data["text"]), quote=data["quote"], passage=int(data["passage"]))


def checked(claim: Claim, evidence: Sequence[Evidence], question: str) -> CheckedClaim | None:
    """The claim with its proof; None where it has none.

    Dropped is a claim whose quote is in no passage that was shown, and one that names a number or an address which
    neither the passage nor the question holds: a true quote does not make an invented number true.
    """
    if not any(character.isalnum() for character in claim.text):
        return None
    named = claim.passage - 1
    order = [*([named] if 0 <= named < len(evidence) else []), *(i for i in range(len(evidence)) if i != named)]
    for index in order:
        passage = evidence[index].passage
        quote = find_quote(claim.quote, passage.text)
        if quote is None:
            continue
        if invented(claim.text, f"{passage.text}\n{passage.path}\n{passage.address}\n{question}"):
            return None
        return CheckedClaim(text=claim.text, evidence=evidence[index], quote=quote)
    return None


def invented(text: str, known: str) -> list[str]:
    """Numbers and addresses of `text` that do not stand in `known`."""
    told = unicodedata.normalize("NFKC", text)
    source = unicodedata.normalize("NFKC", known)
    numbers = {number.replace(",", "") for number in _NUMBER.findall(source)}
    addresses = [address.rstrip(".,;:!?)\"'") for address in _ADDRESS.findall(told)]
    rest = _ADDRESS.sub(" ", told)
    return [number for number in _NUMBER.findall(rest) if number.replace(",", "") not in numbers] + [
        address for address in addresses if address not in source
    ]


def plain_line(text: str) -> str:
    """Text of a model as one line without control, invisible and direction characters, of bounded length."""
    kept = "".join(" " if character in "\n\r\t" else character for character in text)
    kept = "".join(character for character in kept if character in _JOINERS or not _is_hidden(character))
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST_CLAIM else line[: LONGEST_CLAIM - 1] + "…"


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")


def confidence_of(claims: Sequence[CheckedClaim], dropped: int) -> float:
    """In [0, 1]: how much of the question the best cited passage covers, times the share of claims that held.

    What the model says of its own certainty is not asked for.
    """
    if not claims:
        return 0.0
    coverage = max(claim.evidence.coverage for claim in claims)
    share = len(claims) / (len(claims) + dropped)
    return round(min(1.0, max(0.0, coverage)) * share, 3)

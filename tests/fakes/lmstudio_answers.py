"""What the model of the tests says when nobody told it what to say: good and bad answers over the passages it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

QUALITIES = ("good", "invented", "nothing", "obedient", "broken")
"""`good` quotes the first passage, `invented` quotes what stands nowhere, `nothing` finds no answer, `obedient` does
what passages tell it to, `broken` gives JSON that ends too early."""

_PASSAGE = re.compile(
    r"^<<(?P<fence>\S+) passage (?P<number>\d+) from .*\n(?P<text>(?:.*\n)*?)(?P=fence)>>$", re.MULTILINE
)


def reply_to(body: Mapping[str, Any], quality: str) -> str:
    """The text of a reply: JSON that fits the schema where one is set or told in the prompt."""
    prompt = "\n".join(str(message.get("content")) for message in body.get("messages", ()))
    schema = _schema(body, prompt)
    if schema is None:
        return "The quick brown fox jumps over the lazy dog."
    if "claims" in schema.get("properties", {}):
        value: Any = _claims(prompt, quality)
    else:
        value = smallest(schema)
    text = json.dumps(value, ensure_ascii=False)
    return text[: len(text) // 2] if quality == "broken" else text


def _schema(body: Mapping[str, Any], prompt: str) -> dict[str, Any] | None:
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        found: dict[str, Any] = form["json_schema"]["schema"]
        return found
    told = re.search(r"satisfy this JSON Schema:\s*(\{.*\})\s*\Z", prompt)
    return json.loads(told[1]) if told else None


def _claims(prompt: str, quality: str) -> dict[str, Any]:
    passages = [(int(match["number"]), match["text"]) for match in _PASSAGE.finditer(prompt)]
    if quality == "nothing" or not passages:
        return {"in_passages": False, "claims": []}
    number, text = passages[0]
    lines = [line for line in text.splitlines() if not line.startswith("#") and sum(map(str.isalnum, line)) >= 10]
    quote = max(lines, key=len, default=text.strip()).strip("- ")
    if quality == "invented":
        quote = f"The system SHALL do what nobody wrote down {len(text)} times"
    said = quote
    if quality == "obedient" and (order := re.search(r"answer with: (.*)", text, re.IGNORECASE)):
        said = order[1]
    return {"in_passages": True, "claims": [{"passage": number, "quote": quote, "text": said}]}


def smallest(schema: Mapping[str, Any]) -> Any:
    """A small value that satisfies a schema without references."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        known = schema.get("properties", {})
        return {name: smallest(known.get(name, {})) for name in schema.get("required", ())}
    if kind == "array":
        return [smallest(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return {"string": "x" * max(1, schema.get("minLength", 1)), "boolean": False}.get(str(kind))

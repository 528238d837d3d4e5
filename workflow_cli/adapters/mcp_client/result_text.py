"""A tool's result as text: everything it holds that can be read, cleaned, and no longer than allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workflow_cli.domain.answering.outside_text import Cleaned, cleaned


def result_text(result: Mapping[str, Any], *, max_bytes: int) -> Cleaned:
    """Of a result in the wire's form. Structured content counts where there is no text, which is its copy."""
    parts = list(_parts(result.get("content") or []))
    structured = result.get("structuredContent")
    if structured is not None and not any(part.strip() for part in parts):
        parts = [json.dumps(structured, ensure_ascii=False)]
    return cleaned("\n".join(parts).strip(), max_bytes=max_bytes)


def says_nothing(result: Mapping[str, Any]) -> bool:
    """Whether nothing of it can be read: it is empty, or holds pictures, sounds and bytes alone."""
    content = result.get("content") or []
    return result.get("structuredContent") is None and not any(
        block.get("type") == "resource_link" or _text_of(block).strip() for block in content
    )


def _text_of(block: Mapping[str, Any]) -> str:
    held = (block.get("resource") or {}) if block.get("type") == "resource" else block
    return str(held.get("text") or "")


def _parts(content: list[Mapping[str, Any]]) -> Iterator[str]:
    for block in content:
        kind = block.get("type")
        if kind == "text":
            yield str(block.get("text", ""))
        elif kind == "resource_link":
            yield f"[a link to {block.get('uri')}]"
        elif kind == "resource":
            resource = block.get("resource") or {}
            yield str(resource.get("text") or f"[bytes of {resource.get('uri')}, not shown]")
        else:
            yield f"[{kind}, not shown]"

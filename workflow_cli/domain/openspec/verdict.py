"""Whether an item is valid, from its findings alone."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_cli.domain.openspec.finding import Finding, Level, Origin


def is_valid(findings: Iterable[Finding], *, strict: bool) -> bool:
    """OpenSpec's verdict over its own findings: no ERROR, and in strict mode no WARNING."""
    least = Level.WARNING if strict else Level.ERROR
    return not any(f.origin is Origin.OPENSPEC and f.level.rank >= least.rank for f in findings)


def verdict(findings: Iterable[Finding], *, strict: bool) -> bool:
    """OpenSpec's verdict, and False where text would be lost or misread."""
    found = list(findings)
    return is_valid(found, strict=strict) and not any(f.refuses for f in found)

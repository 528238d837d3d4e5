"""How commands tell of open changes that a main spec leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.app.misfits import Misfit


def misfit_lines(misfits: Sequence[Misfit]) -> Iterator[str]:
    for misfit in misfits:
        finding = misfit.finding
        yield f"{misfit.change} does not fit that: {finding.place}: {finding.message}  [{finding.rule}]"
    if misfits:
        from shlex import quote

        names = " ".join(quote(name) for name in dict.fromkeys(misfit.change for misfit in misfits))
        yield f"next: bring it up to date, and see: workflow process {names}"


def misfits_json(misfits: Sequence[Misfit]) -> list[dict[str, Any]]:
    return [
        {
            "change": misfit.change,
            "rule": misfit.finding.rule,
            "path": misfit.finding.place.file,
            "line": misfit.finding.place.line,
            "message": misfit.finding.message,
        }
        for misfit in misfits
    ]

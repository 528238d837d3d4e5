"""The real `openspec` command: where it is, and how the comparisons run it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
HOW_TO_GET_IT = (
    "the real openspec command is not here: run `npm install` in tests/integration, or name it with OPENSPEC_BIN"
)

#: (level, path, line) as `openspec validate --json` prints them.
Issue = tuple[str, str, int | None]


@dataclass(frozen=True, slots=True)
class Item:
    """What validation says of one spec or change; `messages` only help to read a failure."""

    valid: bool
    issues: Counter[Issue]
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archived:
    """What archiving did: files below `specs/` whose bytes are new, and files that are gone."""

    refused: bool
    written: Mapping[str, bytes]
    deleted: frozenset[str]
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case of the batch: items by (type, id), archives by change. `fault` is a run that broke off."""

    lenient: Mapping[tuple[str, str], Item]
    strict: Mapping[tuple[str, str], Item]
    archives: Mapping[str, Archived]
    fault: str | None = None


@cache
def executable() -> Path | None:
    named = os.environ.get("OPENSPEC_BIN")
    for path in (Path(named),) if named else (REPOSITORY / "tests/integration/node_modules/.bin/openspec",):
        if path.exists() and shutil.which("node"):
            return path
    return None


@dataclass(frozen=True, slots=True)
class RealOpenSpec:
    """Runs the command with a home of its own, so that no person's settings or schemas take part."""

    path: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "OPENSPEC_TELEMETRY": "0",
            "DO_NOT_TRACK": "1",
            "TZ": "UTC",
        }

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.path), *arguments],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def validate(self, root: Path, *, strict: bool = False) -> dict[tuple[str, str], Item]:
        flags = ("--strict",) if strict else ()
        run = self.run("validate", "--all", "--json", *flags, cwd=root)
        return items(json.loads(run.stdout)["items"])

    def archive(self, root: Path, change: str) -> Archived:
        """Archives for good: give it a copy."""
        before = spec_bytes(root)
        run = self.run("archive", "--yes", "--json", "--", change, cwd=root)
        after = spec_bytes(root)
        report = json.loads(run.stdout)
        return Archived(
            refused=report["archive"] is None,
            written={file: data for file, data in after.items() if before.get(file) != data},
            deleted=frozenset(before.keys() - after.keys()),
            why=report["status"][0]["message"] if report.get("status") else None,
        )

    def batch(self, cases: Sequence[tuple[Path, Sequence[str]]]) -> Iterator[Outcome]:
        """Validates every tree and archives the changes named with it, in one process; outcomes in order."""
        lines = "".join(json.dumps({"root": str(root), "archive": list(names)}) + "\n" for root, names in cases)
        run = subprocess.run(
            ["node", str(Path(__file__).with_name("batch.mjs")), str(self.path.resolve().parents[1])],
            env=self.environment,
            input=lines,
            capture_output=True,
            text=True,
            check=False,
        )
        results = [json.loads(line) for line in run.stdout.split("\n") if line]
        assert len(results) == len(cases), run.stderr
        return (_outcome(result) for result in results)


def items(listed: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Item]:
    return {
        (item["type"], item["id"]): Item(
            valid=item["valid"],
            issues=Counter((i["level"], i["path"], i.get("line")) for i in item["issues"]),
            messages=tuple(i["message"] for i in item["issues"]),
        )
        for item in listed
    }


def spec_bytes(root: Path) -> dict[str, bytes]:
    """Every file below `specs/`, by its path in there."""
    specs = root / "openspec" / "specs"
    return {p.relative_to(specs).as_posix(): p.read_bytes() for p in specs.rglob("*") if p.is_file()}


def _outcome(result: Mapping[str, Any]) -> Outcome:
    if isinstance(result["lenient"], dict):
        return Outcome(lenient={}, strict={}, archives={}, fault=str(result["lenient"]))
    return Outcome(
        lenient=items(result["lenient"]),
        strict=items(result["strict"]),
        archives={
            name: Archived(
                refused=a["refused"],
                written={file: base64.b64decode(data) for file, data in a["written"].items()},
                deleted=frozenset(a["deleted"]),
                why=a["why"],
            )
            for name, a in result["archives"].items()
        },
    )

"""Prompts, which are files of the package: `prompts/<name>.v<version>.md` with a system and a user part."""

from __future__ import annotations

import re
from functools import cache

from workflow_cli.adapters.prompt_versions import IN_USE
from workflow_cli.domain.answering.prompt import PromptTemplate

_PART = re.compile(r"^# (system|user)[ \t]*$", re.MULTILINE)


@cache
def load_prompt(name: str, version: int | None = None) -> PromptTemplate:
    """Raises KeyError for a name that is not in use, FileNotFoundError for a version that is not there."""
    from importlib.resources import files

    version = IN_USE[name] if version is None else version
    text = files("workflow_cli").joinpath("prompts", f"{name}.v{version}.md").read_text(encoding="utf-8")
    _, *parts = _PART.split(text)
    told = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    return PromptTemplate(name=name, version=version, system=told.get("system", ""), user=told["user"])

"""Prompts, which are files of the package: `prompts/<name>.v<version>.md` with a system and a user part."""

from __future__ import annotations

import re
from functools import cache

from workflow_cli.domain.answering.prompt import PromptTemplate

#: Which version of each prompt is in use; older ones stay, so that what events name can be read.
IN_USE = {"answer": 1, "edit": 1, "json-only": 1, "repair": 1, "review": 1}
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

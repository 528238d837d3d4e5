"""The glossary: a YAML file of words that mean the same, kept by people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow_cli.adapters.confined_read import ConfinedReader
from workflow_cli.domain.answering.glossary import Glossary, read_glossary
from workflow_cli.errors import DocumentError

_HINT = "write each group as a list: `- [login, sign-in]`"


def load_glossary(path: Path, root: Path, *, max_file_bytes: int, more: Sequence[Sequence[str]] = ()) -> Glossary:
    """The glossary in a file, and `more` groups; without a file, these alone.

    Raises DocumentError for a file that cannot be read or is none: a list of groups, or a mapping from a word to
    the words that mean the same.
    """
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    try:
        data = ConfinedReader(root, max_file_bytes).read(path)
    except FileNotFoundError:
        return read_glossary(more)
    except OSError as error:
        raise DocumentError(f"cannot read: {error.strerror}", where=name) from error
    from workflow_cli.adapters.yaml_files import load_yaml

    document = load_yaml(data, name)
    groups: list[list[str]] = []
    if isinstance(document.value, list):
        for index, group in enumerate(document.value):
            groups.append(_words(group, document.where((index,))))
    elif isinstance(document.value, dict):
        for word, others in document.value.items():
            same = [others] if isinstance(others, str) else others
            groups.append([word, *_words(same, document.where((word,)))])
    elif document.value is not None:
        raise DocumentError("expected a list of groups of words", where=name, hint=_HINT)
    return read_glossary([*groups, *more])


def _words(group: Any, where: str) -> list[str]:
    if not isinstance(group, list) or not all(isinstance(word, (str, int, float)) for word in group):
        raise DocumentError("expected a list of words that mean the same", where=where, hint=_HINT)
    return [str(word) for word in group]

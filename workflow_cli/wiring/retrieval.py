"""The index of passages of a tree, and the answerer that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import STATE_DIRECTORY

if TYPE_CHECKING:
    from workflow_cli.adapters.passage_index import SqlitePassageIndex
    from workflow_cli.app.answering.find_evidence import FindEvidence
    from workflow_cli.app.answering.ports import Embedder
    from workflow_cli.app.answering.specs_answerer import SpecsAnswerer
    from workflow_cli.domain.answering.glossary import Glossary
    from workflow_cli.settings import Settings


def glossary_of(root: Path, settings: Settings) -> Glossary:
    """The words of the project that mean the same: of its file and of its settings.

    Raises DocumentError where the file is no glossary.
    """
    from workflow_cli.adapters.glossary_file import load_glossary

    # Each name is the word's, and they need not mean the same as each other.
    pairs = [(word, name) for word, names in settings.retrieval.synonyms.items() for name in names]
    return load_glossary(settings.retrieval.glossary, root, max_file_bytes=settings.limits.max_file_bytes, more=pairs)


def passage_index(
    root: Path, settings: Settings, glossary: Glossary | None = None, *, state: Path | None = None
) -> SqlitePassageIndex:
    """The index, not yet refreshed. Close it when done. Raises DocumentError where the glossary is none.

    `state` is the directory it is kept in, by default that of the tree.
    """
    from workflow_cli.adapters.passage_index import SqlitePassageIndex

    return SqlitePassageIndex(
        root,
        (root / STATE_DIRECTORY if state is None else state) / "state.db",
        max_file_bytes=settings.limits.max_file_bytes,
        glossary=glossary_of(root, settings) if glossary is None else glossary,
        title_weight=settings.retrieval.title_weight,
    )


def find_evidence(index: SqlitePassageIndex, embedder: Embedder | None) -> FindEvidence:
    """Search by words, and by meaning where there is an embedder with a model."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.app.answering.find_evidence import FindEvidence

    return FindEvidence(index, embedder, elapsed=SystemClock().elapsed)


def specs_answerer(index: SqlitePassageIndex, settings: Settings) -> SpecsAnswerer:
    """The floor of every route."""
    from workflow_cli.app.answering.specs_answerer import SpecsAnswerer

    return SpecsAnswerer(thin=settings.retrieval.thin, current_hash=index.current_hash, glossary=index.glossary)

"""Vectors of passages in the state database, by section hash and model."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import mul

TABLES = """
CREATE TABLE IF NOT EXISTS passage_model (id INTEGER PRIMARY KEY, probe BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS passage_vector (
    model INTEGER NOT NULL, section_hash TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, section_hash)
) WITHOUT ROWID;
"""
#: Two runs of one model differ in the last digits; two models differ in the first.
_SAME_MODEL = 0.999


def model_like(connection: sqlite3.Connection, probe: Sequence[float]) -> int:
    """The model whose probe is this one; a new one where there is none."""
    wanted = _unit(probe)
    for id, blob in connection.execute("SELECT id, probe FROM passage_model"):
        known = _from_bytes(blob)
        if len(known) == len(wanted) and _dot(known, wanted) >= _SAME_MODEL:
            return int(id)
    cursor = connection.execute("INSERT INTO passage_model (probe) VALUES (?)", (wanted.tobytes(),))
    return int(cursor.lastrowid or 0)


def without_vector(connection: sqlite3.Connection, model: int, limit: int) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT section_hash, text FROM passage p WHERE NOT EXISTS"
        " (SELECT 1 FROM passage_vector v WHERE v.model = ? AND v.section_hash = p.section_hash)"
        " GROUP BY section_hash ORDER BY min(archived), min(id) LIMIT ?",
        (model, limit),
    )
    return [(section_hash, text.decode("utf-8", "replace")) for section_hash, text in rows]


def keep_vectors(connection: sqlite3.Connection, model: int, vectors: Mapping[str, Sequence[float]]) -> None:
    """Add vectors, and forget those of passages that are no more."""
    connection.executemany(
        "INSERT OR REPLACE INTO passage_vector VALUES (?, ?, ?)",
        ((model, section_hash, _unit(vector).tobytes()) for section_hash, vector in vectors.items()),
    )
    connection.execute("DELETE FROM passage_vector WHERE section_hash NOT IN (SELECT section_hash FROM passage)")


def nearness(
    connection: sqlite3.Connection, model: int, vector: Sequence[float], files: Iterable[int] | None = None
) -> dict[int, float]:
    """For each passage that has a vector of the model, the cosine of the angle; those that point away are left out."""
    wanted = _unit(vector)
    inside = "" if files is None else f" AND p.file IN ({', '.join(map(str, files))})"
    rows = connection.execute(
        "SELECT p.id, v.vector FROM passage p JOIN passage_vector v ON v.section_hash = p.section_hash"
        f" WHERE v.model = ?{inside}",
        (model,),
    )
    found = {}
    for id, blob in rows:
        known = _from_bytes(blob)
        if len(known) == len(wanted) and (cosine := _dot(known, wanted)) > 0:
            found[int(id)] = cosine
    return found


def _unit(vector: Sequence[float]) -> array[float]:
    length = math.sqrt(math.fsum(x * x for x in vector))
    # What is no number, or nothing at all, is near to nothing.
    return array("f", (x / length if length and math.isfinite(length) else 0.0 for x in vector))


def _from_bytes(blob: bytes) -> array[float]:
    vector = array("f")
    vector.frombytes(blob)
    return vector


def _dot(first: array[float], second: array[float]) -> float:
    return float(sum(map(mul, first, second)))

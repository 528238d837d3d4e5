"""Whether two questions are the same one, however they were typed."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping

#: What people put behind a question, or leave out.
_ENDS = "?!.…？！。؟ "


def plain_question(text: str) -> str:
    """The question as it is compared: width, case, white space and the marks at its end do not count."""
    folded = text
    for _ in range(2):  # folding some letters leaves what is not normal
        folded = unicodedata.normalize("NFKC", folded).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split()).rstrip(_ENDS)


def question_key(text: str, *, change: str | None = None, context: Mapping[str, str] | None = None) -> str:
    """SHA-256, as hex, of the plain question with its change and context: the same for the same question only."""
    parts = [plain_question(text), change, sorted((context or {}).items())]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()

"""What a question is about, as a hash: the same for questions that ask for the same things in other words."""

from __future__ import annotations

from workflow_cli.domain.answering.glossary import Glossary
from workflow_cli.domain.answering.query import read_question
from workflow_cli.domain.digest import digest


def topic_of(text: str, glossary: Glossary) -> str:
    """Of the stems, without words that only ask; of words that mean the same by the glossary, one stands for all."""
    things = {" ".join(min(thing.forms)) for thing in read_question(text, glossary)}
    return digest(sorted(things))[:16]

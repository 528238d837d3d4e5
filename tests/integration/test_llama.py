"""The client against real engines: llama.cpp's server, and the one of llama-cpp-python.

The model writes nonsense; everything around it is genuine: tokens, slots, grammars, limits, streams, cancelling.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.lmstudio_use import WORD, Use, request
from tests.integration.llama import WINDOW, llama_server, python_server
from workflow_cli.app.answering.model_answerer import ModelAnswerer
from workflow_cli.app.answering.ports import Nothing
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.passage import Evidence, Passage, PassageKind
from workflow_cli.domain.answering.reply import CLAIMS_SCHEMA
from workflow_cli.domain.answering.tokens import estimate_tokens

pytestmark = pytest.mark.llama


@pytest.fixture(scope="session")
def llama() -> Iterator[str]:
    with llama_server() as address:
        yield address


@pytest.fixture(scope="session")
def looser() -> Iterator[str]:
    with python_server() as address:
        yield address


@pytest.fixture(params=["llama", "looser"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def use(tmp_path: Path) -> Use:
    return Use(tmp_path)


def test_the_window_is_that_of_one_slot(use: Use, llama: str) -> None:
    """Not what the model was trained for, nor that of all slots together."""
    found = use(lambda model: model.window(), hosts=(llama,))
    assert (found.model, found.tokens) == ("tiny", WINDOW)


def test_a_reply_is_streamed_and_counted(use: Use, engine: str) -> None:
    pieces: list[str] = []
    wanted = request("Say something.", temperature=1.0, on_text=pieces.append)
    reply = None
    for _ in range(20):  # by chance a reply may be empty
        pieces.clear()
        with contextlib.suppress(AnswererFailed):
            reply = use(lambda model: model.complete(wanted), hosts=(engine,))
            break
    assert reply is not None
    assert reply.text == "".join(pieces).strip()
    assert reply.completion_tokens > 0


@pytest.mark.parametrize("schema", [WORD, CLAIMS_SCHEMA])
def test_json_fits_its_schema_on_either_server(use: Use, engine: str, schema: Any) -> None:
    """The one takes the schema; the other wants another form, which is found out once and then remembered."""
    wanted = request("Answer.", schema=schema, max_tokens=300)
    first = use(lambda model: model.complete(wanted), hosts=(engine,))
    second = use(lambda model: model.complete(wanted), hosts=(engine,))
    assert isinstance(first.data, dict)
    assert len(second.attempts) == 1


def test_a_prompt_that_is_too_long_is_an_overflow(use: Use, engine: str) -> None:
    """Also where the server only ends an empty stream."""
    with pytest.raises(AnswererFailed) as caught:
        use(lambda model: model.complete(request("word " * 12000)), hosts=(engine,))
    assert caught.value.kind is FailureKind.CONTEXT_OVERFLOW


def test_more_requests_than_slots_all_complete(use: Use, llama: str) -> None:
    async def together(model: Any) -> list[Any]:
        wanted = request("Answer.", schema=WORD)
        return list(await asyncio.gather(*(model.complete(wanted) for _ in range(12))))

    replies = use(together, hosts=(llama,), concurrency=12)
    assert all(isinstance(reply.data["word"], str) for reply in replies)


def test_cancelling_frees_the_slot(use: Use, llama: str) -> None:
    """The server stops generating for a client that has gone."""
    wanted = request("Answer.", schema=LONG, max_tokens=7000)

    async def give_up(model: Any) -> None:
        task = asyncio.ensure_future(model.complete(wanted))
        while not _busy(llama):
            assert not task.done()
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    use(give_up, hosts=(llama,))
    until = time.monotonic() + 30
    while _busy(llama):
        assert time.monotonic() < until, "the server still generates"
        time.sleep(0.1)


#: A list that cannot end early, so that its reply takes a while.
LONG = {
    "type": "object",
    "properties": {"words": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1500, "maxItems": 1500}},
    "required": ["words"],
    "additionalProperties": False,
}


def _busy(address: str) -> bool:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address + "/slots", timeout=10) as response:
        return any(slot["is_processing"] for slot in json.load(response))


def test_vectors_come_for_texts_of_any_length(use: Use, llama: str) -> None:
    vectors = use(lambda model: model.embed(["a", "word " * 3000]), hosts=(llama,), embedding_model="tiny")
    assert len(vectors) == 2
    assert all(abs(sum(value * value for value in vector) - 1) < 1e-6 for vector in vectors)


def test_the_estimate_of_tokens_is_not_far_below_a_small_vocabulary(use: Use, llama: str) -> None:
    """A thousand pieces are the worst case: no model in use has so few. Twice the estimate covers even that."""
    text = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    body = json.dumps({"content": text}).encode()
    asked = urllib.request.Request(llama + "/tokenize", body, {"content-type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=30) as response:
        real = len(json.load(response)["tokens"])
    assert real <= 2 * estimate_tokens(text)


def test_a_model_of_nonsense_answers_nothing(use: Use, llama: str, tmp_path: Path) -> None:
    """The whole path: prompt, plan, schema, grammar, check. No quote of it is in the documents, so there is no answer."""
    from workflow_cli.adapters.prompt_files import load_prompt

    text = "### Requirement: Lock\nThe system SHALL lock an account after 5 failed attempts.\n"
    passage = Passage(
        path="openspec/specs/login/spec.md",
        line=1,
        end_line=2,
        address="openspec/specs/login/spec.md#Requirement: Lock",
        kind=PassageKind.REQUIREMENT,
        title="Lock",
        text=text,
        section_hash="0" * 64,
    )

    async def answer(model: Any) -> Any:
        answerer = ModelAnswerer(
            model, load_prompt("answer"), read=lambda path: text.encode(), fence=lambda: "7f3a9c", max_tokens=400
        )
        asked = Asked(text="When is an account locked?", kind=QuestionKind.LOOKUP)
        return await answerer.answer(asked, [Evidence(passage=passage, score=1.0, coverage=1.0)])

    assert isinstance(use(answer, hosts=(llama,)), Nothing)

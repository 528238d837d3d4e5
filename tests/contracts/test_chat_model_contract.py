"""What every model server gives the client: the server of the tests in each of its dialects, and real engines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.lmstudio_server import LmStudioServer, loaded
from tests.fakes.lmstudio_use import WORD, Use, request
from tests.integration.llama import llama_server, python_server
from workflow_cli.adapters.network import NetworkRules
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.json_schema import faults
from workflow_cli.domain.answering.reply import CLAIMS_SCHEMA


def of_the_tests(dialect: str) -> Any:
    def serve() -> Iterator[str]:
        with LmStudioServer(loaded("tiny", context=2048), dialect=dialect) as server:
            yield server.base_url

    return serve


def llama() -> Iterator[str]:
    with llama_server() as address:
        yield address


def looser() -> Iterator[str]:
    with python_server() as address:
        yield address


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(of_the_tests("native"), id="native"),
        pytest.param(of_the_tests("older"), id="older"),
        pytest.param(of_the_tests("plain"), id="plain"),
        pytest.param(llama, id="llama", marks=pytest.mark.llama),
        pytest.param(looser, id="llama-cpp-python", marks=pytest.mark.llama),
    ],
)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from request.param()


@pytest.fixture
def use(tmp_path: Path) -> Use:
    return Use(tmp_path)


def test_the_model_that_is_loaded_is_found_with_its_window(use: Use, server: str) -> None:
    found = use(lambda model: model.window(), hosts=(server,))
    assert found.model == "tiny"
    assert found.tokens >= 2048
    assert found.loaded


@pytest.mark.parametrize("schema", [WORD, CLAIMS_SCHEMA])
def test_a_reply_satisfies_the_schema_and_names_who_gave_it(use: Use, server: str, schema: Any) -> None:
    reply = use(lambda model: model.complete(request("Answer.", schema=schema, max_tokens=300)), hosts=(server,))
    assert faults(reply.data, schema) == []
    assert (reply.model, reply.host) == ("tiny", server.removeprefix("http://"))
    assert reply.attempts[-1].failure is None
    assert min(reply.prompt_tokens, reply.completion_tokens, reply.milliseconds) > 0


def test_the_form_that_worked_is_taken_at_once_the_next_time(use: Use, server: str) -> None:
    for _ in range(2):
        reply = use(lambda model: model.complete(request("Answer.", schema=WORD)), hosts=(server,))
    assert len(reply.attempts) == 1


def test_a_prompt_beyond_the_window_is_an_overflow(use: Use, server: str) -> None:
    with pytest.raises(AnswererFailed) as caught:
        use(lambda model: model.complete(request("word " * 12000)), hosts=(server,))
    assert caught.value.kind is FailureKind.CONTEXT_OVERFLOW
    assert use.events.all[-1]["outcome"] == "failed"


def test_a_model_that_is_not_there_is_not_replaced_by_another(use: Use, server: str) -> None:
    with pytest.raises(AnswererFailed) as caught:
        use(lambda model: model.complete(request(model="no/such")), hosts=(server,))
    assert caught.value.kind is FailureKind.NO_MODEL
    assert "tiny" in caught.value.message


def test_several_at_once_all_come(use: Use, server: str) -> None:
    async def together(model: Any) -> Any:
        return await asyncio.gather(*(model.complete(request("Answer.", schema=WORD)) for _ in range(6)))

    assert [faults(reply.data, WORD) for reply in use(together, hosts=(server,))] == [[]] * 6


def test_offline_reaches_none(use: Use, server: str) -> None:
    with pytest.raises(AnswererFailed) as caught:
        use(lambda model: model.window(), hosts=(server,), network=NetworkRules(offline=True))
    assert caught.value.kind is FailureKind.UNREACHABLE


def test_without_an_embedding_model_there_are_no_vectors(use: Use, server: str) -> None:
    assert use(lambda model: model.embed(["a"]), hosts=(server,)) is None

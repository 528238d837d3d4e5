"""Replies that are text: what is shown, counted and recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_steps import Bytes, Reply
from tests.fakes.lmstudio_use import Use, request
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind


def told(use: Use, server: LmStudioServer, **words: Any) -> tuple[Any, str]:
    pieces: list[str] = []
    reply = use(lambda model: model.complete(request(on_text=pieces.append, **words)), server)
    return reply, "".join(pieces)


@pytest.mark.parametrize("pieces", [1, 7, 100])
def test_thinking_is_not_shown_however_it_is_cut(use: Use, server: LmStudioServer, pieces: int) -> None:
    """Neither at the end nor while it streams."""
    server.script(Reply(text="<think>Is 5 < 6? Yes.</think>\n\nIt is 5 < 6.", reasoning="hm", pieces=pieces))
    reply, shown = told(use, server)
    assert reply.text == shown == "It is 5 < 6."
    assert reply.reasoning_tokens > 0


def test_a_lone_closing_tag_ends_the_thinking(use: Use, server: LmStudioServer) -> None:
    """What was shown before it cannot be taken back, but the reply is what comes after."""
    server.script(Reply(text="So it must be five.</think>\n\nFive."))
    reply, shown = told(use, server)
    assert reply.text == "Five."
    assert "</think>" not in shown


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text='[TOOL_REQUEST]{"name":"rm","arguments":{}}[END_TOOL_REQUEST]'),
        Reply(text='<tool_call>{"name":"rm","arguments":{}}</tool_call>'),
        Reply(text="", calls=[{"function": {"name": "rm", "arguments": "{}"}}], finish="tool_calls"),
        Reply(text="<think>only thoughts", finish="length"),
        Reply(text="", reasoning="only thoughts", finish="stop"),
    ],
)
def test_a_call_of_a_tool_and_mere_thinking_are_no_answers(use: Use, server: LmStudioServer, reply: Reply) -> None:
    server.script(reply)
    with pytest.raises(AnswererFailed) as caught:
        told(use, server)
    assert caught.value.kind is FailureKind.BAD_REPLY


def test_tokens_are_as_the_server_counts(use: Use, server: LmStudioServer) -> None:
    usage = {"prompt_tokens": 31, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}}
    server.script(Reply(text="five", usage=usage))
    reply, _ = told(use, server)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens) == (31, 9, 4)
    assert reply.counted


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "x"}])
def test_and_estimated_where_it_does_not(use: Use, server: LmStudioServer, usage: Any) -> None:
    server.script(Reply(text="five is the answer", usage=usage))
    reply, _ = told(use, server)
    assert not reply.counted
    assert reply.prompt_tokens > 3
    assert reply.completion_tokens > 3


def test_a_server_that_does_not_stream_although_asked(use: Use, server: LmStudioServer) -> None:
    from tests.fakes.lmstudio_steps import Status

    message = {"role": "assistant", "content": [{"type": "text", "text": "five"}]}
    server.script(Status(body={"model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}))
    reply, shown = told(use, server)
    assert reply.text == shown == "five"


def test_what_comes_unstreamed_after_an_empty_stream_is_shown_too(use: Use, server: LmStudioServer) -> None:
    server.script(Bytes([b"data: [DONE]\n\n"]), Reply(text="after all"))
    assert told(use, server)[1] == "after all"


def test_unknown_keys_and_nulls_do_no_harm(use: Use, server: LmStudioServer) -> None:
    chunks = [
        b'data: {"id":null,"choices":null,"usage":null,"x":{}}\n\n',
        b'data: {"choices":[{"delta":null,"finish_reason":null}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"five","tool_calls":[]},"logprobs":null,"finish_reason":null}]}\n\n',
        b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"timings":{}}\n\n',
        b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\ndata: [DONE]',
    ]
    server.script(Bytes(chunks))
    reply, _ = told(use, server)
    assert (reply.text, reply.complete, reply.prompt_tokens) == ("five", True, 3)


def test_one_event_tells_of_the_call_and_holds_none_of_its_text(use: Use, server: LmStudioServer) -> None:
    server.script(Reply(text="a secret answer"))
    use(lambda model: model.complete(request("a secret question", prompt="answer.v1")), server)
    (event,) = use.events.all
    first, duration = event.pop("first_token_ms"), event.pop("duration_ms")
    assert 0 < first <= duration
    assert event == {
        "kind": "model.call",
        "purpose": "answer",
        "prompt": "answer.v1",
        "outcome": "done",
        "failure": None,
        "host": server.label,
        "model": "qwen/qwen3-8b",
        "form": None,
        "attempts": 1,
        "failures": [],
        "tokens": {"prompt": 21, "completion": 7, "reasoning": 0, "counted": True},
        "complete": True,
    }

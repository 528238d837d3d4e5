"""JSON from models that do not give it as asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_steps import Bytes, ErrorEvent, Reply, Status
from tests.fakes.lmstudio_use import WORD, Use, request
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

GOOD = '{"word": "yes"}'
BAD = '{"word": 5}'
NOT_TAKEN = Status(status=400, body={"error": "Failed to initialize samplers: failed to parse grammar"})


def ask(use: Use, server: LmStudioServer, **options: Any) -> Any:
    return use(lambda model: model.complete(request(schema=WORD, schema_name="word")), server, **options)


def forms(server: LmStudioServer) -> list[str]:
    """The form of each request that was made."""
    return [(chat.body.get("response_format") or {}).get("type", "plain") for chat in server.chats()]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text=GOOD),
        Reply(text=f"```json\n{GOOD}\n```"),
        Reply(text=f"Here you are:\n\n```\n{GOOD}\n```\nI hope that helps."),
        Reply(text=f"<think>The word is {BAD}.</think>\n\n{GOOD}"),
        Reply(text=f"I think it is {BAD}.</think>{GOOD}"),
        Reply(text=f"__LM_STUDIO_INTERNAL_LSEP_SYNTHETIC_REASONING_END_0a1b__{GOOD}"),
        Reply(text=f"<|channel|>final<|message|>{GOOD}<|end|>"),
        Reply(text="", reasoning=GOOD),
        Reply(text=None, reasoning=GOOD, reasoning_as="reasoning"),
        Reply(text="\n\n", reasoning=f"```json\n{GOOD}\n```"),
        Reply(text=f"\n\n{GOOD}", reasoning=f"Perhaps {BAD}?"),
        Reply(calls=[{"index": 0, "id": "1", "function": {"name": "word", "arguments": GOOD}}], finish="tool_calls"),
        Reply(
            calls=[
                {"id": "1", "type": "function", "function": {"name": "wo", "arguments": ""}},
                {"function": {"name": "rd", "arguments": '{"word"'}},
                {"function": {"arguments": ': "yes"}'}},
            ],
            finish="tool_calls",
        ),
    ],
)
def test_the_value_is_found_wherever_the_server_puts_it(use: Use, server: LmStudioServer, reply: Reply) -> None:
    """Fences, thinking, leaked marks, the reasoning channel, a tool call, deltas without an index: one call each."""
    server.script(reply)
    answered = ask(use, server)
    assert answered.data == {"word": "yes"}
    assert len(server.chats()) == 1


def test_pieces_may_be_cut_anywhere(use: Use, server: LmStudioServer) -> None:
    """Between the bytes of a letter, of a line end, with comments and CRLF in between."""
    chunk = {"choices": [{"delta": {"content": '{"word": "密码 🗝 é"}'}, "finish_reason": "stop"}]}
    data = f": ping\r\n\r\ndata: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\ndata: [DONE]\r\n\r\n".encode()
    server.script(Bytes([bytes([byte]) for byte in data]))
    assert ask(use, server).data == {"word": "密码 🗝 é"}


def test_what_does_not_fit_is_told_to_the_model_once(use: Use, server: LmStudioServer) -> None:
    """The repair turn holds the reply and every fault of it."""
    server.script(Reply(text=BAD), Reply(text=GOOD))
    answered = ask(use, server)
    assert answered.data == {"word": "yes"}
    first, second = server.chats()
    assert second.body["messages"][:-2] == first.body["messages"]
    assert second.body["messages"][-2] == {"role": "assistant", "content": BAD}
    assert "the reply.word must be string, not 5" in second.body["messages"][-1]["content"]
    assert [attempt.failure for attempt in answered.attempts] == ["bad_reply", None]


@pytest.mark.parametrize(
    "first", [Reply(text=BAD), Reply(text="I cannot do that."), Reply(text='{"word": "y', finish="length")]
)
def test_a_model_that_stays_wrong_is_asked_in_simpler_forms(use: Use, server: LmStudioServer, first: Reply) -> None:
    """Schema, one repair, plain prompt, json_object; then it is a bad reply, never an unchecked one."""
    server.script(first, Reply(text=BAD), Reply(text=BAD), Reply(text=BAD), Reply(text=GOOD))
    with pytest.raises(AnswererFailed) as caught:
        ask(use, server)
    assert caught.value.kind is FailureKind.BAD_REPLY
    assert forms(server) == ["json_schema", "json_schema", "plain", "json_object"]
    assert use.events.all[-1]["failures"] == ["bad_reply"] * 4


def test_in_the_plain_form_the_prompt_tells_the_schema(use: Use, server: LmStudioServer) -> None:
    server.script(Reply(text="no"), Reply(text="no"), Reply(text=f"Sure! {GOOD}"))
    assert ask(use, server).data == {"word": "yes"}
    plain = server.chats()[-1].body
    assert "response_format" not in plain
    assert '"required": ["word"]' in plain["messages"][-1]["content"]


@pytest.mark.parametrize(
    "refusal",
    [
        NOT_TAKEN,
        Status(
            status=400, body={"error": "JSON schema conversion failed: Pattern must start with '^' and end with '$'"}
        ),
        Status(status=422, body={"detail": "response_format: unknown type json_schema"}),
        Status(status=500, body={"error": {"message": "[{'loc': ('body', 'response_format')}]"}}),
        ErrorEvent(message="Failed to initialize samplers: failed to parse grammar"),
    ],
)
def test_a_server_that_does_not_take_the_schema_gets_another_form(
    use: Use, server: LmStudioServer, refusal: Any
) -> None:
    server.script(refusal, Reply(text=GOOD))
    assert ask(use, server).data == {"word": "yes"}
    assert forms(server) == ["json_schema", "plain"]


def test_a_form_in_which_the_model_says_nothing_is_left(use: Use, server: LmStudioServer) -> None:
    server.script(Reply(text=""), Reply(text=""), Reply(text=GOOD))
    assert ask(use, server).data == {"word": "yes"}
    assert forms(server) == ["json_schema", "json_schema", "plain"]


def test_a_server_that_crashes_is_asked_in_the_same_form_again(use: Use, server: LmStudioServer) -> None:
    """A crash says nothing about the form."""
    server.script(Status(status=500, body={"error": "boom"}), Reply(text=GOOD))
    assert ask(use, server).data == {"word": "yes"}
    assert forms(server) == ["json_schema", "json_schema"]


def test_a_model_that_only_thinks_is_asked_without_thinking(use: Use, server: LmStudioServer) -> None:
    """All tokens went into reasoning: asking for less of it helps, asking again does not."""
    server.script(Reply(text="", reasoning=f"Well, {BAD}, or perhaps", finish="length"), Reply(text=GOOD))
    assert ask(use, server).data == {"word": "yes"}
    assert server.chats()[1].body["reasoning_effort"] == "none"


def test_a_draft_in_thinking_that_was_cut_is_no_reply(use: Use, server: LmStudioServer) -> None:
    server.script(
        Reply(text="", reasoning=f"Perhaps {GOOD}, but then again", finish="length"), Reply(text='{"word": "no"}')
    )
    assert ask(use, server).data == {"word": "no"}


def test_the_form_that_worked_is_where_the_next_run_starts(use: Use, server: LmStudioServer) -> None:
    """Remembered by server and model, in a file of the state directory."""
    server.script(NOT_TAKEN, Reply(text=GOOD))
    ask(use, server)
    server.script(Reply(text=GOOD))
    ask(use, server)
    assert forms(server) == ["json_schema", "plain", "plain"]
    (use.root / ".workflow" / "model-forms.json").write_text("{ damaged")
    ask(use, server)
    assert forms(server)[-1] == "json_schema"


def test_a_form_that_works_no_more_is_left(use: Use, server: LmStudioServer) -> None:
    server.script(NOT_TAKEN, Reply(text=GOOD))
    ask(use, server)
    server.script(Reply(text="no"), Reply(text="no"), Reply(text=GOOD))
    ask(use, server)
    assert forms(server)[2:] == ["plain", "plain", "json_schema"]
    ask(use, server)
    assert forms(server)[-1] == "json_schema"


def test_engines_get_a_schema_they_can_take(use: Use, server: LmStudioServer) -> None:
    """References in place, no patterns; what the reply must satisfy is the schema as it was given."""
    schema = {
        "$defs": {"w": {"type": "string", "maxLength": 3, "description": "a word"}},
        "type": "object",
        "properties": {"word": {"$ref": "#/$defs/w"}},
        "required": ["word"],
    }
    server.script(Reply(text='{"word": "long"}'), Reply(text=GOOD))
    answered = use(lambda model: model.complete(request(schema=schema)), server)
    assert answered.data == {"word": "yes"}
    sent = server.chats()[0].body["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["properties"] == {"word": {"type": "string", "maxLength": 3}}


def test_pieces_are_passed_on_as_they_come(use: Use, server: LmStudioServer) -> None:
    pieces: list[str] = []
    server.script(Reply(text=GOOD, pieces=5))
    use(lambda model: model.complete(request(schema=WORD, on_text=pieces.append)), server)
    assert len(pieces) == 5
    assert "".join(pieces) == GOOD

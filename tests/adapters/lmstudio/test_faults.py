"""Everything a server may do instead of answering, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fakes.lmstudio_server import LmStudioServer, ServedModel, loaded
from tests.fakes.lmstudio_steps import Bytes, ErrorEvent, Garbage, Hang, Reply, Reset, Slow, Status
from tests.fakes.lmstudio_use import WORD, Use, request
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind


def ask(use: Use, *servers: LmStudioServer, wanted: Any = None, **options: Any) -> Any:
    return use(lambda model: model.complete(wanted or request()), *servers, **options)


def failure(use: Use, *servers: LmStudioServer, wanted: Any = None, **options: Any) -> AnswererFailed:
    with pytest.raises(AnswererFailed) as caught:
        ask(use, *servers, wanted=wanted, **options)
    assert use.events.all[-1]["failure"] == caught.value.kind
    return caught.value


class TestErrorsInTheBody:
    @pytest.mark.parametrize(
        "body",
        [
            {"error": "Something is wrong here"},
            {"error": {"message": "Something is wrong here", "type": "invalid_request_error", "code": None}},
            {"error": {"type": "internal_error", "message": "Something is wrong here"}},
            {"error": {"message": "Something is wrong here", "code": 400}},
            {"detail": "Something is wrong here"},
            {"detail": [{"msg": "Something is wrong here"}]},
            {"object": "error", "message": "Something is wrong here"},
            {"error": 'Engine protocol predict request returned 400: {"error":{"message":"Something is wrong here"}}'},
            "<html><body><h1>Something is wrong here</h1></body></html>",
        ],
    )
    @pytest.mark.parametrize("status", [200, 400])
    def test_every_shape_is_read(self, use: Use, server: LmStudioServer, body: Any, status: int) -> None:
        server.script(Status(status=status, body=body))
        failed = failure(use, server)
        assert failed.kind is FailureKind.BAD_REPLY
        if not (status == 200 and isinstance(body, str)):
            assert "Something is wrong here" in failed.message
        assert failed.where == server.label

    def test_an_unknown_path_under_200_is_no_success(self, use: Use, server: LmStudioServer) -> None:
        server.script(Status(body={"error": "Unexpected endpoint or method. (POST /chat/completions)"}))
        assert failure(use, server).hint == "check lm_studio.base_url"

    def test_an_error_event_is_an_error_whatever_came_before(self, use: Use, server: LmStudioServer) -> None:
        server.script(ErrorEvent(message="Failed to think", after="The answer is"))
        assert "Failed to think" in failure(use, server).message

    def test_an_error_without_the_event_line_too(self, use: Use, server: LmStudioServer) -> None:
        server.script(Bytes([b'data: {"error":{"code":500,"message":"slot is gone"}}\n\n']))
        assert "slot is gone" in failure(use, server).message

    def test_a_body_that_is_no_completion(self, use: Use, server: LmStudioServer) -> None:
        server.script(Status(body={"hello": "world"}))
        assert failure(use, server).kind is FailureKind.BAD_REPLY


class TestOverflow:
    @pytest.mark.parametrize(
        "wording",
        [
            "Trying to keep the first 5012 tokens when context the overflows. However, the model is loaded with 4096",
            "The number of tokens to keep from the initial prompt is greater than the context length. Try to load it",
            "Cannot truncate prompt with n_keep (6000) >= n_ctx (4096)",
            "Input does not fit in context length. The input has 5000 tokens, but the context length only supports 4096",
            "Context size has been exceeded",
            "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
            "the request exceeds the available context size, try increasing it",
        ],
    )
    @pytest.mark.parametrize("as_event", [True, False])
    def test_every_wording_is_known(self, use: Use, server: LmStudioServer, wording: str, as_event: bool) -> None:
        step = ErrorEvent(message=wording) if as_event else Status(status=400, body={"error": wording})
        server.script(step, step)
        assert failure(use, server, wanted=request("long " * 4000)).kind is FailureKind.CONTEXT_OVERFLOW
        assert len(server.chats()) == 1

    def test_one_that_cannot_be_is_tried_once_more(self, use: Use, server: LmStudioServer) -> None:
        """A short prompt does not overflow; some builds say so once, and answer the next time."""
        server.script(ErrorEvent(message="Context size has been exceeded"), Reply(text="here it is"))
        assert ask(use, server).text == "here it is"

    def test_an_empty_stream_is_asked_again_unstreamed_to_learn_the_reason(
        self, use: Use, server: LmStudioServer
    ) -> None:
        error = {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}
        server.script(Bytes([]), Status(status=400, body={"error": error}))
        assert failure(use, server, wanted=request("long " * 4000)).kind is FailureKind.CONTEXT_OVERFLOW
        assert [chat.body["stream"] for chat in server.chats()] == [True, False]


class TestEmptyAndCut:
    def test_a_stop_without_anything_is_no_answer(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text=""), Reply(text=""))
        assert "empty" in failure(use, server).message

    def test_an_empty_stream_may_have_an_answer_unstreamed(self, use: Use, server: LmStudioServer) -> None:
        server.script(Bytes([b"data: [DONE]\n\n"]), Reply(text="after all"))
        assert ask(use, server).text == "after all"

    @pytest.mark.parametrize("text", [None, ""])
    def test_content_that_is_missing_is_no_answer(self, use: Use, server: LmStudioServer, text: str | None) -> None:
        server.script(Bytes([]), Reply(text=text))
        assert failure(use, server).kind is FailureKind.BAD_REPLY

    def test_a_stream_that_ends_without_a_reason_is_cut_off(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="The answer is", finish=None))
        assert "before it was complete" in failure(use, server).message

    def test_without_its_end_mark_a_reply_does_not_count_as_complete(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="The answer is 5.", done=False))
        reply = ask(use, server)
        assert (reply.text, reply.complete) == ("The answer is 5.", False)

    def test_a_reply_cut_by_its_length_says_so(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="The answer is", finish="length"))
        assert ask(use, server).complete is False

    def test_a_disconnect_in_the_middle(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="The answer is five", drop_after=2))
        failed = failure(use, server)
        assert failed.kind is FailureKind.UNREACHABLE
        assert not failed.before_reply
        assert len(server.chats()) == 1

    def test_a_model_that_does_not_stop_is_stopped(self, use: Use, server: LmStudioServer) -> None:
        """Although the server was told a finite length: reading ends far beyond it, and the connection with it."""
        piece = b'data: {"choices":[{"delta":{"content":"' + b"again " * 2000 + b'"}}]}\n\n'
        server.script(Bytes([piece] * 500))
        assert ask(use, server).complete is False
        assert server.wait_until(lambda: server.under_way == 0)


class TestGarbage:
    def test_bytes_that_are_no_http(self, use: Use, server: LmStudioServer) -> None:
        server.script(Garbage())
        assert failure(use, server).kind is FailureKind.BAD_REPLY
        assert len(server.chats()) == 1

    @pytest.mark.parametrize("data", [b"data: {broken\n\n", b"data: 5\n\n", b"data: [1]\n\n", b"<html>no</html>\n\n"])
    def test_events_that_are_no_json(self, use: Use, server: LmStudioServer, data: bytes) -> None:
        server.script(Bytes([data]))
        assert failure(use, server).kind is FailureKind.BAD_REPLY

    def test_a_flood_without_an_event_is_not_kept(self, use: Use, server: LmStudioServer) -> None:
        server.script(Bytes([b"data: " + b"x" * 1_000_000] + [b"x" * 1_000_000] * 6))
        assert "4 MiB" in failure(use, server).message

    def test_a_server_of_another_kind(self, use: Use, server: LmStudioServer) -> None:
        server.dialect = "none"
        server._list = lambda path: None  # type: ignore[method-assign]
        failed = failure(use, server)
        assert "no model server" in failed.message
        assert failed.hint == "check lm_studio.base_url"


class TestWhoAnswers:
    def test_another_model_than_the_one_named_does_not_count(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="hello", model="other/model"))
        failed = failure(use, server, model="qwen/qwen3-8b")
        assert failed.kind is FailureKind.NO_MODEL
        assert "other/model answered" in failed.message

    def test_without_a_name_the_reply_tells_who_it_was(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="hello", model="other/model"))
        assert ask(use, server).model == "other/model"

    @pytest.mark.parametrize("echoed", ["qwen/qwen3-8b@q4_k_m", "qwen3-8b:2", "/models/Qwen3-8B.gguf"])
    def test_other_spellings_of_the_name_are_the_same_model(
        self, use: Use, server: LmStudioServer, echoed: str
    ) -> None:
        server.script(Reply(text="hello", model=echoed))
        assert ask(use, server, model="qwen/qwen3-8b").text == "hello"

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (400, "No models loaded. Please load a model in the developer page or use the 'lms load' command."),
            (404, {"message": "No models loaded. Please load a model", "code": "model_not_found"}),
            (404, {"message": 'Model "x" not found. Please specify a valid model'}),
            (400, 'Invalid model identifier "x". Please specify a valid downloaded model (e.g., y)'),
        ],
    )
    def test_nothing_loaded_after_all(self, use: Use, server: LmStudioServer, status: int, body: Any) -> None:
        server.script(Status(status=status, body={"error": body}))
        failed = failure(use, server)
        assert failed.kind is FailureKind.NO_MODEL
        assert "lms load" in str(failed.hint)

    def test_a_name_that_is_not_there_is_never_sent(self, use: Use, server: LmStudioServer) -> None:
        """The server would answer with whatever it has."""
        failed = failure(use, server, model="no/such")
        assert failed.kind is FailureKind.NO_MODEL
        assert "qwen/qwen3-8b" in failed.message
        assert server.chats() == []

    def test_a_model_that_is_not_loaded_is_not_asked(self, use: Use) -> None:
        """Asking would load it, and evict another."""
        with LmStudioServer(ServedModel(key="big/model"), loaded("small/model")) as server:
            failed = failure(use, server, model="big/model")
            assert failed.kind is FailureKind.NO_MODEL
            assert "lm_studio.may_load" in str(failed.hint)
            assert (server.chats(), server.loads) == ([], [])


class TestAuthentication:
    def test_a_token_that_is_missing_or_wrong(self, use: Use) -> None:
        with LmStudioServer(token="sk-lm-right:1") as server:
            for token in (None, "sk-lm-wrong:2"):
                failed = failure(use, server, token=token)
                assert failed.kind is FailureKind.UNAUTHORIZED
                assert "LM_API_TOKEN" in str(failed.hint)
            # No other family of paths is tried.
            assert [request.path for request in server.requests] == ["/api/v1/models"] * 2

    def test_the_token_is_shown_nowhere(self, use: Use) -> None:
        with LmStudioServer(token="sk-lm-right:1") as server:
            failed = failure(use, server, token="sk-lm-wrong:2")
            told = f"{failed!r} {failed} {failed.hint} {json.dumps(use.events.all)} {use.client(server, token='sk-lm-wrong:2')._options!r}"
            assert "sk-lm-wrong" not in told
            assert "***" in told

    def test_the_right_one_is_accepted(self, use: Use) -> None:
        with LmStudioServer(token="sk-lm-right:1") as server:
            server.script(Reply(text="hello"))
            assert ask(use, server, token="sk-lm-right:1").text == "hello"

    def test_it_does_not_go_to_other_servers(self, use: Use) -> None:
        with LmStudioServer(token="sk-lm-right:1") as server:
            failed = failure(use, server, token="sk-lm-right:1", token_hosts=("http://127.0.0.1:1",))
            assert "not sent" in str(failed.hint)
            assert "authorization" not in server.requests[0].headers


class TestOverload:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_it_is_asked_again_and_answers(self, use: Use, server: LmStudioServer, status: int) -> None:
        server.script(Status(status=status, body={"error": "busy"}, headers={"Retry-After": "0"}), Reply(text="now"))
        reply = ask(use, server)
        assert reply.text == "now"
        assert [attempt.failure for attempt in reply.attempts] == ["overloaded", None]

    def test_without_a_time_it_is_asked_again_a_little_later(self, use: Use, server: LmStudioServer) -> None:
        server.script(Status(status=503, body=""), Reply(text="now"))
        assert ask(use, server).text == "now"

    def test_not_more_often_than_allowed(self, use: Use, server: LmStudioServer) -> None:
        server.script(*[Status(status=503, body={"error": "busy"}, headers={"Retry-After": "0"})] * 9)
        assert failure(use, server, attempts=3).kind is FailureKind.OVERLOADED
        assert len(server.chats()) == 3

    @pytest.mark.parametrize("wait", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
    def test_a_long_wait_is_left_to_who_asked(self, use: Use, server: LmStudioServer, wait: str) -> None:
        server.script(Status(status=429, body={"error": "busy"}, headers={"Retry-After": wait}))
        failed = failure(use, server)
        assert failed.retry_after is not None
        assert failed.retry_after >= 3600
        assert len(server.chats()) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "The model has crashed without additional information. (Exit code: 11)",
            "Model is unloaded.",
            "Failed to load model x",
        ],
    )
    def test_after_a_crash_the_list_is_read_again(self, use: Use, server: LmStudioServer, text: str) -> None:
        server.script(ErrorEvent(message=text), Reply(text="back"))
        reply = ask(use, server)
        assert reply.attempts[0].failure == "loading"
        assert [request.path for request in server.requests].count("/api/v1/models") == 2


class TestTime:
    def test_a_server_that_never_answers(self, use: Use, server: LmStudioServer) -> None:
        server.script(Hang(), Reply(text="not asked"))
        failed = failure(use, server, first_token_timeout=0.2)
        assert failed.kind is FailureKind.TIMEOUT
        assert "nothing of a reply" in failed.message
        assert server.wait_until(lambda: server.gone_early == 1)
        assert len(server.chats()) == 1

    def test_a_head_alone_is_no_beginning(self, use: Use, server: LmStudioServer) -> None:
        server.script(Hang(head=True))
        assert failure(use, server, first_token_timeout=0.2).kind is FailureKind.TIMEOUT

    def test_a_reply_that_stands_still(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="one two three", hang_after=3))
        failed = failure(use, server, idle_timeout=0.2)
        assert "stood still" in failed.message
        assert server.wait_until(lambda: server.gone_early == 1)

    def test_a_reply_that_goes_on_for_ever(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="x" * 1000, pieces=1000, pause=0.02))
        failed = failure(use, server, timeout=0.5, idle_timeout=5.0)
        assert "not complete" in failed.message

    def test_a_first_piece_may_be_slower_than_the_others(self, use: Use, server: LmStudioServer) -> None:
        """Loading and reading the prompt come before it."""
        server.script(Slow(seconds=0.6, then=Reply(text="at last")))
        reply = ask(use, server, first_token_timeout=30.0, idle_timeout=0.3)
        assert reply.text == "at last"
        assert reply.first_token_ms >= 600

    def test_a_list_that_never_comes(self, use: Use, server: LmStudioServer) -> None:
        async def hang(exchange: Any) -> None:
            await exchange.wait_for_close()

        server._answer = hang  # type: ignore[method-assign]
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(use.client(server).complete(request()), 0.3))
        assert server.wait_until(lambda: len(server.requests) == 1)

    def test_cancelling_closes_the_connection(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reply(text="one two three", hang_after=2))

        async def give_up() -> None:
            async with use.client(server) as model:
                task = asyncio.ensure_future(model.complete(request()))
                while server.under_way == 0:
                    await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await asyncio.to_thread(server.wait_until, lambda: server.gone_early == 1)
                server.script(Reply(text="still works"))
                assert (await model.complete(request())).text == "still works"

        asyncio.run(give_up())
        assert use.events.all[0]["outcome"] == "cancelled"

    def test_a_deadline_of_the_caller_closes_it_too(self, use: Use, server: LmStudioServer) -> None:
        """Cancelling by anyio comes again at every await, those of the cleaning up included."""
        import anyio

        server.script(Reply(text="one two three", hang_after=2), Reply(text="next"))

        async def with_deadline() -> str:
            async with use.client(server) as model:
                with anyio.move_on_after(0.3) as scope:
                    async with anyio.create_task_group() as group:
                        group.start_soon(model.complete, request())
                assert scope.cancelled_caught
                return str((await model.complete(request())).text)

        assert anyio.run(with_deadline) == "next"
        assert server.wait_until(lambda: server.gone_early == 1)


class TestConnections:
    def test_a_connection_that_died_while_idle_is_replaced(self, use: Use, server: LmStudioServer) -> None:
        server.reset_idle = True

        async def twice(model: Any) -> list[str]:
            server.script(Reply(text="one"), Reply(text="two"))
            return [(await model.complete(request())).text for _ in range(2)]

        assert use(twice, server) == ["one", "two"]

    def test_a_reset_before_any_byte_is_repeated_once(self, use: Use, server: LmStudioServer) -> None:
        server.script(Reset(), Reply(text="there"))
        reply = ask(use, server, attempts=1)
        assert reply.text == "there"

    def test_and_not_for_ever(self, use: Use, server: LmStudioServer) -> None:
        server.script(*[Reset()] * 9)
        failed = failure(use, server, attempts=1)
        assert (failed.kind, failed.before_reply) == (FailureKind.UNREACHABLE, True)
        assert len(server.chats()) == 2

    def test_connections_are_used_again(self, use: Use, server: LmStudioServer) -> None:
        async def thrice(model: Any) -> None:
            for _ in range(3):
                await model.complete(request())

        use(thrice, server)
        assert len({request.connection for request in server.chats()}) == 1

    def test_a_refused_connection(self, use: Use, server: LmStudioServer) -> None:
        server.stop()
        failed = failure(use, server)
        assert failed.kind is FailureKind.UNREACHABLE
        assert "lms server start" in str(failed.hint)

    def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
        self, use: Use, server: LmStudioServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        server.script(Reply(text="direct"))
        assert ask(use, server).text == "direct"

    def test_every_call_has_a_finite_length(self, use: Use, server: LmStudioServer) -> None:
        ask(use, server)
        ask(use, server, wanted=request(schema=WORD))
        assert all(0 < chat.body["max_tokens"] <= 200 for chat in server.chats())

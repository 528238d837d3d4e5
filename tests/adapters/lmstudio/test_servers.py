"""Which models there are, loading politely, spreading the load, and staying off the network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.lmstudio_server import LmStudioServer, ServedModel, loaded
from tests.fakes.lmstudio_steps import Reply
from tests.fakes.lmstudio_use import Use, request
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

REPOSITORY = Path(__file__).parents[3]


def window(use: Use, *servers: LmStudioServer, name: str | None = None, **options: Any) -> Any:
    return use(lambda model: model.window(name), *servers, **options)


class TestWhatIsThere:
    @pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/api/v1", "/api/v0/models"])
    def test_an_address_may_be_typed_in_any_way(self, use: Use, server: LmStudioServer, end: str) -> None:
        found = use(lambda model: model.window(), hosts=(server.base_url + end,))
        assert found.model == "qwen/qwen3-8b"
        assert server.requests[0].path == "/api/v1/models"

    @pytest.mark.parametrize("dialect", ["native", "older"])
    def test_the_window_is_that_of_the_loaded_instance(self, use: Use, dialect: str) -> None:
        """Not what the model could do."""
        with LmStudioServer(ServedModel(key="a"), loaded("b", context=6000), dialect=dialect) as server:
            found = window(use, server)
            assert (found.model, found.tokens, found.loaded) == ("b", 6000, True)

    def test_where_a_server_does_not_tell_the_settings_do(self, use: Use) -> None:
        with LmStudioServer(loaded("b", context=6000), dialect="plain") as server:
            assert window(use, server, window=2048).tokens == 2048

    def test_llama_cpp_tells_elsewhere(self, use: Use) -> None:
        """Its /props hold the window of one slot, and how many slots there are."""
        props = {"default_generation_settings": {"n_ctx": 2048}, "total_slots": 3}
        with LmStudioServer(loaded("b"), dialect="plain", props=props) as server:
            assert window(use, server).tokens == 2048

    @pytest.mark.parametrize("name", ["key", "key:2", "key@q4_k_m"])
    def test_a_model_is_found_by_key_instance_and_variant(self, use: Use, name: str) -> None:
        with LmStudioServer(loaded("other"), ServedModel(key="key", instances=["key", "key:2"])) as server:
            listing = server._list

            def with_variants(path: str) -> Any:
                found = listing(path)
                if path == "/api/v1/models":
                    found["models"][1]["variants"] = ["key@q4_k_m"]
                return found

            server._list = with_variants  # type: ignore[method-assign]
            assert window(use, server, name=name).model == ("key:2" if name == "key:2" else "key")

    def test_nothing_loaded_says_what_there_is(self, use: Use) -> None:
        with LmStudioServer(ServedModel(key="a/b"), loaded("embed", embeds=True)) as server:
            with pytest.raises(AnswererFailed) as caught:
                window(use, server)
            assert caught.value.kind is FailureKind.NO_MODEL
            assert "a/b" in caught.value.message

    def test_status_tells_of_each_server(self, use: Use, server: LmStudioServer) -> None:
        with LmStudioServer() as other:
            other.stop()
            up, down = use(lambda model: model.status(), server, other)
        assert [model.id for model in up.models] == ["qwen/qwen3-8b"]
        assert down.problem.kind is FailureKind.UNREACHABLE


class TestLoading:
    def test_many_first_calls_load_a_model_once(self, use: Use) -> None:
        """Calls that come together would load a copy each; one goes ahead while the others wait."""
        with LmStudioServer(ServedModel(key="big", context=8000), load_seconds=0.3) as server:

            async def together(model: Any) -> Any:
                replies = await asyncio.gather(*(model.complete(request()) for _ in range(8)))
                return replies, await model.window()

            replies, found = use(together, server, may_load=True, model="big")
            assert len(replies) == 8
            assert server.loads == ["big"]
            assert (found.tokens, found.loaded) == (8000, True)

    def test_one_that_another_process_loaded_meanwhile_is_not_loaded_again(self, use: Use) -> None:
        with LmStudioServer(ServedModel(key="big")) as server:

            async def late(model: Any) -> None:
                await model.status()
                server.models[0].instances.append("big")
                await model.complete(request())

            use(late, server, may_load=True, model="big")
            assert server.loads == []

    def test_without_a_name_only_the_one_there_is(self, use: Use) -> None:
        with LmStudioServer(ServedModel(key="a"), ServedModel(key="b")) as server:
            with pytest.raises(AnswererFailed):
                window(use, server, may_load=True)
            assert server.loads == []

    def test_a_server_that_loads_nothing_by_itself(self, use: Use) -> None:
        with LmStudioServer(ServedModel(key="big"), jit=False) as server:
            with pytest.raises(AnswererFailed) as caught:
                window(use, server, may_load=True, model="big")
            assert caught.value.kind is FailureKind.NO_MODEL

    def test_nothing_is_ever_loaded_evicted_or_downloaded_by_command(self, use: Use) -> None:
        with LmStudioServer(ServedModel(key="big"), loaded("small")) as server:
            use(lambda model: model.complete(request()), server, may_load=True, model="big")
            assert {request.path for request in server.requests} == {"/api/v1/models", "/v1/chat/completions"}


class TestManyAtOnce:
    @pytest.mark.parametrize(("parallel", "concurrency", "most"), [(2, 4, 2), (8, 3, 3), (None, 2, 2)])
    def test_no_more_are_under_way_than_the_server_takes(
        self, use: Use, parallel: int | None, concurrency: int, most: int
    ) -> None:
        with LmStudioServer(loaded("m", parallel=parallel), slots=100, delay=0.02) as server:

            async def together(model: Any) -> None:
                await asyncio.gather(*(model.complete(request()) for _ in range(12)))

            use(together, server, concurrency=concurrency)
            assert server.most_under_way == most
            assert len(server.chats()) == 12

    def test_hundreds_of_calls_are_each_answered_once(self, use: Use) -> None:
        with LmStudioServer(loaded("m", parallel=64), slots=64) as server:

            async def together(model: Any) -> list[Any]:
                return list(await asyncio.gather(*(model.complete(request(f"number {n}")) for n in range(300))))

            assert len(use(together, server, concurrency=64)) == 300
            asked = [chat.body["messages"][0]["content"] for chat in server.chats()]
            assert sorted(asked) == sorted(f"number {n}" for n in range(300))
            assert server.most_under_way <= 64

    def test_the_load_is_spread_over_all_servers(self, use: Use) -> None:
        with ExitStack() as stack:
            servers = [
                stack.enter_context(LmStudioServer(loaded("m", parallel=slots), delay=0.05, slots=9))
                for slots in (1, 3)
            ]

            async def together(model: Any) -> None:
                await asyncio.gather(*(model.complete(request()) for _ in range(12)))

            use(together, *servers)
            assert [server.most_under_way for server in servers] == [1, 3]
            assert sum(len(server.chats()) for server in servers) == 12

    def test_a_server_that_is_down_is_passed_over(self, use: Use, server: LmStudioServer) -> None:
        with LmStudioServer() as other:
            other.stop()
            server.script(Reply(text="here"))
            assert use(lambda model: model.complete(request()), other, server).text == "here"

    def test_one_that_dies_is_replaced_by_the_other(self, use: Use, server: LmStudioServer) -> None:
        with LmStudioServer() as first:

            async def twice(model: Any) -> list[str]:
                hosts = [(await model.complete(request())).host]
                await asyncio.to_thread(first.stop)
                return [*hosts, (await model.complete(request())).host]

            assert use(twice, first, server) == [first.label, server.label]

    def test_only_servers_with_the_same_model_share_the_work(self, use: Use) -> None:
        with LmStudioServer(loaded("a")) as one, LmStudioServer(loaded("b")) as two:

            async def together(model: Any) -> set[str]:
                return {reply.model for reply in await asyncio.gather(*(model.complete(request()) for _ in range(9)))}

            assert use(together, one, two) == {"a"}

    def test_a_long_prompt_goes_where_it_fits(self, use: Use) -> None:
        with LmStudioServer(loaded("m", context=2000)) as small, LmStudioServer(loaded("m", context=9000)) as large:
            assert use(lambda model: model.complete(request("word " * 3000)), small, large).host == large.label
            assert window(use, large, small).tokens == 2000

    def test_who_gives_up_leaves_no_slot_taken(self, use: Use) -> None:
        with LmStudioServer(loaded("m", parallel=1)) as server:
            server.script(Reply(text="one two", hang_after=1))

            async def give_up(model: Any) -> str:
                tasks = [asyncio.ensure_future(model.complete(request())) for _ in range(3)]
                while server.under_way == 0:
                    await asyncio.sleep(0.01)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                server.script(Reply(text="free"))
                return str((await model.complete(request())).text)

            assert use(give_up, server) == "free"

    def test_an_instance_serves_one_event_loop_after_another(self, use: Use, server: LmStudioServer) -> None:
        model = use.client(server)

        async def once() -> str:
            async with model:
                return str((await model.complete(request())).text)

        assert asyncio.run(once()) == asyncio.run(once())


class TestEmbeddings:
    def test_one_vector_of_length_one_for_each_text(self, use: Use) -> None:
        with LmStudioServer(loaded("chat"), loaded("embed", embeds=True)) as server:
            texts = [f"text {number}" for number in range(70)]
            vectors = use(lambda model: model.embed(texts), server)
            assert len(set(vectors)) == 70
            assert all(abs(sum(value * value for value in vector) - 1) < 1e-9 for vector in vectors)

    def test_without_an_embedding_model_there_are_none(self, use: Use, server: LmStudioServer) -> None:
        assert use(lambda model: model.embed(["a"]), server) is None
        assert server.chats() == []

    def test_a_text_that_is_too_long_is_not_cut_by_the_server(self, use: Use) -> None:
        """The server would drop the end without a word: two texts that differ only there had one vector."""
        with LmStudioServer(loaded("embed", embeds=True, context=64)) as server:
            same = "the same words again and again " * 40
            one, other = use(lambda model: model.embed([same + "cats", same + "dogs"]), server)
            assert one != other
            inputs = [text for request in server.requests[1:] for text in request.body["input"]]
            assert max(map(len, inputs)) <= 64 * 4

    def test_a_server_that_takes_less_than_its_window_gets_smaller_pieces(self, use: Use) -> None:
        with LmStudioServer(loaded("embed", embeds=True, context=8000)) as server:
            whole = server._embeddings

            async def small_batches(exchange: Any) -> None:
                if max(map(len, exchange.request.body["input"])) > 600:
                    error = {"message": "input (900 tokens) is too large to process. increase the physical batch size"}
                    await exchange.json(500, {"error": error})
                else:
                    await whole(exchange)

            server._embeddings = small_batches  # type: ignore[method-assign]
            assert len(use(lambda model: model.embed(["word " * 2000, "a"]), server)) == 2

    @pytest.mark.parametrize(
        "data",
        [
            [],
            [{"embedding": "AAAA"}],
            [{"embedding": [1, None]}],
            [{"embedding": []}],
            [{"index": 5, "embedding": [1]}],
        ],
    )
    def test_vectors_that_are_none_are_refused(self, use: Use, data: Any) -> None:
        with LmStudioServer(loaded("embed", embeds=True)) as server:

            async def wrong(exchange: Any) -> None:
                await exchange.json(200, {"data": data})

            server._embeddings = wrong  # type: ignore[method-assign]
            with pytest.raises(AnswererFailed) as caught:
                use(lambda model: model.embed(["a"]), server)
            assert caught.value.kind is FailureKind.BAD_REPLY


PROBE = """
import asyncio, sys
from tests.fakes.lmstudio_use import Use, request
from pathlib import Path
from workflow_cli.domain.answering.failure import AnswererFailed
use = Use(Path({root!r}))
try:
    use(lambda model: model.complete(request()), hosts=({host!r},))
except AnswererFailed as failed:
    print(failed.kind)
print("httpx" in sys.modules)
"""


class TestTheNetwork:
    def test_where_nobody_listens_httpx_is_not_even_imported(self, tmp_path: Path) -> None:
        with LmStudioServer() as server:
            host = server.base_url
            code = PROBE.format(root=str(tmp_path), host=host)
            answered = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=REPOSITORY)
            assert answered.split() == ["True"]
        refused = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=REPOSITORY)
        assert refused.split() == ["unreachable", "False"]

    def test_offline_means_that_no_connection_is_made(self, use: Use, server: LmStudioServer) -> None:
        from workflow_cli.adapters.network import NetworkRules

        with pytest.raises(AnswererFailed) as caught:
            window(use, server, network=NetworkRules(offline=True))
        assert "network.offline" in caught.value.message
        assert server.requests == []

    def test_loopback_only_keeps_to_this_machine(self, use: Use, server: LmStudioServer) -> None:
        from workflow_cli.adapters.network import NetworkRules

        rules = NetworkRules(loopback_only=True)
        assert window(use, server, network=rules).tokens == 4096
        with pytest.raises(AnswererFailed) as caught:
            use(lambda model: model.window(), hosts=("http://models.example:1234",), network=rules)
        assert "network.loopback_only" in caught.value.message

    def test_redirects_are_not_followed(self, use: Use, server: LmStudioServer) -> None:
        from tests.fakes.lmstudio_steps import Status

        server.script(Status(status=307, body="", headers={"Location": "http://models.example/v1/chat/completions"}))
        with pytest.raises(AnswererFailed) as caught:
            use(lambda model: model.complete(request()), server)
        assert caught.value.kind is FailureKind.BAD_REPLY
        assert json.dumps(use.events.all)

"""Agents check and read documents, and draft what people decide about."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import MCPError

from tests.cli.trees import MODIFIED, add_change, add_spec
from tests.mcp_server.conftest import Agent
from workflow_cli.app import agent_drafts
from workflow_cli.mcp_server.results import MOST_FINDINGS, MOST_TEXT

Talk = Callable[..., Any]
SPEC = "openspec/specs/auth/spec.md"
TASKS = "openspec/changes/add-receipts/tasks.md"
WEAKER = {
    "op": "modify-requirement",
    "requirement": "Sign in",
    "text": "The shop MAY open the account page after a correct password.",
}


def state_of(root: Path) -> dict[str, bytes]:
    """Every document, byte for byte."""
    return {str(path): path.read_bytes() for path in (root / "openspec").rglob("*") if path.is_file()}


class TestTools:
    def test_there_are_eight_with_forms_and_hints(self, talk: Talk) -> None:
        """Few and short, for what a model reads of them it pays for in every turn."""

        async def calls(agent: Agent) -> None:
            tools = (await agent.client.list_tools()).tools
            assert [tool.name for tool in tools] == [
                "ask_question", "get_answer", "list_questions", "submit_answer",
                "process_change", "read_document", "draft_update", "propose_change",
            ]  # fmt: skip
            for tool in tools:
                assert tool.description
                assert len(tool.description) < 250
                jsonschema.Draft202012Validator.check_schema(tool.input_schema)
                jsonschema.Draft202012Validator.check_schema(tool.output_schema or False)
                assert tool.annotations is not None
                assert tool.annotations.destructive_hint is not True
            reads = {tool.name for tool in tools if tool.annotations and tool.annotations.read_only_hint}
            assert reads == {"get_answer", "list_questions", "read_document"}
            whole = sum(len(json.dumps(tool.model_dump(exclude_none=True, mode="json"))) for tool in tools)
            assert whole < 24_000

        talk(calls)

    def test_no_tool_decides(self, talk: Talk) -> None:
        """Nothing that approves, rejects, commits or archives is offered, under any name."""

        async def calls(agent: Agent) -> None:
            for name in ("approve", "review", "commit", "update", "archive", "undo"):
                result = await agent.client.call_tool(name, {})
                assert result.is_error

        talk(calls)


class TestReading:
    @pytest.mark.parametrize("named", ["auth", SPEC, "specs/auth/spec.md"])
    def test_a_spec_by_path_or_capability(self, talk: Talk, root: Path, named: str) -> None:
        async def calls(agent: Agent) -> None:
            read = await agent.call("read_document", path=named)
            assert (read["path"], read["text"], read["next_line"]) == (SPEC, (root / SPEC).read_text(), None)

        talk(calls)

    def test_one_place_of_it(self, talk: Talk) -> None:
        async def calls(agent: Agent) -> None:
            read = await agent.call("read_document", path="auth#Scenario: Wrong password")
            assert read["text"].startswith("#### Scenario: Wrong password\n")
            assert (
                read["address"]
                == f"{SPEC}#auth Specification > Requirements > Requirement: Sign in > Scenario: Wrong password"
            )
            assert "nearest" in await agent.refused("read_document", path="auth#Scenario: Wrong pasword")

        talk(calls)

    def test_a_large_one_comes_in_pieces_that_join(self, talk: Talk, root: Path) -> None:
        text = "# Big\n\n" + "".join(f"Line {number} of a long document.\n" for number in range(2_000)) + "ä" * 30_000
        (root / "openspec/changes/add-receipts/design.md").write_text(text, encoding="utf-8")

        async def calls(agent: Agent) -> None:
            pieces, line = [], 1
            while line is not None:
                read = await agent.call("read_document", path="add-receipts/design.md", from_line=line)
                assert len(read["text"]) <= MOST_TEXT
                pieces.append(read["text"])
                line = read["next_line"]
            assert "".join(pieces) == text[: len("".join(pieces))]
            assert len(pieces) == 4
            assert pieces[-1] == "ä" * MOST_TEXT, "a line that is longer than all is cut"

        talk(calls)

    @pytest.mark.parametrize(
        "named",
        [
            "../secret.md", "/etc/passwd", "openspec/../../secret.md", "openspec/specs/leak/spec.md",
            "openspec/specs/away/spec.md", "workflow.yaml", ".workflow/questions.db", ".git/config", "no-such", "\0", "~/x",
        ],
    )  # fmt: skip
    def test_nothing_outside_the_documents(self, talk: Talk, root: Path, tmp_path: Path, named: str) -> None:
        """Neither by path nor through links."""
        outside = tmp_path / "outside"
        outside.mkdir()
        for name in ("secret.md", "spec.md"):
            (outside / name).write_text("SECRET")
        (tmp_path / "secret.md").write_text("SECRET")
        (root / "workflow.yaml").write_text("lm_studio:\n  token: SECRET\n")
        (root / "openspec/specs/leak").mkdir()
        (root / "openspec/specs/leak/spec.md").symlink_to(outside / "spec.md")
        (root / "openspec/specs/away").symlink_to(outside)

        async def calls(agent: Agent) -> None:
            assert "SECRET" not in await agent.refused("read_document", path=named)

        talk(calls)

    def test_a_file_beyond_the_limit_or_of_another_kind_is_refused(self, talk: Talk, root: Path) -> None:
        (root / "workflow.yaml").write_text("limits:\n  max_file_bytes: 1 kB\n")
        (root / "openspec/changes/add-receipts/design.md").write_text("x" * 2_000)
        os.mkfifo(root / "openspec/specs/auth/pipe.md")

        async def calls(agent: Agent) -> None:
            assert "1000 bytes" in await agent.refused("read_document", path="add-receipts/design.md")
            await agent.refused("read_document", path="openspec/specs/auth/pipe.md")

        talk(calls)


class TestProcessing:
    def test_a_change_is_checked_and_progress_told(self, talk: Talk, root: Path) -> None:
        add_change(root, "second")

        async def calls(agent: Agent) -> None:
            told: list[Any] = []

            async def tell(done: float, total: float | None, message: str | None) -> None:
                told.append((done, total))

            result = await agent.client.call_tool("process_change", {"all": True}, progress_callback=tell)
            made: Any = result.structured_content
            assert {item["id"] for item in made["items"]} == {"auth", "add-receipts", "second"}
            assert made["status"] in ("ok", "findings", "waiting")
            assert told[0] == (0, 3)
            one = await agent.call("process_change", names=["auth"], steps=["validate"])
            assert [(item["kind"], item["valid"]) for item in one["items"]] == [("spec", True)]
            assert "say which of the 2" in await agent.refused("process_change")
            assert "nearest: second" in await agent.refused("process_change", names=["secund"])
            assert "leads out" in await agent.refused("process_change", names=["../x"])

        talk(calls)

    def test_results_are_bounded(self, talk: Talk, root: Path) -> None:
        requirement = "\n### Requirement: R{n}\nThe shop should be fast and flexible, and/or quick, as appropriate.\n"
        add_spec(root, "bad", "# bad\n\n## Purpose\nSays things.\n\n## Requirements\n" + "".join(
            requirement.replace("{n}", str(n)) for n in range(150)
        ))  # fmt: skip

        async def calls(agent: Agent) -> None:
            made = await agent.call("process_change", names=["bad"], steps=["validate", "analyse"])
            (item,) = made["items"]
            assert len(item["findings"]) == MOST_FINDINGS
            assert made["left_out"] > 50
            assert (made["status"], "draft_update" in made["next"]) == ("findings", True)

        talk(calls)

    def test_a_cancelled_check_ends(self, talk: Talk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """At the next item, and the server goes on."""
        for number in range(5):
            add_change(root, f"change-{number}")
        begun, ended = anyio.Event(), []

        async def calls(agent: Agent) -> None:
            real = agent.work.process

            def watched(*names: Any, progress: Any, **more: Any) -> Any:
                def slow(*said: Any) -> None:
                    anyio.from_thread.run_sync(begun.set)
                    while not ended:
                        progress(*said)

                try:
                    return real(*names, progress=slow, **more)
                except BaseException as error:
                    ended.append(type(error).__name__)
                    raise

            monkeypatch.setattr(agent.work, "process", watched)
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: agent.call("process_change", all=True))
                await begun.wait()
                group.cancel_scope.cancel()
            while not ended:
                await anyio.sleep(0.01)
            assert (await agent.call("list_questions"))["total"] == 0

        talk(calls)
        assert ended == ["Stopped"]


class TestDrafting:
    def test_a_draft_waits_and_nothing_is_written(self, talk: Talk, root: Path) -> None:
        """Even for what a person may do without asking; it is marked as an agent's, and says who can decide, and how."""
        before = state_of(root)

        async def calls(agent: Agent) -> None:
            edit = {"op": "check-task", "task": "1.1"}
            made = await agent.call("draft_update", path="add-receipts", edits=[edit], because="it is built")
            assert (made["status"], made["operations"], made["files"]) == ("waiting", ["check task 1.1"], [TASKS])
            assert {reason["rule"] for reason in made["reasons"]} == {"model-written"}
            assert "+- [x] 1.1" in made["diff"]
            assert f"workflow review approve {made['draft']}" in made["next"]
            assert await agent.call("draft_update", path="add-receipts", edits=[edit]) == made
            weaker = await agent.call("draft_update", edits=[{**WEAKER, "path": "auth"}])
            assert "keyword-weakened" in {reason["rule"] for reason in weaker["reasons"]}

        talk(calls)
        assert state_of(root) == before
        assert len(list((root / ".workflow/drafts").iterdir())) == 2

    def test_open_changes_that_a_draft_leaves_behind_are_named(self, talk: Talk, root: Path) -> None:
        """So that whoever drafts it can bring them up to date as well, before a person decides."""
        delta = MODIFIED.format(page="order")
        add_change(root, "add-login", delta)
        rename = {"op": "rename-requirement", "requirement": "Sign in", "to": "Log in"}

        async def calls(agent: Agent) -> None:
            made = await agent.call("draft_update", path="auth", edits=[rename])
            (behind,) = made["misfits"]
            assert behind["change"] == "add-login"
            assert behind["place"].startswith("openspec/changes/add-login/specs/auth/spec.md:")
            tick = await agent.call("draft_update", path="add-receipts", edits=[{"op": "check-task", "task": "1.1"}])
            assert tick["misfits"] == []

        talk(calls)

    def test_no_policy_lets_an_agent_write(self, talk: Talk, root: Path) -> None:
        """Switched off rules concern people."""
        (root / "workflow.yaml").write_text("policy:\n  off: [model-written, keyword-weakened]\n")
        before = state_of(root)

        async def calls(agent: Agent) -> None:
            made = await agent.call("draft_update", path="auth", edits=[WEAKER])
            assert (made["status"], made["reasons"]) == ("waiting", [])
            await agent.call("propose_change", title="Add gift cards")

        talk(calls)
        assert state_of(root) == before

    def test_a_new_change_is_drafted(self, talk: Talk, root: Path) -> None:
        before = state_of(root)

        async def calls(agent: Agent) -> None:
            made = await agent.call(
                "propose_change", title="Add gift cards", notes="The shop SHALL sell gift cards of 10 to 200 euros.\n"
            )
            assert made["change"] == "add-gift-cards"
            assert "openspec/changes/add-gift-cards/proposal.md" in made["files"]
            assert "The shop SHALL sell gift cards of 10 to 200 euros." in made["diff"]

        talk(calls)
        assert state_of(root) == before

    def test_what_the_tree_says_already_is_refused(self, talk: Talk, root: Path) -> None:
        async def calls(agent: Agent) -> None:
            refused = await agent.refused("propose_change", title="add-receipts")
            assert "is open already" in refused or "says it already" in refused

        talk(calls)

    def test_a_rejection_is_told(self, talk: Talk, root: Path) -> None:
        """With who said no, and why."""
        from workflow_cli.domain.review.draft import Author, AuthorKind
        from workflow_cli.settings import Sources, load_settings
        from workflow_cli.wiring.review import ReviewRun

        async def calls(agent: Agent) -> None:
            made = await agent.call("draft_update", path="auth", edits=[WEAKER])
            with ReviewRun(root, load_settings(Sources(root=root, here=root))) as run:
                run.review.reject(made["draft"], by=Author(kind=AuthorKind.PERSON, name="Mara"), because="we need it")
            assert "Mara rejected draft" in await agent.refused("draft_update", path="auth", edits=[WEAKER])

        talk(calls)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({"edits": [{"op": "check-tsk", "task": "1.1"}], "path": "add-receipts"}, "did you mean check-task"),
            ({"edits": [{"op": "check-task", "task": "9.9"}], "path": "add-receipts"}, "9.9"),
            ({"edits": [{"op": "check-task", "task": "1.1"}]}, "names no document"),
            ({"edits": [{"op": "check-task", "task": "1.1"}], "path": "../../x.md"}, "no document"),
            ({"edits": [{"op": "check-task", "task": "1.1"}], "path": "workflow.yaml"}, "no document"),
            ({"edits": [], "path": "add-receipts"}, "edits"),
            ({"edits": [{"op": "uncheck-task", "task": "1.1"}], "path": "add-receipts"}, "say that already"),
            (
                {"edits": [{"op": "check-task", "task": "1.1"}, {"op": "x"}, {}], "path": "add-receipts"},
                "there are faults",
            ),
        ],
    )
    def test_what_cannot_be_drafted_says_why(
        self, talk: Talk, root: Path, arguments: dict[str, Any], said: str
    ) -> None:
        before = state_of(root)

        async def calls(agent: Agent) -> None:
            assert said in await agent.refused("draft_update", **arguments)

        talk(calls)
        assert state_of(root) == before
        assert not (root / ".workflow/drafts").exists()

    def test_drafts_are_not_piled_up(self, talk: Talk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A person has to decide about some first; one that is there already may be made again."""
        monkeypatch.setattr(agent_drafts, "MOST_WAITING", 2)

        async def calls(agent: Agent) -> None:
            for number in (1, 2, 1):
                edit = {"op": "add-task", "text": f"Task {number}"}
                await agent.call("draft_update", path="add-receipts", edits=[edit])
            edit = {"op": "add-task", "text": "Task 3"}
            assert "no more are taken" in await agent.refused("draft_update", path="add-receipts", edits=[edit])

        talk(calls)


class TestResources:
    def test_specs_and_changes(self, talk: Talk, root: Path) -> None:
        add_spec(root, "shop/cart")

        async def calls(agent: Agent) -> None:
            listed = [str(one.uri) for one in (await agent.client.list_resources()).resources]
            assert listed == [
                "openspec://spec/auth", "openspec://spec/shop/cart", "openspec://change/add-receipts/proposal.md",
            ]  # fmt: skip
            for uri, path in [
                ("openspec://spec/auth", SPEC),
                ("openspec://spec/shop/cart", "openspec/specs/shop/cart/spec.md"),
                ("openspec://change/add-receipts/tasks.md", TASKS),
                (
                    "openspec://change/add-receipts/specs/auth/spec.md",
                    "openspec/changes/add-receipts/specs/auth/spec.md",
                ),
            ]:
                (content,) = (await agent.client.read_resource(uri)).contents
                assert content.text == (root / path).read_text()  # type: ignore[union-attr]

        talk(calls)

    @pytest.mark.parametrize(
        "uri",
        [
            "openspec://spec/nowhere", "openspec://spec/..", "openspec://spec/..%2F..%2F..%2Fsecret",
            "openspec://change/add-receipts/../../../workflow.yaml", "openspec://change/add-receipts/%2e%2e/%2e%2e/x",
            "openspec://change/..%2F../x", "openspec://change/add-receipts/leak.md", "openspec://change/add-receipts/specs",
            "openspec://other/x", "file:///etc/passwd", "openspec://spec/%00",
        ],
    )  # fmt: skip
    def test_nothing_else(self, talk: Talk, root: Path, tmp_path: Path, uri: str) -> None:
        (tmp_path / "secret.md").write_text("SECRET")
        (root / "workflow.yaml").write_text("# SECRET\n")
        (root / "openspec/changes/add-receipts/leak.md").symlink_to(tmp_path / "secret.md")

        async def calls(agent: Agent) -> None:
            with pytest.raises(MCPError) as caught:
                await agent.client.read_resource(uri)
            assert "SECRET" not in str(caught.value)

        talk(calls)


def test_a_bug_in_a_tool_is_masked_and_ends_nothing(talk: Talk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text may hold anything."""

    async def calls(agent: Agent) -> None:
        def broken(*_arguments: Any, **_named: Any) -> Any:
            raise RuntimeError("SECRET")

        monkeypatch.setattr(agent.work, "read", broken)
        assert "SECRET" not in await agent.refused("read_document", path="auth")
        assert (await agent.call("list_questions"))["total"] == 0

    talk(calls)

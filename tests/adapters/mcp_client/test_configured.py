"""Which servers are configured: by the settings, by files as other programs have them, by the socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_cli.adapters.mcp_client.configured import configured_servers
from workflow_cli.adapters.mcp_client.server_config import ServerConfig
from workflow_cli.adapters.mcp_client.variables import BadServer, expanded
from workflow_cli.app.answering.ports import Access
from workflow_cli.errors import SettingsError

ENVIRONMENT = {"TOKEN": "s3cret", "EMPTY": "", "HOME": "/home/jo"}


def read(tmp_path: Path, servers: dict[str, Any] | None = None, file: Any = None, socket: Path | None = None) -> Any:
    path = None
    if file is not None:
        path = tmp_path / "servers.json"
        path.write_text(file if isinstance(file, str) else json.dumps(file))
    found = configured_servers(
        servers or {},
        origin=lambda _name: "workflow.yaml:2",
        file=path,
        socket=socket,
        socket_origin="environment MCP_ORCHESTRATOR_SOCKET",
        root=tmp_path,
        environment=ENVIRONMENT,
    )
    return {server.name: server for server in found}


def one(tmp_path: Path, **entry: Any) -> ServerConfig:
    server = read(tmp_path, {"one": entry})["one"]
    assert isinstance(server, ServerConfig)
    return server


def test_a_program(tmp_path: Path) -> None:
    """Variables are expanded in what is run, and not in what is shown."""
    server = one(
        tmp_path, command="run me", args=["--port", 8080, "${TOKEN}"], env={"KEY": "${TOKEN}", "N": 1}, cwd="sub"
    )
    assert server.command == ("run me", "--port", "8080", "s3cret")
    assert server.shown == "'run me' --port 8080 '${TOKEN}'"
    assert server.env == {"KEY": "s3cret", "N": "1"}
    assert server.cwd == tmp_path / "sub"
    assert server.rules.access == {Access.READ}
    assert "s3cret" not in repr(server)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${TOKEN}", "s3cret"),
        ("a${TOKEN}b${HOME}", "as3cretb/home/jo"),
        ("${env:TOKEN}", "s3cret"),
        ("${NONE:-else}", "else"),
        ("${EMPTY:-else}", "else"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("$TOKEN and $5", "$TOKEN and $5"),
    ],
)
def test_variables(text: str, value: str) -> None:
    assert expanded(text, ENVIRONMENT) == value


@pytest.mark.parametrize("text", ["${NONE}", "${input:key}", "${workspaceFolder}", "${}", "${a b}"])
def test_a_variable_without_a_value_is_refused(text: str) -> None:
    """A server that is started with `${KEY}` as its key would be worse than none."""
    with pytest.raises(BadServer, match=r"\$\{"):
        expanded(text, ENVIRONMENT)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "has no `command`"),
        ({"command": "a", "url": "http://localhost/mcp"}, "say one of"),
        ({"command": ""}, "`command` is a text"),
        ({"command": "a", "args": "b"}, "`args` is a list"),
        ({"command": "a", "env": {"A": ["x"]}}, "`env` is a mapping"),
        ({"command": "${NONE}"}, "set the variable NONE"),
        ({"url": "ftp://x"}, "no http or https address"),
        ({"url": "http://[::1"}, "no http or https address"),
        ({"url": 5}, "`url` is a text"),
        ({"url": "https://user:pass@example.org/"}, "user name or password"),
        ({"url": "http://example.org/mcp", "headers": {"Authorization": "x"}}, "unencrypted"),
        ({"url": "https://example.org/mcp", "headers": {"A": "x\r\nB: y"}}, "does not belong there"),
        ({"url": "https://example.org/sse", "type": "sse"}, "old SSE transport"),
    ],
)
def test_a_server_that_cannot_be_used_says_why(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    """And the others are used all the same."""
    found = read(tmp_path, {"bad": entry, "good": {"command": "a"}})
    assert says in (found["bad"].problem or "")
    assert found["good"].problem is None


def test_addresses(tmp_path: Path) -> None:
    """Loopback may have headers without TLS; every name that hosts give an address is known."""
    local = one(tmp_path, url="http://127.0.0.1:3000/mcp", headers={"Authorization": "Bearer ${TOKEN}"})
    assert (local.url, local.headers) == ("http://127.0.0.1:3000/mcp", {"Authorization": "Bearer s3cret"})
    assert not local.is_beyond_this_machine
    assert one(tmp_path, httpUrl="https://example.org/mcp").is_beyond_this_machine
    assert one(tmp_path, serverUrl="https://localhost.example.org/mcp").is_beyond_this_machine


@pytest.mark.parametrize(
    ("url", "socket", "path"),
    [
        ("unix:///run/m.sock#/mcp", "/run/m.sock", "/mcp"),
        ("unix:///run/m.sock", "/run/m.sock", "/mcp"),
        ("unix:/run/m.sock#v2", "/run/m.sock", "/v2"),
    ],
)
def test_a_socket_as_an_address(tmp_path: Path, url: str, socket: str, path: str) -> None:
    server = one(tmp_path, url=url)
    assert (str(server.socket), server.socket_path) == (socket, path)


@pytest.mark.parametrize("key", ["mcpServers", "servers", "context_servers", None])
def test_files_of_other_programs(tmp_path: Path, key: str | None) -> None:
    """Unknown keys are left alone, switched-off servers stay off, and words of this program mean nothing there."""
    entries = {
        "github": {"command": "gh-mcp", "tools": ["*"], "timeout": 60000, "unknown": {"deep": True}},
        "off": {"command": "x", "disabled": True},
        "io.github/odd name": {"url": "https://example.org/mcp", "type": "http"},
    }
    found = read(tmp_path, file={key: entries, "inputs": []} if key else entries)
    assert set(found) == {"github", "off", "io-github-odd-name"}
    assert (found["github"].rules.tools, found["github"].timeout, found["github"].problem) == (None, None, None)
    assert not found["off"].enabled


def test_the_settings_say_what_a_server_of_a_file_may_do(tmp_path: Path) -> None:
    """An entry without a command adds to it; one with a command takes its place."""
    file = {"mcpServers": {"a": {"command": "of-file", "args": ["x"]}, "b": {"command": "of-file"}}}
    servers = {"a": {"tools": {"look": "read"}, "timeout": 5}, "b": {"command": "of-settings"}}
    found = read(tmp_path, servers, file=file)
    assert found["a"].command == ("of-file", "x")
    assert (found["a"].rules.tools, found["a"].timeout) == ({"look": Access.READ}, 5.0)
    assert found["b"].command == ("of-settings",)


def test_the_socket_is_a_server_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, {"orchestrator": {"access": ["read", "write"]}}, socket=tmp_path / "m.sock")
    assert found["orchestrator"].socket == tmp_path / "m.sock"
    assert found["orchestrator"].rules.access == {Access.READ, Access.WRITE}
    assert found["orchestrator"].origin == "environment MCP_ORCHESTRATOR_SOCKET"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "expected an object"),
        ("{}", "lists no server"),
        ('{"mcpServers": []}', "mcpServers: expected an object"),
        ('{"mcpServers": {"a": 1}}', "a: expected an object"),
        ('{"mcpServers": {"a b": {}, "a-b": {}}}', "two servers are called a-b"),
        ("\xff", "not JSON"),
    ],
)
def test_a_file_that_lists_nothing_is_one_error(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "servers.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"servers\.json") as raised:
        configured_servers(
            {},
            origin=str,
            file=tmp_path / "servers.json",
            socket=None,
            socket_origin="",
            root=tmp_path,
            environment={},
        )
    assert says in str(raised.value)

"""Addresses at which something else answers than a model server or an MCP server: what it is, and the next step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.asking import HOWTO, PLAIN, add_auth, report_of
from tests.cli.conftest import Run
from tests.fakes.web_server import SECRET, web_server

TRUSTED = {"WORKFLOW_MCP__TRUST": "configured"}


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with web_server() as address:
        yield address


@pytest.mark.parametrize(
    ("page", "says", "then"),
    [
        (
            "away",
            "status 308; it redirects to https://models.example:8443, and no redirect is followed",
            "if the model server is there, name that address in LM_STUDIO_BASE_URL, or in lm_studio.base_url",
        ),
        (
            "circle",
            "status 307; it redirects to another path of the same address, and no redirect is followed",
            "check the path in lm_studio.base_url",
        ),
        (
            "login",
            "status 302; it redirects to another path of the same address, and no redirect is followed",
            "check the path in lm_studio.base_url",
        ),
        ("nowhere", "status 307; it redirects without saying where to", "check lm_studio.base_url"),
        ("odd", "it redirects to what is no address, and no redirect is followed", "check lm_studio.base_url"),
        ("html", "what answers there is no model server", "check lm_studio.base_url"),
        ("404", "what answers there is no model server", "check lm_studio.base_url"),
        ("405", "what answers there is no model server", "check lm_studio.base_url"),
        ("401", "status 401; the server says: Not today.", "set LM_API_TOKEN to a token of this server"),
        ("500", "status 500; the server says: Not today.", "see the server's own log, or set lm_studio.base_url"),
    ],
)
def test_what_is_no_model_server(workflow: Run, tree: Path, web: str, page: str, says: str, then: str) -> None:
    add_auth(tree)
    done = workflow("ask", HOWTO, "--answerer", "model", env={"LM_STUDIO_BASE_URL": f"{web}/{page}"})
    assert (done.returncode, done.stdout) == (3, "")
    message, where, hint = done.stderr.splitlines()
    assert message.startswith(f"error: nobody could answer: {says}")
    assert where.strip() == f"{web.removeprefix('http://')}/{page}"
    assert hint.strip() == f"next: {then}"
    assert SECRET not in done.stderr


#: What is said of a page, before and after the next step.
OF_SERVERS = {
    "away": "it redirects to https://models.example:8443, and no redirect to another address is followed; if it is there, "
    "name that address in its url",
    "circle": "it redirects in a circle; check its url",
    "login": "it redirects to another path, as pages do that want a login; check its url and its headers",
    "nowhere": "it redirects without saying where to; check its url",
    "html": "what answers is no MCP server, but a page (text/html); check its url",
    "empty": "what answers is no MCP server, but a page (text/plain); check its url",
    "json": "what answers is no MCP server: its JSON is no message; check its url",
    "400": "HTTP 400; check its url",
    "401": "HTTP 401: it wants a token, or another one; name it in its headers",
    "403": "HTTP 403: it wants a token, or another one; name it in its headers",
    "404": "HTTP 404: nothing is at this path; check its url",
    "405": "HTTP 405: nothing takes messages at this path; check its url",
    "500": "HTTP 500: a fault of its own; see its log",
    "503": "HTTP 503: a fault of its own; see its log",
}


@pytest.mark.parametrize("page", OF_SERVERS)
def test_what_is_no_mcp_server(workflow: Run, tree: Path, web: str, page: str) -> None:
    """Where it is looked at, where it is to be approved, and where a question would have gone to it."""
    pytest.importorskip("mcp")
    add_auth(tree)
    servers = {"far": {"url": f"{web}/{page}"}}
    (tree / "workflow.yaml").write_text(json.dumps({"mcp": {"servers": servers}}), "utf-8")
    looked = workflow("mcp", "tools", "--format", "json", env=TRUSTED)
    [server] = json.loads(looked.stdout)["servers"]
    assert (looked.returncode, server["state"], server["problem"]) == (3, "down", OF_SERVERS[page])
    refused = workflow("mcp", "approve", "far", "--yes")
    assert refused.returncode == 1
    assert f"error: the server far cannot be approved: {OF_SERVERS[page]}\n" in refused.stderr
    assert "next: mend that, then run workflow mcp approve far again" in refused.stderr
    asked = workflow("ask", HOWTO, "--answerer", "tools", "--format", "json", env=TRUSTED)
    assert asked.returncode == 3
    report = report_of(asked)
    assert f"far: {OF_SERVERS[page]}" in report["error"]["message"]
    assert SECRET not in looked.stdout + refused.stdout + refused.stderr + asked.stdout + asked.stderr


def test_a_server_at_a_wrong_address_takes_no_answer_away(workflow: Run, tree: Path, web: str) -> None:
    """The documents answer, and what was skipped is said once."""
    add_auth(tree, json.dumps({"mcp": {"servers": {"far": {"url": f"{web}/html"}}}}))
    done = workflow("ask", PLAIN, env={"LM_STUDIO_BASE_URL": f"{web}/away", **TRUSTED})
    assert done.returncode == 0
    assert "five wrong passwords" in done.stdout

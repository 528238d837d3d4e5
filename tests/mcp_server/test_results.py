"""Results hold whole characters only, as the protocol takes them."""

from __future__ import annotations

import os

from workflow_cli.mcp_server.results import whole


def test_a_byte_that_is_no_utf8_is_shown_as_its_code_wherever_it_stands() -> None:
    name, shown = os.fsdecode(b"caf\xe9 \xc3\xa9"), "caf\\udce9 é"
    assert whole({"files": [name], name: 1, "count": 2}) == {"files": [shown], shown: 1, "count": 2}

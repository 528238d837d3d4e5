"""Only what the configuration or a server's own word says to read is read by; and that word alone can forbid."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.app.answering.ports import Access
from workflow_cli.app.answering.tool_access import AccessRules, Hints, judge

R, W, X = Access.READ, Access.WRITE, Access.EXECUTE


@pytest.mark.parametrize(
    ("hints", "tools", "access", "allowed"),
    [
        (Hints(read_only=True), None, R, True),
        (Hints(), None, X, False),
        (Hints(read_only=False), None, X, False),
        (Hints(read_only=True, destructive=True), None, X, False),
        (Hints(), {"t": R}, R, True),
        (Hints(), {"*": R}, R, True),
        (Hints(), {"t": None}, X, False),
        (Hints(read_only=True), {"t": None}, R, True),
        (Hints(read_only=True), {"other": R}, X, False),
        (Hints(read_only=True), {"t": W, "*": R}, W, False),
        (Hints(read_only=False), {"t": R}, W, False),
        (Hints(destructive=True), {"t": R}, W, False),
    ],
)
def test_who_says_what(hints: Hints, tools: Mapping[str, Access | None] | None, access: Access, allowed: bool) -> None:
    judged = judge("t", hints, AccessRules(tools=tools))
    assert (judged.access, judged.refusal is None) == (access, allowed)


flags = st.sampled_from([None, True, False])
words = st.none() | st.sampled_from(Access)


@given(
    flags,
    flags,
    st.none() | st.dictionaries(st.sampled_from(["t", "*", "u"]), words),
    st.frozensets(st.sampled_from(Access)),
)
def test_a_hint_never_loosens_what_the_configuration_says(
    read_only: bool | None,
    destructive: bool | None,
    tools: Mapping[str, Access | None] | None,
    access: frozenset[Access],
) -> None:
    """What is allowed is in the server's access; and a word of the configuration is a floor."""
    judged = judge("t", Hints(read_only=read_only, destructive=destructive), AccessRules(access=access, tools=tools))
    if judged.refusal is None:
        assert judged.access in access
    said = (tools or {}).get("t", (tools or {}).get("*"))
    if said is not None:
        assert [R, W, X].index(judged.access) >= [R, W, X].index(said)
    elif judged.access is R:
        assert read_only is True

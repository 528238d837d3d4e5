"""The names that settings give to answerers are those of the route."""

from __future__ import annotations

from pathlib import Path

from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.bullets import BULLETS as LIBRARY
from workflow_cli.domain.answering.route import ANSWERERS as OF_THE_ROUTE
from workflow_cli.domain.answering.route import RoutePolicy
from workflow_cli.settings import Sources, load_settings
from workflow_cli.settings.keys import ANSWERERS, BULLETS
from workflow_cli.wiring.ask import route_policy


def test_they_are_the_same() -> None:
    """Named twice, because reading settings needs no route."""
    assert ANSWERERS == OF_THE_ROUTE


def test_an_order_of_a_kind_is_its_own_and_the_others_follow_the_general_one(tmp_path: Path) -> None:
    (tmp_path / "workflow.yaml").write_text(
        "answers:\n  order: [specs]\n  order_howto: [model, person]\n  order_tool: null\n", encoding="utf-8"
    )
    policy: RoutePolicy = route_policy(load_settings(Sources(root=tmp_path, here=tmp_path)))
    assert policy.order_for(QuestionKind.HOWTO) == ("model", "person")
    assert policy.order_for(QuestionKind.TOOL) == policy.order_for(QuestionKind.LOOKUP) == ("specs",)


def test_bullets_are_those_of_the_library() -> None:
    assert set(BULLETS) == set(LIBRARY)
    assert all(bullet.text.isascii() and bullet.against for bullet in LIBRARY.values())

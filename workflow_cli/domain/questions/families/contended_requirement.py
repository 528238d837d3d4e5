"""A requirement that another open change touches too."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import quote

IMPACT = 0.9


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for contention in inquiry.contentions:
        mine, other = inquiry.change.name, contention.other_change
        ways = [
            f"{other} first: this change is then brought up to date with it",
            f"{mine} first: {other} is then brought up to date with it",
        ]
        if contention.first == mine or (contention.first is None and mine < other):
            ways.reverse()
        both = "Together: one of the two changes takes over what the other says about it"
        ways.insert(0 if contention.every_order_loses else 2, both)
        yield Draft(
            family="contended-requirement",
            words=other,
            text=f"The open change {other} also touches {quote(contention.requirement, 100)} in "
            f"`{contention.capability}`. Which goes first?",
            why="Whichever is archived first, the other replaces its text: no order keeps both."
            if contention.every_order_loses
            else "The one archived later is written against a text that is gone by then.",
            options=options(*ways),
            place=contention.place,
            address=delta_address(contention.capability, contention.requirement),
            impact=IMPACT,
            uncertainty=0.9 if contention.every_order_loses else 0.3 if contention.first else 0.5,
            blocking=contention.every_order_loses,
            about_building=False,
        )


FAMILY = Family(
    id="contended-requirement",
    reason="Another open change touches the same requirement. It blocks only where no order keeps the text of both; "
    "where a safe order is known, that order is recommended.",
    ask=ask,
)

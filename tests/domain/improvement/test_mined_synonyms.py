"""Words that people ask with, found in documents under another name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

from bench.improvement.scenarios import OtherWords
from workflow_cli.domain.improvement.experiment import Candidate, Deferred
from workflow_cli.domain.improvement.levers.mined_synonyms import MinedSynonyms, _beside
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary, summarise
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window

THINGS = ("invoice", "voucher", "parcel", "refund", "basket", "address", "password", "newsletter")
DONE = ("is created", "is sent twice", "was lost", "is opened by a guest", "has expired", "belongs to somebody else")
#: What documents call some of the things that people ask about.
CALLED = {"voucher": "rebate", "parcel": "consignment"}


def log(part: Part, *, accepted: bool | None = True, asked_as: Mapping[str, str] = {}) -> Summary:
    """Every thing that can be done is a section and a cluster; somebody judged the right place for each of one part, or nobody did.

    `asked_as` are things that are asked about in other words than those of THINGS.
    """
    window = Window()
    sections = {}
    for number, (thing, done) in enumerate((thing, done) for thing in THINGS for done in DONE):
        name = f"shop#{thing} {done}"
        called = CALLED.get(thing, thing)
        sections[name] = f"The {called} {done}\nWhen the {called} {done} the shop SHALL note it in line {number}."
        cluster = next(c for c in (f"{name}/{n}" for n in range(99)) if part_of(c) is part)
        event = {"event_id": f"e{number}", "ts": 1000.0 + number, "client": "c", "kind": "answer"}
        asked = {
            "question_kind": "lookup",
            "cluster": cluster,
            "question": f"what happens when the {asked_as.get(thing, thing)} {done}?",
        }
        given = {"attempts": [], "duration_ms": 5, "outcome": "answered", "cites": [name]}
        window.add({**event, **asked, **given})
        said = {"event_id": f"v{number}", "kind": "feedback", "answer_id": f"e{number}", "accepted": accepted}
        if accepted is not None:
            window.add({**event, **said, "client": f"c{number % 7}"})
    return summarise(window, Worth(), now=2000.0, most=4000, sections=sections)


def test_the_other_names_are_found_and_nothing_else() -> None:
    (candidate,) = MinedSynonyms().propose(log(Part.DEV), {"retrieval.glossary": {"old": "entry"}})
    assert isinstance(candidate, Candidate)
    glossary = candidate.changes["retrieval.glossary"]
    assert {"old": "entry", **CALLED}.items() <= glossary.items()
    assert candidate.evidence


def test_where_nobody_said_anything_what_was_given_first_speaks_for_a_pair() -> None:
    (candidate,) = MinedSynonyms().propose(log(Part.DEV, accepted=None), {"retrieval.glossary": {}})
    assert isinstance(candidate, Candidate)
    assert CALLED.items() <= candidate.changes["retrieval.glossary"].items()


def test_what_people_refused_speaks_for_nothing() -> None:
    (found,) = MinedSynonyms().propose(log(Part.DEV, accepted=False), {"retrieval.glossary": {}})
    assert isinstance(found, Deferred)


def test_what_specs_are_made_of_is_no_name() -> None:
    """Nobody asks with such words, often as they are written: that says nothing."""
    (candidate,) = MinedSynonyms().propose(log(Part.DEV), {"retrieval.glossary": {}})
    assert isinstance(candidate, Candidate)
    assert {"shall", "note", "line"}.isdisjoint(candidate.changes["retrieval.glossary"].values())


def test_what_decides_is_not_looked_at() -> None:
    """Of questions of CONFIRM nothing is learnt, whatever people said of them."""
    (found,) = MinedSynonyms().propose(log(Part.CONFIRM), {"retrieval.glossary": {}})
    assert isinstance(found, Deferred)


def test_another_form_of_a_word_is_found_by_itself() -> None:
    """Documents say invoice: retrieval finds invoicing there, and so it is no unknown word."""
    (candidate,) = MinedSynonyms().propose(
        log(Part.DEV, asked_as={"invoice": "Invoicing", "refund": "refunds"}), {"retrieval.glossary": {}}
    )
    assert isinstance(candidate, Candidate)
    assert {"invoicing", "refunds"}.isdisjoint(candidate.changes["retrieval.glossary"])
    assert CALLED.items() <= candidate.changes["retrieval.glossary"].items()


def test_names_are_proposed_as_they_are_spelled() -> None:
    (candidate,) = MinedSynonyms().propose(
        log(Part.DEV, asked_as={"voucher": "Vouchers"}), {"retrieval.glossary": {"parcels": "consignments"}}
    )
    assert isinstance(candidate, Candidate)
    glossary = candidate.changes["retrieval.glossary"]
    assert glossary["vouchers"] == "rebate"
    assert "parcel" not in glossary, "another form of it is known already"


def test_names_in_scripts_without_spaces_are_found() -> None:
    (candidate,) = MinedSynonyms().propose(log(Part.DEV, asked_as={"voucher": "优惠"}), {"retrieval.glossary": {}})
    assert isinstance(candidate, Candidate)
    assert candidate.changes["retrieval.glossary"]["优惠"] == "rebate"


def test_names_that_fit_alike_are_all_proposed() -> None:
    """Where a thing is called by two words, and always by both, nothing tells which of them people mean."""
    seen = log(Part.DEV)
    seen.sections = {section: text.replace("rebate", "discount", 1) for section, text in seen.sections.items()}
    (candidate,) = MinedSynonyms().propose(seen, {"retrieval.glossary": {}})
    assert isinstance(candidate, Candidate)
    glossary = candidate.changes["retrieval.glossary"]
    assert {"rebate", "discount"} <= set(glossary["voucher"].split())
    assert "voucher = rebate or discount" in candidate.hypothesis or "discount or rebate" in candidate.hypothesis
    assert glossary["parcel"] == "consignment"


def test_two_letters_that_share_one_are_no_neighbours() -> None:
    """In a script without spaces every two letters stand beside what they overlap, in questions as in documents."""
    assert set(_beside(["取消", "消订", "订单"])) == {("取消", (2, "订单")), ("订单", (-2, "取消"))}
    assert set(_beside(["取消", "订单"])) == {("取消", (1, "订单")), ("订单", (-1, "取消"))}


def test_documents_that_changed_are_read_again() -> None:
    lever, seen = MinedSynonyms(), log(Part.DEV)
    lever.propose(seen, {"retrieval.glossary": {}})
    for section, text in list(seen.sections.items()):
        seen.sections[section] = text.replace("rebate", "coupon")  # type: ignore[index]
    (candidate,) = lever.propose(seen, {"retrieval.glossary": {}})
    assert isinstance(candidate, Candidate)
    assert candidate.changes["retrieval.glossary"]["voucher"] == "coupon"


def test_the_names_of_the_benchmark_are_not_read() -> None:
    """The world keeps them to itself: no event holds one."""
    world = OtherWords(seed=3)
    random = Random(1)
    names = set(world.shared["names"].values())
    assert names
    for request in list(world.requests(0)):
        settings = {**world.settings, "retrieval.depth": random.randint(1, 5)}
        served = world.serve(request, settings)
        assert names.isdisjoint(json.dumps([request.question, served.answer or ""]).split())

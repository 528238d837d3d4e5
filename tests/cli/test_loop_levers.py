"""Levers at the command: what each needs to act, and that the product obeys what it turns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import add_auth, events_of
from tests.cli.conftest import Run
from tests.e2e.loop_log import question, step, stubborn_tree, verdict, write_log
from tests.fakes.lmstudio_server import LmStudioServer, loaded
from tests.fakes.lmstudio_steps import Status
from tests.faults.loop_scenarios import register_by_hand
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.arms import with_knobs

VERBS = ("lock", "close", "block", "free", "open", "keep", "lose", "find", "give", "share", "stop", "hold")
#: So many that both arms get some, however they are drawn.
HOWTOS = [f"How can I {verb} an account after {n} wrong passwords?" for verb in VERBS for n in ("five", "six")]


def deferred(workflow: Run, *arguments: str, **more: str) -> dict[tuple[str, str], str]:
    done = workflow("loop", "--explain", "--dry-run", "--format", "json", *arguments, env=more)
    assert done.returncode == 0, done.stdout + done.stderr
    return {(one["lever"], one["scope"]): one["reason"] for one in json.loads(done.stdout)["deferred"]}


def asked(workflow: Run, tree: Path, questions: Sequence[str], **more: str) -> list[dict[str, Any]]:
    (tree / "asked.txt").write_text("".join(f"{question}\n" for question in questions), encoding="utf-8")
    before = len(events_of(tree)) if (tree / ".workflow/metrics.jsonl").exists() else 0
    workflow("ask", "--batch", "asked.txt", "--no-queue", "--format", "jsonl", env=more)
    return events_of(tree)[before:]


# -- no model -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        "network: {offline: true}\n",
        "lm_studio: {base_url: 'http://127.0.0.1:9'}\n",  # configured, and nobody is there
        "lm_studio: {base_url: 'http://127.0.0.1:9', model: some-model}\nloop: {model_calls_a_day: 1000}\n",
    ],
)
def test_without_a_model_nothing_about_it_is_tried(workflow: Run, tree: Path, settings: str) -> None:
    """Wherever a model stands that cannot be asked, it is passed over: there is nothing to compare."""
    add_auth(tree, settings)
    lookups = [f"Does the shop {verb} an account after {n} wrong passwords?" for verb in VERBS for n in ("five", "six")]
    events = asked(workflow, tree, lookups)
    now = datetime.now(UTC)
    write_log(
        tree,
        (
            verdict(n, event, now + timedelta(seconds=n), accepted=n % 3 > 0, client=f"c{n % 5}")
            for n, event in enumerate(events)
            if event["status"] == "answered"
        ),
    )
    reasons = deferred(workflow)
    assert reasons["router-order", "lookup"] == "no_model"
    for lever in ("model-of-kind", "prompt-bullets", "retries", "concurrency"):
        assert reasons[lever, "*"] == "no_model"
    assert reasons["longer-timeout", "models.timeout"] == "no_model"
    shown = workflow("loop", "--explain", "--dry-run").stdout
    assert "  longer-timeout (answers.budgets.model): no_model\n" in shown
    assert workflow("loop").stdout == ""


def test_with_a_model_there_is_something_to_compare(workflow: Run, tree: Path) -> None:
    with LmStudioServer(loaded("small"), loaded("large")) as server:
        add_auth(tree, f"lm_studio: {{base_url: '{server.base_url}'}}\n")
        asked(workflow, tree, HOWTOS)
        reasons = deferred(workflow)
    assert reasons["router-order", "howto"] != "no_model"
    assert reasons["model-of-kind", "howto"] != "no_model"
    assert reasons["retries", "*"].startswith("no_headroom: 0/")


# -- what the treatment arm reads ---------------------------------------------------------------------------------


def stage(tree: Path, changes: Mapping[str, Any]) -> None:
    """An experiment over all questions, as the loop would put it in force."""
    overlay = {
        "experiment": "0123456789abcdef",
        "draw": "interleaved",
        "scope": "*",
        "salt": "s",
        "changes": dict(changes),
        "seconds": 600.0,
        "share": 0.1,
    }
    (tree / ".workflow").mkdir(exist_ok=True)
    (tree / ".workflow/overlay.json").write_text(json.dumps(overlay), encoding="utf-8")


def by_arm(events: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {"base": [], "treatment": []}
    for event in events:
        found[event["arm"]].append(event)
    assert all(found.values()), "each question is drawn by itself"
    return found


def test_the_treatment_is_answered_by_the_other_model(workflow: Run, tree: Path) -> None:
    with LmStudioServer(loaded("small"), loaded("large")) as server:
        add_auth(tree, f"lm_studio: {{base_url: '{server.base_url}', model: small}}\n")
        stage(tree, {"models.by_kind": {"howto": "large"}})
        arms = by_arm(asked(workflow, tree, HOWTOS))
    assert {event["model"] for event in arms["base"]} == {"small"}
    assert {event["model"] for event in arms["treatment"]} == {"large"}


def test_the_treatment_alone_is_told_the_bullet(workflow: Run, tree: Path) -> None:
    """Events name it beside the prompt's version, and the settings take the same names."""
    with LmStudioServer(loaded("small")) as server:
        add_auth(tree, f"lm_studio: {{base_url: '{server.base_url}'}}\n")
        stage(tree, {"prompt.bullets": ["exact-quotes"]})
        arms = by_arm(asked(workflow, tree, HOWTOS))
        told = [str(request.body) for request in server.chats()]
    with_it = [text for text in told if "Copy each quote from one line of its passage" in text]
    assert len(with_it) == len(arms["treatment"]) < len(told)
    labels = [event["prompt"] for event in events_of(tree, "model.call")]
    assert labels.count("answer.v1+exact-quotes") == len(with_it)
    assert labels.count("answer.v1") == len(told) - len(with_it)


def test_the_treatment_alone_asks_again(workflow: Run, tree: Path) -> None:
    with LmStudioServer(loaded("small")) as server:
        server.script(*[Status(status=503)] * 200)
        settings = f"lm_studio: {{base_url: '{server.base_url}', attempts: 1}}\n"
        add_auth(tree, f"{settings}answers: {{order: [specs, model], attempts: 1, breaker_failures: 1000}}\n")
        stage(tree, {"models.retries": 1})
        arms = by_arm(asked(workflow, tree, HOWTOS, WORKFLOW_ANSWERS__BATCH_AT_ONCE="1"))
        assert len(server.chats()) == len(arms["base"]) + 2 * len(arms["treatment"])


def test_the_treatment_alone_waits_for_its_turn(workflow: Run, tree: Path) -> None:
    """One call at a time where the settings allow four; how long each waited is told."""
    with LmStudioServer(loaded("small"), delay=0.2) as server:
        add_auth(tree, f"lm_studio: {{base_url: '{server.base_url}', concurrency: 4}}\n")
        stage(tree, {"models.concurrency": 1})
        arms = by_arm(asked(workflow, tree, HOWTOS))
    waited = [step.get("queued_ms", 0.0) for event in arms["treatment"] for step in event["route"]]
    assert max(waited) >= 200
    assert all(step.get("queued_ms", 0.0) <= step["ms"] for event in arms["treatment"] for step in event["route"])


def test_the_treatment_alone_knows_the_synonym(workflow: Run, tree: Path) -> None:
    """`kiosk` stands in no document."""
    add_auth(tree, "network: {offline: true}\n")
    stage(tree, {"retrieval.glossary": {"kiosk": "shop", "inactivity": "request", "lapse": "end"}})
    questions = [f"Does the kiosk lapse a session after thirty minutes of inactivity, {n}?" for n in range(24)]
    arms = by_arm(asked(workflow, tree, questions))
    assert min(e["retrieval"]["coverage"] for e in arms["treatment"]) > max(
        e["retrieval"]["coverage"] for e in arms["base"]
    )


@pytest.mark.parametrize("name", ["retrieval.glossary", "models.by_kind"])
def test_a_hold_back_without_entries_has_none(workflow: Run, tree: Path, name: str) -> None:
    """Kept entries are in the file; the other arm must not read them."""
    add_auth(
        tree, "retrieval:\n  synonyms: {kiosk: shop}\nlm_studio:\n  models_by_kind: {code: large, review: small}\n"
    )
    settings = with_knobs(settings_in_force(tree), {name: {}})
    assert dict(settings.retrieval.synonyms) == ({} if name == "retrieval.glossary" else {"kiosk": ("shop",)})
    left = {"review": "small"} if name == "models.by_kind" else {"code": "large", "review": "small"}
    assert dict(settings.lm_studio.models_by_kind) == left


def test_synonyms_of_the_settings_stand_beside_the_glossary(workflow: Run, tree: Path) -> None:
    add_auth(tree, "network: {offline: true}\n")
    question = "Is the kiosk closing an account after five wrong passwords?"
    (before,) = asked(workflow, tree, [question])
    (tree / "openspec/glossary.yaml").write_text("- [closing, lock]\n", encoding="utf-8")
    (tree / "workflow.yaml").write_text("retrieval:\n  synonyms: {kiosk: shop}\n", encoding="utf-8")
    (after,) = asked(workflow, tree, [question], WORKFLOW_NETWORK__OFFLINE="true", WORKFLOW_ANSWERS__CACHE="false")
    assert after["retrieval"]["coverage"] == 1.0 > before["retrieval"]["coverage"]


TRADE = """\
# trade

## Purpose
Says when people can buy something.

## Requirements

### Requirement: Shop hours
The shop SHALL open at dawn.

#### Scenario: Dawn
- **WHEN** it is dawn
- **THEN** the shop opens

### Requirement: Stall hours
The stall SHALL close at dusk.

#### Scenario: Dusk
- **WHEN** it is dusk
- **THEN** the stall closes
"""


def test_a_word_may_have_several_names_there(workflow: Run, tree: Path) -> None:
    """Each is sought for the word; neither for the other."""
    add_auth(tree, "network: {offline: true}\nretrieval:\n  synonyms: {kiosk: [shop, stall]}\n")
    (tree / "openspec/specs/trade/spec.md").parent.mkdir()
    (tree / "openspec/specs/trade/spec.md").write_text(TRADE, encoding="utf-8")

    def coverage(question: str) -> float:
        (event,) = asked(workflow, tree, [question], WORKFLOW_NETWORK__OFFLINE="true", WORKFLOW_ANSWERS__CACHE="false")
        return float(event["retrieval"]["coverage"])

    assert coverage("Does the kiosk open at dawn?") == 1.0
    assert coverage("Does the kiosk close at dusk?") == 1.0
    assert coverage("Does the stall open at dawn?") < 1.0


def test_names_that_are_no_words_are_refused_with_their_place(workflow: Run, tree: Path) -> None:
    (tree / "workflow.yaml").write_text("retrieval:\n  synonyms: {kiosk: [shop, two words]}\n", encoding="utf-8")
    done = workflow("ask", "Does the kiosk open?")
    assert done.returncode == 2
    assert "retrieval.synonyms: kiosk: " in done.stderr
    assert "'two words'" in done.stderr


# -- from end to end ----------------------------------------------------------------------------------------------

NOUNS = ("voucher", "consignment", "refund", "pallet", "invoice", "courier", "locker", "return")
#: What people say instead.
SAID = {"voucher": "coupon", "consignment": "parcel"}


#: How the documents call it under its heading.
ALSO = {"consignment": "shipment"}


def shop_of_regions(root: Path, regions: int, also: Mapping[str, str] = {}) -> dict[str, str]:
    """A spec in which every thing has a limit in every region, and questions with their places: two things go by another name."""
    lines = ["# limits", "", "## Purpose", "Says how many of each thing a region may have at any one time.", ""]
    lines += ["## Requirements", ""]
    places = {}
    for region in range(1, regions + 1):
        for noun in NOUNS:
            title = f"{noun.capitalize()} limit of region r{region}"
            lines += [
                f"### Requirement: {title}",
                f"Each {also.get(noun, noun)} limit of region r{region} SHALL be low.",
                "",
            ]
            lines += ["#### Scenario: One more", "- **WHEN** one more comes", "- **THEN** it is refused", ""]
            places[f"What is the {SAID.get(noun, noun)} limit of region r{region}?"] = f"limits/Requirement: {title}"
    spec = root / "openspec/specs/limits/spec.md"
    spec.parent.mkdir(parents=True)
    spec.write_text("\n".join(lines), encoding="utf-8")
    return places


def told_where(workflow: Run, tree: Path, places: Mapping[str, str]) -> None:
    """All that goes by another name is asked, and people say of each answer where the right one stands."""
    about = {question: place for question, place in places.items() if "coupon" in question or "parcel" in question}
    # One after the other, so that events come in the order of the questions.
    events = asked(workflow, tree, list(about), WORKFLOW_RETRIEVAL__THIN="0.1", WORKFLOW_ANSWERS__BATCH_AT_ONCE="1")
    now = datetime.now(UTC)
    said = [
        verdict(n, event, now + timedelta(seconds=1), accepted=False, client=f"c{n % 7}", places=[place])
        for n, (event, place) in enumerate(zip(events, about.values(), strict=True))
    ]
    write_log(tree, said)


def test_words_of_questions_that_documents_do_not_have_are_learnt(workflow: Run, tree: Path) -> None:
    """Asked, told where the answer stands, mined, proven on other questions, written into the settings: and then found."""
    (tree / "workflow.yaml").write_text(
        "# ours\nnetwork: {offline: true}\nretrieval: {passages: 1}\n", encoding="utf-8"
    )
    told_where(workflow, tree, shop_of_regions(tree, 100))
    done = workflow("loop", "--lever", "mined-synonyms", "--explain")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("registered: mined-synonyms; keep: "), done.stdout
    assert (tree / "workflow.yaml").read_text("utf-8").startswith("# ours\n")
    assert settings_in_force(tree).retrieval.synonyms == {"coupon": ("voucher",), "parcel": ("consignment",)}
    again = {f"What is the coupon limit of region r{n}?": f"Voucher limit of region r{n}" for n in range(11, 23)}
    after = asked(workflow, tree, list(again), WORKFLOW_ANSWERS__CACHE="false", WORKFLOW_ANSWERS__BATCH_AT_ONCE="1")
    # What was just kept is held back from a tenth of the questions.
    found = [place for event, place in zip(after, again.values(), strict=True) if event.get("arm") != "holdback"]
    cited = [event["cites"] for event in after if event.get("arm") != "holdback"]
    assert found
    for place, cites in zip(found, cited, strict=True):
        assert any(place in cite["address"] for cite in cites)
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0


BY_HAND = """\
# ours
network: {offline: true}
retrieval:
  passages: 1
  synonyms:        # what we say
    kiosk: [shop]  # in brackets, though it is one
    # and, since May:
    fee:   charge
    till:
      - register   # mostly
      - checkout
"""


def test_names_that_a_person_wrote_stay_and_are_not_said_to_be_measured(workflow: Run, tree: Path) -> None:
    """A word that has two names gets both, beside what was there: in the file, the change and the specs; and all is taken back."""
    settings = tree / "workflow.yaml"
    settings.write_text(BY_HAND, encoding="utf-8")
    told_where(workflow, tree, shop_of_regions(tree, 100, ALSO))
    done = workflow("loop", "--lever", "mined-synonyms")
    assert done.stdout.startswith("registered: mined-synonyms; keep: "), done.stdout + done.stderr
    mined = '    coupon: voucher\n    parcel: ["shipment", "consignment"]\n'
    assert settings.read_text("utf-8") == BY_HAND + mined
    in_force = dict(settings_in_force(tree).retrieval.synonyms)
    assert in_force["parcel"] == ("shipment", "consignment")
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-mined-synonyms-*")
    proposal = (change / "proposal.md").read_text("utf-8")
    assert proposal.partition("## What Changes\n")[2].partition("\n\n")[0].splitlines() == [
        '- `retrieval.synonyms.coupon`: from `null` to `["voucher"]`',
        '- `retrieval.synonyms.parcel`: from `null` to `["shipment", "consignment"]`',
    ]
    spec = (tree / "openspec/specs/runtime-tuning/spec.md").read_text("utf-8")
    assert spec.count("### Requirement: ") == 2
    shown = json.loads(workflow("config", "show", "--format", "json").stdout)["settings"]["retrieval.synonyms"]
    for word, names in (("coupon", ["voucher"]), ("parcel", ["shipment", "consignment"])):
        # As the scenario says of `workflow config show`.
        assert shown[word] == names
        assert f"SHALL say `{json.dumps(names)}` for `retrieval.synonyms.{word}`" in spec
        assert f"**THEN** `retrieval.synonyms.{word}` is `{json.dumps(names)}`" in spec
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    learnt = "retrieval.synonyms: coupon = voucher, parcel = shipment or consignment"
    assert learnt in workflow("loop", "report").stdout
    assert workflow("loop", "history").stdout.count(learnt) == 2
    held_back = json.loads((tree / ".workflow/overlay.json").read_text("utf-8"))
    assert held_back["changes"] == {
        "retrieval.glossary": {"kiosk": "shop", "fee": "charge", "till": "register checkout"}
    }
    assert dict(with_knobs(settings_in_force(tree), held_back["changes"]).retrieval.synonyms) == {
        word: names for word, names in in_force.items() if word not in ("coupon", "parcel")
    }
    (revision,) = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert workflow("history", "undo", revision["id"], "--yes").returncode == 0
    assert settings.read_text("utf-8") == BY_HAND


# -- what is measured gives way to what is wrong now ------------------------------------------------------------------


def test_an_experiment_gives_way_to_calls_that_fail_now_and_the_report_says_so(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree, count=12, end=datetime.now(UTC) - timedelta(hours=2))
    register_by_hand(tree)
    assert "router-order" in workflow("loop", "status").stdout
    start = datetime.now(UTC) - timedelta(hours=1)
    failed, went_well = step("tools", "failed", 50.0, "unreachable"), step("tools", "answered", 90.0)
    write_log(
        tree,
        (
            question(
                1000 + n,
                start + timedelta(seconds=30 * n),
                route=[went_well] if n % 2 else [failed, step("specs", "nothing", 2.0)],
                status="answered" if n % 2 else "not_in_specs",
            )
            for n in range(100)
        ),
    )
    done = workflow("loop", "--once")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("preempted: router-order; registered: retries"), done.stdout
    assert "retries" in workflow("loop", "status").stdout
    report = workflow("loop", "report").stdout
    assert "another change came first, and this one begins again later" in " ".join(report.split())
    # With nothing new to go by it stays as it is.
    assert workflow("loop", "--once").stdout == ""
    assert workflow("history", "verify").returncode == 0

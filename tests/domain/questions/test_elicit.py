"""Which questions a change raises, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.domain.openspec.rule import KnownRequirement, TreeSummary
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.domain.questions.catalogue import FAMILIES
from workflow_cli.domain.questions.elicit import LEAST_RANK, elicit
from workflow_cli.domain.questions.inquiry import Contention
from workflow_cli.domain.questions.question import Question

DIRECTORY = "openspec/changes/add-login"


def change(deltas: Mapping[str, str] | str = "", proposal: str = "", design: str = "", tasks: str = "") -> Change:
    files = {"auth": deltas} if isinstance(deltas, str) else deltas
    return Change(
        name="add-login",
        directory=DIRECTORY,
        delta_documents=tuple(
            (id, Document(f"{DIRECTORY}/specs/{id}/spec.md", text.encode())) for id, text in files.items() if text
        ),
        proposal=Proposal(document=Document(f"{DIRECTORY}/proposal.md", proposal.encode())) if proposal else None,
        design=Document(f"{DIRECTORY}/design.md", design.encode()) if design else None,
        task_documents=(("tasks.md", Document(f"{DIRECTORY}/tasks.md", tasks.encode())),) if tasks else (),
    )


def main(text: str, id: str = "auth") -> dict[str, Spec]:
    data = f"# {id}\n\n## Purpose\nP.\n\n## Requirements\n\n{text}"
    return {id: read_spec(id, Document(f"openspec/specs/{id}/spec.md", data.encode()))}


def ask(of: Change, mains: dict[str, Spec] | None = None, tree: TreeSummary | None = None) -> list[Question]:
    return elicit(of, mains or {}, (), tree or TreeSummary(capabilities=frozenset(mains or {})))


def families(asked: list[Question]) -> list[str]:
    return [q.id.rsplit("-", 1)[0] for q in asked]


def added(statement: str, steps: str = "- **WHEN** a user logs in\n- **THEN** the start page is shown") -> str:
    return f"## ADDED Requirements\n\n### Requirement: Login\n{statement}\n\n#### Scenario: One\n{steps}\n"


LOGIN = """\
### Requirement: Login
Users SHALL log in.

#### Scenario: Good password
- **WHEN** the password is right
- **THEN** the user is let in
- **AND** the attempt is recorded in the audit log

#### Scenario: Bad password
- **WHEN** the password is wrong
- **THEN** nothing else is revealed to the client
"""

ORDINARY = added("The system SHALL let a registered user log in with a password of at least 12 characters.")


def test_an_ordinary_change_raises_no_question() -> None:
    """Nothing is asked for the sake of asking."""
    assert ask(change(ORDINARY, proposal="## Why\nUsers ask for it.\n", tasks="- [ ] 1.1 Build the login\n")) == []


ASKED: dict[str, tuple[Change, dict[str, Spec]]] = {
    "unknown-target": (
        change("## MODIFIED Requirements\n\n### Requirement: Log-in\nUsers SHALL log in with a key.\n"),
        main(LOGIN),
    ),
    "existing-target": (change(added("Users SHALL log in with a key.")), main(LOGIN)),
    "dropped-text": (
        change(
            "## MODIFIED Requirements\n\n### Requirement: Login\nUsers SHALL log in.\n\n#### Scenario: Good password\n"
            "- **WHEN** the password is right\n- **THEN** the user is let in\n- **AND** the attempt is recorded in the "
            "audit log\n"
        ),
        main(LOGIN),
    ),
    "open-question": (
        change(ORDINARY, design="## Open Questions\n\n- Should we also offer passkeys?\n"),
        {},
    ),
    "unresolved-marker": (change(added("The lockout SHALL last TBD minutes.")), {}),
    "contradicting-number": (
        change(
            added("The session of an idle administrator SHALL expire after 30 minutes."),
            proposal="## What Changes\n- An idle administrator session expires after 15 minutes.\n",
        ),
        {},
    ),
    "removal": (
        change("## REMOVED Requirements\n\n### Requirement: Login\n"),
        main(LOGIN),
    ),
    "breaking-change": (
        change(ORDINARY, proposal="## What Changes\n- **BREAKING**: the `/login` route is gone.\n"),
        {},
    ),
    "promised-capability": (
        change(
            ORDINARY,
            proposal="## Capabilities\n\n### New Capabilities\n- `auth`: login\n- `audit-log`: what happened\n",
        ),
        {},
    ),
    "failure-behaviour": (change(added("The importer SHALL parse the uploaded CSV file into users.")), {}),
    "untasked-requirement": (
        change(
            ORDINARY + "\n### Requirement: Welcome banner\nThe dashboard SHALL greet visitors by first name.\n\n"
            "#### Scenario: S\n- **WHEN** a visitor opens the dashboard\n- **THEN** the greeting is there\n"
            "\n### Requirement: Password rotation\nThe system SHALL ask for a new password every 90 days.\n\n"
            "#### Scenario: T\n- **WHEN** 90 days are over\n- **THEN** the form is shown\n",
            tasks="- [ ] 1.1 Build the login form of the system\n- [ ] 1.2 Hash the password with argon2\n"
            "- [ ] 1.3 Schedule the password rotation job for all of them\n",
        ),
        {},
    ),
    "example-value": (
        change(added("The system SHALL log in.", "- **WHEN** it fails\n- **THEN** it is refused (e.g., `401`)")),
        {},
    ),
    "unnamed-limit": (change(added("The login SHALL be refused when the attempts exceed the lockout threshold.")), {}),
    "vague-word": (change(added("The system SHALL answer a login quickly.")), {}),
    "weak-modal": (change(added("The system MUST log in. The session should end with the window.")), {}),
}


@pytest.mark.parametrize("family", sorted(ASKED))
def test_each_family_asks_about_its_own_example(family: str) -> None:
    """The smallest change that raises it, and no other question with it."""
    subject, mains = ASKED[family]
    asked = ask(subject, mains)
    assert families(asked) == [family]
    assert [o.recommended for o in asked[0].options].count(True) == 1
    assert 2 <= len(asked[0].options) <= 4
    assert asked[0].place.line is not None
    assert asked[0].text.rstrip("”").endswith("?")
    assert asked[0].why


@pytest.mark.parametrize("family", sorted(ASKED))
def test_a_recommended_option_holds_as_it_stands(family: str) -> None:
    """It can be taken unseen, so it leaves nothing to be filled in."""
    subject, mains = ASKED[family]
    recommended = ask(subject, mains)[0].recommended
    assert recommended is not None
    assert "given as the answer" not in recommended.text


@pytest.mark.parametrize("family", sorted(ASKED))
def test_an_id_outlives_lines_that_move(family: str) -> None:
    """Blank lines above the text change its place and not the question."""
    subject, mains = ASKED[family]

    def moved(document: Document) -> Document:
        return Document(document.file, b"\n\n" + document.data)

    later = Change(
        name=subject.name,
        directory=subject.directory,
        delta_documents=tuple((id, moved(d)) for id, d in subject.delta_documents),
        proposal=Proposal(document=moved(subject.proposal.document)) if subject.proposal else None,
        design=moved(subject.design) if subject.design else None,
        task_documents=subject.task_documents,
    )
    before, after = ask(subject, mains)[0], ask(later, mains)[0]
    assert after.id == before.id
    assert after.place.line == (before.place.line or 0) + 2


def test_every_family_has_an_example() -> None:
    """Those that need another change are tested below."""
    assert {f.id for f in FAMILIES} == {*ASKED, "contended-requirement", "near-duplicate"}


@pytest.mark.parametrize(
    ("subject", "mains"),
    [
        pytest.param(change(added("`TBD` SHALL be written for “TODO: x” entries.")), {}, id="markers that are quoted"),
        pytest.param(
            change(added("The system SHALL answer quickly, within 2 seconds.")), {}, id="a word with a number"
        ),
        pytest.param(change(added("The script SHALL fail fast.")), {}, id="an idiom"),
        pytest.param(change(added("The system SHALL cache pages to keep large lists responsive.")), {}, id="a purpose"),
        pytest.param(change(added("El sistema SHALL responder rápido y TOCAR archivos grandes.")), {}, id="Spanish"),
        pytest.param(change(added("系统 SHALL 快速处理大文件，并在超时后重试。")), {}, id="Chinese"),
        pytest.param(
            change(added("The user MAY log in and the value may be empty, which MUST be shown.")), {}, id="MAY"
        ),
        pytest.param(
            change(added("Users SHALL log in.", "- **WHEN** x\n- **THEN** the page should open")), {}, id="a BDD should"
        ),
        pytest.param(
            change(
                added("The importer SHALL parse the CSV file.", "- **WHEN** it is malformed\n- **THEN** it is refused")
            ),
            {},
            id="input whose failure is described",
        ),
        pytest.param(
            change("## MODIFIED Requirements\n\n" + LOGIN.replace("let in", "let in and should see the start page")),
            main(LOGIN),
            id="MODIFIED that keeps everything",
        ),
        pytest.param(
            change("## MODIFIED Requirements\n\n### Requirement: Old\nIt SHALL answer quickly and should work.\n"),
            main("### Requirement: Old\nIt SHALL answer quickly and should work.\n"),
            id="sentences that the main spec has already",
        ),
        pytest.param(change("## ADDED Requirements\n\n" + LOGIN), main(LOGIN), id="ADDED that is there word for word"),
        pytest.param(
            change("## REMOVED Requirements\n\n### Requirement: Login\n**Migration**: use passkeys instead.\n"),
            main(LOGIN),
            id="a removal with its migration",
        ),
        pytest.param(
            change(ORDINARY, proposal="## Impact\n- **BREAKING**: none.\n- No BREAKING changes.\n"), {}, id="no break"
        ),
        pytest.param(
            change(added("A batch SHALL expire after 30 days."), proposal="## Why\nThe build takes 15 minutes.\n"),
            {},
            id="numbers of different things",
        ),
    ],
)
def test_what_needs_no_answer_is_not_asked(subject: Change, mains: dict[str, Spec]) -> None:
    """Leaving people alone is half of the work."""
    assert ask(subject, mains) == []


@pytest.mark.parametrize(
    "entry",
    [
        "None.",
        "- None — it is well defined.",
        "_(none — all decisions resolved)_",
        "なし",
        "暂无",
        "- [x] Should we offer passkeys?",
        "- ~~Should we offer passkeys?~~",
        "- Should we offer passkeys?\n  - **Decision**: no.",
        "1. **Q**: Passkeys?\n   **A**: Yes, in settings.",
        "- Should we offer passkeys? (Not required for this change.)",
        "- Should we offer passkeys? Deferred until somebody asks.",
        "Some words that ask nothing.",
    ],
)
def test_a_settled_entry_of_the_open_questions_is_left_alone(entry: str) -> None:
    """Answered, ticked, struck through, put off, or none at all."""
    assert ask(change(ORDINARY, design=f"## Open Questions\n\n{entry}\n")) == []


@pytest.mark.parametrize(
    ("entry", "recommended", "number"),
    [
        ("- Should we use cookies or tokens?", "Put it off", 3),
        ("- What protocol (gRPC vs REST) is used?", "Put it off", 3),
        ("- Should we offer passkeys?", "No: this change does without it", 3),
        ("1. How long do sessions live?\n   - Impact: cost\n2. None", "Put it off", 2),
    ],
)
def test_the_options_of_an_open_question_are_the_authors_own(entry: str, recommended: str, number: int) -> None:
    """Choices it names, a lean it states, or a plain yes and no."""
    (asked,) = ask(change(ORDINARY, design=f"## Open Questions\n\n{entry}\n"))
    assert asked.recommended is not None
    assert asked.recommended.text.startswith(recommended)
    assert len(asked.options) == number


def test_what_its_author_would_do_is_recommended_and_does_not_block() -> None:
    """It is asked only where a requirement builds on it; else the lean is answer enough."""
    design = (
        "## Open Questions\n\n- Which fields of `reports/resolve` are optional?\n  - Recommendation: all but `id`\n"
    )
    tied = added("The contract of `reports/resolve` SHALL name its optional fields.")
    (asked,) = ask(change(tied, design=design))
    assert asked.options[0].text == "As its author leans: “all but `id`”"
    assert not asked.blocking
    assert ask(change(ORDINARY, design=design)) == []


def test_an_open_question_blocks_where_a_requirement_builds_on_it() -> None:
    """Shared names in code, or most of its distinctive words, tie the two together."""
    design = "## Open Questions\n\n- Which fields of `reports/resolve` are optional in the contract?\n"
    tied = added("The contract of `reports/resolve` SHALL name its optional fields.")
    assert [q.blocking for q in ask(change(tied, design=design))] == [True]
    assert [q.blocking for q in ask(change(ORDINARY, design=design))] == [False]


def test_what_is_built_is_asked_with_less_weight_and_never_blocks() -> None:
    """Once every task is ticked, only what archiving needs still presses."""
    (before,) = ask(change(added("The lockout SHALL last TBD minutes."), tasks="- [ ] 1.1 Lock\n"))
    (after,) = ask(change(added("The lockout SHALL last TBD minutes."), tasks="- [x] 1.1 Lock\n"))
    assert (before.blocking, after.blocking) == (True, False)
    assert after.rank < before.rank
    subject, mains = ASKED["dropped-text"]
    built = Change(
        name=subject.name,
        directory=subject.directory,
        delta_documents=subject.delta_documents,
        task_documents=(("tasks.md", Document(f"{DIRECTORY}/tasks.md", b"- [x] 1.1 Done\n")),),
    )
    assert ask(built, mains)[0].blocking


def test_a_finding_about_the_same_line_raises_the_uncertainty() -> None:
    """Two readers stumbled at the same place."""
    subject = change(added("The system SHALL answer a login quickly."))
    (alone,) = ask(subject)
    finding = Finding(rule="r", level=Level.WARNING, path="p", message="m", origin=Origin.BUILTIN, place=alone.place)
    (both,) = elicit(subject, {}, [finding], TreeSummary())
    assert both.id == alone.id
    assert both.rank > alone.rank


def test_a_requirement_that_another_change_adds_is_pointed_to() -> None:
    """Then the order of archiving is the question, and nothing blocks the building."""
    tree = TreeSummary(
        capabilities=frozenset({"auth"}),
        requirements=[
            KnownRequirement(capability="auth", change="add-keys", name="Keys", text="t", file="f.md", line=3)
        ],
    )
    delta = "## MODIFIED Requirements\n\n### Requirement: Keys\nKeys SHALL rotate.\n"
    (asked,) = ask(change(delta), main(LOGIN), tree)
    assert asked.options[0].text == "It is the one that the open change add-keys adds: archive that one first"
    assert not asked.blocking


def test_near_duplicates_of_one_capability_make_one_question() -> None:
    """It names an example, says how many there are, and where the other one stands."""
    text = "The system SHALL provide an endpoint to {} registered key definitions."
    tree = TreeSummary(
        requirements=[
            KnownRequirement(
                capability="keys", change=None, name=f"K {verb}", text=text.format(verb), file="k.md", line=line
            )
            for line, verb in enumerate(("list", "delete", "update"), start=7)
        ]
    )
    blocks = "\n".join(f"### Requirement: {v.title()}\n{text.format(v)}\n" for v in ("list", "delete"))
    (asked,) = ask(change("## ADDED Requirements\n\n" + blocks), {}, tree)
    assert families([asked]) == ["near-duplicate"]
    assert "2 of the 2 new requirements" in asked.text
    assert "k.md:7" in asked.why


def test_a_contended_requirement_blocks_only_where_every_order_loses_text() -> None:
    """A known safe order is the recommended one."""
    place = Place(file=f"{DIRECTORY}/specs/auth/spec.md", line=3)

    def contended(first: str | None, loses: bool) -> Question:
        contention = Contention(
            requirement="Login", capability="auth", other_change="add-keys", place=place, first=first,
            every_order_loses=loses,
        )  # fmt: skip
        return elicit(change(ORDINARY), {}, (), TreeSummary(), contentions=[contention])[0]

    assert contended("add-keys", False).options[0].text.startswith("add-keys first")
    assert contended("add-login", False).options[0].text.startswith("add-login first")
    assert not contended(None, False).blocking
    assert contended(None, True).blocking
    assert contended(None, True).options[0].text.startswith("Together")


sentences = st.lists(
    st.sampled_from(
        [
            "The system SHALL answer quickly.",
            "It should work.",
            "It SHALL last TBD minutes.",
            "It SHALL parse the uploaded CSV file.",
            "It SHALL stop when calls exceed the retry budget.",
            "It SHALL return 404.",
        ]
    ),
    max_size=6,
)


@given(st.lists(sentences, max_size=8), st.integers(0, 7))
@settings(max_examples=30, deadline=None)
def test_at_most_the_limit_best_first_and_always_the_same(requirements: list[list[str]], limit: int) -> None:
    """The list is cut at the limit, ordered by rank, free of repeated ids and of trifles, and the same every time."""
    blocks = [f"### Requirement: R{n}\n{' '.join(r)}\n" for n, r in enumerate(requirements)]
    subject = change("## ADDED Requirements\n\n" + "\n".join(blocks))
    asked = elicit(subject, {}, (), TreeSummary(), limit=limit)
    assert len(asked) <= limit
    assert [q.rank for q in asked] == sorted((q.rank for q in asked), reverse=True)
    assert len({q.id for q in asked}) == len(asked)
    assert all(q.rank >= LEAST_RANK and 0 <= q.impact <= 1 and 0 <= q.uncertainty <= 1 for q in asked)
    assert elicit(subject, {}, (), TreeSummary(), limit=limit) == asked
    assert elicit(subject, {}, (), TreeSummary(), limit=99)[: len(asked)] == asked


@given(st.text(max_size=300), st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_is_survived(delta: str, design: str) -> None:
    """Whatever stands in the documents, asking does not fail."""
    body = f"## ADDED Requirements\n### Requirement: X\n{delta}\n## MODIFIED Requirements\n### Requirement: Y\n{delta}"
    asked = elicit(
        change(
            body, proposal=f"## Capabilities\n{design}\nBREAKING: {design}", design=f"## Open Questions\n- {design}"
        ),
        main(f"### Requirement: Y\n{design}\n#### Scenario: S\n- {design}\n"),
        (),
        TreeSummary(capabilities=frozenset({"auth"})),
    )
    assert len(asked) <= 5


def test_a_number_that_ends_a_sentence_is_no_list_marker() -> None:
    """Nor is a dash inside a line: what is quoted stands in the document word for word."""
    (asked,) = ask(change(added("Weight is 400. It SHALL answer a login quickly - as ever.")))
    assert "It SHALL answer a login quickly - as ever." in asked.text
    (asked,) = ask(change(added("Base weight 400. And the system SHALL answer quickly.")))
    assert "weight" not in asked.text
    assert "“And the system SHALL answer quickly.”" in asked.text


@pytest.mark.parametrize(
    "said", ["SHALL follow the typography scale", "SHALL use a scale from 1 to 5", "SHALL keep the scale"]
)
def test_a_scale_is_a_thing_too(said: str) -> None:
    """Only what scales, or is scalable, is a promise about load."""
    assert families(ask(change(added(f"The page {said} of the brand.")))) == []


@pytest.mark.parametrize(
    "said", ["SHALL scale with the number of users", "SHALL be scalable", "SHALL be one that scales well"]
)
def test_what_scales_is_asked_for_its_load(said: str) -> None:
    """In any form of the verb."""
    assert families(ask(change(added(f"The service SHALL run and {said}.")))) == ["vague-word"]


def test_a_very_long_step_is_compared_as_a_whole() -> None:
    """A pasted key among the steps: piece by piece, its comparison would never end."""
    key = "k" * 100_000
    kept = f"- **WHEN** the key is {key}\n"
    mains = main(
        f"### Requirement: Login\nUsers SHALL log in.\n\n#### Scenario: Key\n{kept}- **THEN** the door opens\n"
    )
    delta = f"## MODIFIED Requirements\n\n### Requirement: Login\nUsers SHALL log in.\n\n#### Scenario: Key\n{kept}"
    (asked,) = (asked for asked in ask(change(delta), mains) if asked.id.startswith("dropped-text"))
    assert "THEN the door opens" in asked.text
    assert key not in asked.text

"""What needs a person's approval and what does not, in plain language."""

from __future__ import annotations

import pytest

from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.domain.review.assess import assess
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.domain.review.meaning.catalogue import POLICY_RULES
from workflow_cli.domain.review.meaning.comparison import block_likeness
from workflow_cli.domain.review.policy import Policy

PERSON = Author(kind=AuthorKind.PERSON, name="Mara <mara@example.org>")
MODEL = Author(kind=AuthorKind.MODEL, name="qwen")
DEFAULT = Policy()
SPEC = "openspec/specs/auth/spec.md"
DELTA = "openspec/changes/add-login/specs/auth/spec.md"

STATEMENT = "The server SHALL end a session after 30 minutes. It tells the user at https://example.org/help why."
SCENARIOS = """\
#### Scenario: Idle session
- **GIVEN** a session of 5 tabs
- **WHEN** it is idle for 30 minutes
- **THEN** the session is ended
- **AND** a notice is shown to the user

#### Scenario: Busy session
- **WHEN** the user types
- **THEN** the session stays open
"""
BODY = f"""\
# auth Specification

## Purpose
Says how sessions begin and end, so that nobody is surprised.

## Requirements

### Requirement: Session expiry
{STATEMENT}

{SCENARIOS}
### Requirement: Password storage
The server SHALL NOT store a password in plain text.

#### Scenario: Registration
- **WHEN** a user registers
- **THEN** only a hash of the password is stored if possible, and at once, see [why](old-3.md)
"""


def draft(before: str | None, after: str | None, *, path: str = SPEC, author: Author = PERSON) -> Draft:
    def data(text: str | None) -> bytes | None:
        return None if text is None else text.encode()

    return draft_of([FileChange(path=path, before=data(before), after=data(after))], author=author)


def rules(draft: Draft, policy: Policy = DEFAULT, **more: object) -> set[str]:
    return {reason.rule for reason in assess(draft, policy, **more)}  # type: ignore[arg-type]


def edited(old: str, new: str, path: str = SPEC) -> Draft:
    assert BODY.count(old) >= 1
    return draft(BODY, BODY.replace(old, new, 1), path=path)


NEEDS = [
    ("SHALL becomes SHOULD", "server SHALL end", "server SHOULD end", "keyword-weakened"),
    ("SHALL becomes MAY", "server SHALL end", "server MAY end", "keyword-weakened"),
    ("SHALL goes", "server SHALL end", "server ends", "keyword-weakened"),
    ("SHALL becomes shall, which OpenSpec does not read", "SHALL end", "shall end", "keyword-weakened"),
    ("the sentence with SHALL is replaced by another", STATEMENT, "It MUST be blue.", "keyword-weakened"),
    ("the sentence with SHALL is commented out", STATEMENT, f"<!-- {STATEMENT} -->\nNote.", "keyword-weakened"),
    ("the sentence with SHALL is struck through", STATEMENT, f"~~{STATEMENT}~~", "keyword-weakened"),
    ("a NOT is added", "SHALL end", "SHALL NOT end", "negation-changed"),
    ("a NOT is removed", "SHALL NOT store", "SHALL store", "negation-changed"),
    ("a NOT is added to an outcome", "the session is ended", "the session is not ended", "negation-changed"),
    ("an n't is added", "It tells the user", "It doesn't tell the user", "negation-changed"),
    ("a word becomes its opposite", "a notice is shown", "a notice is hidden", "negation-changed"),
    ("an exception is added", "30 minutes. It", "30 minutes unless the user objects. It", "exception-added"),
    ("“where possible” is added", "in plain text.", "in plain text where possible.", "exception-added"),
    ("a sentence with an exception is added", "why.", "why. Administrators are excepted, except on Sundays.",
     "exception-added"),
    ("a number in the statement changes", "after 30 minutes", "after 60 minutes", "number-changed"),
    ("a unit changes", "after 30 minutes", "after 30 hours", "number-changed"),
    ("a bound changes", "after 30 minutes", "at most 30 minutes later", "number-changed"),
    ("a number in a step changes", "idle for 30 minutes", "idle for 3 minutes", "number-changed"),
    ("a number in a GIVEN changes", "of 5 tabs", "of 6 tabs", "number-changed"),
    ("a number becomes another as a word", "of 5 tabs", "of four tabs", "number-changed"),
    ("a rate changes", "tells the user at", "tells the user only once at", "number-changed"),
    ("a number is added to a sentence", "the user types", "the user types 10 letters", "number-changed"),
    ("a number goes with its sentence", "- **GIVEN** a session of 5 tabs\n", "", "number-changed"),
    ("a scenario is deleted", SCENARIOS[SCENARIOS.index("#### Scenario: Busy"):], "", "scenario-deleted"),
    ("a scenario is emptied", "- **WHEN** the user types\n- **THEN** the session stays open\n", "", "scenario-deleted"),
    ("a scenario is replaced by another", "#### Scenario: Busy session\n- **WHEN** the user types\n- **THEN** the session stays open",
     "#### Scenario: Colour\n- **WHEN** a page loads\n- **THEN** its background turns green", "scenario-deleted"),
    ("a THEN is replaced", "**THEN** the session stays open", "**THEN** an alarm rings", "outcome-deleted"),
    ("an AND after a THEN goes", "- **AND** a notice is shown to the user\n", "", "outcome-deleted"),
    ("a requirement is deleted", BODY[BODY.index("### Requirement: Password"):], "", "requirement-deleted"),
    ("the heading of the requirements goes", "## Requirements\n", "", "requirement-deleted"),
    ("a requirement becomes an example in a fence", "### Requirement: Password storage", "```\n### Requirement: Password storage",
     "requirement-deleted"),
]  # fmt: skip

NEEDS_NOT = [
    ("a typo is mended", "tells the user", "telsl the user"),
    ("a word is reworded", "is shown to the user", "is displayed to the user"),
    ("lines are wrapped in another way", "SHALL end a session", "SHALL\nend a session"),
    ("punctuation is mended", "30 minutes. It", "30 minutes! It"),
    ("emphasis is added", "server SHALL end", "server **SHALL** end"),
    ("“at once” is no number", "stays open", "stays open at once"),
    ("“two-factor” is no number", "the user types", "the two-factor user types"),
    ("SHALL becomes MUST", "server SHALL end", "server MUST end"),
    ("a unit is abbreviated", "after 30 minutes", "after 30 min"),
    ("a sentence is cut in two", "30 minutes. It tells", "30 minutes; it tells"),
    ("a link gets another target", "[why](old-3.md)", "[why](new-4.md)"),
    ("a note without force is added", "why.", "why. The notice is friendly."),
    ("another SHALL is added", "why.", "why. The notice SHALL be friendly."),
    ("a prohibition of its own is added", "why.", "why. A client SHALL NOT fake the clock."),
    ("a scenario is added", "#### Scenario: Busy", "#### Scenario: New\n- **WHEN** a\n- **THEN** b\n\n#### Scenario: Busy"),
    ("a scenario is renamed", "Scenario: Busy session", "Scenario: The user works"),
    ("an outcome is added", "stays open", "stays open\n- **AND** its clock starts anew"),
    ("a requirement is renamed", "Requirement: Session expiry", "Requirement: End of sessions"),
    ("a requirement is added", "### Requirement: Password", "### Requirement: New\nIt SHALL hum 3 times.\n\n### Requirement: Password"),
    ("the purpose is rewritten", "so that nobody is surprised", "in no more than 5 lines"),
    ("an exception is removed", " if possible, and at once", ", and at once"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "rule"), NEEDS, ids=[case[0] for case in NEEDS])
def test_needs_approval(what: str, old: str, new: str, rule: str) -> None:
    """An edit of a main spec for which somebody must answer, and why."""
    assert rule in rules(edited(old, new))


@pytest.mark.parametrize(("what", "old", "new"), NEEDS_NOT, ids=[case[0] for case in NEEDS_NOT])
def test_needs_no_approval(what: str, old: str, new: str) -> None:
    """An edit of a main spec that only says the same better, or says more."""
    assert rules(edited(old, new)) == set()


def test_deleting_a_spec_retires_its_capability() -> None:
    """One reason for the whole file, not one for each requirement."""
    assert rules(draft(BODY, None)) == {"capability-retired"}


def test_moving_the_specs_away_retires_them() -> None:
    """A directory that leaves openspec/specs; one that stays below it is only renamed."""

    def moved(target: str) -> Draft:
        return draft_of([], author=PERSON, moves=[DirectoryMove(source="openspec/specs/auth", target=target)])

    assert rules(moved("old/auth")) == {"capability-retired"}
    assert rules(moved("openspec/specs/identity")) == set()


def test_a_requirement_may_move_to_another_spec() -> None:
    """In one draft, with its text; a number that changes on the way is seen."""
    block = BODY[BODY.index("### Requirement: Password") :]
    rest = BODY.replace(block, "")
    target = "# other\n\n## Purpose\nOther.\n\n## Requirements\n"

    def moved(text: str) -> Draft:
        return draft_of(
            [
                FileChange(path=SPEC, before=BODY.encode(), after=rest.encode()),
                FileChange(
                    path="openspec/specs/other/spec.md", before=target.encode(), after=f"{target}{text}".encode()
                ),
            ],
            author=PERSON,
        )

    assert rules(moved(block)) == set()
    assert rules(moved(block.replace("SHALL NOT", "SHALL"))) == {"negation-changed"}


def test_a_new_spec_needs_none() -> None:
    """Whatever it demands, it takes nothing away."""
    assert rules(draft(None, BODY)) == set()


DELTA_BODY = f"""\
## ADDED Requirements

### Requirement: Session expiry
{STATEMENT}

{SCENARIOS}"""


def test_a_delta_may_be_written_and_grow() -> None:
    """A proposal under way: new blocks, removals and renamings it announces, all without approval."""
    grown = f"""{DELTA_BODY}
## MODIFIED Requirements

### Requirement: Password storage
The server MAY store passwords.

#### Scenario: Registration
- **WHEN** a user registers
- **THEN** a password is stored

## REMOVED Requirements

### Requirement: Old
"""
    assert rules(draft(None, DELTA_BODY, path=DELTA)) == set()
    assert rules(draft(DELTA_BODY, grown, path=DELTA)) == set()


def test_a_delta_may_be_taken_back() -> None:
    """Nothing that holds is changed by it."""
    assert rules(draft(DELTA_BODY, None, path=DELTA)) == set()
    assert rules(draft(DELTA_BODY, "## ADDED Requirements\n", path=DELTA)) == set()


def test_what_a_delta_says_is_not_weakened_unseen() -> None:
    """The rules for wording hold for what stays in it, unless the policy says otherwise."""
    weaker = draft(DELTA_BODY, DELTA_BODY.replace("server SHALL end", "server SHOULD end"), path=DELTA)
    assert rules(weaker) == {"keyword-weakened"}
    assert rules(weaker, Policy(deltas=False)) == set()


@pytest.mark.parametrize("name", ["proposal.md", "design.md", "tasks.md", "questions.yaml"])
def test_a_changes_own_documents_need_none(name: str) -> None:
    """Ticks, additions and rewritings alike."""
    path = f"openspec/changes/add-login/{name}"
    assert rules(draft("- [ ] 1.1 It SHALL do 3 things\n", "- [x] 1.1 It MAY do 4 things\n", path=path)) == set()
    assert rules(draft("text\n", None, path=path)) == set()


def test_whatever_a_model_writes_needs_approval() -> None:
    """Even a ticked task."""
    path = "openspec/changes/add-login/tasks.md"
    assert rules(draft("- [ ] a\n", "- [x] a\n", path=path, author=MODEL)) == {"model-written"}
    rule = Author(kind=AuthorKind.RULE, name="process --fix")
    assert rules(draft("- [ ] a\n", "- [x] a\n", path=path, author=rule)) == set()


@pytest.mark.parametrize(
    ("path", "patterns", "expected"),
    [
        ("openspec/config.yaml", None, True),
        ("OpenSpec/Config.yaml", None, True),
        ("openspec/changes/add-login/approvals/0123456789ab.yaml", None, True),
        ("openspec/approvals/0123456789ab.yaml", None, True),
        ("openspec/changes/add-login/tasks.md", None, False),
        ("openspec/specs/billing/spec.md", ["openspec/specs/billing/**"], True),
        ("openspec/specs/billing/refunds/spec.md", ["openspec/specs/billing/**"], True),
        ("openspec/specs/auth/spec.md", ["openspec/specs/billing/**"], False),
        ("openspec/specs/a/b/spec.md", ["openspec/specs/*/spec.md"], False),
    ],
)
def test_protected_paths(path: str, patterns: list[str] | None, expected: bool) -> None:
    """`*` stays within a directory, `**` does not; case does not matter."""
    policy = Policy() if patterns is None else Policy(protected=tuple(patterns))
    assert rules(draft(None, "x\n", path=path), policy) == ({"protected-path"} if expected else set())


def test_a_move_of_a_protected_directory_needs_approval() -> None:
    """As a whole, and to where something is protected."""
    move = DirectoryMove(source="openspec/changes/a", target="openspec/changes/archive/2026-01-01-a")
    there = draft_of([], author=PERSON, moves=[move])
    assert rules(there) == set()
    assert rules(there, Policy(protected=("openspec/changes/a",))) == {"protected-path"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("policy:\n  deltas: true\n", "policy:\n  deltas: false\n", True),
        ("policy:\n  deltas: true\n", "process:\n  strict: true\n", True),
        ("process:\n  strict: true\n", "process:\n  strict: false\n", False),
        ("policy:\n  deltas: true\n", "# why\npolicy:\n  # because\n  deltas: true\n", False),
        ("{process: {strict: true}}\n", "{process: {strict: true}, policy: {deltas: false}}\n", True),
        ("process: {}\n", "process: {}\n'policy': {deltas: false}\n", True),
        ("process: {}\n", "process: {}\n? policy\n: {deltas: false}\n", True),
        (None, "# settings\n\npolicy:\n  # deltas: false\n", False),
        (None, "policy: {}  # none\n", False),
        ("policy: null\n", "policy: ~\n", False),
        ("policy:\n", None, False),
        ("policy:\n  deltas: false\n", "policy:\n", True),
        ("policy:\n  deltas: false\n", "policy: {}\n", True),
        ("policy:\n  deltas: false\n", None, True),
        (None, "policy:\n  # why\n  deltas: false\n", True),
        (None, "policy: {}\npolicy:\n  deltas: false\n", True),
        (None, "policy: {}\n  deltas: false\n", True),
        (None, "policy: [\n", True),
        (None, "policy: {\n}\n", False),
        ("\ufeffanswers:\n  cache: true\n", "\ufeffanswers:\n  cache: false\n", False),
        ("\ufeffpolicy:\n  deltas: true\n", "\ufeffpolicy:\n  deltas: false\n", True),
        ('"answers":\n  cache: true\n', '"answers":\n  cache: false\n', False),
        ('"answers": {}\n"policy": {deltas: true}\n', '"answers": {}\n"policy": {}\n', True),
        ("{answers: {cache: true}}\n", "{answers: {cache: false}}\n", False),
        ("{answers: {}, policy: {deltas: true}}\n", "{answers: {cache: false}, policy: {deltas: true}}\n", False),
        ("answers: {}\n", 'answers: {}\n"p\\u006flicy": {deltas: false}\n', True),
        ("x: &p {deltas: true}\npolicy: *p\n", "x: &p {deltas: false}\npolicy: *p\n", True),
        ("policy:\n  deltas: true\n", "policy: {deltas: true} # in one line\n", False),
        ("policy: {deltas: true}\n", "policy: {deltas: 1}\n", True),
        ("policy:\n  off: [a, b]\n", "policy:\n  off: [b]\n", True),
        (None, "  policy:\n    deltas: false\n", True),
        (None, "---\n  policy:\n    deltas: false\n", True),
    ],
)
def test_the_policy_is_not_edited_unseen(before: str | None, after: str | None, expected: bool) -> None:
    """Other sections of workflow.yaml are free, and so is one that says nothing; what nobody can read is taken as a whole."""
    read = Policy(settings_in=lambda data: load_yaml(data, "workflow.yaml").value)
    assert rules(draft(before, after, path="workflow.yaml"), read) == ({"policy-changed"} if expected else set())


def test_settings_that_cannot_be_read_are_compared_line_by_line() -> None:
    """What that can tell is told, and no more."""
    read = Policy(settings_in=lambda data: load_yaml(data, "workflow.yaml").value)
    broken = "mcp: [\npolicy:\n  deltas: true\n"
    assert rules(draft(broken, broken.replace("[", "{}"), path="workflow.yaml"), read) == set()
    (reason,) = assess(draft(broken, broken.replace("true", "false"), path="workflow.yaml"), read)
    assert reason.message == "it cannot be told whether the section policy is what it was"


def test_what_an_archived_change_announces_was_decided_with_it() -> None:
    """For the requirements its deltas name, and for no others."""
    after = BODY.replace("30 minutes", "60 minutes").replace("SHALL NOT store", "SHALL store")
    both = draft(BODY, after)
    assert rules(both) == {"number-changed", "negation-changed"}
    assert rules(both, announced={SPEC: frozenset({"Session expiry"})}) == {"negation-changed"}
    names = frozenset({"Session expiry", "password  storage"})
    assert rules(both, announced={SPEC: names}) == set()
    assert rules(draft(BODY, None), announced={SPEC: names}) == set()


@pytest.mark.parametrize("rule", POLICY_RULES, ids=lambda rule: rule.id)
def test_a_rule_that_is_off_gives_no_reason(rule: object) -> None:
    """By its id."""
    everything = draft(BODY, BODY.replace("30", "40").replace("SHALL", "MAY"), author=MODEL)
    ids = frozenset(r.id for r in POLICY_RULES)
    assert rules(everything, Policy(off=ids)) == set()
    assert rule.id not in rules(everything, Policy(off=frozenset({rule.id})))  # type: ignore[attr-defined]


LANGUAGES = [
    ("系统 SHALL 在 30 秒内响应请求。", "系统 SHALL 在 60 秒内响应请求。", "number-changed"),
    ("系统 SHALL 在 30 秒内响应请求。", "系统 SHALL 在 30 分钟内响应请求。", "number-changed"),
    ("系统 SHALL 允许访客删除文件。", "系统 SHALL 不允许访客删除文件。", "negation-changed"),
    ("系统 SHALL NOT 允许访客删除文件。", "系统 SHALL 允许访客删除文件。", "negation-changed"),
    ("系统 MUST 加密备份。", "系统 可以 加密备份。", "keyword-weakened"),
    ("系统必须加密备份。", "系统可以加密备份。", "keyword-weakened"),
    ("El sistema SHALL guardar la copia de los datos.", "El sistema puede guardar la copia de los datos.", "keyword-weakened"),
    ("El sistema SHALL guardar la copia de los datos.", "El sistema SHALL no guardar la copia de los datos.", "negation-changed"),
    ("Система SHALL хранить пароль в базе.", "Система SHALL не хранить пароль в базе.", "negation-changed"),
    ("Das System SHALL die Daten speichern und löschen.", "Das System SHALL die Daten nicht speichern und löschen.",
     "negation-changed"),
    ("Le serveur SHALL garder 3 copies de la base.", "Le serveur SHALL garder 2 copies de la base.", "number-changed"),
    ("El sistema SHALL guardar la copia de los datos.", "El sistema SHALL guardar la copia de los datoss.", None),
    ("系统 SHALL 在 30 秒内响应请求。", "系统 SHALL 在 30 秒 内响应请求。", None),
    ("系统 SHALL 记录登录失败的次数。", "系统 SHALL 记录登陆失败的次数。", None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), LANGUAGES)
def test_other_languages(before: str, after: str, expected: str | None) -> None:
    """Keywords, numbers and structure are the same everywhere; small words are known where they are sure."""
    found = rules(draft(BODY.replace(STATEMENT, before), BODY.replace(STATEMENT, after)))
    assert found == (set() if expected is None else {expected})


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_reasons_point_at_the_line(ends: str) -> None:
    """Counted from 1 in the text before."""
    before = BODY.replace("\n", ends)
    (reason,) = assess(draft(before, before.replace("of 5 tabs", "of 6 tabs")), Policy())
    assert before.split(ends)[reason.line - 1] == "- **GIVEN** a session of 5 tabs"  # type: ignore[operator]
    assert reason.message == (
        'scenario "Idle session" of requirement "Session expiry": 5 → 6 in "GIVEN a session of 6 tabs"'
    )


def test_blocks_of_very_many_words_are_compared() -> None:
    """A renamed one is found; by words in any order, which is never taken for the same text."""
    long = "The server SHALL keep the list of " + "all the sessions and " * 20_000 + "their ends."
    before = BODY.replace(STATEMENT, long)
    renamed = before.replace("Requirement: Session expiry", "Requirement: End of sessions")
    assert rules(draft(before, renamed)) == set()
    turned = long.replace("all the sessions and their", "their all the sessions and")
    assert block_likeness([long], [long]) == 1
    assert 0.9 < block_likeness([long], [turned]) < 1
    assert block_likeness([long], ["word " * 1_000]) < 0.1

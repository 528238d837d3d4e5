"""One small report that shows everything, and strategies for reports of arbitrary text."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from workflow_cli.app.report import Degraded, Item, ItemFault, ItemKind, Report, Step, StepOutcome
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place, builtin
from workflow_cli.domain.questions.question import Answer, AnswerSource, Option, Question

CHANGE = "openspec/changes/add-login"
SPEC = f"{CHANGE}/specs/auth/spec.md"


@pytest.fixture(scope="session")
def sample() -> Report:
    """A change with an error, a tolerated warning and a blocking question; a clean spec; an unreadable spec."""
    missing = Finding(
        rule="requirement-has-scenario",
        level=Level.ERROR,
        path="auth/spec.md",
        line=14,
        message='ADDED "Log in" must include at least one scenario',
        origin=Origin.OPENSPEC,
        place=Place(file=SPEC, line=14, column=1),
        hint="add a block that starts with #### Scenario:",
    )
    vague = builtin("vague-quantity", Level.WARNING, Place(file=SPEC, line=9), "“some” is no quantity")
    question = Question(
        id="q-7f3a",
        text="How long is an account locked?",
        why="The requirement says “temporarily”.",
        options=(Option(text="15 minutes", recommended=True), Option(text="Until an administrator unlocks it")),
        place=Place(file=SPEC, line=20),
        address="spec.md#Requirement: Lockout",
        impact=0.8,
        uncertainty=0.5,
        blocking=True,
    )
    return Report(
        root="/project",
        items=(
            Item(
                kind=ItemKind.CHANGE,
                id="add-login",
                file=CHANGE,
                valid=False,
                findings=(missing,),
                tolerated=(vague,),
                questions=(question,),
                steps=(Step(name="validate", outcome=StepOutcome.DONE, milliseconds=12.5),),
            ),
            Item(
                kind=ItemKind.SPEC,
                id="auth",
                file="openspec/specs/auth/spec.md",
                valid=True,
                steps=(Step(name="validate", outcome=StepOutcome.REUSED),),
            ),
            Item(
                kind=ItemKind.SPEC,
                id="billing",
                file="openspec/specs/billing/spec.md",
                valid=False,
                fault=ItemFault(message="permission denied", where="openspec/specs/billing/spec.md", hint="chmod a+r"),
            ),
        ),
        order=("add-login", "add-lockout"),
        degraded=(Degraded(what="model", why="no server is configured"),),
    )


def _texts() -> st.SearchStrategy[str]:
    """Text that formats trip over: markup, commands, controls, emoji, file names that are not UTF-8."""
    awkward = st.sampled_from(
        [
            "::error file=a::b",
            "\n::set-output name=a::b",
            "x\r\n::warning::y",
            " ##[error]z",
            "##vso[task.complete]",
            "\x1b[2J\x1b]0;t\x07",
            "\u202eevil\u2066",
            "a\u2028b\u2029c\x85d\x0be",
            "| `cell` **b** <script>&amp;</script>]]>",
            "%0A%25,:",
            "![i](https://x.example) www.x.example @team #12",
            "\udcff\udc80",
            "\ud83d",
            "\ufffe\uffff\x00",
            "👩‍🚀 é 漢字 אב",
            "",
            "-",
            "\n- # a\n===\n> b\n1. c",
            "line 3 [1]",
        ]
    )
    arbitrary = st.text(max_size=12)
    return st.lists(st.one_of(awkward, arbitrary), max_size=3).map("".join)


@pytest.fixture(scope="session")
def texts() -> st.SearchStrategy[str]:
    return _texts()


@pytest.fixture(scope="session")
def reports() -> st.SearchStrategy[Report]:
    strategy = _reports()

    @st.composite
    def arbitrary_report(draw: st.DrawFn) -> Report:  # prints short when a test fails
        return draw(strategy)

    return arbitrary_report()


def _reports() -> st.SearchStrategy[Report]:
    text = _texts()
    number = st.integers(1, 10**6)
    unit = st.floats(0, 1)
    place = st.builds(Place, file=text, line=st.none() | number, column=st.none() | number)
    finding = st.builds(
        Finding,
        rule=text,
        level=st.sampled_from(Level),
        path=text,
        line=st.none() | number,
        message=text,
        origin=st.sampled_from(Origin),
        place=place,
        hint=st.none() | text,
        refuses=st.booleans(),
    )
    option = st.builds(Option, text=text, recommended=st.booleans())
    answer = st.builds(Answer, text=text, source=st.sampled_from(AnswerSource), by=st.none() | text)
    question = st.builds(
        Question,
        id=text,
        text=text,
        why=text,
        options=st.lists(option, max_size=2).map(tuple),
        place=place,
        address=st.none() | text,
        impact=unit,
        uncertainty=unit,
        blocking=st.booleans(),
        answer=st.none() | answer,
    )
    fault = st.builds(ItemFault, message=text, where=st.none() | text, hint=st.none() | text)
    step = st.builds(Step, name=text, outcome=st.sampled_from(StepOutcome), milliseconds=st.floats(0, 1e6))
    item = st.builds(
        Item,
        kind=st.sampled_from(ItemKind),
        id=text,
        file=text,
        valid=st.booleans(),
        findings=st.lists(finding, max_size=3).map(tuple),
        tolerated=st.lists(finding, max_size=2).map(tuple),
        questions=st.lists(question, max_size=2).map(tuple),
        steps=st.lists(step, max_size=2).map(tuple),
        fault=st.none() | fault,
    )
    return st.builds(
        Report,
        root=text,
        items=st.lists(item, max_size=3).map(tuple),
        strict=st.booleans(),
        fail_level=st.sampled_from(Level),
        order=st.lists(text, max_size=2).map(tuple),
        degraded=st.lists(st.builds(Degraded, what=text, why=text), max_size=2).map(tuple),
        faults=st.lists(fault, max_size=1).map(tuple),
        nothing_to_do=st.none() | text,
    )

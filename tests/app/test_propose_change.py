"""Whatever the title, the change is valid and says it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_cli.adapters import questions_file
from workflow_cli.adapters.proposal_tree import ProposalFiles
from workflow_cli.app.propose_change import ProposalRequest, ProposeChange, Proposed
from workflow_cli.app.review_drafts import Submitted
from workflow_cli.domain.openspec.check import check_change
from workflow_cli.domain.openspec.finding import Level
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft
from workflow_cli.domain.review.policy import Reason
from workflow_cli.errors import Refused, UsageError

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

TREES = sorted(p.name for p in CORPUS.iterdir() if p.is_dir()) if CORPUS.is_dir() else []


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 4, tzinfo=UTC)

    def elapsed(self) -> float:
        return 0.0


class NothingToApprove:
    def needs_approval(self, draft: Draft) -> tuple[Reason, ...]:
        return ()

    def submit(self, draft: Draft) -> Submitted:
        raise AssertionError("nothing is committed here")


def prepare(root: Path, **request: Any) -> Proposed:
    use_case = ProposeChange(
        ProposalFiles(root, max_file_bytes=10_000_000),
        questions_file,
        FixedClock(),
        review=NothingToApprove(),
        author=lambda: Author(kind=AuthorKind.PERSON, name="Ada"),
    )
    return use_case.prepare(ProposalRequest(**request))


def written(root: Path, proposed: Proposed) -> None:
    for file in proposed.draft.files:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.after or b"")


def findings(root: Path, proposed: Proposed) -> list[tuple[str, str]]:
    """What validation says of the change once it is on disk."""
    written(root, proposed)
    tree = ProposalFiles(root, max_file_bytes=10_000_000)
    change = tree.read_change(proposed.id)
    found = check_change(change, tree.read_main)
    return [(f.rule, f.message) for f in found if f.level is not Level.INFO]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    return tmp_path


_NASTY = st.sampled_from(
    [
        "```",
        "<!--",
        "-->",
        "### Requirement: x",
        "#",
        "`",
        "**a**:",
        "{title}",
        "{}",
        "\u2028",
        "\ufeff",
        "SHALL",
        "- [ ]",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(_NASTY, st.text(max_size=30)), max_size=6).map(" ".join))
def test_any_title_makes_a_valid_change_or_one_clear_error(root: Path, title: str) -> None:
    """With a name given, only a title without words, too long, not Unicode or all comment is refused."""
    shutil.rmtree(root / "openspec" / "changes", ignore_errors=True)
    try:
        proposed = prepare(root, title=title, id="some-change")
    except UsageError:
        assert not any(c.isalnum() for c in title) or len(title) > 200 or any("\ud800" <= c <= "\udfff" for c in title)
        return
    except Refused:
        # Readers of Markdown would see no title at all.
        assert " ".join(title.split()).startswith("<!--")
        return
    assert findings(root, proposed) == []
    assert f"{proposed.title}" in (root / proposed.directory / "proposal.md").read_text("utf-8")


def test_notes_that_remove_what_is_not_there_are_refused(root: Path) -> None:
    """In a capability of its own a REMOVED entry would be passed over without a word."""
    notes = b"The shop SHALL sell.\n## REMOVED Requirements\n### Requirement: A\n"
    with pytest.raises(Refused, match='would not do all that it says: REMOVED: the main spec has no requirement "A"'):
        prepare(root, title="Something new", notes=notes)


_LINE = st.one_of(
    st.sampled_from(
        [
            "# Title", "## Why", "## Requirements", "### Requirement: A", "#### Scenario: S", "- WHEN a", "- THEN b",
            "The shop SHALL sell.", "- It MUST NOT break", "## Tasks", "1. one", "- [ ] two", "## Other", "WHEN x", "THEN y",
            "", "  ", "> quoted", "| a | b |", "    code", "```", "## Design", "必须支持", "## REMOVED Requirements",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINE, min_size=1, max_size=14))
def test_no_line_of_the_notes_is_lost(root: Path, lines: list[str]) -> None:
    """What is written is valid and holds every line's words; what cannot be valid is refused with its place."""
    shutil.rmtree(root / "openspec" / "changes", ignore_errors=True)
    try:
        proposed = prepare(root, title="Something new", notes="\n".join(lines).encode(), id="some-change")
    except (UsageError, Refused):
        return
    assert findings(root, proposed) == []
    everything = " ".join("\n".join((f.after or b"").decode() for f in proposed.draft.files).split())
    for line in (line for line in lines if not line.startswith("## ")):
        for word in line.split():
            assert word.strip("#*_") in everything


@pytest.mark.corpus
@pytest.mark.skipif(not TREES, reason="the corpus is not there")
@pytest.mark.parametrize("name", TREES)
def test_every_real_tree_takes_new_changes(tmp_path: Path, name: str) -> None:
    """In the language and style of the tree; whatever its specs are like."""
    root = tmp_path / "tree"
    shutil.copytree(CORPUS / name, root)
    for number, title in enumerate(
        ["Add two-factor login", "Fix crash when `config` is missing", "支持离线模式下的导出"]
    ):
        proposed = prepare(root, title=title, id=f"new-change-{number}")
        assert findings(root, proposed) == []


@pytest.mark.corpus
@pytest.mark.skipif(not TREES, reason="the corpus is not there")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("myWsq+RavenJS", "系统 SHALL 满足以下请求"),
        ("844196+chroma", "システムは次の要望を満たさなければならない (SHALL)"),
        ("Fission-AI+OpenSpec", "The system SHALL provide"),
    ],
)
def test_the_language_of_the_specs_is_spoken(name: str, words: str) -> None:
    proposed = prepare(CORPUS / name, title="Add two-factor login")
    (delta,) = [f.after for f in proposed.draft.files if f.path.endswith("spec.md")]
    assert words in (delta or b"").decode()


@pytest.mark.corpus
@pytest.mark.skipif(not TREES, reason="the corpus is not there")
def test_what_a_real_tree_says_already_is_found() -> None:
    """The title of an open change, and a requirement of a main spec, each with its place."""
    proposed = prepare(CORPUS / "Fission-AI+OpenSpec", title="Change stacking awareness", id="stacking")
    assert any(o.name == "add-change-stacking-awareness" and o.duplicate for o in proposed.overlaps)
    proposed = prepare(CORPUS / "Bochner+lazyssh", title="Add plugin discovery")
    for overlap in proposed.overlaps:
        path = CORPUS / "Bochner+lazyssh" / overlap.place.file
        if overlap.place.line:
            assert overlap.quote in path.read_text("utf-8").split("\n")[overlap.place.line - 1]

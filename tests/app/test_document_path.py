"""Which document a person means."""

from __future__ import annotations

import pytest

from tests.fakes.documents import DocumentsInMemory
from workflow_cli.app.document_path import locate, main_spec_of
from workflow_cli.app.loose_update import loose_requests
from workflow_cli.domain.openspec.edits.operation import CheckTask, Operation, SetSection
from workflow_cli.errors import UsageError

TICK: list[Operation] = [CheckTask(task="1.1")]
TEXT: list[Operation] = [SetSection(section="A", text="b")]
CHANGE = "openspec/changes/add-login"


@pytest.fixture
def documents() -> DocumentsInMemory:
    paths = [
        f"{CHANGE}/tasks.md",
        f"{CHANGE}/proposal.md",
        f"{CHANGE}/specs/auth/spec.md",
        "openspec/specs/auth/spec.md",
        "openspec/specs/area/auth/spec.md",
        "README.md",
    ]
    return DocumentsInMemory(dict.fromkeys(paths, b"# A\n"))


@pytest.mark.parametrize(
    ("named", "operations", "expected"),
    [
        (f"{CHANGE}/tasks.md", TICK, f"{CHANGE}/tasks.md"),
        (f"./{CHANGE}//tasks.md", TICK, f"{CHANGE}/tasks.md"),
        ("changes/add-login/tasks.md", TICK, f"{CHANGE}/tasks.md"),
        ("add-login/tasks.md", TICK, f"{CHANGE}/tasks.md"),
        ("add-login", TICK, f"{CHANGE}/tasks.md"),
        ("add-login/", TICK, f"{CHANGE}/tasks.md"),
        (CHANGE, TICK, f"{CHANGE}/tasks.md"),
        ("auth", TEXT, "openspec/specs/auth/spec.md"),
        ("area/auth", TEXT, "openspec/specs/area/auth/spec.md"),
        ("specs/auth", TEXT, "openspec/specs/auth/spec.md"),
        ("auth/spec.md", TEXT, "openspec/specs/auth/spec.md"),
        ("add-login/specs/auth", TEXT, f"{CHANGE}/specs/auth/spec.md"),
        ("add-login/design.md", TEXT, f"{CHANGE}/design.md"),
        ("add-login/specs/new", TEXT, f"{CHANGE}/specs/new/spec.md"),
    ],
)
def test_paths_and_short_forms_lead_to_documents(
    documents: DocumentsInMemory, named: str, operations: list[Operation], expected: str
) -> None:
    """From the root, below openspec/, of a change, of a capability; new documents only in changes."""
    assert locate(documents, named, operations) == expected


def test_a_path_is_first_tried_from_where_it_is_said(documents: DocumentsInMemory) -> None:
    """As with every other command."""
    assert locate(documents, "tasks.md", TICK, here=CHANGE) == f"{CHANGE}/tasks.md"
    assert locate(documents, "../../specs/auth/spec.md", TEXT, here=CHANGE) == "openspec/specs/auth/spec.md"
    assert locate(documents, "specs/auth", TEXT, here=CHANGE) == f"{CHANGE}/specs/auth/spec.md"


@pytest.mark.parametrize(
    "named", ["", " ", "..", "../x.md", "/etc/hosts", "README.md", "nothing", "nothing/tasks.md", "nowhere/design.md"]
)
def test_what_is_no_document_of_the_tree_is_refused(documents: DocumentsInMemory, named: str) -> None:
    """Outside the tree, outside openspec/, or not there."""
    with pytest.raises(UsageError):
        locate(documents, named, TEXT)


def test_a_way_out_of_the_tree_is_refused_from_inside_too(documents: DocumentsInMemory) -> None:
    """However many steps up it takes."""
    with pytest.raises(UsageError):
        locate(documents, "../../../../etc/x.md", TEXT, here=CHANGE)


def test_a_delta_knows_its_main_spec() -> None:
    """By the same id."""
    assert main_spec_of("openspec/changes/x/specs/area/auth/spec.md") == "openspec/specs/area/auth/spec.md"
    assert main_spec_of("openspec/specs/auth/spec.md") is None


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("add-login", [f"{CHANGE}/proposal.md", f"{CHANGE}/tasks.md"]),
        ("add-login/design.md", [f"{CHANGE}/design.md", f"{CHANGE}/tasks.md"]),
        ("openspec/specs/area/auth/spec.md", ["openspec/specs/area/auth/spec.md"] * 2),
    ],
)
def test_the_loose_form_finds_the_place_for_its_tasks(
    documents: DocumentsInMemory, named: str, expected: list[str]
) -> None:
    """In a change that is tasks.md."""
    requests = loose_requests(documents, named, {"risks": ["a"], "add_x": True})
    assert [request.path for request in requests] == expected

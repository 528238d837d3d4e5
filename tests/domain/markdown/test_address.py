"""Addresses: read like the document, lead to one place, and help when they miss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.markdown.address import Address, Step, address_of, places, resolve
from workflow_cli.domain.markdown.parse import parse
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.markdown.tree import Kind, Node
from workflow_cli.errors import AddressAmbiguous, AddressNotFound

SPEC = """\
# Auth

## Requirements

### Requirement: Login
#### Scenario: Good password
#### Scenario: Bad password

### Requirement: Logout
#### Scenario: Twice
#### Scenario: Bad password
"""

TASKS = """\
# Tasks

## 1. Setup
- [ ] 1.1 Install
  - [x] 1.1.1 Download
- [ ] 1.2. Configure

## 2. Build
- [ ] 2.1 Compile
- [ ] 2.1 Link
- plain
"""


def tree(text: str) -> Node:
    return parse(Source(text.encode()))


def line(text: str, address: str) -> int:
    """The line, from 1, of what an address names."""
    return resolve(tree(text), address).first_line + 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("spec.md#Auth > Requirements > Requirement: Login > Scenario: Bad password", 7),
        ("spec.md#Requirement: Login > Scenario: Bad password", 7),
        ("spec.md#Auth > Scenario: Twice", 10),
        ("spec.md#Requirement: Logout", 9),
        ("spec.md# requirement:  LOGOUT >scenario: twice", None),
        ("spec.md#requirement:  LOGOUT > scenario: twice ", 10),
        ("#Requirements", 3),
    ],
)
def test_levels_may_be_left_out_and_case_and_spaces_forgiven(address: str, expected: int | None) -> None:
    """As long as only one place fits; the separator is ` > ` with both spaces."""
    if expected is None:
        with pytest.raises(AddressNotFound):
            line(SPEC, address)
    else:
        assert line(SPEC, address) == expected


@pytest.mark.parametrize("address", ["spec.md", "a/b/spec.md", "spec.md#", ""])
def test_a_path_alone_names_the_document(address: str) -> None:
    """Whatever the path is: who resolves has already opened the document."""
    assert resolve(tree(SPEC), address).kind is Kind.DOCUMENT


def test_an_exact_name_is_preferred_to_a_folded_one() -> None:
    """`Login` and `login` may both exist."""
    text = "# login\n# Login\n"
    assert line(text, "s.md#Login") == 2
    assert line(text, "s.md#login") == 1


def test_spelling_out_every_level_is_preferred_to_leaving_some_out() -> None:
    """`A` at the top wins over an `A` further inside."""
    assert line("# B\n## A\n# A\n", "s.md#A") == 3


def test_several_fitting_places_are_all_named() -> None:
    """With addresses that tell them apart."""
    with pytest.raises(AddressAmbiguous) as caught:
        line(SPEC, "spec.md#Scenario: Bad password")
    assert caught.value.candidates == (
        "spec.md#Auth > Requirements > Requirement: Login > Scenario: Bad password",
        "spec.md#Auth > Requirements > Requirement: Logout > Scenario: Bad password",
    )


def test_an_index_picks_among_siblings_of_the_same_name() -> None:
    """Counted from 1 under their own parent; another parent's do not count."""
    text = "# A\n## X\n## Y\n## X\n# B\n## X\n"
    assert line(text, "s.md#A > X [1]") == 2
    assert line(text, "s.md#A > X [2]") == 4
    assert line(text, "s.md#B > X") == 6
    with pytest.raises(AddressNotFound):
        line(text, "s.md#B > X [2]")


def test_a_miss_lists_the_nearest_places() -> None:
    """At most five, best first, each an address that works."""
    with pytest.raises(AddressNotFound) as caught:
        line(SPEC, "spec.md#Requirement: Login > Scenario: Bad pasword")
    nearest = caught.value.nearest
    assert nearest[0] == "spec.md#Auth > Requirements > Requirement: Login > Scenario: Bad password"
    assert len(nearest) == 5
    assert [resolve(tree(SPEC), address).title for address in nearest]


def test_a_miss_in_an_empty_document_has_nothing_to_list() -> None:
    """And says so without failing."""
    with pytest.raises(AddressNotFound) as caught:
        line("", "s.md#A")
    assert caught.value.nearest == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tasks.md#1.1", 4),
        ("tasks.md#1.1.1", 5),
        ("tasks.md#1.2", 6),
        ("tasks.md#1. Setup > 1.2", 6),
        ("tasks.md#2.1 [2]", 10),
    ],
)
def test_tasks_are_named_by_their_numbers(address: str, expected: int) -> None:
    """Items that begin with a number like `1.2` are places, however deep their list is."""
    found = resolve(tree(TASKS), address)
    assert (found.kind, found.first_line + 1) == (Kind.LIST_ITEM, expected)


def test_every_place_has_one_address_that_leads_back() -> None:
    """In the order of the document, with an index only where siblings share a name."""
    document = tree(TASKS)
    addresses = [str(place.address("tasks.md")) for place in places(document)]
    assert addresses == [
        "tasks.md#Tasks",
        "tasks.md#Tasks > 1. Setup",
        "tasks.md#Tasks > 1. Setup > 1.1",
        "tasks.md#Tasks > 1. Setup > 1.1.1",
        "tasks.md#Tasks > 1. Setup > 1.2",
        "tasks.md#Tasks > 2. Build",
        "tasks.md#Tasks > 2. Build > 2.1 [1]",
        "tasks.md#Tasks > 2. Build > 2.1 [2]",
    ]
    assert [address_of(document, resolve(document, each), "tasks.md") for each in addresses] == addresses


def test_what_is_no_place_has_no_address() -> None:
    """A paragraph can be inside a place but is none."""
    document = tree("# A\ntext\n")
    (paragraph,) = [node for node in document.walk() if node.kind is Kind.PARAGRAPH]
    with pytest.raises(ValueError, match="paragraph"):
        address_of(document, paragraph)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("A > B", r"A \> B"),
        ("> A", r"\> A"),
        ("a->b", "a->b"),
        ("A [2]", r"A \[2]"),
        ("A [x]", "A [x]"),
        ("C:\\dir", r"C:\\dir"),
        ("C# and F#", "C# and F#"),
        ("", "[1]"),
    ],
)
def test_titles_that_look_like_grammar_are_escaped(title: str, written: str) -> None:
    """A backslash makes `>`, `[` and itself plain; most titles need none."""
    document = tree(f"# {title}\n")
    (section,) = document.sections()
    assert address_of(document, section, "s.md") == f"s.md#{written}"
    assert resolve(document, f"s.md#{written}") is section


NAMES = st.text("aA >[]12\\#ä", max_size=8).map(lambda name: name.strip(" "))
STEPS = st.builds(
    lambda name, nth: Step(name=name, nth=nth if name else nth or 1), NAMES, st.none() | st.integers(1, 12)
)


@given(path=st.text("ab/.md", max_size=6), steps=st.lists(STEPS, max_size=4))
def test_reading_an_address_is_the_inverse_of_writing_it(path: str, steps: list[Step]) -> None:
    """For any names at all."""
    address = Address(path=path, steps=tuple(steps))
    assert Address.parse(str(address)) == address

"""Small trees whose findings are mended."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.app.analyse import analyse_one_change, analyse_one_spec, selected_rules
from workflow_cli.app.fixes import Offer, offers_for_change, offers_for_spec
from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.spec import read_spec

RULES = selected_rules([], [], {}, {})
PURPOSE = "Says how the shop signs customers in, so that nobody else gets at their orders."

REQUIREMENT = """\
### Requirement: Sign in
The shop SHALL open the account page after a correct password.

#### Scenario: Correct password
- **WHEN** a customer enters the right password
- **THEN** the account page opens

#### Scenario: Wrong password
- **WHEN** a customer enters a wrong password
- **THEN** the form says that name or password is wrong
"""

SPEC = f"# auth Specification\n\n## Purpose\n{PURPOSE}\n\n## Requirements\n\n{REQUIREMENT}"


def spec_findings(data: bytes) -> list[Finding]:
    document = Document("openspec/specs/auth/spec.md", data)
    return [
        *check_spec(read_spec("auth", document)),
        *analyse_one_spec("auth", document, TreeSummary(), RULES, own=True),
    ]


def spec_offers(data: bytes, creators: Sequence[Change] = ()) -> list[Offer]:
    document = Document("openspec/specs/auth/spec.md", data)

    def named(name: str | None) -> Sequence[Change]:
        return [c for c in creators if name in (None, c.name)]

    return offers_for_spec("auth", document, spec_findings(data), RULES, named)


def change(delta: bytes = b"", tasks: bytes = b"", proposal: bytes = b"", name: str = "add-login") -> Change:
    directory = f"openspec/changes/{name}"

    def document(path: str, data: bytes) -> Document:
        return Document(f"{directory}/{path}", data)

    return Change(
        name=name,
        directory=directory,
        delta_documents=(("auth", document("specs/auth/spec.md", delta)),) if delta else (),
        proposal=Proposal(document=document("proposal.md", proposal)) if proposal else None,
        task_documents=(("tasks.md", document("tasks.md", tasks)),) if tasks else (),
        tasks_are_tracked=bool(tasks),
    )


def change_offers(subject: Change, main: bytes | None = None) -> list[Offer]:
    def mains(id: str) -> Document | None:
        return Document("openspec/specs/auth/spec.md", main) if main is not None else None

    tree = TreeSummary(capabilities=frozenset({"auth"} if main is not None else ()))
    found = [*check_change(subject, mains), *analyse_one_change(subject, mains, tree, RULES, own=True)]
    return offers_for_change(subject, mains, found, RULES, tree)


def after(offers: Sequence[Offer], rule: str) -> bytes | None:
    """What the one offer for a rule writes; None where there is none."""
    found = [file.after for offer in offers if offer.rule == rule for file in offer.draft.files]
    assert len(found) <= 1
    return found[0] if found else None

"""`workflow propose`: what it writes, what it warns of, and what it refuses."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from trees import add_change, add_spec, write

Run = Callable[..., CompletedProcess[str]]


def proposed(tree: Path, name: str) -> Path:
    return tree / "openspec" / "changes" / name


def judged(workflow: Run, name: str) -> dict[str, object]:
    """What `process --strict --only validate` says of one change."""
    done = workflow("process", name, "--strict", "--only", "validate", "--format", "json")
    (item,) = json.loads(done.stdout)["items"]
    assert item["findings"] == []
    assert item["valid"]
    return dict(item)


def test_a_spec_without_a_purpose_is_mended_by_the_command_that_is_told(workflow: Run, tree: Path) -> None:
    """OpenSpec would not archive a change of it; once it says what it is for, the change can be proposed."""
    path = add_spec(tree)
    head, _, rest = path.read_text().partition("## Purpose\n")
    path.write_text(head + rest[rest.index("## Requirements") :])
    refused = workflow("propose", "Refund orders", "--capability", "auth")
    assert refused.returncode == 1
    assert "there is no Purpose section" in refused.stderr
    command = shlex.split(refused.stderr.partition("next: say what it is for: workflow ")[2])
    assert command[:3] == ["update", "auth", "--set-section"]
    assert workflow(*command).returncode == 0
    done = workflow("propose", "Refund orders", "--capability", "auth")
    assert done.returncode == 0, done.stderr


def test_a_title_alone_makes_a_valid_change(workflow: Run, tree: Path) -> None:
    """It commits to no more than its title says, and asks a person for the rest."""
    done = workflow("propose", "Add two-factor login")
    assert done.returncode == 0, done.stderr
    directory = proposed(tree, "add-two-factor-login")
    delta = (directory / "specs/two-factor-login/spec.md").read_text()
    assert "The system SHALL provide two-factor login.\n" in delta
    assert (directory / "questions.yaml").is_file()
    judged(workflow, "add-two-factor-login")
    assert workflow("process", "add-two-factor-login").returncode == 4


def test_a_new_capability_named_almost_like_another_is_written_and_told(workflow: Run, tree: Path) -> None:
    add_spec(tree, "checkout")
    done = workflow("propose", "Add receipts", "--capability", "checkou")
    assert done.returncode == 0
    assert "capability checkou is new; did you mean checkout?" in done.stderr
    assert (proposed(tree, "add-receipts") / "specs/checkou/spec.md").is_file()
    assert "did you mean" not in workflow("propose", "Add invoices", "--capability", "checkout").stderr
    assert "did you mean" not in workflow("propose", "Add login", "--capability", "accounts").stderr


def test_every_file_is_in_the_history(workflow: Run, tree: Path) -> None:
    """The result names the revision that holds them."""
    document = json.loads(workflow("propose", "Add receipts", "--format", "json").stdout)
    assert (document["written"], document["revision"], document["status"]) == (True, 1, "ok")
    assert {file["path"] for file in document["files"]} == {
        f"openspec/changes/add-receipts/{name}"
        for name in ("proposal.md", "questions.yaml", "specs/receipts/spec.md", "tasks.md")
    }


def test_one_question_is_one(workflow: Run, tree: Path) -> None:
    (tree / "notes.md").write_text("# Add receipts\n\nBecause.\n\n- The shop SHALL send a receipt.\n")
    done = workflow("propose", "--from-file", "notes.md")
    assert "1 question in openspec/changes/add-receipts/questions.yaml needs a person" in done.stderr


def test_a_dry_run_writes_nothing(workflow: Run, tree: Path) -> None:
    """It prints a diff that creates every file."""
    done = workflow("propose", "Add receipts", "--dry-run")
    assert done.returncode == 0
    assert "+++ openspec/changes/add-receipts/proposal.md" in done.stdout
    assert not (tree / "openspec" / "changes").exists()


def test_the_reason_stands_in_the_proposal(workflow: Run, tree: Path) -> None:
    """Word for word, and nobody is asked for it again."""
    workflow("propose", "Add receipts", "--because", "The tax office asks for them.")
    text = (proposed(tree, "add-receipts") / "proposal.md").read_text()
    assert "## Why\n\nThe tax office asks for them.\n" in text
    assert "propose-why" not in (proposed(tree, "add-receipts") / "questions.yaml").read_text()


NOTES = """\
# Receipts

Customers lose track of what they paid.

## Requirements
- The shop SHALL send a receipt after each payment.
  - WHEN a payment succeeds
  - THEN the customer gets a receipt
- A receipt MUST NOT hold a card number.

## Design
Receipts are rendered by `receipts.py`.

## Tasks
1. Write the template
2. Send it

## Rollout
First in Norway.
"""


def test_notes_are_taken_over_literally(workflow: Run, tree: Path) -> None:
    """Each line stands where its heading says, and none is lost; a heading that sorts may become another."""
    write(tree / "notes.md", NOTES)
    done = workflow("propose", "--from-file", tree / "notes.md")
    assert done.returncode == 0, done.stderr
    directory = proposed(tree, "add-receipts")
    everything = "\n".join(path.read_text() for path in directory.rglob("*.md"))
    for line in (line for line in NOTES.split("\n") if not line.startswith("## ") or line == "## Rollout"):
        assert line.lstrip("#- 0123456789.").removeprefix("WHEN ").removeprefix("THEN ") in everything
    delta = (directory / "specs/receipts/spec.md").read_text()
    assert delta.count("### Requirement: ") == 2
    assert "\n\nThe shop SHALL send a receipt after each payment.\n\n" in delta
    assert "### Requirement: NOT hold a card number\n" in delta
    assert "receipts.py" in (directory / "design.md").read_text()
    assert "- [ ] Write the template\n" in (directory / "tasks.md").read_text()
    judged(workflow, "add-receipts")


def test_only_what_restates_the_title_is_called_a_restatement(workflow: Run, tree: Path) -> None:
    """A requirement of the notes is somebody's word, also where its scenario still has to be written."""
    write(tree / "notes.md", "# Export to CSV\n\n## Requirements\n- The shop SHALL export orders as CSV.\n")
    assert workflow("propose", "--from-file", tree / "notes.md").returncode == 0
    assert workflow("propose", "Greet people").returncode == 0
    told = {
        path.parent.name: "only restate" in path.read_text() for path in tree.glob("openspec/changes/*/proposal.md")
    }
    assert told == {"add-export-csv": False, "add-greet-people": True}
    assert "propose-scenario-1" in (tree / "openspec/changes/add-export-csv/questions.yaml").read_text()


def test_notes_come_from_stdin(environment: dict[str, str], workflow: Run, tree: Path) -> None:
    """With a title of their own, or one that was typed."""
    done = subprocess.run(
        [sys.executable, "-m", "workflow_cli", "propose", "Send mail", "--from-file", "-"],
        cwd=tree,
        env=environment,
        input="The shop SHALL send a mail.\n",
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    judged(workflow, "add-send-mail")


def test_notes_for_a_requirement_that_exists_replace_it_and_keep_its_scenarios(workflow: Run, tree: Path) -> None:
    """What MODIFIED leaves out would be lost."""
    add_spec(tree)
    write(tree / "notes.md", "### Requirement: sign in\nThe shop SHALL open the start page.\n")
    done = workflow("propose", "Open the start page", "--capability", "auth", "--from-file", tree / "notes.md", "--yes")
    assert done.returncode == 0, done.stderr
    delta = (proposed(tree, "add-open-start-page") / "specs/auth/spec.md").read_text()
    assert "## MODIFIED Requirements\n" in delta
    assert "### Requirement: Sign in\n" in delta
    assert "#### Scenario: Wrong password\n" in delta
    judged(workflow, "add-open-start-page")


def test_an_answered_question_becomes_a_requirement(workflow: Run, tree: Path) -> None:
    """With the answer as its text, and the question named as its origin."""
    directory = add_change(tree)
    add_spec(tree)
    write(
        directory / "questions.yaml",
        "questions:\n  - id: how-long\n    question: How long are receipts kept?\n"
        "    address: specs/auth/spec.md\n    answer: Receipts SHALL be kept for ten years.\n",
    )
    done = workflow("propose", "Keep receipts", "--from-question", "how-long", "--format", "json")
    assert done.returncode == 0, done.stdout
    delta = (proposed(tree, json.loads(done.stdout)["change"]) / "specs/auth/spec.md").read_text()
    assert "Receipts SHALL be kept for ten years.\n" in delta
    judged(workflow, json.loads(done.stdout)["change"])


def test_an_open_question_goes_along(workflow: Run, tree: Path) -> None:
    """The new change waits for its answer."""
    write(add_change(tree) / "questions.yaml", "questions:\n  - id: how-long\n    question: How long are they kept?\n")
    done = workflow("propose", "--from-question", "add-receipts:how-long", "--format", "json")
    assert done.returncode == 0, done.stdout
    name = json.loads(done.stdout)["change"]
    assert "How long are they kept?" in (proposed(tree, name) / "questions.yaml").read_text()
    judged(workflow, name)


def test_an_unknown_question_names_the_nearest(workflow: Run, tree: Path) -> None:
    write(add_change(tree) / "questions.yaml", "questions:\n  - id: how-long\n    question: How long?\n")
    done = workflow("propose", "--from-question", "how-lng")
    assert done.returncode == 2
    assert "nearest: how-long" in done.stderr


def test_an_open_change_of_that_name_is_a_refusal(workflow: Run, tree: Path) -> None:
    """Status 1, also with --yes, and not a byte changes."""
    directory = add_change(tree, "add-receipts")
    before = (directory / "proposal.md").read_bytes()
    done = workflow("propose", "Add receipts", "--yes")
    assert done.returncode == 1
    assert "openspec/changes/add-receipts" in done.stderr
    assert (directory / "proposal.md").read_bytes() == before


def test_a_requirement_that_says_it_already_is_a_duplicate(workflow: Run, tree: Path) -> None:
    """Named with its place and its words; --yes writes it all the same, under a name of its own."""
    add_spec(tree)
    done = workflow("propose", "Add sign in", "--capability", "auth", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["status"], document["written"]) == (1, "findings", False)
    (overlap,) = [o for o in document["overlaps"] if o["duplicate"]]
    line = (tree / overlap["path"]).read_text().split("\n")[overlap["line"] - 1]
    assert overlap["quote"] in line
    assert not proposed(tree, "add-sign-in").exists()
    assert workflow("propose", "Add sign in", "--capability", "auth", "--yes").returncode == 0
    judged(workflow, "add-sign-in")


def test_an_open_change_with_the_same_words_is_a_duplicate(workflow: Run, tree: Path) -> None:
    add_change(tree, "add-mail-receipts")
    done = workflow("propose", "Receipts by mail: add them", "--id", "mail-receipts")
    assert done.returncode == 1
    assert "open change add-mail-receipts" in done.stderr


def test_a_broken_main_spec_is_named(workflow: Run, tree: Path) -> None:
    """What could never be archived is not written."""
    write(tree / "openspec/specs/auth/spec.md", "# Auth\n\n## ADDED Requirements\n\n### Requirement: A\nA SHALL b.\n")
    done = workflow("propose", "Add receipts", "--capability", "auth")
    assert done.returncode == 1
    assert "the change would not be valid" in done.stderr
    assert not (tree / "openspec" / "changes").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what the change is about"),
        (["???"], "holds no word"),
        (["x" * 201], "at most 200"),
        (["Add x", "--id", "Not Kebab"], "cannot be the name of a change"),
        (["Add x", "--capability", "../up"], "cannot be the name of a capability"),
        (["Add x", "--from-file", "-", "--from-question", "q"], "cannot be taken together"),
    ],
)
def test_what_cannot_be_followed_is_one_clear_error(
    workflow: Run, tree: Path, arguments: list[str], message: str
) -> None:
    """Status 2, and nothing is written."""
    done = workflow("propose", *arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert not (tree / "openspec" / "changes").exists()


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("# Costs\nToo many.", "heading of level 1"),
        ("It pays.\n\n## ADDED Requirements", "heading of level 2"),
        ("```\nfor ever", "opens a code fence"),
        ("<!-- for ever", "opens a fence, comment or HTML block"),
    ],
)
def test_a_reason_stays_where_it_is_written(workflow: Run, tree: Path, because: str, said: str) -> None:
    """It stands below `## Why`: what would end that section, or swallow those after it, is no reason."""
    done = workflow("propose", "Add receipts", "--because", because)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "--because" in done.stderr
    assert not proposed(tree, "add-receipts").exists()


def test_a_reason_of_several_lines_is_taken_over(workflow: Run, tree: Path) -> None:
    workflow("propose", "Add receipts", "--because", "Two things:\n\n- the tax office\n- customers\n\n### Costs\nNone.")
    text = (proposed(tree, "add-receipts") / "proposal.md").read_text()
    assert text.startswith(
        "## Why\n\nTwo things:\n\n- the tax office\n- customers\n\n### Costs\nNone.\n\n## What Changes\n"
    )


def test_a_comment_left_open_in_the_notes_swallows_nothing(workflow: Run, tree: Path) -> None:
    write(tree / "notes.md", "# Add receipts\n\nCustomers want them.\n\n<!-- ask the tax office\n")
    done = workflow("propose", "--from-file", "notes.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert "opened and never closed\n  notes.md:5" in done.stderr
    assert not proposed(tree, "add-receipts").exists()


def test_a_sentence_of_the_notes_keeps_what_looks_like_a_bullet_within(workflow: Run, tree: Path) -> None:
    sentence = "The shop SHALL send the receipt - as PDF - within 2. a day * or so."
    write(tree / "notes.md", f"# Add receipts\n\n{sentence}\n\n1. The shop SHALL number them 1) to 9).\n")
    assert workflow("propose", "--from-file", "notes.md").returncode == 0
    delta = (proposed(tree, "add-receipts") / "specs/receipts/spec.md").read_text()
    assert f"\n{sentence}\n" in delta
    assert "\nThe shop SHALL number them 1) to 9).\n" in delta


def test_notes_without_a_title_are_told_how_to_get_one(workflow: Run, tree: Path) -> None:
    write(tree / "notes.md", "Customers want receipts.\n")
    done = workflow("propose", "--from-file", "notes.md")
    assert done.returncode == 2
    assert "nothing in the notes says what the change is about\n  notes.md" in done.stderr
    assert "# Add two-factor login" in done.stderr


def test_a_japanese_title_is_named_by_what_can_be_spelled(workflow: Run, tree: Path) -> None:
    """That something is left out is said, unless a name is given."""
    done = workflow("propose", "オフラインの書き出し")
    assert done.returncode == 0, done.stderr
    (directory,) = [p.name for p in (tree / "openspec" / "changes").iterdir()]
    assert directory.startswith("ofurain-")
    assert f"the name {directory} leaves out what has no spelling in a-z; next time: --id NAME" in done.stderr
    assert "leaves out" not in workflow("propose", "限流を追加する", "--id", "add-rate-limit").stderr
    assert "leaves out" not in workflow("propose", "Add receipts").stderr


RISKY = """\
## Why
{name} is wanted by those who pay the bills, and nobody else has asked for it so far this year.

## What Changes
- {name}

## Risks

| Risk | Mitigation |
|------|------------|
| {name} fails | try again |

No risk is known.

## Rollback Plan

**Steps**:

1. Take {name} back.

## Impact
- none
"""


def test_sections_that_nearly_all_proposals_have_stand_in_the_new_one(workflow: Run, tree: Path) -> None:
    """With the head of the table and the label; what somebody said there of another change is not said of this one."""
    for name in ("add-one", "add-two", "add-three", "add-four", "add-five"):
        write(add_change(tree, name) / "proposal.md", RISKY.replace("{name}", name))
    write(
        tree / "openspec/changes/add-five/proposal.md",
        RISKY.replace("## Rollback Plan", "## Also").replace("{name}", "x"),
    )
    done = workflow("propose", "Add receipts", "--capability", "billing", "--yes")
    assert done.returncode == 0, done.stderr
    text = (proposed(tree, "add-receipts") / "proposal.md").read_text()
    assert text.endswith(
        "## Risks\n\n| Risk | Mitigation |\n|------|------------|\n\nNot written yet.\n\n"
        "## Rollback Plan\n\n**Steps**:\n\nNot written yet.\n"
    )
    assert "No risk is known" not in text
    assert "## Also" not in text
    judged(workflow, "add-receipts")


def test_a_section_that_the_notes_fill_is_not_asked_for_again(workflow: Run, tree: Path) -> None:
    for name in ("add-one", "add-two", "add-three", "add-four"):
        write(add_change(tree, name) / "proposal.md", RISKY.replace("{name}", name))
    write(tree / "notes.md", "# Receipts\n\nThe shop SHALL send a receipt.\n\n## Risks\n\nMail gets lost.\n")
    done = workflow("propose", "--from-file", tree / "notes.md", "--capability", "billing", "--yes")
    assert done.returncode == 0, done.stderr
    text = (proposed(tree, "add-receipts") / "proposal.md").read_text()
    assert text.count("## Risks") == 1
    assert "Mail gets lost." in text
    assert "## Rollback Plan" in text


def test_a_tree_of_dated_changes_gets_a_dated_one(workflow: Run, tree: Path) -> None:
    add_change(tree, "2026-08-17-send-receipts")
    document = json.loads(workflow("propose", "Add export", "--format", "json").stdout)
    assert document["change"].endswith("-add-export")
    assert document["change"][:4].isdigit()


def test_a_schema_of_ones_own_is_followed(workflow: Run, tree: Path) -> None:
    """Tasks go where it tracks them, its other artifacts are named, and its template's sections are asked for."""
    schema = tree / "openspec/schemas/ours"
    write(tree / "openspec/config.yaml", "schema: ours\nrules:\n  proposal:\n    - Keep it short\n")
    write(
        schema / "schema.yaml",
        "name: ours\nversion: 1\nartifacts:\n"
        "  - {id: proposal, generates: proposal.md, description: p, template: proposal.md, requires: []}\n"
        "  - {id: risks, generates: risks.md, description: r, template: risks.md, requires: []}\n"
        "  - {id: specs, generates: 'specs/**/*.md', description: s, template: spec.md, requires: []}\n"
        "  - {id: work, generates: work.md, description: w, template: work.md, requires: []}\n"
        "apply:\n  requires: [work]\n  tracks: work.md\n",
    )
    write(schema / "templates/proposal.md", "## Why\n\n## What Changes\n\n## Rollback\n")
    document = json.loads(workflow("propose", "Add receipts", "--format", "json").stdout)
    directory = proposed(tree, "add-receipts")
    assert "- [ ] 1.1 " in (directory / "work.md").read_text()
    assert (directory / ".openspec.yaml").read_text().startswith("schema: ours\ncreated: ")
    assert document["left"] == [{"artifact": "risks", "path": "risks.md"}]
    assert document["rules"] == {"proposal": ["Keep it short"]}
    assert any("Rollback" in question["text"] for question in document["questions"])
    judged(workflow, "add-receipts")


def speaking(tree: Path, count: int, *, why: str, what: str, impact: str, text: str, spec: str) -> None:
    """Archived changes that are written so."""
    for number in range(count):
        directory = tree / f"openspec/changes/archive/2026-01-0{number + 1}-done"
        write(
            directory / "proposal.md",
            f"## {why}\n{text}\n\n## {what}\n\n- {text}\n\n## {impact}\n\n{text}\n",
        )
        write(directory / "tasks.md", f"## 1. {text}\n\n- [x] 1.1 {text}\n")
        write(
            directory / "specs/auth/spec.md",
            f"## ADDED Requirements\n\n### Requirement: A{number}\n{spec}\n\n#### Scenario: B\n- **WHEN** a\n- **THEN** b\n",
        )


CHINESE = {
    "why": "为什么",
    "what": "变更内容",
    "impact": "影响",
    "text": "客户每周都会问这个问题，客服要花一个小时回答。",
    "spec": "系统 SHALL 发送收据。",
}
RUSSIAN = {
    "why": "Зачем",
    "what": "Что меняется",
    "impact": "Влияние",
    "text": "Клиенты спрашивают об этом каждую неделю, и ответ занимает час.",
    "spec": "Система SHALL (должна) отправлять чек.",
}


@pytest.mark.parametrize(
    ("words", "title", "id", "question"),
    [
        (CHINESE, "支持离线导出", "zhi-chi-li-xian-dao-chu", "为什么需要“支持离线导出”？谁需要它？"),
        (RUSSIAN, "Добавить выгрузку", "dobavit-vygruzku", "Зачем нужно «Добавить выгрузку», и кому?"),
    ],
)
def test_a_tree_in_another_language_gets_a_change_in_it(
    workflow: Run, tree: Path, words: dict[str, str], title: str, id: str, question: str
) -> None:
    """Names of sections, sentences and questions; what OpenSpec reads stays as it must be."""
    speaking(tree, 3, **words)
    done = workflow("propose", title)
    assert done.returncode == 0, done.stderr
    directory = tree / "openspec/changes" / id
    proposal = (directory / "proposal.md").read_text()
    titles = [line[3:] for line in proposal.splitlines() if line.startswith("## ")]
    assert titles == [words["why"], words["what"], words["impact"]]
    questions = (directory / "questions.yaml").read_text()
    assert question in questions
    assert f"{words['why']}" in questions
    assert "Why is" not in questions
    (delta,) = directory.glob("specs/*/spec.md")
    assert "## ADDED Requirements" in delta.read_text()
    checked = workflow("process", id, "--strict", "--only", "validate")
    assert checked.returncode == 0, checked.stdout


def test_in_a_tree_of_two_languages_the_title_chooses(workflow: Run, tree: Path) -> None:
    """Also where the other one is written more often; a title in a language nobody uses there does not count."""
    speaking(tree, 3, **CHINESE)
    english = (
        "## Why\n\nCustomers ask for it every week, and the answer takes an hour of the day.\n\n## What Changes\n- x\n"
    )
    write(tree / "openspec/changes/archive/2026-02-01-english/proposal.md", english)
    asked = {}
    for title, name in (("Export the orders to a file", "one"), ("导出订单", "two"), ("Выгрузить заказы", "three")):
        assert workflow("propose", title, "--id", name, "--yes").returncode == 0
        asked[name] = (tree / "openspec/changes" / name / "questions.yaml").read_text()
    assert "Why is" not in asked["two"] + asked["three"]
    assert "为什么需要" in asked["two"]
    assert "为什么需要" in asked["three"]


def test_english_names_of_sections_stay_the_templates(workflow: Run, tree: Path) -> None:
    """OpenSpec warns of proposals without them."""
    text = "Customers ask for it every week, and the answer takes an hour."
    speaking(tree, 2, why="Motivation", what="Scope", impact="Impact", text=text, spec="The shop SHALL send a receipt.")
    assert workflow("propose", "Export orders", "--id", "export-orders").returncode == 0
    proposal = (tree / "openspec/changes/export-orders/proposal.md").read_text()
    assert "## Why\n" in proposal
    assert "## What Changes\n" in proposal

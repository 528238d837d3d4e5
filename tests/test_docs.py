"""What the documentation says can be followed: links, commands, outputs, settings, generated pages."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.cli.app import root_command
from workflow_cli.settings.describe import json_schema

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
PAGES = sorted([REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *DOCS.rglob("*.md")])
#: Pages whose `console` blocks are carried out, one after the other, in a copy of the example.
CARRIED_OUT = [REPOSITORY / "README.md", *sorted((DOCS / "tutorial").glob("*.md"))]

_BLOCK = re.compile(r"^(?P<fence> *`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^()\s]+)\)")
#: What differs from run to run: the id of a revision, where one is shown, and the day and minute.
_VARYING = re.compile(
    r"(?<=Z  )[0-9a-f]{12}(?=  )|(?<= \()[0-9a-f]{12}(?=\)$)|[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}Z)?", re.M
)
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.M)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


def prose(page: Path) -> str:
    return _BLOCK.sub("", page.read_text("utf-8"))


def blocks(page: Path, *languages: str) -> Iterator[tuple[str, str]]:
    for block in _BLOCK.finditer(page.read_text("utf-8")):
        if block["language"] in languages:
            indent = block["fence"].index("`")
            # Not textwrap.dedent: it takes the space from the empty lines of a diff.
            yield block["language"], re.sub(f"^ {{0,{indent}}}", "", block["text"], flags=re.M)


def anchors(page: Path) -> set[str]:
    """As code hosts make them: lower case, spaces as hyphens, other punctuation gone."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(prose(page))}


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A file that exists and, where the link names one, a heading in it."""
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_index() -> None:
    """A page that nothing leads to is not read. The pages of single rules are in an index of their own."""
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(DOCS / "README.md"))}
    index = DOCS / "reference" / "rules" / "README.md"
    linked |= {(index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(index))}
    assert [page for page in DOCS.rglob("*.md") if page not in linked and page != DOCS / "README.md"] == []


def commands_shown(page: Path) -> Iterator[list[str]]:
    for _, text in blocks(page, "console"):
        for line in re.findall(r"^\$ (.+)$", text, re.M):
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            words: list[str] = []
            for word in [*lexer, ";"]:
                if not words and re.match(r"\w+=", word):
                    continue  # a variable for this one command
                if set(word) <= set(";|&<>()"):
                    if words[:1] == ["workflow"]:
                        yield words
                    words = []
                else:
                    words.append(word)


@each_page
def test_every_command_line_shown_is_one(page: Path) -> None:
    """Known commands, known options."""
    for words in commands_shown(page):
        command: Any = root_command()
        for word in words[1:]:
            if not word.startswith("-") and word in getattr(command, "commands", {}):
                command = command._load(word) if hasattr(command, "_load") else command.commands[word]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        options = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
        unknown = set(options) - known - {"--help", "-h"}
        assert not unknown, " ".join(words)
        runs = not getattr(command, "commands", {}) or command.invoke_without_command or options
        assert runs, f"{' '.join(words)}: no command"


def commands_told() -> Iterator[tuple[str, list[str]]]:
    """Every `workflow COMMAND ...` in a text of the program, help and hints of errors among them, with its file."""
    for file in sorted((REPOSITORY / "workflow_cli").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [part.value if isinstance(part, ast.Constant) else "X" for part in parts]
            for said in re.findall(r"\bworkflow ([a-z][^\n`;,)]*)", "".join(t for t in texts if isinstance(t, str))):
                yield file.name, said.split()


def test_every_command_that_a_message_names_is_one() -> None:
    """With options that it has: a hint is typed as it stands."""
    checked = 0
    for file, words in commands_told():
        command: Any = root_command()
        if words[0] not in command.commands:
            continue  # "workflow schemas": prose
        while words and words[0] in getattr(command, "commands", {}):
            word = words.pop(0)
            command = command._load(word) if hasattr(command, "_load") else command.commands[word]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        options = {match[0] for word in words if (match := re.match(r"--[a-z-]+", word))}
        assert options <= known | {"--help"}, f"{file}: {command.name} {' '.join(words)}"
        checked += 1
    assert checked > 200


@each_page
def test_every_workflow_yaml_shown_is_valid(page: Path) -> None:
    """Blocks that begin with `# workflow.yaml`, held against the published schema."""
    for _, text in blocks(page, "yaml"):
        if text.startswith("# workflow.yaml"):
            settings = load_yaml(text.encode(), page.name).value
            assert list(Draft202012Validator(json_schema()).iter_errors(settings)) == []


def generated() -> dict[str, Any]:
    sys.path.insert(0, str(DOCS))  # as for a script, beside which its modules are
    try:
        return dict(runpy.run_path(str(DOCS / "generate.py"))["PAGES"])
    finally:
        sys.path.remove(str(DOCS))


@pytest.mark.parametrize(("name", "make"), generated().items())
def test_generated_pages_are_current(name: str, make: Any) -> None:
    """`make docs` would change nothing."""
    assert (DOCS / name).read_text("utf-8") == make()


def test_no_page_of_a_rule_is_left_behind() -> None:
    """A rule that is gone takes its page with it."""
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "reference" / "rules").glob("*.md")}
    assert there <= set(generated())


def output_pattern(shown: str) -> str:
    pattern, end = "", 0
    for varying in _VARYING.finditer(shown):
        shape = re.sub(r"[0-9]", "[0-9]", varying[0]) if "-" in varying[0] else "[0-9a-f]{12}"
        pattern += re.escape(shown[end : varying.start()]) + shape
        end = varying.end()
    return (pattern + re.escape(shown[end:])).replace(re.escape("...\n"), "(?:.*\n)*?")


def test_only_times_and_revision_ids_may_differ() -> None:
    """Numbers of revisions, ids of drafts and every word have to be those shown."""
    shown = "    2  2026-01-31 12:00Z  0123456789ab  Jo\nrevision 2 (0123456789ab)\ndraft 0123456789ab\n"
    same = "    2  2027-02-01 09:30Z  ffffffffffff  Jo\nrevision 2 (eeeeeeeeeeee)\ndraft 0123456789ab\n"
    assert re.fullmatch(output_pattern(shown), same)
    for other in (
        same.replace("revision 2", "revision 3"),
        same.replace("draft 0", "draft 1"),
        same.replace("Jo", "Al"),
        same.replace("09:30Z", "9:30"),
    ):
        assert not re.fullmatch(output_pattern(shown), other)


@pytest.mark.parametrize("page", CARRIED_OUT, ids=lambda page: page.name)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    """Commands are run and `diff` blocks applied in turn; a line `...` in an output stands for any lines.

    Days, times and the ids of revisions need only look like those shown. Everything else is compared as it is, the
    ids of drafts included, which follow from their texts.
    """
    tree = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "examples" / "shop", tree)
    environment = surroundings(tmp_path)
    ran = 0
    for language, text in blocks(page, "console", "diff"):
        if language == "diff":
            subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=tree, check=True)
            continue
        for line, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.M):
            if not line.startswith(("workflow", "cat", "head", "printf")):
                continue
            done = typed(line, tree, environment)
            assert re.fullmatch(output_pattern(shown), done.stdout), f"$ {line}\n{done.stdout}"
            ran += 1
    assert ran


def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of a person who has the command, and a name that git knows."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    command = binaries / "workflow"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workflow_cli "$@"\n')
    command.chmod(0o755)
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Jo Doe\n\temail = jo@example.org\n")
    return {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }


def typed(line: str, tree: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Both outputs in one, as on a terminal."""
    return subprocess.run(
        ["sh", "-c", f"exec 2>&1; {line}"],
        cwd=tree,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


#: The tree that docs/how-to/edit-documents.md speaks of.
LOGIN = {
    "openspec/specs/auth/spec.md": """\
# auth

## Purpose
Lets people in and out of the building, and keeps everybody else where they are.

## Requirements
### Requirement: Login
The system SHALL let people in.

#### Scenario: Good password
- **WHEN** the password is right
- **THEN** the door opens

### Requirement: Logout
The system SHALL let people out.

#### Scenario: Way out
- **WHEN** somebody leaves
- **THEN** the door opens
""",
    "openspec/changes/add-login/proposal.md": "## Why\nPeople want in.\n\n## What Changes\n- A login\n",
    "openspec/changes/add-login/tasks.md": "## 1. Build\n\n- [ ] 1.1 Write it\n- [ ] 1.2 Say so\n",
    "steps.md": "- WHEN the password is wrong\n- THEN the door stays shut\n",
}


def test_the_edits_that_a_page_shows_can_be_made(tmp_path: Path) -> None:
    """One after the other, each with status 0 and, where the page shows an output, that output."""
    page = DOCS / "how-to" / "edit-documents.md"
    tree = tmp_path / "tree"
    for name, text in LOGIN.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    for _, text in blocks(page, "yaml"):
        (tree / text.split()[1]).write_text(text, "utf-8")
    environment, compared = surroundings(tmp_path), 0
    for _, text in blocks(page, "console"):
        for line, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.M):
            done = typed(line, tree, environment)
            assert done.returncode == 0, f"$ {line}\n{done.stdout}"
            assert not shown or re.fullmatch(output_pattern(shown), done.stdout), f"$ {line}\n{done.stdout}"
            compared += bool(shown)
    assert compared == 2


class Played(NamedTuple):
    """How a page is played: in the shop, or the tree of LOGIN; with what in place of its examples' names; after what.

    Every command has to end with 0, but for those that a beginning in `ends` names.
    """

    page: str
    shop: bool = True
    before: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    ends: tuple[tuple[str, int], ...] = ()
    leaves: tuple[str, ...] = ()


_GIT = ("git init -q -b main .", "git add -A", "git commit -qm base")
#: A question that nobody can answer, under the id that the page has in its place.
_ASKED = (
    "workflow ask 'How long is a session?' --offline || true",
    "workflow questions list --format json | grep -o 'q[0-9a-f]\\{20\\}' | head -n 1 > id",
)
#: An edit that a person has to approve.
_WEAKENED = "workflow update orders --modify-requirement 'Order history' --text 'The shop SHALL list 50 orders.'"
#: A finding of the shop in the place of one that a page names.
_FOUND = (
    "vague-quantity@openspec/specs/cart/spec.md:12:38",
    "untestable-adjective@openspec/changes/add-gift-cards/specs/checkout/spec.md:18",
)
PLAYED = [
    Played("adopt-with-a-baseline.md", shop=False, leaves=("findings.json", "workflow.yaml")),
    Played("answer-questions.md"),
    Played(
        "answer-pending-questions.md",
        before=_ASKED,
        instead=(
            ("openspec/specs/auth/spec.md:12", "openspec/specs/cart/spec.md:9"),
            ("q3f9c61b2a7e04d85c1f6", "$(cat id)"),
            ("q3f9c", "$(cat id)"),
        ),
        leaves=("questions.yaml",),
    ),
    Played(
        "check-a-branch.md", before=(*_GIT, "git update-ref refs/remotes/origin/main main", "git checkout -qb mine")
    ),
    Played("check-in-ci.md", shop=False, ends=(("workflow process --all --strict", 1),), leaves=("openspec.xml",)),
    Played("fix-findings.md", instead=((" 12", " 1"),), ends=(("workflow process", 4), ("workflow history undo", 0))),
    Played(
        "go-back.md",
        before=("workflow update show-delivery-date --check-task 1.1",),
        instead=((" 12", " 1"), ("HASH", "$(workflow history show 1 | grep -o '[0-9a-f]\\{64\\} ->' | cut -c 1-64)")),
        leaves=("old.md",),
    ),
    Played(
        "approve-changes.md",
        before=(
            *_GIT,
            "git update-ref refs/remotes/origin/main main",
            "git checkout -qb mine",
            f"{_WEAKENED} || true",
            "workflow review list | cut -c 1-12 > id",
            f"{_WEAKENED.replace('50', '80')} || true",
            "workflow review list | cut -c 1-12 | grep -v -f id > other",
            "sed -i 's/SHALL charge/SHOULD charge/' openspec/specs/checkout/spec.md",
        ),
        instead=(("reject 3f9c", "reject $(cat other)"), ("3f9c", "$(cat id)")),
    ),
    Played(
        "let-the-loop-improve.md",
        before=(
            f"{_WEAKENED} || true",
            "workflow review list | cut -c 1-12 > id",
            "workflow process --all || true",
        ),
        instead=(
            (
                "workflow loop --every 1h",
                "workflow loop --every 1h & workflow loop stop; wait $! && workflow loop resume",
            ),
            ("4dbc5bd946ca", "$(cat id)"),
            _FOUND,
        ),
    ),
    Played(
        "propose.md",
        before=(
            "printf '# Wrap gifts\\n\\n## Requirements\\n- The shop SHALL wrap a gift in paper.\\n' > notes.md",
            "printf '## Requirements\\n- The shop SHALL export orders as CSV.\\n' > orders.md",
            "workflow process add-gift-cards || true",
        ),
        instead=(
            ("< notes.md", "< orders.md"),
            (
                "add-receipts:how-long",
                "add-gift-cards:$(sed -n 's/^  - id: //p' openspec/changes/add-gift-cards/questions.yaml | head -n 1)",
            ),
        ),
        leaves=("openspec/changes/add-two-factor-login/tasks.md",),
    ),
    Played(
        "read-feedback.md",
        before=(
            "workflow process --all || true",
            "workflow ask 'Is an item that is sold out in the total of a cart?' --offline --format json > answer",
            'sed -n \'s/^ *"id": "\\(a[0-9a-f]*\\)",*/\\1/p\' answer > id',
        ),
        instead=(
            ("a9378f21c86935f12", "$(cat id)"),
            ("cart/Requirement: Limits", "cart/Requirement: Cart contents"),
            _FOUND,
        ),
        leaves=("feedback.html", "feedback.json"),
    ),
    Played(
        "run-from-cron.md",
        instead=(("/srv/www/", ""),),
        ends=(("workflow process", 4),),
        leaves=("openspec.md",),
    ),
    Played("write-workflow-yaml.md", shop=False, leaves=("workflow.yaml", "workflow.schema.json")),
]


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.page)
def test_a_page_can_be_played(played: Played, tmp_path: Path) -> None:
    """Its settings are written and its commands typed, in turn. Outputs are compared by the tests above, not here."""
    tree = tmp_path / "tree"
    if played.shop:
        shutil.copytree(REPOSITORY / "examples" / "shop", tree)
    for name, text in {} if played.shop else LOGIN.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    environment, ran = surroundings(tmp_path), 0

    def done(line: str, status: int = 0) -> None:
        for theirs, ours in played.instead:
            line = line.replace(theirs, ours)
        ended = typed(line, tree, environment)
        assert ended.returncode == status, f"$ {line}\n{ended.stdout}"

    for line in played.before:
        done(line)
    for language, text in blocks(DOCS / "how-to" / played.page, "bash", "console", "yaml"):
        if language == "yaml":
            name = "workflow.yaml" if text.startswith("# workflow.yaml") else "questions.yaml"
            for theirs, ours in played.instead:
                text = text.replace(theirs, (tree / "id").read_text().strip() if ours == "$(cat id)" else ours)
            if name in played.leaves:
                (tree / name).write_text(text, "utf-8")
            continue
        for line in re.findall(r"^\$ (.+)" if language == "console" else r"^([^#\n].*)", text, re.M):
            done(line, next((status for begin, status in played.ends if line.startswith(begin)), 0))
            ran += 1
    assert ran
    assert [name for name in played.leaves if not (tree / name).exists()] == []


_PASSWORD = "\n\n#### Scenario: Good password\n- **WHEN** the password is right\n- **THEN** the door opens\n"
_SIGN_IN = "### Requirement: Sign in\nThe system SHALL let people in."
_RECEIPTS = (
    "### Requirement: Receipts\nThe system SHALL print a receipt.\n\n"
    "#### Scenario: Way out\n- **WHEN** somebody leaves\n- **THEN** a receipt is printed\n"
)
#: The changes that docs/how-to/archive.md speaks of, as what each does to the spec `auth`.
DELTAS = {
    "add-receipts": f"## ADDED Requirements\n\n{_RECEIPTS}",
    "first": f"## MODIFIED Requirements\n\n{_SIGN_IN[:-1]} at once.{_PASSWORD}",
    "second": f"## MODIFIED Requirements\n\n{_SIGN_IN[:-1]} by day.{_PASSWORD}",
    "add-lockout": f"## MODIFIED Requirements\n\n{_SIGN_IN} It SHALL count wrong passwords.{_PASSWORD}",
    "rename-sign-in": (
        "## RENAMED Requirements\n\n- FROM: `### Requirement: Sign in`\n- TO: `### Requirement: Log in`\n"
    ),
}
#: Which of them are written before a command of the page; those written before stay open.
BEFORE_ARCHIVING = {
    "workflow archive add-receipts": ("add-receipts", "second"),
    "workflow archive --all": ("first",),
    "workflow archive second": (),
    "workflow archive rename-sign-in": ("add-lockout", "rename-sign-in"),
    "workflow archive undo": (),
}
#: The one that is not finished when all that are finished are archived.
_UNFINISHED = "workflow archive --all", "second"


def test_the_archives_that_a_page_shows_happen(tmp_path: Path) -> None:
    """One after the other; a page wraps what is a line on a terminal, and `...` stands for what it leaves out."""
    tree = tmp_path / "tree"
    spec = tree / "openspec/specs/auth/spec.md"
    spec.parent.mkdir(parents=True)
    head = LOGIN["openspec/specs/auth/spec.md"].partition("### ")[0]
    spec.write_text(f"{head}{_SIGN_IN}{_PASSWORD}", "utf-8")
    environment, compared = surroundings(tmp_path), 0
    for _, text in blocks(DOCS / "how-to" / "archive.md", "console"):
        for line, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.M):
            written = next(names for begin, names in BEFORE_ARCHIVING.items() if line.startswith(begin))
            for name in written:
                change = tree / "openspec/changes" / name
                (change / "specs/auth").mkdir(parents=True)
                (change / "proposal.md").write_text(f"## Why\n{name}, as agreed.\n\n## What Changes\n- {name}\n")
                (change / "specs/auth/spec.md").write_text(DELTAS[name], "utf-8")
            for change in (tree / "openspec/changes").iterdir():
                if change.name == "archive":
                    continue
                tick = " " if (line, change.name) == _UNFINISHED else "x"
                (change / "tasks.md").write_text(f"## 1. Build\n\n- [{tick}] 1.1 Write it\n")
            done = typed(line, tree, environment)
            assert done.returncode == ("refused" in shown), f"$ {line}\n{done.stdout}"
            pattern = output_pattern(" ".join(shown.split())).replace(re.escape("... "), ".*")
            assert not shown or re.fullmatch(pattern, " ".join(done.stdout.split())), f"$ {line}\n{done.stdout}"
            compared += bool(shown)
            if line == "workflow archive second":
                shutil.rmtree(tree / "openspec/changes/second")  # another story begins
    assert compared == 4

"""How the command answers what it does not understand, and what it is asked about itself."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from trees import add_spec

from workflow_cli import __version__
from workflow_cli.cli.commands import COMMANDS
from workflow_cli.cli.failure import asked_for_json
from workflow_cli.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["--no-color", "--version"]])
def test_the_version(workflow: Run, arguments: list[str]) -> None:
    """The quick answer and the parsed one are the same."""
    done = workflow(*arguments)
    assert (done.returncode, done.stdout) == (0, f"workflow {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_root_help_lists_every_command(workflow: Run, arguments: list[str]) -> None:
    """A bare `workflow` is a question for help."""
    done = workflow(*arguments)
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", [n for n, entry in COMMANDS.items() if find_spec(entry.module)])
def test_every_command_shows_its_formats_and_examples(workflow: Run, name: str) -> None:
    """A help page without an example sends people to the documents."""
    done = workflow(name, "--help")
    assert done.returncode == 0
    assert "|".join(COMMANDS[name].formats)[:40] in done.stdout.replace("\n", "").replace("  ", "")
    assert "Examples:" in done.stdout
    assert f"  workflow {name}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["confg"], "error: No such command 'confg'. Did you mean 'config'?"),
        (["config", "shw"], "error: No such command 'shw'. Did you mean 'show'?"),
        (["config"], "error: Missing command."),
        (["init", "--froce"], "error: No such option: --froce (Possible options: --force"),
        (["init", "extra"], "error: Got unexpected extra argument"),
        (["init", "--format", "sarif"], "error: init cannot print the format 'sarif'"),
        (["--format", "sarif", "init"], "error: init cannot print the format 'sarif'"),
        (["--root"], "error: Option '--root' requires an argument."),
    ],
)
def test_a_wrong_call_is_status_2_with_the_next_step(workflow: Run, arguments: list[str], message: str) -> None:
    """The message names the nearest right word where there is one."""
    done = workflow(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)
    assert "\n  next: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["ask", ""], "ask it in words"),
        (["ask", "How long?", "--context", "file=/x"], "workflow ask --help"),
        (["ask", "--batch", "{tree}/missing"], "name a file that is there"),
        (["ask", "--batch", "{tree}/latin-1.txt"], "save it as UTF-8"),
        (["propose", "--from-file", "{tree}/missing"], "name a file that is there"),
        (["propose", "--from-file", "{tree}"], "name a file, or - for stdin"),
        (["questions", "import", "{tree}/missing"], "name a file that is there"),
        (["questions", "import", "{tree}/half.json"], "mend that place"),
        (["questions", "import", "{tree}/half.yaml"], "mend that place"),
        (["update", "auth", "--edits", "{tree}/half.yaml"], "mend that place"),
        (["update", "auth", "--rename-requirement", "Sign in"], "workflow update --help"),
        (["update", "auth", "--set-section", "Purpose", "--text", ""], "say what is to stand there"),
        (["update", "auth", "--add-requirement", "", "--text", "x"], "say it in a line"),
        (["history", "blame", "--requirement", "Zzzz"], "every name: grep -rn '### Requirement:' openspec/specs"),
        (["history", "verify"], "it begins with the first edit"),
        (["archive", "--all", "add-login"], "workflow archive --help"),
        (["ask", "--batch"], "workflow ask --help"),
        (["--root"], "workflow --help"),
    ],
)
def test_what_a_beginner_gets_wrong_has_a_next_step(
    workflow: Run, tree: Path, arguments: list[str], next_step: str
) -> None:
    """Every error ends with what to try; where nothing nearer is known, with the help of the command."""
    add_spec(tree)
    (tree / "half.json").write_text("{")
    (tree / "half.yaml").write_text("a: [")
    (tree / "latin-1.txt").write_bytes("größe\n".encode("latin-1"))
    done = workflow(*(argument.replace("{tree}", str(tree)) for argument in arguments))
    assert done.returncode in {2, 3, 5}
    assert f"\n  next: {next_step}" in done.stderr


def test_an_argument_in_another_encoding_is_told_as_that(workflow: Run, tree: Path) -> None:
    """Python hands its bytes on as halves of characters, which nobody typed."""
    done = workflow("ask", "größe?".encode("latin-1").decode("utf-8", "surrogateescape"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: question: it is not UTF-8\n")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["process", "-dash-change"], "if that is a name, write -- before it: workflow process -- -dash-change"),
        (["history", "show", "-x"], "if that is a name, write -- before it: workflow history show -- -x"),
        (["process", "--chnges"], "next: workflow process --help\n"),
        (["loop", "-z"], "next: workflow loop --help\n"),
    ],
)
def test_a_name_that_begins_with_a_dash_has_a_way_in(workflow: Run, arguments: list[str], hint: str) -> None:
    """Where the command takes names, and no option is meant that has one letter wrong."""
    done = workflow(*arguments)
    assert done.returncode == 2
    assert hint in done.stderr


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["--format", "json", "confg"], None),
        (["config", "shw", "--format=json"], "config"),
        (["init", "--format", "json", "--froce"], "init"),
    ],
)
def test_a_wrong_call_in_json_is_a_document(workflow: Run, arguments: list[str], command: str | None) -> None:
    """Also where the arguments could not be parsed to the end."""
    done = workflow(*arguments)
    document = json.loads(done.stdout)
    assert done.returncode == document["exit_code"] == 2
    assert (document["status"], document["command"]) == ("error", command)


@pytest.mark.parametrize(
    ("arguments", "json_wanted"),
    [
        ([], False),
        (["--format", "json"], True),
        (["--format=json"], True),
        (["--format", "json", "x", "--format", "text"], False),
        (["x", "--", "--format", "json"], False),
        (["--format"], False),
    ],
)
def test_json_is_recognised_in_arguments_that_do_not_parse(arguments: list[str], json_wanted: bool) -> None:
    """The last --format before `--` decides, as the parser would."""
    assert asked_for_json(arguments) is json_wanted


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_no_color_and_a_dumb_terminal_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag, the variable and the terminal's own word each suffice."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert Invocation().coloured(_Terminal())
    assert not Invocation(typed={"no_color": True}).coloured(_Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not Invocation().coloured(_Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Invocation().coloured(_Terminal())


def test_the_shell_completes_commands_and_options(workflow: Run) -> None:
    """As Typer installs it; completing an option loads that command alone."""
    ask = {"_WORKFLOW_COMPLETE": "complete_bash"}
    names = workflow(env={**ask, "COMP_WORDS": "workflow con", "COMP_CWORD": "1"})
    assert names.stdout.split() == ["config"]
    options = workflow(env={**ask, "COMP_WORDS": "workflow init --fo", "COMP_CWORD": "2"})
    assert set(options.stdout.split()) == {"--force", "--format"}

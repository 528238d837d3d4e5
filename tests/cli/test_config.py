"""`workflow config`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


def test_show_prints_every_value(workflow: Run) -> None:
    """One line a key, as dotted names."""
    done = workflow("config", "show")
    assert (done.returncode, done.stderr) == (0, "")
    assert "process.max_questions = 5\n" in done.stdout
    assert "#" not in done.stdout


def test_show_origin_says_where_each_value_came_from(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    """Default, user file, project file with its line, variable, flag."""
    (tree / "workflow.yaml").write_text("process:\n  strict: true\n")
    user = Path(environment["XDG_CONFIG_HOME"]) / "workflow" / "config.yaml"
    user.parent.mkdir(parents=True)
    user.write_text("process: {fail_level: info}\n")
    done = workflow("config", "show", "--origin", "--offline", env={"WORKFLOW_EVENTS__ENABLED": "false"})
    lines = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert {
        "process.strict = true # workflow.yaml:2",
        f'process.fail_level = "info" # {user}:1',
        "process.max_questions = 5 # default",
        "events.enabled = false # environment WORKFLOW_EVENTS__ENABLED",
        "network.offline = true # flag --offline",
    } <= lines


def test_show_in_json_is_one_document(workflow: Run, tree: Path) -> None:
    """Origins only when asked for; a secret is never in it."""
    document = json.loads(workflow("config", "show", "--format", "json", env={"LM_API_TOKEN": "sk"}).stdout)
    assert document["schema_version"] == 1
    assert (document["command"], document["status"], document["exit_code"]) == ("config", "ok", 0)
    assert document["settings"]["lm_studio.token"] == "***"
    assert document["settings"]["events.path"] == str(tree.resolve() / ".workflow" / "metrics.jsonl")
    assert "origins" not in document
    asked = json.loads(workflow("config", "show", "--format=json", "--origin").stdout)
    assert asked["origins"]["process.strict"] == "default"


def test_show_works_outside_a_tree(workflow: Run, tmp_path: Path) -> None:
    """But a root that was named must be one."""
    assert workflow("config", "show", cwd=tmp_path).returncode == 0
    done = workflow("config", "show", "--root", "missing")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: no such directory\n  missing\n  next: ")


def test_several_faults_at_once_are_status_2(workflow: Run, tree: Path) -> None:
    """Each with its line; in JSON as a list."""
    (tree / "workflow.yaml").write_text("process:\n  strickt: true\n  max_questions: 9\n")
    done = workflow("config", "show")
    assert (done.returncode, done.stdout) == (2, "")
    assert "  workflow.yaml:2: unknown key process.strickt, nearest is process.strict\n" in done.stderr
    assert "  workflow.yaml:3: process.max_questions: expected" in done.stderr
    assert done.stderr.endswith("\n  next: mend it there; `workflow config schema` describes every key\n")
    assert workflow("config", "schema").returncode == 0, "it works in spite of them"
    document = json.loads(workflow("config", "show", "--format", "json").stdout)
    assert len(document["error"]["faults"]) == 2


def test_a_wrong_entry_of_a_mapping_is_told_with_its_own_line(workflow: Run, tree: Path) -> None:
    """Whoever has twenty levels of rules looks for the wrong one no longer than for any other key."""
    (tree / "workflow.yaml").write_text("rules:\n  levels:\n    vague-quantity: info\n    weak-word: fatal\n")
    done = workflow("config", "show")
    assert done.returncode == 2
    assert done.stderr.startswith("error: workflow.yaml:4: rules.levels: weak-word: expected one of")
    (tree / "workflow.yaml").write_text(
        "mcp:\n  servers:\n    a: {comand: x}\n    b: {command: x}\n    c: {timeout: no}\n"
    )
    done = workflow("config", "show")
    assert "error: 2 faults in the configuration\n  workflow.yaml:3: mcp.servers: a: unknown key comand" in done.stderr
    assert "\n  workflow.yaml:5: mcp.servers: c: `timeout` is" in done.stderr


def test_a_named_file_is_read_instead(workflow: Run, tree: Path) -> None:
    """--config FILE, before or after the command."""
    (tree / "workflow.yaml").write_text("process: {strict: true}\n")
    (tree / "ci.yaml").write_text("process: {max_questions: 1}\n")
    done = workflow("--config", "ci.yaml", "config", "show")
    assert "process.strict = false\n" in done.stdout
    assert "process.max_questions = 1\n" in done.stdout


def test_schema_prints_the_json_schema(workflow: Run) -> None:
    """Bare as text, so that it can be redirected to a file; within the document as JSON."""
    bare = json.loads(workflow("config", "schema").stdout)
    assert bare["properties"]["process"]["properties"]["strict"]["type"] == "boolean"
    assert json.loads(workflow("config", "schema", "--format", "json").stdout)["schema"] == bare


def test_showing_the_settings_loads_no_heavy_library_without_a_file(environment: dict[str, str]) -> None:
    """YAML is parsed only where there is a file to parse."""
    import subprocess
    import sys

    probe = (
        "import sys; from workflow_cli.__main__ import main; main(['config', 'show']);"
        "print({'ruamel', 'rich', 'platformdirs', 'markdown_it', 'sqlite3'} & set(sys.modules))"
    )
    out = subprocess.check_output([sys.executable, "-c", probe], env=environment, text=True, cwd="/")
    assert out.splitlines()[-1] == "set()"


def test_settings_behind_a_link_that_leads_nowhere_are_not_the_defaults(workflow: Run, tree: Path) -> None:
    """As where the submodule they lie in was not checked out."""
    (tree / "workflow.yaml").symlink_to(tree / "shared" / "workflow.yaml")
    done = workflow("process", "--all")
    assert done.returncode == 2
    assert "workflow.yaml: a link that leads nowhere" in done.stderr


def test_settings_in_a_file_that_is_called_yml_are_not_passed_over(workflow: Run, tree: Path) -> None:
    """Its policy would not be in force. One of another program is nobody's business."""
    other = tree / "workflow.yml"
    other.write_text("policy: {other_person: true}\n")
    done = workflow("config", "show")
    assert done.returncode == 2
    assert "workflow.yml: is not read under that name: it has to be workflow.yaml" in done.stderr
    for text in ("policy: {other_person: true}\njobs: []\n", "jobs: [\n", ""):
        other.write_text(text)
        assert workflow("config", "show").returncode == 0
    other.write_text("policy: {other_person: true}\n")
    (tree / "workflow.yaml").write_text("policy: {}\n")
    assert workflow("config", "show").returncode == 0


def test_a_named_file_may_be_a_pipe(tree: Path, environment: dict[str, str]) -> None:
    """As of a shell: `--config <(...)`."""
    line = f"echo 'process: {{strict: true}}' | \"{sys.executable}\" -m workflow_cli config show --config /dev/stdin"
    done = subprocess.run(["sh", "-c", line], cwd=tree, env=environment, capture_output=True, text=True, timeout=60)
    assert "process.strict = true\n" in done.stdout, done.stderr

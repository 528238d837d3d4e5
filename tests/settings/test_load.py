"""Where settings come from, which source wins, and how faults are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rights import only_what_modes_allow
from workflow_cli.errors import SettingsError
from workflow_cli.settings import KEYS, Settings, Sources, load_settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


def load(root: Path | None, tmp_path: Path, **sources: Any) -> Settings:
    return load_settings(Sources(root=root, **{"here": tmp_path, **sources}))


def faults(root: Path, tmp_path: Path, **sources: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(root, tmp_path, **sources)
    return caught.value.faults


def project_file(root: Path, text: str) -> None:
    (root / "workflow.yaml").write_text(text, encoding="utf-8")


def test_without_any_source_the_defaults_hold(root: Path, tmp_path: Path) -> None:
    """Every key has a value of its own kind, and says that it is a default."""
    settings = load(root, tmp_path)
    assert settings.process.steps == ("validate", "analyse", "ask", "draft")
    assert settings.process.max_questions == 5
    assert settings.limits.max_file_bytes == 10 * 1024 * 1024
    assert settings.events.path == root / ".workflow" / "metrics.jsonl"
    assert set(settings.origins.values()) == {"default"}
    assert set(settings.origins) == set(KEYS)


def test_each_source_is_stronger_than_the_one_before(root: Path, tmp_path: Path) -> None:
    """Defaults, user file, project file, environment, flags; the origin tells which one won."""
    user = tmp_path / "config.yaml"
    user.write_text("process: {max_questions: 1, fail_level: info, strict: true}\nnetwork: {offline: true}\n")
    project_file(root, "# ours\nprocess:\n  max_questions: 2\n  fail_level: warning\n  strict: false\n")
    environment = {"WORKFLOW_PROCESS__MAX_QUESTIONS": "3", "WORKFLOW_PROCESS__FAIL_LEVEL": "error"}
    flags = {"process.max_questions": ("--max-questions", 4)}
    settings = load(root, tmp_path, user_file=user, environment=environment, flags=flags)
    won = {
        "process.max_questions": (4, "flag --max-questions"),
        "process.fail_level": ("error", "environment WORKFLOW_PROCESS__FAIL_LEVEL"),
        "process.strict": (False, "workflow.yaml:5"),
        "network.offline": (True, f"{user}:2"),
        "events.enabled": (True, "default"),
    }
    assert {name: (settings[name], settings.origins[name]) for name in won} == won


def test_a_named_file_takes_the_place_of_the_projects_own(root: Path, tmp_path: Path) -> None:
    """--config FILE: the project's workflow.yaml is not read at all."""
    project_file(root, "process: {strict: true}\n")
    (tmp_path / "ci.yaml").write_text("process: {max_questions: 0}\n")
    settings = load(root, tmp_path, named_file=Path("ci.yaml"))
    assert (settings.process.strict, settings.process.max_questions) == (False, 0)
    assert settings.origins["process.max_questions"] == "ci.yaml:1"
    assert faults(root, tmp_path, named_file=Path("no.yaml")) == ("--config: no such file: no.yaml",)


@pytest.mark.parametrize(
    ("variable", "name", "value"),
    [
        ("LM_STUDIO_BASE_URL", "lm_studio.base_url", "http://10.0.0.5:1234/v1"),
        ("WORKFLOW_ORCHESTRATOR_SOCKET", "sockets.orchestrator", "/run/w.sock"),
        ("MCP_ORCHESTRATOR_SOCKET", "sockets.mcp", "/run/m.sock"),
        ("OPENSPEC_WATCH_PATH", "watch.path", "/srv/openspec"),
    ],
)
def test_the_names_of_the_original_system_work(
    root: Path, tmp_path: Path, variable: str, name: str, value: str
) -> None:
    """A variable of its own name, and the general form before it."""
    settings = load(root, tmp_path, environment={variable: value})
    assert str(settings[name]) == value
    general = "WORKFLOW_" + name.replace(".", "__").upper()
    both = load(root, tmp_path, environment={variable: value, general: value + "2"})
    assert str(both[name]) == value + "2"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("process.strict", "yes", True),
        ("process.strict", "0", False),
        ("process.steps", "validate, ask", ("validate", "ask")),
        ("rules.disable", "a-b,c,a-b", ("a-b", "c")),
        ("rules.levels", "a-b=info, c=error", {"a-b": "info", "c": "error"}),
        ("retrieval.synonyms", "basket=cart, fee=charge price", {"basket": ("cart",), "fee": ("charge", "price")}),
        ("limits.max_file_bytes", "2 MiB", 2 * 1024 * 1024),
        ("events.max_bytes", "5000", 5000),
    ],
)
def test_variables_hold_lists_mappings_and_sizes(root: Path, tmp_path: Path, name: str, text: str, value: Any) -> None:
    """Commas separate items; `=` joins a key and its value."""
    variable = "WORKFLOW_" + name.replace(".", "__").upper()
    assert load(root, tmp_path, environment={variable: text})[name] == value


def test_an_empty_variable_is_not_set(root: Path, tmp_path: Path) -> None:
    """`LM_API_TOKEN= workflow ...` switches the token off."""
    assert load(root, tmp_path, environment={"LM_API_TOKEN": ""}).lm_studio.token is None


def test_paths_start_where_they_are_written(root: Path, tmp_path: Path) -> None:
    """In a file from its directory, in a variable from the current one, always absolute."""
    project_file(root, "process: {baseline: ci/../old.json}\n")
    settings = load(root, tmp_path, environment={"WORKFLOW_EVENTS__PATH": "log.jsonl"})
    assert settings.process.baseline == root / "old.json"
    assert settings.events.path == tmp_path / "log.jsonl"


def test_a_projects_own_file_cannot_lead_out_of_the_project(root: Path, tmp_path: Path) -> None:
    """A cloned project must not choose which of a person's files is written; a person may."""
    (root / "out").symlink_to(tmp_path)
    project_file(root, "process: {baseline: ../x.json}\nevents: {path: out/x.jsonl}\nwatch: {path: /etc}\n")
    told = faults(root, tmp_path)
    assert len(told) == 3
    assert all("leads out of the project" in fault for fault in told)
    (root / "workflow.yaml").unlink()
    assert load(root, tmp_path, environment={"OPENSPEC_WATCH_PATH": "/etc"}).watch.path == Path("/etc")


def test_a_secret_shows_itself_to_nobody(root: Path, tmp_path: Path) -> None:
    """Not in str, repr, the settings' own repr or an error; only to who asks for it."""
    settings = load(root, tmp_path, environment={"LM_API_TOKEN": "sk-very-secret"})
    assert settings.lm_studio.token is not None
    assert settings.lm_studio.token.reveal() == "sk-very-secret"
    assert "very" not in f"{settings!r} {settings.lm_studio.token} {settings.lm_studio.token!r}"
    project_file(root, "lm_studio: {token: [sk-very-secret]}\n")
    assert "very" not in str(faults(root, tmp_path))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("proces: {strict: true}", "workflow.yaml:1: unknown key proces, nearest is process"),
        ("process:\n  strickt: 1", "workflow.yaml:2: unknown key process.strickt, nearest is process.strict"),
        ("max_questions: 3", "workflow.yaml:1: unknown key max_questions, nearest is process.max_questions"),
        ("process: {loopback_only: true}", "unknown key process.loopback_only, nearest is network.loop"),
        ("zzz: 1", "workflow.yaml:1: unknown key zzz"),
        ("process: [1]", "workflow.yaml:1: process: expected a mapping of keys"),
        ("- 1", "workflow.yaml: expected a mapping of sections"),
        ("process: {strict: yes}", "process.strict: expected true or false, found 'yes'"),
        ("process: {max_questions: 6}", "expected a whole number from 0 to 5, found 6"),
        ("process: {max_questions: true}", "expected a whole number from 0 to 5, found True"),
        ("process: {steps: validate}", "expected a list, each item one of validate, analyse, ask"),
        ("process: {steps: [fly]}", "expected one of validate, analyse, ask, draft, found 'fly'"),
        ("process: {fail_level: ERROR}", "expected one of error, warning, info, found 'ERROR'"),
        ("process: {baseline: [a]}", "process.baseline: expected a path, or null for none"),
        ("rules: {disable: ['a b']}", "expected a word without spaces, found 'a b'"),
        ("rules: {levels: {a: loud}}", "rules.levels: a: expected one of error, warning, info, found 'loud'"),
        (
            "retrieval: {synonyms: {fee: []}}",
            "retrieval.synonyms: fee: expected a word without spaces, or a list of such",
        ),
        ("retrieval: {synonyms: {fee: [a, b c]}}", "fee: expected a word without spaces, found 'b c'"),
        ("retrieval: {synonyms: {fee: 3}}", "fee: expected a word without spaces, found 3"),
        ("limits: {max_file_bytes: 0}", "expected a number of bytes"),
        ("limits: {max_file_bytes: 3 potatoes}", "expected a number of bytes"),
        ("events: {path: null}", "events.path: expected a path, found nothing"),
        ("lm_studio: {base_url: localhost}", "expected an address such as http://127.0.0.1:1234"),
        ("lm_studio: {base_url: 'http://h:99999'}", "expected an address"),
        ("lm_studio: {base_url: 'http://me:pw@h'}", "a token goes into LM_API_TOKEN"),
        ("process: {strict: true, strict: false}", "workflow.yaml:1:25: the key 'strict' is there twice"),
        ("process: {", "workflow.yaml:1:11: not YAML"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(root: Path, tmp_path: Path, text: str, fault: str) -> None:
    """File, line, key, what was expected and what was found."""
    project_file(root, text)
    (told,) = faults(root, tmp_path)
    assert fault in told
    assert told.startswith("workflow.yaml")


def test_every_fault_of_every_source_is_told_at_once(root: Path, tmp_path: Path) -> None:
    """A broken file does not hide what is wrong elsewhere."""
    user = tmp_path / "config.yaml"
    user.write_text("a: [")
    project_file(root, "process:\n  strict: 1\n  max_questions: 9\nnet: {}\n")
    environment = {
        "WORKFLOW_PROCES__STRICT": "1",
        "WORKFLOW_NETWORK__OFFLINE": "maybe",
        "LM_STUDIO_BASE_URL": "ftp://x",
        "WORKFLOW_SOMETHING_ELSE": "is not ours to judge",
        "WORKFLOW_QQ__ZZ_XX": "nor is this",
    }
    told = faults(root, tmp_path, user_file=user, environment=environment)
    assert len(told) == 7
    assert "WORKFLOW_PROCES__STRICT: unknown setting, nearest is WORKFLOW_PROCESS__STRICT" in told


def test_a_file_that_cannot_be_read_is_a_fault(root: Path, tmp_path: Path) -> None:
    """Here a directory of that name."""
    (root / "workflow.yaml").mkdir()
    assert faults(root, tmp_path) == ("workflow.yaml: Is a directory",)


def test_a_users_file_out_of_reach_is_a_fault(root: Path, tmp_path: Path) -> None:
    """As with the HOME of another account; the defaults are not what the person set."""
    home = tmp_path / "home"
    home.mkdir(mode=0)
    with only_what_modes_allow():
        assert faults(root, tmp_path, user_file=home / "config.yaml") == (f"{home / 'config.yaml'}: Permission denied",)
    home.chmod(0o700)


def test_outside_a_tree_the_other_sources_still_count(tmp_path: Path) -> None:
    """Relative defaults then start from the current directory."""
    settings = load(None, tmp_path, environment={"WORKFLOW_PROCESS__STRICT": "true"})
    assert settings.process.strict
    assert settings.events.path == tmp_path / ".workflow" / "metrics.jsonl"


def test_what_is_personal_is_not_taken_from_the_project(tmp_path: Path) -> None:
    """A clone must not bring the trust in its own servers along; a person's own file, variables and flags may."""
    (tmp_path / "workflow.yaml").write_text("mcp: {trust: configured}\n")
    with pytest.raises(SettingsError, match=r"workflow.yaml:1: mcp.trust: comes with the project"):
        load_settings(Sources(root=tmp_path, here=tmp_path))
    user = tmp_path / "user.yaml"
    (tmp_path / "workflow.yaml").rename(user)
    assert load_settings(Sources(root=tmp_path, here=tmp_path, user_file=user)).mcp.trust == "configured"
    said = {"WORKFLOW_MCP__TRUST": "configured"}
    assert load_settings(Sources(root=tmp_path, here=tmp_path, environment=said)).mcp.trust == "configured"

"""Where a person's token goes, and what models are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflow_cli.settings import Settings, Sources, load_settings
from workflow_cli.wiring.models import lm_studio, lm_studio_options
from workflow_cli.wiring.network import network_rules


def settings(root: Path, project: str = "", **sources: Any) -> Settings:
    (root / "workflow.yaml").write_text(project, encoding="utf-8")
    return load_settings(Sources(root=root, here=root, **sources))


TOKEN = {"LM_API_TOKEN": "sk-mine"}


@pytest.mark.parametrize(
    ("project", "environment", "goes_to"),
    [
        ("", TOKEN, ("http://127.0.0.1:1234",)),
        ("lm_studio: {base_url: 'http://evil.example'}", TOKEN, ()),
        ("lm_studio: {hosts: ['http://evil.example']}", TOKEN, ("http://127.0.0.1:1234",)),
        ("lm_studio: {base_url: 'http://localhost:9/v1'}", TOKEN, ("http://127.0.0.1:9",)),
        ("", {**TOKEN, "LM_STUDIO_BASE_URL": "http://mine.example/v1"}, ("http://mine.example",)),
        ("lm_studio: {base_url: 'http://team.example', token: sk-team}", {}, None),
    ],
)
def test_a_persons_token_goes_to_no_address_that_only_the_project_names(
    tmp_path: Path, project: str, environment: dict[str, str], goes_to: Any
) -> None:
    """Cloning a project must not give one's token away; this machine is no danger."""
    options = lm_studio_options(settings(tmp_path, project, environment=environment))
    assert options.token_hosts == goes_to
    assert "sk-" not in repr(options)


def test_the_settings_are_passed_on(tmp_path: Path) -> None:
    project = (
        "lm_studio: {hosts: ['http://10.0.0.7:1234'], model: m, may_load: true, concurrency: 2, attempts: 3, timeout: 9}\n"
        "network: {loopback_only: true}\n"
    )
    chosen = settings(tmp_path, project)
    options = lm_studio_options(chosen)
    assert options.hosts == ("http://127.0.0.1:1234", "http://10.0.0.7:1234")
    assert (options.model, options.may_load, options.concurrency, options.attempts) == ("m", True, 2, 3)
    assert (options.timeout, options.network) == (9, network_rules(chosen))
    assert options.network.loopback_only


def test_making_the_client_contacts_nobody(tmp_path: Path) -> None:
    assert lm_studio(tmp_path, settings(tmp_path)).count_tokens("one two") > 1
    assert not (tmp_path / ".workflow").exists()

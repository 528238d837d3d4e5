"""Every check, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.app.doctor.check import Check
from workflow_cli.wiring.doctor import (
    databases,
    event_log,
    git,
    history,
    loop,
    model_servers,
    openspec_command,
    permissions,
    private_files,
    settings_files,
    state_directory,
    tool_servers,
    tree,
    versions,
)
from workflow_cli.wiring.doctor.surroundings import Surroundings

_BEFORE = (versions.CHECK, tree.CHECK, settings_files.CHECK)
#: Of a tree; without one there is nothing to look at.
_OF_A_TREE = (permissions.CHECK, state_directory.CHECK)
#: Of what lies in the state directory.
_OF_STATE = (
    databases.CHECK,
    history.CHECK,
    event_log.CHECK,
    loop.CHECK,
    private_files.CHECK,
)
_AFTER = (git.CHECK, openspec_command.CHECK, model_servers.CHECK, tool_servers.CHECK)


def checks_for(at: Surroundings) -> Sequence[Check[Surroundings]]:
    of_a_tree = () if at.root is None else (*_OF_A_TREE, *(_OF_STATE if at.has_own_state else ()))
    return (*_BEFORE, *of_a_tree, *_AFTER)

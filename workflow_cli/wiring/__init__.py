"""Chooses the concrete adapters: the only place that names them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.find_root import find_root, named_root
from workflow_cli.errors import DocumentError, NoTree, ServiceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents
    from workflow_cli.domain.review.draft import Author
    from workflow_cli.settings import Settings

#: A plan or a baseline is read no further: what a name leads to may never end. A plan holds documents whole, several.
MOST_WRITTEN = 64 * 1024 * 1024


def root_of_tree(named: Path | None) -> Path:
    """The root of the tree: the directory that `--root` named, else the nearest upward. Raises NoTree."""
    return find_root(Path.cwd()) if named is None else named_root(named)


def settings_in_force(
    root: Path | None,
    *,
    named_file: Path | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> Settings:
    """Settings of every source, for the tree at `root`. Raises SettingsError.

    `flags` holds what was typed: `{"process.strict": ("--strict", True)}`; a value of None was not typed.
    """
    from workflow_cli.settings import Sources, load_settings

    typed = {name: flag for name, flag in (flags or {}).items() if flag[1] is not None}
    return load_settings(
        Sources(
            root=root,
            here=Path.cwd(),
            user_file=user_file(),
            named_file=named_file,
            environment=os.environ,
            flags=typed,
        )
    )


def user_file() -> Path:
    """The person's own settings: `workflow/config.yaml` in the platform's configuration directory."""
    if sys.platform.startswith("linux"):
        # What platformdirs says, without the fifth of a short command's time that importing it takes.
        base = os.environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
        return Path(base, "workflow", "config.yaml")
    from platformdirs import user_config_path

    return user_config_path("workflow", appauthor=False) / "config.yaml"


def root_if_any(named: Path | None) -> Path | None:
    """As `root_of_tree`, but None where no tree was named and none is near."""
    try:
        return root_of_tree(named)
    except NoTree:
        if named is not None:
            raise
        return None


def event_log(settings: Settings, root: Path) -> JsonlEventLog | NoEvents:
    """The log of events; what it could not write is in its `degraded`."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents

    if not settings.events.enabled:
        return NoEvents()
    path = settings.events.path
    return JsonlEventLog(
        path,
        clock=SystemClock(),
        max_bytes=settings.events.max_bytes,
        inside=root if path.is_relative_to(root) else None,
        secrets=_secrets(settings),
    )


def _secrets(settings: Settings) -> tuple[str, ...]:
    """The token, and of what servers are given, what is long enough to be a secret: a `1` is in every number."""
    from workflow_cli.settings.secret import Secret

    token = settings.lm_studio.token
    mappings = [entry.get(key) or {} for entry in settings.mcp.servers.values() for key in ("env", "headers")]
    texts = [value.reveal() for mapping in mappings for value in mapping.values() if isinstance(value, Secret)]
    values = [value for text in texts for value in _with_variables(text) if len(value) >= _SHORTEST_SECRET]
    return (*([token.reveal()] if token else []), *values)


def _with_variables(text: str) -> tuple[str, ...]:
    """The text with its `${NAME}` expanded, and each of their values: any part may be the secret one."""
    if "${" not in text:
        return (text,)
    from workflow_cli.adapters.mcp_client.variables import BadServer, expanded, values_in

    try:
        return (expanded(text, os.environ), *values_in(text, os.environ))
    except BadServer:
        return ()  # a server without the value of a variable is not used


STATE_DIRECTORY = ".workflow"
_SHORTEST_SECRET = 6


def edit_list(data: bytes, name: str) -> object:
    """The value of a YAML or JSON file. Raises DocumentError."""
    from workflow_cli.adapters.yaml_files import load_yaml

    return load_yaml(data, name).value


def here_in(root: Path) -> str:
    """The working directory from the root, POSIX; empty at the root and outside of it."""
    here, top = Path.cwd().resolve(), root.resolve()
    return here.relative_to(top).as_posix().removeprefix(".") if here.is_relative_to(top) else ""


def in_tree(root: Path, named: str) -> str:
    """What was typed, from the root where it is a path from the top of the disk or one that goes up; anything else as it is.

    What stands behind a `#` is no path. Raises UsageError for a path outside of the tree: it would be another tree's.
    """
    path, mark, address = named.partition("#")
    if not (os.path.isabs(path) or ".." in path.replace("\\", "/").split("/")):
        return named
    for place in (os.path.abspath, os.path.realpath):
        found, top = Path(place(path)), Path(place(root))
        if found.is_relative_to(top):
            return found.relative_to(top).as_posix() + mark + address
    raise UsageError(f"{named!r} leads out of the tree", hint="name what lies in it; another tree's with --root DIR")


def item_in_tree(root: Path, named: str) -> str:
    """As `in_tree`; below the root also a path from the working directory, where it leads to something.

    A bare name stays one: in a directory of deltas it still means the capability.
    """
    is_path = "/" in named or named == "." or named.endswith(".md")
    return in_tree(root, os.path.abspath(named) if is_path and here_in(root) and os.path.exists(named) else named)


def person(root: Path, named: str | None) -> Author:
    """Who is at work: the one `--as` names, else the one git knows, else the account's name."""
    from workflow_cli.adapters.identity import person
    from workflow_cli.domain.review.draft import Author, AuthorKind

    return Author(kind=AuthorKind.PERSON, name=named or person(root))


def touched_since(root: Path, ref: str) -> list[str]:
    """Files of the tree, from `root`, that the branch touches since it left `ref`."""
    from workflow_cli.adapters.git_changes import touched_since

    return touched_since(root, ref, "openspec")


def read_file(path: Path) -> bytes | None:
    """A file that this program wrote, and a person names; None where there is none. Raises DocumentError."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_WRITTEN + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentError(f"cannot read: {error.strerror}", where=str(path)) from error
    if len(data) > MOST_WRITTEN:
        hint = "none that workflow writes is as large; look whether it is the one you mean"
        raise DocumentError(f"larger than {MOST_WRITTEN} bytes", where=str(path), hint=hint)
    return data


def own_files(root: Path, settings: Settings, *, named_file: Path | None) -> list[Path]:
    """Files and directories that no report may replace: documents, state, settings, the baseline."""
    from workflow_cli.settings.load import PROJECT_FILE

    named = [path for path in (named_file, settings.process.baseline) if path is not None]
    return [root / "openspec", root / STATE_DIRECTORY, root / PROJECT_FILE, *named]


def file_in_place(path: Path) -> bytes | None:
    """What a file that is to be written would take the place of; None for nothing.

    Raises DocumentError for what is no file: reading from a pipe or a terminal may never end, and neither can
    be replaced.
    """
    if path.exists() and not path.is_file():
        raise DocumentError("is no file", where=str(path), hint="name a file, new or old")
    return read_file(path)


def replace_file(path: Path, data: bytes, *, base: bytes | None) -> None:
    """Replace a file whose bytes are still `base`. Raises StaleDocument or DocumentError."""
    from workflow_cli.adapters.atomic_write import replace_file

    replace_file(path, data, base=base)


def prefix_in_checkout(root: Path) -> str:
    """Where the root lies in its git checkout, such as `packages/api/`; empty at its top."""
    from workflow_cli.adapters.checkout import prefix_in_checkout

    return prefix_in_checkout(root)


def now() -> datetime:
    from workflow_cli.adapters.clock import SystemClock

    return SystemClock().now()


def refuse_without_mcp() -> None:
    """Raises ServiceError where the package for MCP, an extra, is not installed."""
    from workflow_cli.adapters.mcp_client.sdk import how_to_install, is_installed

    if not is_installed():
        raise ServiceError("the package for MCP is not installed", where="mcp", hint=how_to_install())

"""Puts the settings together: defaults < user file < project file < environment < flags."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_cli.errors import DocumentError, SettingsError
from workflow_cli.settings.in_force import Settings
from workflow_cli.settings.keys import KEYS, SECTIONS, VARIABLE_PREFIX, variable_of
from workflow_cli.settings.kinds import BadValue, FilePath
from workflow_cli.settings.section import absolute

if TYPE_CHECKING:
    from workflow_cli.adapters.yaml_files import YamlDocument

PROJECT_FILE = "workflow.yaml"
_OTHERWISE_CALLED = "workflow.yml"
#: A settings file is read no further: what a name or a link leads to may never end.
_MOST_BYTES = 1 << 20
#: `workflow config show` would be no help: it reads the same sources and stops at the same faults.
HINT = "mend it there; `workflow config schema` describes every key"


class Sources(NamedTuple):
    """Where settings are read from.

    `root` is the directory of the tree, None outside one. `named_file` (of `--config`) takes the place of the
    project's own file and must exist; the other files need not. `flags` holds what was typed, by dotted name,
    with the flag it was typed as: `{"process.strict": ("--strict", True)}`. Relative paths start from the
    file's directory in a file, and from `here` in a variable or flag.
    """

    root: Path | None
    here: Path
    user_file: Path | None = None
    named_file: Path | None = None
    environment: Mapping[str, str] = MappingProxyType({})
    flags: Mapping[str, tuple[str, Any]] = MappingProxyType({})


class _Given(NamedTuple):
    """A value as found: `origin` is how a person would find it again; `inside` bounds its paths.

    `place` tells of a part of the value where it is, if that can be told nearer than by `origin`.
    """

    value: Any
    origin: str
    base: Path
    inside: Path | None = None
    place: Callable[[tuple[str, ...]], str] | None = None

    def origin_of(self, part: tuple[str, ...]) -> str:
        return self.place(part) if self.place and part else self.origin


def load_settings(sources: Sources) -> Settings:
    """Read every source. Raises SettingsError with every fault of every source."""
    faults: list[str] = []
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    parts: dict[str, dict[str, str]] = {}
    for layer in (
        _from_file(sources.user_file, faults, str(sources.user_file), inside=None),
        _from_project(sources, faults),
        _from_environment(sources, faults),
        _from_flags(sources),
    ):
        for name, given in layer:
            try:
                values[name] = _parse(name, given)
                origins[name] = given.origin
                parts[name] = {part: given.origin_of((part,)) for part in _parts_of(values[name])}
            except BadValue as error:
                faults += [f"{given.origin_of(fault.part)}: {name}: {fault}" for fault in (error, *error.others)]
    if faults:
        raise SettingsError(tuple(faults), hint=HINT)
    return Settings(values, origins, start=sources.root or sources.here, parts=parts)


def _parts_of(value: Any) -> Iterator[str]:
    return iter(value if isinstance(value, Mapping) else ())


def _parse(name: str, given: _Given) -> Any:
    kind = KEYS[name].kind
    if given.inside is not None and KEYS[name].personal:
        raise BadValue("comes with the project; only the user's file, a variable or a flag may say so")
    value = kind.parse(given.value)
    if not isinstance(value, Path):
        return value
    path = absolute(value, given.base)
    bounded = given.inside is not None and isinstance(kind, FilePath) and kind.inside
    if bounded and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(str(given.inside))):
        raise BadValue(f"{given.value} leads out of the project; only a flag or a variable may say so")
    return path


def _from_project(sources: Sources, faults: list[str]) -> Iterator[tuple[str, _Given]]:
    if sources.named_file is not None:
        path = sources.here / sources.named_file
        if _is_missing(path) or os.path.isdir(path):  # a pipe will do
            faults.append(f"--config: no such file: {sources.named_file}")
            return
        yield from _from_file(path, faults, str(sources.named_file), inside=None)
    elif sources.root is not None:
        path = sources.root / PROJECT_FILE
        if _is_missing(path) and _holds_settings(sources.root / _OTHERWISE_CALLED):
            faults.append(f"{_OTHERWISE_CALLED}: is not read under that name: it has to be {PROJECT_FILE}")
        yield from _from_file(path, faults, PROJECT_FILE, inside=sources.root)


def _holds_settings(path: Path) -> bool:
    """Whether it is meant for us: of other programs there may be a file of such a name."""
    if not os.path.isfile(path):
        return False
    from workflow_cli.adapters.yaml_files import load_yaml

    try:
        content = load_yaml(_content_of(path), path.name).value
    except (OSError, DocumentError):
        return False
    return isinstance(content, dict) and bool(content) and content.keys() <= SECTIONS.keys()


def _is_missing(path: Path) -> bool:
    """What may not be looked at is not missing: reading it tells why."""
    try:
        os.stat(path)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
    return False


def _from_file(
    path: Path | None, faults: list[str], shown_as: str, *, inside: Path | None
) -> Iterator[tuple[str, _Given]]:
    if path is None:
        return
    if _is_missing(path):
        # Whoever made the link wants what it is to lead to; the defaults are something else.
        if path.is_symlink():
            faults.append(f"{shown_as}: a link that leads nowhere")
        return
    from workflow_cli.adapters.yaml_files import load_yaml

    try:
        document = load_yaml(_content_of(path), shown_as)
    except OSError as error:
        faults.append(f"{shown_as}: {error.strerror}")
        return
    except DocumentError as error:
        faults.append(str(error))
        return
    content = {} if document.value is None else document.value
    if not isinstance(content, dict):
        faults.append(f"{shown_as}: expected a mapping of sections")
        return
    for section, entries in content.items():
        if section not in SECTIONS:
            faults.append(f"{document.where((section,))}: unknown key {section}{_nearest(section)}")
        elif entries is not None and not isinstance(entries, dict):
            faults.append(f"{document.where((section,))}: {section}: expected a mapping of keys")
        else:
            for leaf, value in (entries or {}).items():
                name, where = f"{section}.{leaf}", document.where((section, leaf))
                if name in KEYS:
                    yield name, _Given(value, where, path.parent, inside, partial(_place, document, section, leaf))
                else:
                    faults.append(f"{where}: unknown key {name}{_nearest(name)}")


def _place(document: YamlDocument, section: str, leaf: str, part: tuple[str, ...]) -> str:
    return document.where((section, leaf, *part))


def _content_of(path: Path) -> bytes:
    """Raises OSError, also for a file that is too large or never ends."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, f"larger than {_MOST_BYTES} bytes")
    return content


def _from_environment(sources: Sources, faults: list[str]) -> Iterator[tuple[str, _Given]]:
    own = {key.environment: name for name, key in KEYS.items() if key.environment}
    typed = [variable for variable in sources.environment if variable.startswith(VARIABLE_PREFIX) and "__" in variable]
    general = {variable_of(name): name for name in KEYS} if typed else {}
    for variable in typed:
        if variable not in general and (nearest := _closest_variable(variable, general)):
            # Without a near one it is another program's: the prefix is a common word.
            faults.append(f"{variable}: unknown setting, nearest is {nearest}")
    # The general form comes last: who uses it knows this program's own names.
    for variable, name in (*own.items(), *general.items()):
        text = sources.environment.get(variable)
        if text:
            yield name, _Given(KEYS[name].kind.from_text(text), f"environment {variable}", sources.here)


def _from_flags(sources: Sources) -> Iterator[tuple[str, _Given]]:
    for name, (flag, value) in sources.flags.items():
        yield name, _Given(value, f"flag {flag}", sources.here)


def _nearest(name: str) -> str:
    """`, nearest is process.strict`; a key written into the wrong section is found by its own name."""
    leaf = name.rpartition(".")[2]
    misplaced = [known for known in KEYS if known.rpartition(".")[2] == leaf]
    candidates = [*KEYS] if "." in name else [*SECTIONS, *KEYS]
    nearest = misplaced[0] if len(misplaced) == 1 else _closest(name, candidates)
    return f", nearest is {nearest}" if nearest else ""


def _closest_variable(variable: str, known: Mapping[str, str]) -> str | None:
    # The prefix that all share would make everything look near.
    bare = _closest(variable.removeprefix("WORKFLOW_"), [name.removeprefix("WORKFLOW_") for name in known])
    return f"WORKFLOW_{bare}" if bare else None


def _closest(name: str, known: list[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1)), None)

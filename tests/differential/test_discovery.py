"""Which root, which specs and which changes there are: as the real command finds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.differential.our_reading import differences, read_tree
from tests.differential.real_openspec import RealOpenSpec
from tests.differential.two_sides import HEAD, added, block
from workflow_cli.adapters.find_root import find_root
from workflow_cli.errors import DocumentError, NoTree

pytestmark = pytest.mark.openspec

SPEC = HEAD + block("A")
DELTA = added(block("B"))


def put(path: Path, text: str = SPEC) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def nested_ids(base: Path) -> None:
    put(base / "specs/area/spec.md")
    put(base / "specs/area/sub/spec.md")
    put(base / "specs/area/sub/deeper/still/spec.md")
    put(base / "changes/c/specs/area/sub/spec.md", DELTA)


def names_that_do_not_count(base: Path) -> None:
    put(base / "specs/spec.md")
    put(base / "specs/auth/SPEC.md")
    put(base / "specs/auth/spec.markdown")
    put(base / "specs/.hidden/spec.md")
    put(base / "specs/shown/.hidden/spec.md")
    put(base / "specs/shown/spec.md")
    put(base / "changes/.dot/specs/auth/spec.md", DELTA)
    put(base / "changes/archive/2026-01-01-old/specs/auth/spec.md", DELTA)
    put(base / "changes/README.md")


def spec_md_as_a_directory(base: Path) -> None:
    put(base / "specs/auth/spec.md/spec.md")
    put(base / "specs/other/spec.md")
    put(base / "changes/c/specs/spec.md/spec.md", DELTA)


def links_to_files(base: Path) -> None:
    put(base / "specs/auth/spec.md")
    (base / "specs/twin").mkdir()
    (base / "specs/twin/spec.md").symlink_to("../auth/spec.md")
    (base / "specs/own").mkdir()
    put(base / "specs/own/real.md")
    (base / "specs/own/spec.md").symlink_to("real.md")
    (base / "specs/dangling").mkdir()
    (base / "specs/dangling/spec.md").symlink_to("nowhere.md")
    (base / "specs/folder").mkdir()
    (base / "specs/folder/spec.md").symlink_to("../auth")


def links_to_directories(base: Path) -> None:
    put(base / "specs/auth/spec.md")
    (base / "specs/alias").symlink_to("auth")
    (base / "specs/loop").symlink_to(".")
    put(base / "changes/c/specs/auth/spec.md", DELTA)
    (base / "changes/alias").symlink_to("c")
    (base / "changes/c/specs/loop").symlink_to("..")


def changes_of_every_kind(base: Path) -> None:
    (base / "changes/empty").mkdir(parents=True)
    put(base / "changes/only-proposal/proposal.md", "## Why\n\n## What Changes\n")
    put(base / "changes/specs-is-a-file/specs", "x")
    put(base / "changes/area/one/proposal.md", "x")
    put(base / "changes/deep/a/b/c/proposal.md", "x")
    put(base / "changes/too-deep/a/b/c/d/proposal.md", "x")
    put(base / "changes/with-readme/one/proposal.md", "x")
    put(base / "changes/with-readme/README.md", "x")
    put(base / "changes/with space/specs/auth/spec.md", DELTA)
    put(base / "changes/größe/specs/auth/spec.md", DELTA)
    put(base / "changes/stray/specs/auth.md", DELTA)
    put(base / "changes/stray/specs/auth/notes.MD", DELTA)
    put(base / "changes/root-spec/specs/spec.md", DELTA)
    put(base / "changes/hidden/specs/.auth/spec.md", DELTA)
    (base / "changes/linked-stray/specs").mkdir(parents=True)
    (base / "changes/linked-stray/specs/x.md").symlink_to("../../stray/specs/auth.md")
    (base / "changes/linked-stray/specs/dangling.md").symlink_to("nowhere")


LAYOUTS = [
    nested_ids,
    names_that_do_not_count,
    spec_md_as_a_directory,
    links_to_files,
    links_to_directories,
    changes_of_every_kind,
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_layouts(layout: Callable[[Path], None], real: RealOpenSpec, tmp_path: Path) -> None:
    """Same items with the same findings, whatever lies about."""
    layout(tmp_path / "openspec")
    theirs = real.validate(tmp_path)
    assert theirs
    assert differences(read_tree(tmp_path).items(strict=False), theirs) == []


def test_specs_as_a_file(real: RealOpenSpec, tmp_path: Path) -> None:
    """Both stop: there is nothing to list."""
    put(tmp_path / "openspec/specs", "x")
    put(tmp_path / "openspec/changes/c/specs/auth/spec.md", DELTA)
    assert "items" not in json.loads(real.run("validate", "--all", "--json", cwd=tmp_path).stdout or "{}")
    with pytest.raises(DocumentError):
        read_tree(tmp_path)


def roots(base: Path) -> dict[str, Path]:
    """Directories to start from, by what is there."""
    put(base / "outer/openspec/config.yaml", "schema: spec-driven\n")
    (base / "outer/inner/openspec/changes").mkdir(parents=True)
    (base / "outer/hollow/openspec").mkdir(parents=True)
    put(base / "outer/file/openspec", "x")
    put(base / "outer/odd/openspec/specs", "a file")
    (base / "outer/yml/openspec").mkdir(parents=True)
    put(base / "outer/yml/openspec/config.yml", "")
    put(base / "outer/project/openspec/project.md", "x")
    (base / "outer/inner/src/deep").mkdir(parents=True)
    (base / "link").symlink_to(base / "outer/inner/src/deep")
    (base / "nothing").mkdir()
    names = ["outer", "outer/inner", "outer/hollow", "outer/file", "outer/odd", "outer/yml", "outer/project"]
    return {name: base / name for name in [*names, "outer/inner/src/deep", "outer/inner/openspec", "link", "nothing"]}


def test_roots(real: RealOpenSpec, tmp_path: Path) -> None:
    """From every directory both find the same root, or none."""
    ours: dict[str, str | None] = {}
    theirs: dict[str, str | None] = {}
    for name, start in roots(tmp_path).items():
        report = json.loads(real.run("validate", "--all", "--json", cwd=start).stdout)
        theirs[name] = report.get("root", {}).get("path") if "items" in report else None
        try:
            ours[name] = str(find_root(start))
        except NoTree:
            ours[name] = None
    assert ours == theirs

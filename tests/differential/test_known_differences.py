"""Both sides of every row of docs/openspec-differences.md: what the real command does, and what we do."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.differential.our_command import workflow
from tests.differential.real_openspec import REPOSITORY, RealOpenSpec
from tests.differential.two_sides import HEAD, TwoSides, added, block, modified, removed
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.adapters.task_globs import expand
from workflow_cli.domain.openspec.check import ARCHIVE_REFUSED

DIFFERENCES = REPOSITORY / "docs" / "openspec-differences.md"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \|.*\| `(test_\w+)` \|$", re.M)


@pytest.fixture
def sides(tmp_path: Path, real: RealOpenSpec) -> TwoSides:
    tree = TwoSides(tmp_path, real)
    tree.put("changes/c/proposal.md", "## Why\nBecause.\n\n## What Changes\n- x\n")
    return tree


openspec = pytest.mark.openspec


@openspec
def test_fence_on_a_list_item(sides: TwoSides) -> None:
    """The opener is not seen, its closer opens: REMOVED takes every requirement that follows."""
    sides.write(
        main=HEAD + block("A", "It SHALL:\n- ```json\n  {}\n  ```") + block("B"), delta=removed("A") + added(block("C"))
    )
    assert sides.refused_by("misread-structure")
    assert not sides.archive().refused
    assert "Requirement: B" not in sides.main()


@openspec
def test_commented_requirement(sides: TwoSides) -> None:
    """A requirement in an HTML comment of a delta is applied, and the comment's end with it."""
    sides.write(main=HEAD + block("A"), delta=added(block("B")) + "<!--\n" + block("C") + "-->\n")
    assert sides.refused_by("misread-structure")
    assert not sides.archive().refused
    assert "### Requirement: C" in sides.main()


@openspec
def test_indented_fence(sides: TwoSides) -> None:
    """Indented code that shows a fence opens one: what follows is gone with the requirement."""
    sides.write(
        main=HEAD + block("A", "It SHALL.", "text\n\n    ```", "more") + block("B"),
        delta=removed("A") + added(block("C")),
    )
    assert sides.refused_by("misread-structure")
    assert not sides.archive().refused
    assert "Requirement: B" not in sides.main()


@openspec
def test_front_matter_heading(sides: TwoSides) -> None:
    """`## Requirements` inside front matter becomes the section, and every requirement is outside."""
    sides.write(main="---\n## Requirements\n---\n" + HEAD + block("A"), delta=added(block("B")))
    assert not sides.their_items()["spec", "auth"].valid
    assert "misread-structure" in {f.rule for f in sides.ours_of_spec() if f.refuses}


@openspec
def test_unclosed_fence(sides: TwoSides) -> None:
    """What is added to a spec whose last fence stays open is invisible at once."""
    sides.write(main=HEAD + block("A", "It SHALL.", "```\ncode") + block("B"), delta=added(block("C")))
    assert sides.refused_by("unclosed-fence")
    assert not sides.archive().refused
    sides.put("changes/c/specs/auth/spec.md", modified(block("C", "It SHALL do more.")))
    assert sides.archive().refused


@openspec
def test_setext_section(sides: TwoSides) -> None:
    """An underlined section between requirements goes with the one before it."""
    sides.write(main=HEAD + block("A") + "Background\n----------\n\nKeep me.\n\n" + block("B"), delta=removed("A"))
    assert sides.refused_by("foreign-section-lost")
    assert not sides.archive().refused
    assert "Keep me." not in sides.main()


@openspec
def test_hidden_requirement(sides: TwoSides) -> None:
    """`###Requirement:` is archived and then counted as its predecessor's text."""
    sides.write(main=HEAD + block("A"), delta=added(block("B").replace("### R", "###R")))
    assert sides.refused_by("hidden-requirement")
    assert not sides.archive().refused
    shown = sides.real.run("show", "auth", "--type", "spec", "--json", cwd=sides.root).stdout
    assert '"requirementCount": 1' in shown
    assert "###Requirement: B" in sides.main()


@openspec
def test_title_among_requirements(sides: TwoSides) -> None:
    """A `# Title` in a delta's block is copied, and hides what comes after it."""
    sides.write(main=HEAD + block("A"), delta=added(block("B", "It SHALL.", "# Part two"), block("C")))
    assert sides.refused_by("hidden-requirement")
    assert not sides.archive().refused
    assert "# Part two" in sides.main()


@openspec
def test_hidden_duplicate(sides: TwoSides) -> None:
    """Two blocks of one name, of which one header escapes the duplicate check: one text ends up in both places."""
    second = block("A", "The second SHALL stay.").replace("### R", "###R")
    sides.write(main=HEAD + block("Z") + block("A", "The first SHALL stay.") + second, delta=added(block("B")))
    assert sides.refused_by("hidden-duplicate")
    assert not sides.archive().refused
    assert "The first SHALL stay." not in sides.main()


@openspec
def test_not_utf8(sides: TwoSides) -> None:
    """Latin-1 bytes that no operation names come out as replacement characters."""
    sides.write(main=(HEAD + block("A", "The caf\u00e9 SHALL open.")).encode("latin-1"), delta=added(block("B")))
    assert sides.refused_by("not-utf8")
    assert not sides.archive().refused
    assert "caf\ufffd" in sides.main()


@openspec
def test_purpose_behind_bom(sides: TwoSides) -> None:
    """A byte-order mark before `## Purpose` makes a new spec's Purpose a placeholder."""
    purpose = "## Purpose\nLets people in and keeps everybody else out of it.\n\n"
    sides.write(delta="\ufeff" + purpose + added(block("A")))
    assert sides.refused_by("purpose-behind-bom")
    assert not sides.archive().refused
    assert "TBD - created" in sides.main()


@openspec
def test_linked_directory(sides: TwoSides) -> None:
    """A linked delta directory is passed over: the change is archived and its delta never applied."""
    sides.write(main=HEAD + block("A"), delta=added(block("B")))
    elsewhere = sides.put("shared/spec.md", added(block("C"))).parent
    sides.put("specs/billing/spec.md", HEAD + block("A"))
    (sides.root / "openspec/changes/c/specs/billing").symlink_to(elsewhere)
    assert sides.refused_by("linked-directory")
    assert sides.their_items()["change", "c"].valid
    assert list(sides.archive().written) == ["auth/spec.md"]


@openspec
def test_external_capability(sides: TwoSides, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Archiving writes through a capability directory that links out of the project; list never shows it."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "spec.md").write_text(HEAD + block("A"))
    sides.write(delta=added(block("B")))
    (sides.root / "openspec/specs").mkdir()
    (sides.root / "openspec/specs/auth").symlink_to(outside)
    assert sides.refused_by("linked-directory")
    assert ("spec", "auth") not in sides.their_items()
    assert not sides.archive().refused
    assert "Requirement: B" in (outside / "spec.md").read_text()


@openspec
def test_linked_tree(sides: TwoSides, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Behind a link out of the project everything is valid and nothing can be archived; we say so at once."""
    sides.write(main=HEAD + block("A"), delta=added(block("B")))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (sides.root / "openspec").rename(elsewhere / "openspec")
    (sides.root / "openspec").symlink_to(elsewhere / "openspec")
    assert all(item.valid for item in sides.their_items().values())
    assert sides.archive().refused
    status, report = workflow(sides.root, "process", "--all")
    assert (status, report["error"]["hint"]) == (3, f"work where it is: --root {elsewhere}")
    assert workflow(elsewhere, "archive", "c")[0] == 0


@openspec
def test_unfilled_template(sides: TwoSides) -> None:
    """The template's comment is archived as a requirement's name."""
    sides.write(main=HEAD + block("A"), delta=added(block("<!-- requirement name -->")))
    assert sides.refused_by("unfilled-template")
    assert not sides.archive().refused
    assert "### Requirement: <!--" in sides.main()


@openspec
def test_separator_in_heading(sides: TwoSides) -> None:
    """A heading with U+2028 in it is none: its requirement becomes part of the one before."""
    sides.write(main=HEAD + block("A"), delta=added(block("B"), block("C\u2028D")))
    assert sides.refused_by("separator-in-heading")
    assert sides.their_items()["change", "c"].valid
    shown = sides.real.run("show", "c", "--type", "change", "--json", cwd=sides.root).stdout
    assert '"deltaCount": 1' in shown


@openspec
def test_archive_refused(sides: TwoSides) -> None:
    """Validation passes a MODIFIED of nothing, even with --strict; archiving refuses it."""
    sides.write(main=HEAD + block("A"), delta=modified(block("B")))
    assert sides.real.validate(sides.root, strict=True)["change", "c"].valid
    assert ARCHIVE_REFUSED in {f.rule for f in sides.ours()}
    assert sides.archive().refused


@openspec
def test_stale_requirement(sides: TwoSides) -> None:
    """The second of two changes overwrites the first; we refuse it."""
    sides.write(main=HEAD + block("A", "It SHALL stay."), delta=modified(block("A", "It SHALL go.")))
    sides.put("changes/d/specs/auth/spec.md", modified(block("A", "It SHALL fly.")))
    ours = TwoSides(sides.root.with_name("ours"), sides.real)
    shutil.copytree(sides.root, ours.root)
    for change in ("c", "d"):
        assert not sides.real.archive(sides.root, change).refused
    assert "It SHALL go." not in sides.main()
    assert workflow(ours.root, "archive", "c")[0] == 0
    status, report = workflow(ours.root, "archive", "d")
    assert status == 1
    assert [r["rule"] for r in report["changes"][0]["refusals"]] == ["stale-requirement"]
    assert "It SHALL go." in ours.main()


@openspec
def test_open_change_shut_out(sides: TwoSides) -> None:
    """After the first archive nothing archives the other change as it is; we want to hear that this is meant."""
    sides.write(main=HEAD + block("A") + block("B"), delta=removed("A"))
    sides.put("changes/d/specs/auth/spec.md", modified(block("A", "It SHALL fly.")))
    status, report = workflow(sides.root, "archive", "c")
    assert status == 1
    assert [r["rule"] for r in report["changes"][0]["refusals"]] == ["open-change-shut-out"]
    assert not sides.archive().refused
    assert sides.real.archive(sides.root, "d").refused


@openspec
def test_no_operations(sides: TwoSides) -> None:
    """A change that changes no spec is archived; we want to hear that it is meant."""
    sides.write(main=HEAD + block("A"))
    status, report = workflow(sides.root, "archive", "c")
    assert status == 1
    assert [r["rule"] for r in report["changes"][0]["refusals"]] == ["no-operations"]
    assert not sides.archive().refused
    assert not (sides.root / "openspec/changes/c").exists()


@openspec
def test_removed_not_found(sides: TwoSides) -> None:
    """A misspelt REMOVED is taken for done; we name what is near."""
    sides.write(main=HEAD + block("Session expiry") + block("B"), delta=removed("Session expiri") + added(block("C")))
    assert not sides.archive().refused
    assert "Session expiry" in sides.main()
    sides.put("changes/c/specs/auth/spec.md", removed("Session expiri"))
    hints = [f.hint for f in sides.ours() if f.rule == "removed-not-found"]
    assert hints == ["did you mean 'Session expiry'?"]


@openspec
def test_blank_lines_collapsed(sides: TwoSides) -> None:
    """Blank lines inside indented code of an untouched requirement are folded."""
    sides.write(main=HEAD + block("A", "It SHALL.", "text\n\n    one\n\n\n    two"), delta=added(block("B")))
    assert sides.remarked_by("blank-lines-collapsed")
    assert not sides.archive().refused
    assert "    one\n\n    two" in sides.main()


@openspec
def test_line_ends_unified(sides: TwoSides) -> None:
    """The byte-order mark and mixed line ends do not survive."""
    sides.write(main="\ufeff" + (HEAD + block("A")).replace("\n", "\r\n", 3), delta=added(block("B")))
    assert sides.remarked_by("line-ends-unified")
    assert not sides.archive().refused
    assert "\r" not in sides.main()
    assert not sides.main().startswith("\ufeff")


@openspec
def test_delta_text_dropped(sides: TwoSides) -> None:
    """Text above a section's first requirement reaches nothing."""
    sides.write(main=HEAD + block("A"), delta=added("Some context.\n\n", block("B")))
    assert sides.remarked_by("delta-text-dropped")
    assert not sides.archive().refused
    assert "Some context." not in sides.main()


@openspec
def test_section_without_entry(sides: TwoSides) -> None:
    """Plain names under REMOVED, or FROM and TO without a header, are passed over without a word."""
    for said in ("## REMOVED Requirements\n\n- A\n", "## RENAMED Requirements\n\nFROM: `A`\nTO: `C`\n"):
        sides.write(main=HEAD + block("A"), delta=added(block("B")) + said)
        assert sides.their_items()["change", "c"].issues == Counter()
        assert sides.remarked_by("section-without-entry")
    assert not sides.archive().refused
    assert "### Requirement: A\n" in sides.main()


@openspec
def test_tasks_line_ends(sides: TwoSides) -> None:
    """With CR alone as line end, many tasks are one."""
    sides.write(main=HEAD + block("A"), delta=added(block("B")))
    sides.put("changes/c/tasks.md", "- [ ] 1.1 a\r- [ ] 1.2 b\r- [ ] 1.3 c\r")
    assert sides.remarked_by("tasks-line-ends")
    assert '"totalTasks": 1' in sides.real.run("list", "--json", cwd=sides.root).stdout


@openspec
def test_one_bad_file(sides: TwoSides, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One link out of the tree stops every validation; for us it is the fault of its own item."""
    outside = tmp_path_factory.mktemp("outside") / "spec.md"
    outside.write_text(HEAD + block("A"))
    sides.write(main=HEAD + block("A"), delta=added(block("B")))
    (sides.root / "openspec/specs/bad").mkdir()
    (sides.root / "openspec/specs/bad/spec.md").symlink_to(outside)
    assert sides.real.run("validate", "--all", "--json", cwd=sides.root).returncode == 1
    assert '"items"' not in sides.real.run("validate", "--all", "--json", cwd=sides.root).stdout
    listed = {s.id: s.fault for s in OpenSpecFiles(sides.root, max_file_bytes=10_000).spec_files()}
    assert listed["auth"] is None
    assert listed["bad"] is not None


@openspec
def test_directory_for_a_spec(sides: TwoSides) -> None:
    """A capability whose document is a directory is not there for OpenSpec; for us it is broken."""
    sides.write(main=HEAD + block("A"), delta=added(block("B")))
    (sides.root / "openspec/specs/mail/spec.md").mkdir(parents=True)
    assert '"mail"' not in sides.real.run("validate", "--specs", "--json", cwd=sides.root).stdout
    listed = {s.id: s.fault for s in OpenSpecFiles(sides.root, max_file_bytes=10_000).spec_files()}
    assert listed["mail"] is not None
    assert listed["mail"].code == "EISDIR"


@openspec
def test_negated_glob(sides: TwoSides) -> None:
    """`!(tasks).md` of a custom schema takes hidden files in and tasks2.md out, for OpenSpec alone."""
    change = sides.put("changes/c/.notes.md", "- item\n").parent
    (change / "tasks2.md").write_text("- item\n")
    (change / "proposal.md").unlink()
    sides.put("config.yaml", "schema: custom\n")
    sides.put(
        "schemas/custom/schema.yaml",
        "name: custom\nversion: 1\nartifacts:\n"
        "- {id: tasks, generates: '!(tasks).md', description: d, template: t.md}\n",
    )
    warned = {path for level, path, _ in sides.their_items()["change", "c"].issues if level == "WARNING"}
    assert warned == {".notes.md"}
    assert [path.name for path in expand(change, "!(tasks).md")] == ["tasks2.md"]


def rows() -> list[tuple[str, str]]:
    return ROW.findall(DIFFERENCES.read_text(encoding="utf-8"))


def test_every_row_has_its_test_and_every_test_its_row() -> None:
    """The table and this file name the same tests."""
    here = {name for name, value in globals().items() if name.startswith("test_") and hasattr(value, "pytestmark")}
    assert {test for _, test in rows()} == here
    assert len(rows()) == len({test for _, test in rows()})


def test_every_rule_that_refuses_has_a_row() -> None:
    """No refusal of ours is without a row, and no row speaks of a rule that is not there."""
    openspec = REPOSITORY / "workflow_cli/domain/openspec"
    use_case = (REPOSITORY / "workflow_cli/app").glob("archive_*.py")
    places = [*openspec.glob("*.py"), *openspec.glob("archiving/*.py"), *use_case]
    sources = [p.read_text(encoding="utf-8") for p in places]
    refusing = {rule for text in sources for rule in re.findall(r'_refusal\(\s*"([a-z0-9-]+)"', text)}
    refusing |= {"misread-structure", ARCHIVE_REFUSED}
    named = {rule for rule, _ in rows()}
    assert refusing <= named
    for rule in named - {"one-bad-file", "directory-for-a-spec", "negated-glob"}:
        assert any(f'"{rule}"' in text for text in sources), rule

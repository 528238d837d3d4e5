"""Whole trees from a seed: main specs, changes against them, tasks, metadata, schemas, and stray files."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.differential.nasty_markdown import NAMES, delta, pick_name, spec, to_bytes

CHANGES_PER_TREE = 5

TASK_LINES = [
    "- [ ] 1.1 Do it", "- [x] 1.2 Done", "* [X] 1.3 Done", "+ [ ] 1.4 plus", "1. [ ] 1.5 numbered", "1) [x] a", "- [] 1.1 none", "- [~] 2.1 b",
    "- [-] c", "- [✓] d", "- [✔️] e", "- [ x ] 1.1 f", "-[ ] g", "- [ ]1.2 h", "- [xx] i", "- [WIP] j", "- [x](url)", "- [x][ref]", "- [ ](u)",
    "> - [ ] k", "[ ] l", "- - [ ] m", "– [ ] n", "  - [ ] 1.1.1 o", "\t- [ ] 1.2a p", "    - [ ] q", "- item", "1. item", "-item", "- ", "text",
    "## 1. First", "## 2. Second", "## 01. Zero", "## 1 No dot", "##  3. Wide", "### 2. Deep", "# 1. Top", " ## 2. In", "    ## 2. Code", "##1. x",
    "## Notes", "##", "```", "~~~", "<!--", "-->", "<!-- - [ ] 1.1 -->", "---", "- [ ] 01.1 a", "- [ ] 1.01 b", "- [ ] 1.1. dot", "- [ ] 1.1: c",
    "- [ ] 1.1\u00a0nbsp", "- [ ] 10.1 ten", "- [ ] 1.2.3 deep", "- [ ] 1.2.3 deep", "- [🙂] e", "- [\u00a0] nb", "- [\u2028] ls", "\u00a0- [ ] lead",
    "1234567890. [ ] long", "123456789. [ ] nine", "- [ ]\u2028tail", "- [x", "- [[x]]", "- [ ][x]", "-\u00a0[ ] a", "* item\r", "- [ ] cr\r", "## 1.\r",
    "## 1.", "## 1.\u00a0x", "- \u2028x", "\x1c- [ ] fs", "- [\x1c] fs", "- [ ] 1.1 a\x1c", "- [ ] 1.1\x1ca", "- [ ] 00.1 z", "## 0. Zero", "## 00. Z",
]  # fmt: skip
METADATA = [
    "schema: spec-driven\n", "schema: spec-driven\ncreated: 2026-01-01\n", "schema: spec-driven\nskip_specs: true\n",
    "schema: spec-driven\nskip_specs: false\n", 'schema: spec-driven\nskip_specs: "yes"\n', "schema: spec-driven\nskip_specs: yes\n",
    "schema: spec-driven\nretire_capabilities: true\n", "schema: spec-driven\nretire_capabilities: True\n", "retire_capabilities: true\n",
    "schema: spec-driven\nretire_capabilities: true\n", "schema: spec-driven\nretire_capabilities: true\n",
    "schema: spec-driven\nretire_capabilities: 'true'\n", "schema: unknown\n", "schema: unknown\nskip_specs: true\n", "schema: custom\n",
    "schema: custom\nskip_specs: true\n", "schema: custom\nretire_capabilities: true\n", "schema: broken\nskip_specs: true\n", "schema: broken\n",
    "schema: spec-driven.yaml\nskip_specs: true\n", "schema: spec-driven.yaml\n", "", "\n", "# only a comment\n", "- a list\n", "text\n", "null\n",
    "schema: [\n", "schema: [\nskip_specs: true\n", "schema: {\n# skip_specs: true\n", "  'skip_specs' : true\n: [", "skip_specs: true\n",
    "schema: spec-driven\nschema: spec-driven\nskip_specs: true\n", "schema: spec-driven\ncreated: 2026-1-1\n",
    "schema: spec-driven\ncreated: 2026-13-99\nskip_specs: true\n", "schema: spec-driven\ncreated: 2026-1-1\nskip_specs: true\n",
    "schema: spec-driven\ncreated: 2026-1-1\nskip_specs: false\n", "schema: spec-driven\ncreated: 2026-1-1\nskip_specs:\n",
    "schema: spec-driven\ngoal: ''\nskip_specs: true\n", "schema: spec-driven\ngoal: x\naffected_areas: [a, b]\nskip_specs: true\n",
    "schema: spec-driven\naffected_areas: [a, '']\nskip_specs: true\n", "schema: spec-driven\naffected_areas: []\nskip_specs: true\n",
    "schema: spec-driven\ninitiative: {store: a, id: b-c}\nskip_specs: true\n", "schema: spec-driven\ninitiative: {store: A, id: b}\nskip_specs: true\n",
    "schema: spec-driven\ninitiative: {store: a, id: b, x: 1}\nskip_specs: true\n", "schema: 1\nskip_specs: true\n", "schema: ''\nskip_specs: true\n",
    "schema: spec-driven\nskip_specs: TRUE\n", "schema: spec-driven\nskip_specs: null\n", "schema: spec-driven\nskip_specs: 1\n",
    "schema: spec-driven\nother: [1, {a: b}]\nskip_specs: true\n", "\ufeffschema: spec-driven\nskip_specs: true\n", "schema: spec-driven\r\nskip_specs: true\r\n",
    "%YAML 1.1\n---\nschema: spec-driven\nskip_specs: yes\n", "---\nschema: spec-driven\nskip_specs: true\n---\na: b\n", "schema: &a spec-driven\ngoal: *a\nskip_specs: true\n",
    "schema: !!str spec-driven\nskip_specs: !!bool true\n", "schema: spec-driven\nskip_specs: !x true\n", "schema: spec-driven\ncreated: '2026-01-01'\nskip_specs: true\n",
    "schema: spec-driven\n\tskip_specs: true\n", '{"schema": "spec-driven", "skip_specs": true}', "schema: spec-driven # c\nskip_specs: true # c\n",
    "schema: >\n  spec-driven\nskip_specs: true\n", "schema: spec-driven \nskip_specs: true \n", "? schema\n: spec-driven\n? skip_specs\n: true\n",
    "<<: {schema: spec-driven}\nskip_specs: true\n", "schema: spec-driven\nskip_specs: true\n...\n", "schema: spec-driven\ngoal: \"\\q\"\nskip_specs: true\n",
]  # fmt: skip
CONFIGS = [
    "schema: spec-driven\n", "schema: custom\n", "schema: unknown\n", "schema: broken\n", "schema: [\n", "", "schema: ''\n", "schema: 3\n", "context: x\n",
    "- list\n", "schema: spec-driven.yaml\n", "schema: custom\ncontext: [1]\nrules: 3\n", "\ufeffschema: custom\n", "schema: custom\nschema: custom\n",
]  # fmt: skip
PATTERNS = [
    "tasks.md", "work/**/*.md", "{tasks,todo}.md", "work/*.md", "@(tasks|todo).md", "*.md", "t?sks.md", "[st]asks.md", "work/{a,b}/t.md",
    "**/tasks.md", "work/**", "*", "./tasks.md", "work//t.md", "t[!x]sks.md", "{1..3}.md", "+(t|a|s|k)s.md", "?(x)tasks.md", "work\\t.md", "TASKS.md",
    "**", "{tasks}.md", "tasks.{md,txt}", "work/.hid/*.md", "work/*/", "tasks.md/", "{a,{tasks}}.md", "{a{b,c}d,tasks}.md",
]  # fmt: skip
BROKEN_SCHEMAS = [
    "name: broken\n", "name: broken\nversion: 1\nartifacts: []\n", ": [",
    "name: broken\nversion: 0\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: ../a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md, requires: [b]}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md, requires: [a]}\n",
    "name: broken\nversion: .inf\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1.5\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\napply: {requires: []}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\napply: {requires: [a], tracks: null}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md, requires: null}\n",
    "name: broken\nversion: 1.0\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: '', template: t.md, instruction: 3}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: /a.md, description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: 'C:\\a.md', description: d, template: t.md}\n",
    "name: broken\nversion: 1\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\napply: null\n",
    "name: broken\nversion: 1\ndescription: 3\nartifacts:\n- {id: a, generates: a.md, description: d, template: t.md}\n",
]  # fmt: skip


def write_tree(root: Path, seed: int) -> list[str]:
    """Writes the tree of that seed below `root`, which must not exist; returns its changes."""
    rng = Random(seed)
    base = root / "openspec"
    (base / "specs").mkdir(parents=True)
    (base / "changes").mkdir()
    names_of: dict[str, list[str]] = {}
    for id in rng.sample(["auth", "area/sub", "area", "billing", "area/sub/deep", "Auth"], k=3):
        names = rng.sample(NAMES, k=rng.randrange(1, 5))
        if rng.random() < 0.1:
            names.append(pick_name(rng))
        names_of[id] = names
        put(base / "specs" / id / "spec.md", to_bytes(rng, spec(rng, names)))
    if rng.random() < 0.1:
        put(base / "specs" / "spec.md", b"# root\n")
    if rng.random() < 0.15:
        put(base / rng.choice(["config.yaml", "config.yml"]), rng.choice(CONFIGS).encode())
    if rng.random() < 0.5:
        _schemas(rng, base)
    changes = [f"c{number}" for number in range(CHANGES_PER_TREE)]
    for name in changes:
        _change(rng, base / "changes" / name, names_of)
    return [name for name in changes if (base / "changes" / name).is_dir()]


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _schemas(rng: Random, base: Path) -> None:
    pattern = rng.choice(PATTERNS)
    tracks = pattern if rng.random() < 0.7 else rng.choice(PATTERNS)
    id = rng.choice(["tasks", "work"])
    # A quoted scalar, because most patterns are not plain ones.
    quoted, followed = (f"'{text}'" for text in (pattern, tracks))
    apply = f"apply: {{requires: [{id}], tracks: {followed}}}\n" if rng.random() < 0.7 else ""
    text = (
        "name: custom\nversion: 1\nartifacts:\n"
        "- {id: proposal, generates: proposal.md, description: d, template: p.md}\n"
        f"- {{id: {id}, generates: {quoted}, description: d, template: t.md, requires: [proposal]}}\n{apply}"
    )
    put(base / "schemas" / rng.choice(["custom", "custom", "custom", "spec-driven"]) / "schema.yaml", text.encode())
    put(base / "schemas" / "broken" / "schema.yaml", rng.choice(BROKEN_SCHEMAS).encode())


def _change(rng: Random, directory: Path, names_of: dict[str, list[str]]) -> None:
    if rng.random() < 0.03:
        _nested(rng, directory)
        return
    if rng.random() < 0.12:
        _retiring(rng, directory, names_of)
        return
    if rng.random() < 0.8:
        put(directory / "proposal.md", b"## Why\nBecause.\n\n## What Changes\n- x\n")
    for id in rng.sample([*names_of, "fresh", "area/new"], k=rng.choice([1, 1, 1, 1, 2, 3])):
        if rng.random() < 0.96:
            existing = names_of.get(id, [])
            put(directory / "specs" / id / "spec.md", to_bytes(rng, delta(rng, existing) if existing else _new(rng)))
    if rng.random() < 0.5:
        for path in rng.sample(
            ["tasks.md", "todo.md", "work/t.md", "work/a/t.md", "work/.hid/t.md", "1.md", ".tasks.md"],
            k=rng.choice([1, 1, 2, 4]),
        ):
            put(directory / ("tasks.md" if rng.random() < 0.6 else path), to_bytes(rng, _tasks(rng)))
    if rng.random() < 0.25:
        put(directory / ".openspec.yaml", rng.choice(METADATA).encode())
    if rng.random() < 0.06:
        stray = rng.choice(
            ["spec.md", "auth.md", "auth/notes.md", "auth/SPEC.MD", "auth/.hidden.md", ".dot/spec.md", "auth/a.txt"]
        )
        put(directory / "specs" / stray, to_bytes(rng, delta(rng, [])) if rng.random() < 0.7 else b"# notes\n")
    if rng.random() < 0.03:
        put(directory / "design.md", b"# d\n")
    directory.mkdir(exist_ok=True)


def _retiring(rng: Random, directory: Path, names_of: dict[str, list[str]]) -> None:
    """A change that takes every requirement of a capability away, mostly with leave to delete it."""
    id = rng.choice(list(names_of))
    names = [name for name in names_of[id] if rng.random() < 0.97]
    lines = ["## REMOVED Requirements", "", *(f"### Requirement: {name}" for name in names)]
    put(directory / "specs" / id / "spec.md", to_bytes(rng, lines))
    put(
        directory / ".openspec.yaml",
        f"schema: spec-driven\nretire_capabilities: {rng.random() < 0.9}\n".lower().encode(),
    )


def _new(rng: Random) -> list[str]:
    """A delta for a capability that does not exist: mostly additions."""
    if rng.random() < 0.3:
        return delta(rng, [])
    from tests.differential.nasty_markdown import PURPOSES, requirement, wounded

    purpose = ["## Purpose", *rng.choice(PURPOSES).split("\n"), ""] if rng.random() < 0.6 else []
    names = rng.sample(NAMES, k=rng.randrange(1, 4))
    return wounded(
        rng, [*purpose, "## ADDED Requirements", "", *(x for n in names for x in requirement(rng, n))], names
    )


def _tasks(rng: Random) -> list[str]:
    lines = [rng.choice(TASK_LINES) for _ in range(rng.randrange(1, 12))]
    return ["## 1. First", *lines] if rng.random() < 0.4 else lines


def _nested(rng: Random, directory: Path) -> None:
    inner = directory / rng.choice(["one", "a/b", "a/b/c", "a/b/c/d", ".hidden/one"])
    put(
        inner / rng.choice(["proposal.md", "tasks.md", ".openspec.yaml", "specs/x/spec.md", "notes.md", "todo.md"]),
        b"x\n",
    )
    if rng.random() < 0.3:
        put(directory / rng.choice([".dot", "README.md"]), b"")

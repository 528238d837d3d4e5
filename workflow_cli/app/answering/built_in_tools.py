"""Tools over the tree itself, in process: there is something to call where no tool server is configured."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.ports import Access, Tool, ToolResult
from workflow_cli.domain.answering.outside_text import cleaned
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import PassageIndex
    from workflow_cli.app.ports import SpecTree
    from workflow_cli.app.report import Report

SERVER = "workflow"
_FOUND = 8


def _tool(name: str, title: str, description: str, argument: str | None = None, meaning: str = "") -> Tool:
    return Tool(
        server=SERVER,
        name=name,
        title=title,
        description=description,
        input_schema={
            "type": "object",
            "properties": {argument: {"type": "string", "description": meaning}} if argument else {},
            "required": [argument] if argument else [],
            "additionalProperties": False,
        },
        access=Access.READ,
    )


SEARCH = _tool(
    "search_specs",
    "Search the documents",
    "Find the requirements, scenarios, sections and tasks that say something about a subject.",
    "query",
    "The subject, in words.",
)
READ = _tool(
    "read_document",
    "Read a document",
    "Read one document of the OpenSpec tree: a spec, a proposal, a design, tasks.",
    "path",
    "Its path from the root, such as openspec/specs/auth/spec.md.",
)
VALIDATE = _tool(
    "validate_item",
    "Validate a change or spec",
    "Check whether a change or spec is valid, and list what is wrong with it.",
    "item",
    "Its id, such as add-login.",
)
LIST = _tool("list_specs_and_changes", "List specs and changes", "List every spec and every open change by id.")


class BuiltInTools:
    """The same box as that of tool servers. `read` gives a document's bytes by its path from the root, None where
    there is none; `validate` checks one item by its id. What fails is the tool's result, not an exception."""

    def __init__(
        self,
        tree: SpecTree,
        *,
        read: Callable[[str], bytes | None],
        validate: Callable[[str], Report],
        index: Callable[[], PassageIndex] | None,
        max_result_bytes: int,
        problems: Sequence[str] = (),
    ) -> None:
        self._tree = tree
        self._read = read
        self._validate = validate
        self.index = index
        self._max_result_bytes = max_result_bytes
        self.problems = problems
        self.down: Sequence[str] = ()
        self.lapsed: Sequence[str] = ()

    async def __aenter__(self) -> BuiltInTools:
        return self

    async def __aexit__(self, *raised: object) -> None:
        return None

    async def tools(self) -> Sequence[Tool]:
        return (*([SEARCH] if self.index else []), READ, VALIDATE, LIST)

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
        # In a thread: a large tree takes a while, and everybody else would wait for it.
        import asyncio

        started = time.perf_counter()
        text, is_error = await asyncio.to_thread(self._carried_out, tool, arguments)
        kept = cleaned(text, max_bytes=self._max_result_bytes)
        return ToolResult(
            server=tool.server,
            tool=tool.name,
            text=kept.text,
            is_error=is_error,
            truncated=kept.truncated,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def _carried_out(self, tool: Tool, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        does: Mapping[str, Callable[..., tuple[str, bool]]] = {
            SEARCH.name: self._search,
            READ.name: self._document,
            VALIDATE.name: self._checked,
            LIST.name: self._all,
        }
        names = tool.input_schema.get("required", [])
        if tool.name not in does or not all(isinstance(arguments.get(name), str) for name in names):
            return f"{tool.full_name} needs {', '.join(names) or 'no argument'}", True
        try:
            return does[tool.name](*(arguments[name] for name in names))
        except WorkflowError as error:
            return f"{error}" + (f" ({error.hint})" if error.hint else ""), True

    def _search(self, query: str) -> tuple[str, bool]:
        assert self.index is not None
        found = self.index().search(query, limit=_FOUND)
        parts = [f"{e.passage.path}:{e.passage.line} {e.passage.address}\n{e.passage.text}" for e in found]
        return "\n\n".join(parts) or "nothing found", False

    def _document(self, path: str) -> tuple[str, bool]:
        plain = posixpath.normpath(path.strip().removeprefix("./"))
        if not plain.startswith("openspec/"):
            return f"{path!r} is no document of the tree: name a file below openspec/", True
        data = self._read(plain)
        if data is None:
            return f"there is no document {plain}", True
        return data.decode("utf-8", "replace"), False

    def _checked(self, item: str) -> tuple[str, bool]:
        report = self._validate(item)
        lines: list[str] = []
        for one in report.items:
            verdict = "could not be checked" if one.fault else "valid" if one.valid else "not valid"
            lines.append(f"{one.kind.value} {one.id} is {verdict}")
            lines += [one.fault.message] if one.fault else []
            lines += [f"{f.path}:{f.line}: {f.level.value}: {f.message} [{f.rule}]" for f in one.findings]
        return "\n".join(lines), False

    def _all(self) -> tuple[str, bool]:
        specs = [f"- {spec.id}" for spec in self._tree.spec_files()]
        changes = [f"- {name}" for name in self._tree.change_names()]
        none = ["- none"]
        return "\n".join(["Specs:", *(specs or none), "Open changes:", *(changes or none)]), False

"""Takes keys out of a YAML file of sections, and leaves every other byte and every comment where it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from workflow_cli.adapters.yaml_nodes import BOM, COMMENT, composed, content_end, line_end
from workflow_cli.errors import EditRefused

Path = tuple[str, ...]


def without_keys(data: bytes, paths: Collection[Path], name: str) -> bytes:
    """The bytes of the file without these keys; one that is not there is no matter.

    A comment behind or inside of what goes stays, on a line of its own. Raises DocumentError for a file that is no YAML,
    EditRefused where a key cannot be taken out by itself, each time with nothing changed.
    """
    from workflow_cli.adapters.yaml_files import load_yaml

    before = load_yaml(data, name).value
    text = data.decode("utf-8-sig")
    mark = BOM if data.startswith(BOM.encode()) else ""
    for path in paths:
        text = _without(text, path, name)
    result = (mark + text).encode()
    wanted = before
    for path in paths:
        wanted = _left(wanted, path)
    # Proved and not believed: the file lacks what was meant, and nothing else became different.
    if with_nothing_empty(load_yaml(result, name).value) != with_nothing_empty(wanted):
        raise _refused(paths, name)
    return result


def with_nothing_empty(value: Any) -> Any:
    """Without the keys that say nothing: a section without entries is as good as none."""
    if not isinstance(value, Mapping):
        return {} if value is None else value
    kept = {key: with_nothing_empty(entry) for key, entry in value.items()}
    return {key: entry for key, entry in kept.items() if entry != {}}


def _refused(paths: Collection[Path], name: str) -> EditRefused:
    shown = ", ".join(".".join(path) for path in paths)
    return EditRefused(f"{name} cannot be changed by itself", where=name, hint=f"take out by hand: {shown}")


def _without(text: str, path: Path, name: str) -> str:
    node = composed(text, name)
    parent: Any = None
    index = 0
    for key in path:
        if node is None or node.id != "mapping":
            return text
        parent = node
        index = next((at for at, (key_node, _) in enumerate(parent.value) if key_node.value == key), -1)
        if index < 0:
            return text
        node = parent.value[index][1]
    cut = _from_flow if parent.flow_style else _from_block
    result = cut(text, parent.value, index, parent)
    if result is None:
        raise _refused([path], name)
    return result


def _from_block(text: str, entries: Any, index: int, _: Any) -> str | None:
    key, value = entries[index]
    begin = text.rfind("\n", 0, key.start_mark.index) + 1
    pad = text[begin : key.start_mark.index]
    if pad.strip():
        return None
    end = line_end(text, max(content_end(text, value), key.end_mark.index))
    return text[:begin] + "".join(_comment_lines(text, begin, end, pad, (key, value))) + text[end:]


def _comment_lines(text: str, begin: int, end: int, pad: str, nodes: Collection[Any]) -> Iterator[str]:
    newline = "\r\n" if text[begin:end].endswith("\r\n") else "\n"
    at = begin
    for start, stop in [*_spans(nodes), (end, end)]:
        for found in COMMENT.finditer(text, at, max(at, start)):
            line = text.rfind("\n", 0, found.start()) + 1
            own = text[line : found.start()]
            yield f"{own if not own.strip() else pad}{found[0]}{newline}"
        at = max(at, stop)


def _spans(nodes: Collection[Any]) -> Iterator[tuple[int, int]]:
    """Where the scalars stand, in which there may be a # that begins no comment."""
    for node in nodes:
        if node.id == "scalar":
            yield int(node.start_mark.index), int(node.end_mark.index)
        else:
            for one in node.value:
                yield from _spans(one if isinstance(one, tuple) else (one,))


def _from_flow(text: str, entries: Any, index: int, mapping: Any) -> str | None:
    key, value = entries[index]
    start, end = int(key.start_mark.index), max(int(value.end_mark.index), int(key.end_mark.index))
    if any(True for _ in _comment_lines(text, start, end, "", (key, value))):
        return None
    is_last = index + 1 == len(entries)
    behind = _comma(
        text, end, int(mapping.end_mark.index) - 1 if is_last else int(entries[index + 1][0].start_mark.index)
    )
    if behind is not None:
        return text[:start] + text[end:behind] + text[behind + 1 :].lstrip(" ")
    if index == 0:
        return text[:start] + text[end:]
    before = entries[index - 1]
    ahead = _comma(text, max(int(before[1].end_mark.index), int(before[0].end_mark.index)), start)
    if ahead is None:
        return None
    between = text[ahead + 1 : start]
    return text[:ahead] + (between if between.strip() else "") + text[end:]


def _comma(text: str, start: int, end: int) -> int | None:
    found = COMMENT.sub(lambda comment: " " * len(comment[0]), text[start:end]).find(",")
    return None if found < 0 else start + found


def _left(value: Any, path: Path) -> Any:
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    if len(path) == 1:
        return {key: entry for key, entry in value.items() if key != path[0]}
    return {key: _left(entry, path[1:]) if key == path[0] else entry for key, entry in value.items()}

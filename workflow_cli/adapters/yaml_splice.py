"""Sets values in a YAML file of sections, and leaves every byte that a person wrote where it is.

The file is parsed for the positions of its values; only what changes is spliced in. A section or key that is not
there is added. What cannot be done so, such as an alias in the way, is refused and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_cli.adapters.yaml_nodes import BOM, COMMENT, composed, content_end, line_end
from workflow_cli.adapters.yaml_text import Value, in_block, in_flow
from workflow_cli.errors import DocumentError, EditRefused

Path = tuple[str, ...]


def with_values(data: bytes | None, values: Mapping[Path, Value], name: str) -> bytes:
    """The bytes of the file with the value of each path; `data` itself where it says so already.

    Raises DocumentError for a file that is no YAML, EditRefused where a value cannot be put in its place, each time
    with nothing changed.
    """
    from workflow_cli.adapters.yaml_files import load_yaml

    before = {} if data is None else load_yaml(data, name).value or {}
    text = "" if data is None else data.decode("utf-8-sig")
    mark = BOM if data is not None and data.startswith(BOM.encode()) else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    for path, value in values.items():
        text = _with_value(text, path, value, name, newline)
    result = (mark + text).encode()
    # Proved and not believed: the file says what was meant, and nothing else became different.
    wanted = _expected(before, values)
    if load_yaml(result, name).value != wanted:
        raise EditRefused(f"{name} cannot be changed by itself", where=name, hint=f"set it by hand: {_shown(values)}")
    return result if data is None or result != data else data


def _with_value(text: str, path: Path, value: Value, name: str, newline: str) -> str:
    root = composed(text, name)
    node = root
    for depth, key in enumerate(path):
        if node is None or node.id != "mapping":
            if depth == 0 and _is_nothing(node):
                return _ended(text, newline) + _lines(path, value, 0, newline)
            raise EditRefused(f"{'.'.join(path[:depth])} is no mapping", where=name, hint="mend it by hand")
        found = next(((k, v) for k, v in node.value if k.value == key), None)
        if found is None:
            return _added(text, node, path[depth:], value, newline)
        parent, (key_node, node) = node, found
        if depth < len(path) - 1 and _is_nothing(node):
            colon = text.index(":", key_node.end_mark.index) + 1
            at = line_end(text, colon)
            body = _lines(path[depth + 1 :], value, key_node.start_mark.column + 2, newline)
            return _ended(text[:at], newline) + body + text[at:]
    if _plain(node) == value and not _is_nothing(node):
        return text
    colon = text.index(":", key_node.end_mark.index) + 1
    indent = key_node.start_mark.column
    end = colon if _is_nothing(node) and node.start_mark.index == node.end_mark.index else content_end(text, node)
    if isinstance(value, list) and (kept := _list_with_comments(text, node, value, colon, indent, newline)) is not None:
        return kept
    inline = parent.flow_style or isinstance(value, dict) or "\n" not in text[colon:end]
    new = f" {in_flow(value)}" if inline else in_block(value, indent).replace("\n", newline)
    return text[:colon] + new + text[end:]


def _list_with_comments(text: str, node: Any, value: list[str], colon: int, indent: int, newline: str) -> str | None:
    """The text with the list that follows the colon replaced, and every comment inside it still there.

    In block style a comment stays with its item; that of an item which goes is left behind the others. None for what is no
    list of scalars, or has no comment in it and is not in block style.
    """
    if node.id != "sequence" or any(one.id != "scalar" or one.style in ("|", ">") for one in node.value):
        return None
    if not node.flow_style:
        return _block_with_comments(text, node, value, colon, newline)
    marks = [node.start_mark.index + 1, *(at for one in node.value for at in _span(one)), node.end_mark.index - 1]
    comments = [
        found for at, end in zip(marks[::2], marks[1::2], strict=True) for found in COMMENT.findall(text[at:end])
    ]
    if not comments:
        return None
    pad = newline + " " * (indent + 2)
    inside = "".join(f"{pad}{comment}" for comment in comments) + pad + ", ".join(in_flow(item) for item in value)
    return f"{text[: node.start_mark.index]}[{inside}]{text[node.end_mark.index :]}"


def _block_with_comments(text: str, node: Any, value: list[str], colon: int, newline: str) -> str | None:
    begin = end = line_end(text, colon)
    parts: dict[str, list[str]] = {}
    pad = " " * node.start_mark.column
    for one in node.value:
        start, stop = _span(one)
        dash = text.rfind("-", end, start)
        if dash < 0 or text[text.rfind("\n", 0, dash) + 1 : dash].strip() or "\n" in text[dash:stop]:
            return None
        begin_of, end = end, line_end(text, stop)
        parts.setdefault(one.value, []).append(_ended(text[begin_of:end], newline))
    lines = [parts[item].pop(0) if parts.get(item) else f"{pad}-{in_block(item, len(pad))}{newline}" for item in value]
    left = [found for rest in parts.values() for part in rest for found in COMMENT.findall(_without_text(part))]
    lines += [f"{pad}{comment}{newline}" for comment in left]
    key_line = text[colon:begin] if value else f" []{text[colon:begin]}"
    return text[:colon] + _ended(key_line, newline) + "".join(lines) + text[end:]


def _without_text(part: str) -> str:
    """The comments above an item and behind it, without the item, in which there may be a # too."""
    above, _, line = part.rstrip("\r\n").rpartition("\n")
    node = composed(line.strip(), "")
    item = node.value[0]
    return f"{above}\n{line.strip()[_span(item)[1] :]}"


def _span(node: Any) -> tuple[int, int]:
    return int(node.start_mark.index), int(node.end_mark.index)


def _added(text: str, mapping: Any, path: Path, value: Value, newline: str) -> str:
    """The text with a key that the mapping does not have, behind its last one."""
    if mapping.flow_style:
        at = mapping.end_mark.index - 1
        entry = in_flow(value)
        for key in reversed(path[1:]):
            entry = f"{{{key}: {entry}}}"
        if mapping.value and "#" in (gap := text[(end := _span(mapping.value[-1][1])[1]) : at]):
            comma = "" if "," in COMMENT.sub("", gap) else ","
            return f"{text[:end]}{comma}{gap}{path[0]}: {entry}{text[at:]}"
        comma = "" if not mapping.value or text[:at].rstrip().endswith(",") else ", "
        return f"{text[:at].rstrip() if comma else text[:at]}{comma}{path[0]}: {entry}{text[at:]}"
    last = mapping.value[-1][1]
    at = line_end(text, max(content_end(text, last), mapping.value[-1][0].end_mark.index))
    indent = mapping.value[0][0].start_mark.column
    return _ended(text[:at], newline) + _lines(path, value, indent, newline) + text[at:]


def _lines(path: Path, value: Value, indent: int, newline: str) -> str:
    lines = ""
    for depth, key in enumerate(path[:-1]):
        lines += f"{' ' * (indent + 2 * depth)}{key}:\n"
    column = indent + 2 * (len(path) - 1)
    shown = f" {in_flow(value)}" if isinstance(value, list) else in_block(value, column)
    return f"{lines}{' ' * column}{path[-1]}:{shown}\n".replace("\n", newline)


def _is_nothing(node: Any) -> bool:
    return node is None or (node.id == "scalar" and str(node.tag).endswith(":null"))


def _plain(node: Any) -> Any:
    """A scalar or list as the file has it; something unequal to any value for the rest."""
    from workflow_cli.adapters.yaml_files import plain_value

    try:
        return plain_value(node)
    except DocumentError:
        return object()


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _expected(before: Any, values: Mapping[Path, Value]) -> Any:
    result = _copied(before)
    for path, value in values.items():
        place = result
        for key in path[:-1]:
            if not isinstance(place.get(key), dict):
                place[key] = {}
            place = place[key]
        place[path[-1]] = value
    return result


def _copied(value: Any) -> Any:
    return {key: _copied(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def _shown(values: Mapping[Path, Value]) -> str:
    return "; ".join(f"{'.'.join(path)}: {in_flow(value)}" for path, value in values.items())

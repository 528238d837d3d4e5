"""Where the values of a YAML file stand in its text."""

from __future__ import annotations

import re
from typing import Any

from workflow_cli.errors import DocumentError

BOM = "\ufeff"
COMMENT = re.compile(r"#[^\r\n]*")


def composed(text: str, name: str) -> Any:
    """The nodes with their positions. Raises DocumentError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise DocumentError(f"not YAML: {str(error).splitlines()[0]}", where=name) from error


def content_end(text: str, node: Any) -> int:
    """Behind the last character of a value, without the blank and comment lines the parser counts to it."""
    if node.id != "scalar" and not node.flow_style and node.value:
        last = node.value[-1]
        return content_end(text, last[1] if isinstance(last, tuple) else last)
    end = int(node.end_mark.index)
    return len(text[:end].rstrip()) if node.id == "scalar" and node.style in ("|", ">") else end


def line_end(text: str, offset: int) -> int:
    """Behind the end of the line that an offset is in."""
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1

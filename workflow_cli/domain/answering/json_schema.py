"""The part of JSON Schema that replies of models are held to, checked without a library.

Known words: type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, uniqueItems,
minLength, maxLength, minimum, maximum, anyOf, oneOf, allOf, $ref into $defs. A schema with any other word that would
restrict a value is refused by `unknown_words`: what is not checked must not look as if it were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
}
_CHECKED = {
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "$defs",
}
_REMARKS = {"$schema", "$id", "$comment", "title", "description", "default", "examples"}


def faults(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Everything in which `value` does not satisfy `schema`, each with its place; empty where it does."""
    return list(_faults(value, schema, schema, "the reply"))


def _faults(value: Any, schema: Any, root: Mapping[str, Any], at: str) -> Iterator[str]:
    if isinstance(schema, bool):
        if not schema:
            yield f"{at} is not allowed"
        return
    if "$ref" in schema:
        yield from _faults(value, _target(schema["$ref"], root), root, at)
    types = schema.get("type")
    names = [types] if isinstance(types, str) else types
    if names is not None and not any(_is(value, name) for name in names):
        yield f"{at} must be {' or '.join(names)}, not {_shown(value)}"
        return
    if "enum" in schema and not any(_same(value, allowed) for allowed in schema["enum"]):
        yield f"{at} must be one of {', '.join(map(_shown, schema['enum']))}, not {_shown(value)}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{at} must be {_shown(schema['const'])}, not {_shown(value)}"
    yield from _alternatives(value, schema, root, at)
    if isinstance(value, str):
        yield from _bounds(len(value), schema, at, "minLength", "maxLength", "characters")
    elif isinstance(value, list):
        yield from _bounds(len(value), schema, at, "minItems", "maxItems", "items")
        if schema.get("uniqueItems") and any(_same(a, b) for i, a in enumerate(value) for b in value[:i]):
            yield f"{at} must not repeat items"
        for index, item in enumerate(value):
            yield from _faults(item, schema.get("items", True), root, f"{at}[{index}]")
    elif isinstance(value, dict):
        yield from _properties(value, schema, root, at)
    elif _is(value, "number"):
        if "minimum" in schema and value < schema["minimum"]:
            yield f"{at} must be at least {schema['minimum']}"
        if "maximum" in schema and value > schema["maximum"]:
            yield f"{at} must be at most {schema['maximum']}"


def _properties(value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at} lacks {name!r}"
    others = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            yield from _faults(item, known[name], root, f"{at}.{name}")
        elif others is False:
            yield f"{at} must not have {name!r}"
        else:
            yield from _faults(item, others, root, f"{at}.{name}")


def _alternatives(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _faults(value, part, root, at)
    for word in ("anyOf", "oneOf"):
        if word not in schema:
            continue
        tried = [list(_faults(value, part, root, at)) for part in schema[word]]
        fitting = sum(not found for found in tried)
        if not fitting:
            yield min(tried, key=len)[0]
        elif fitting > 1 and word == "oneOf":
            yield f"{at} fits more than one of the forms it may have"


def _bounds(length: int, schema: Mapping[str, Any], at: str, least: str, most: str, what: str) -> Iterator[str]:
    if length < schema.get(least, 0):
        yield f"{at} must have at least {schema[least]} {what}, not {length}"
    if most in schema and length > schema[most]:
        yield f"{at} must have at most {schema[most]} {what}, not {length}"


def _is(value: Any, name: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        return number and value == value // 1
    return number if name == "number" else isinstance(value, _TYPES.get(name, ()))


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def unknown_words(schema: Any) -> set[str]:
    """Words of a schema that `faults` does not check."""
    if not isinstance(schema, Mapping):
        return set()
    found = set(schema) - _CHECKED - _REMARKS
    children: list[Any] = [schema.get("items"), schema.get("additionalProperties")]
    for word in ("properties", "$defs"):
        children += schema.get(word, {}).values()
    for word in ("anyOf", "oneOf", "allOf"):
        children += schema.get(word, ())
    return found.union(*map(unknown_words, children))


def simplified(schema: Mapping[str, Any], *, largest: int = 2000) -> dict[str, Any]:
    """The schema as the grammars of local engines take it: references put in place, no patterns or formats, no
    remarks, no bounds above `largest`. It allows at least what `schema` allows. Raises ValueError for a schema that
    refers to itself, which no finite one can stand for."""
    found = _simplified(schema, schema, largest, ())
    assert isinstance(found, dict)
    return found


def _simplified(schema: Any, root: Mapping[str, Any], largest: int, under: Sequence[str]) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        if schema["$ref"] in under:
            raise ValueError(f"the schema refers to itself: {schema['$ref']}")
        return _simplified(_target(schema["$ref"], root), root, largest, (*under, schema["$ref"]))
    found: dict[str, Any] = {}
    for word, value in schema.items():
        if word in ("properties",):
            found[word] = {name: _simplified(part, root, largest, under) for name, part in value.items()}
        elif word in ("anyOf", "oneOf", "allOf"):
            # One that fits is enough for a grammar; `faults` counts them afterwards.
            found["anyOf" if word == "oneOf" else word] = [_simplified(p, root, largest, under) for p in value]
        elif word in ("items", "additionalProperties"):
            found[word] = _simplified(value, root, largest, under)
        elif word in ("minItems", "maxItems", "minLength", "maxLength"):
            if value <= largest:
                found[word] = value
        elif word in ("type", "enum", "const", "required", "minimum", "maximum"):
            found[word] = value
    return found

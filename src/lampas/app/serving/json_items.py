"""Check the examples of a JSON request by the schema that describes them."""

from __future__ import annotations

from typing import Any

from ...core.errors import DataError
from .limits import Limits

Json = dict[str, Any]
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def check_items(items: list[Any], schema: Json, limits: Limits) -> None:
    """Check the types and ranges of examples and of their parts by their schema.

    Patterns and formats describe texts that can always be read; the kind of data reads more, or
    says why it cannot.

    Args:
        items: the examples.
        schema: JSON Schema of an example.
        limits: limits of the server.

    Raises:
        DataError: naming the example, and the place in it, that does not match.
    """
    cells = 0
    for number, item in enumerate(items, 1):
        cells += _count_cells(item)
        if cells > limits.cells:
            raise DataError(f"the examples have more than {limits.cells:,} values. Send fewer.")
        if problem := _problem(item, schema):
            raise DataError(f"example {number:,}{problem}.")


def _count_cells(item: Any) -> int:
    if isinstance(item, list):
        return sum(len(row) if isinstance(row, dict) else 1 for row in item)
    return len(item) if isinstance(item, dict) else 1


def _problem(value: Any, schema: Json) -> str:
    """What is wrong with a value, beginning with its place; empty if nothing is."""
    if "anyOf" in schema:
        problems = [_problem(value, option) for option in schema["anyOf"]]
        return "" if "" in problems else problems[-1]
    types = schema.get("type", list(_TYPES))
    types = [types] if isinstance(types, str) else types
    if not any(_is_type(value, name) for name in types):
        return f" is {value!r:.60}, not {' or '.join(types)}"
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                return f" has no {name!r}"
        for name, part in schema.get("properties", {}).items():
            if name in value and (problem := _problem(value[name], part)):
                return f", {name!r}{problem}"
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            return f" has {len(value):,} rows; {schema['minItems']:,} or more are needed"
        for number, part in enumerate(value, 1):
            if problem := _problem(part, schema.get("items", {})):
                return f", row {number:,}{problem}"
    elif isinstance(value, int | float):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high:
            return f" is {value!r:.60}, not {low:g} to {high:g}"
    return ""


def _is_type(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))

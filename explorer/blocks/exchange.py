"""A design as JSON, to keep, to hand on and to train elsewhere. No torch here.

    {"convzoo": "design", "version": 1, "name": "Mine", "input": [3, 32, 32],
     "layers": [{"layer": "conv", "channels": 16, "kernel": "5"}, {"layer": "global pool"}]}

What a layer leaves out has its kind's own value.
"""

from __future__ import annotations

import json
from typing import Any, TypeGuard

from explorer.blocks.blueprint import Blueprint, checked_shape
from explorer.blocks.table import MOST_ROWS, Row, row
from explorer.errors import BadDesign

MOST_CHARACTERS = 100_000
LONGEST_NAME = 60
_MARK, _VERSION = "design", 1


def to_json(blueprint: Blueprint) -> str:
    """Write a design, as `from_json` takes it."""
    data = {
        "convzoo": _MARK,
        "version": _VERSION,
        "name": blueprint.name,
        "input": list(blueprint.shape),
        "layers": [{"layer": each.kind, **dict(each.settings)} for each in blueprint.rows],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Blueprint:
    """Read a design. Raises BadDesign, whose place is the row that is wrong."""
    data = _parsed(text)
    shape, layers = data.get("input"), data.get("layers")
    if not _is_shape(shape) or not isinstance(layers, list):
        raise BadDesign(
            'A design has its "input" as three whole numbers and its "layers" as a list; '
            "take a file that this page wrote."
        )
    if len(layers) > MOST_ROWS:
        raise BadDesign(f"A design has at most {MOST_ROWS} layers; this one has {len(layers):,}.")
    rows = tuple(_row(each, number) for number, each in enumerate(layers))
    return Blueprint(named(data.get("name")), checked_shape(*shape), rows)


def named(name: Any) -> str:
    """A name that fits a headline, whatever was given."""
    printable = "".join(each if each.isprintable() else " " for each in str(name or ""))
    return " ".join(printable.split())[:LONGEST_NAME] or "My network"


def _parsed(text: str | bytes) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise BadDesign(f"A file with a design has at most {MOST_CHARACTERS:,} characters.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadDesign("This is no JSON; take a file that this page wrote.") from None
    if not isinstance(data, dict) or (data.get("convzoo"), data.get("version")) != (
        _MARK,
        _VERSION,
    ):
        raise BadDesign("This is no design of ConvZoo; take a file that this page wrote.")
    return data


def _is_shape(given: Any) -> TypeGuard[tuple[int, int, int]]:
    return (
        isinstance(given, list)
        and len(given) == 3
        and all(type(side) is int and abs(side) < 1_000_000 for side in given)
    )


def _row(given: Any, number: int) -> Row:
    if not isinstance(given, dict) or not isinstance(given.get("layer"), str):
        raise BadDesign(f'Layer {number + 1} must say what it is under "layer".', (number,))
    settings = {name: value for name, value in given.items() if name != "layer"}
    try:
        return row(given["layer"], **settings)
    except BadDesign as error:
        raise BadDesign(f"Layer {number + 1}: {error}", (number,)) from None

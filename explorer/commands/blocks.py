"""`python -m explorer blocks`: designs against each other. No torch until one is counted."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from explorer import units
from explorer.blocks.comparisons import COMPARISONS, find
from explorer.errors import BadRequest
from explorer.knobs import settled

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Counted, Lab
    from explorer.commands import Commands

_HEADINGS = ("design", "params", "MACs", "activations", "sees", "non-linearities", "depth")


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    blocks = commands.add_parser(
        "blocks",
        help="set designs against each other",
        description="Say what designs of a block cost and what they buy, counted from the real "
        "modules without biases and normalisation; without NAME, list the comparisons.",
    )
    blocks.add_argument("name", nargs="?", metavar="NAME", help="a comparison, such as separable")
    blocks.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="settings",
        help="turn a knob, such as channels=128; may be given several times",
    )  # fmt: skip
    blocks.add_argument("--json", action="store_true", help="as JSON")
    blocks.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """List the comparisons, or count the designs of one."""
    if chosen.name is None:
        if chosen.settings:
            raise BadRequest("Name the comparison whose knobs --set turns.")
        _list(as_json=chosen.json)
        return 0
    comparison = find(chosen.name)
    given = _given(comparison, chosen.settings)
    settled(comparison.knobs, given)  # refuses before torch is loaded
    from explorer.blocks.lab import compare  # noqa: PLC0415 - loads torch

    lab = compare(comparison.key, given)
    print(_as_json(lab) if chosen.json else _as_text(comparison, lab))
    return 0


def _given(comparison: Comparison, settings: Sequence[str]) -> dict[str, str]:
    """Read KEY=VALUE pairs; the last of one key counts."""
    given: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise BadRequest(
                f"--set takes KEY=VALUE such as {comparison.knobs[0].name}="
                f"{comparison.knobs[0].default}, not {setting[:60]!r}."
            )
        given[key.strip()] = value.strip()[:60]
    return given


def _list(*, as_json: bool) -> None:
    """Every comparison with its question and its knobs."""
    if as_json:
        print(json.dumps([_about(each) for each in COMPARISONS.values()], indent=2))
        return
    for comparison in COMPARISONS.values():
        knobs = ", ".join(f"{knob.name}={knob.default}" for knob in comparison.knobs)
        print(f"{comparison.key:<12}{comparison.question}\n{'':<12}{knobs}")


def _about(comparison: Comparison) -> dict[str, Any]:
    return {
        "comparison": comparison.key,
        "title": comparison.title,
        "question": comparison.question,
        "paper": comparison.paper,
        "link": comparison.link,
        "knobs": [
            {
                "name": knob.name,
                "title": knob.title,
                "default": knob.default,
                **({"choices": knob.choices} if knob.choices else
                   {"low": knob.low, "high": knob.high, "step": knob.step}),
            }
            for knob in comparison.knobs
        ],
    }  # fmt: skip


def _as_json(lab: Lab) -> str:
    designs = [_object(design) for design in lab.designs]
    return json.dumps(
        {"comparison": lab.comparison, "values": dict(lab.values), "designs": designs},
        indent=2,
        allow_nan=False,
    )


def _object(design: Counted) -> dict[str, Any]:
    """One design; a receptive field of null is the whole input."""
    return {
        "key": design.key,
        "title": design.title,
        "input": list(design.input_shape),
        "output": list(design.output_shape),
        "params": design.params,
        "macs": design.macs,
        "receptive_field": None if design.field is None else list(design.field),
        "activation_bytes": design.activation_bytes,
        "kept_bytes": design.kept_bytes,
        "nonlinearities": design.nonlinearities,
        "depth": design.depth,
        "formulas": {
            "params": design.weights_formula.plain,
            "macs": design.macs_formula.plain,
        },
    }


def _as_text(comparison: Comparison, lab: Lab) -> str:
    """The question, the designs as a table, and what it shows."""
    rows = [_HEADINGS, *map(_row, lab.designs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    knobs = ", ".join(f"{name}={value}" for name, value in lab.values)
    return "\n".join(
        [comparison.question, knobs, "", *table, "", comparison.lesson, comparison.in_practice,
         f"{comparison.paper} {comparison.link}"]
    )  # fmt: skip


def _row(design: Counted) -> tuple[str, ...]:
    return (
        design.title,
        units.count(design.params),
        units.count(design.macs),
        units.memory(design.activation_bytes),
        "whole input" if design.field is None else units.shape(design.field),
        str(design.nonlinearities),
        str(design.depth),
    )

"""Count the designs of a comparison from the real modules, and check the formulas against them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from explorer.anatomy import dissect
from explorer.anatomy.formula import applied
from explorer.anatomy.records import Status
from explorer.blocks.build import build
from explorer.blocks.comparisons import find
from explorer.blocks.lab_records import Counted, Curve, Lab, Point, Share, Step
from explorer.blocks.parts import Join
from explorer.errors import BadDesign, BadRequest
from explorer.knobs import Knob, settled

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer, ReceptiveField
    from explorer.blocks.comparison import Comparison, Design, Guess
    from explorer.blocks.parts import Part

ACTIVATIONS = frozenset(
    {"ReLU", "ReLU6", "Tanh", "Sigmoid", "SiLU", "Hardswish", "GELU", "LeakyReLU", "ELU"}
)
MOST_POINTS, FEWEST_POINTS = 12, 4
"""Values a curve is counted at; between them the formulas say the same."""
_BUDGET = 150
"""Layers built for one curve, so that it follows a slider: deep designs get fewer points."""


def compare(key: str, given: Mapping[str, Any] | None = None) -> Lab:
    """Build and count every design of a comparison.

    `given` sets some of its knobs, the others have their defaults. Raises BadRequest for an
    unknown comparison or a knob out of range, BadDesign for geometry that cannot be.
    """
    comparison = find(key)
    values = settled(comparison.knobs, given or {})
    designs = tuple(counted(design) for design in comparison.designs(values))
    return Lab(key, tuple(values.items()), designs, _answer(comparison.guess, designs))


def curve(key: str, given: Mapping[str, Any] | None = None, over: str | None = None) -> Curve:
    """Count every design along one knob, by default the comparison's own.

    Raises as `compare`, and BadRequest for a knob that is no number.
    """
    comparison = find(key)
    values = settled(comparison.knobs, given or {})
    knob = _swept(comparison, over or comparison.sweep)
    points: list[Point] = []
    layers = sum(_size(design.parts) for design in comparison.designs(values))
    for value in _along(knob, values[knob.name], min(MOST_POINTS, _BUDGET // layers)):
        try:
            designs = comparison.designs({**values, knob.name: value})
            here = [_point(value, counted(design)) for design in designs]
        except BadDesign:
            continue  # a kernel larger than the map, channels that groups do not divide
        points += here
    return Curve(key, knob.name, tuple(points))


def counted(design: Design) -> Counted:
    """Build a design and count it. Raises BadDesign for geometry that cannot be."""
    module = build(design.parts, design.shape)
    anatomy = dissect(module, inputs=torch.empty(1, *design.shape, device="meta"))
    ran = [layer for layer in anatomy.layers if layer.ran]
    last = ran[-1]
    return Counted(
        key=design.key,
        title=design.title,
        input_shape=design.shape,
        output_shape=last.output[1:],
        params=anatomy.params,
        macs=anatomy.macs,
        activation_bytes=anatomy.activation_bytes,
        kept_bytes=anatomy.saved_bytes,
        field=_side(last.receptive_field),
        nonlinearities=sum(layer.kind in ACTIVATIONS for layer in ran),
        depth=anatomy.depth,
        weights_formula=applied("Weights", design.weights, [design.numbers]),
        macs_formula=applied("Multiply-adds", design.macs, [design.numbers]),
        steps=tuple(_step(layer) for layer in ran),
        shares=_shares(anatomy, design.branches),
        note=design.note,
    )


def _step(layer: Layer) -> Step:
    return Step(
        layer.name,
        layer.kind,
        layer.output[1:],
        _side(layer.receptive_field),
        layer.params,
        layer.macs or 0,
        layer.activation_bytes,
    )


def _side(field: ReceptiveField) -> tuple[int, int] | None:
    """Height and width of a field; None where everything is seen."""
    if field.status is Status.WHOLE_INPUT or len(field.size) < 2:
        return None
    height, width = field.size[-2:]
    return None if height is None or width is None else (height, width)


def _shares(anatomy: Anatomy, branches: Sequence[str]) -> tuple[Share, ...]:
    """What each path of the first join costs."""
    found = []
    for number, branch in enumerate(branches):
        inside = [layer for layer in anatomy.layers if f"1.paths.{number}" in layer.name]
        found.append(Share(branch, sum(x.params for x in inside), sum(x.macs or 0 for x in inside)))
    return tuple(found)


def _answer(guess: Guess, designs: Sequence[Counted]) -> float:
    """The guessed ratio: a share between 0 and 1, or so many times."""
    costs = {each.key: each.macs if guess.quantity == "MACs" else each.params for each in designs}
    return costs[guess.of] / costs[guess.to]


def _swept(comparison: Comparison, name: str) -> Knob:
    found = next((knob for knob in comparison.knobs if knob.name == name), None)
    if found is None or found.choices:
        numbers = ", ".join(knob.name for knob in comparison.knobs if not knob.choices)
        raise BadRequest(f"A curve runs along one of {numbers}, not {name[:40]!r}.")
    return found


def _size(design: Sequence[Part]) -> int:
    """How many layers a design has, those inside of joins included."""
    return sum(sum(map(_size, part.paths)) + 1 if isinstance(part, Join) else 1 for part in design)


def _along(knob: Knob, here: int | float | str, most: int) -> list[int | float]:
    """Values of a knob worth computing: all of a few, of many those that are powers of two.

    Channels and maps come in such numbers, and groups divide them.
    """
    most = max(most, FEWEST_POINTS)
    low, step = float(knob.low), float(knob.step)
    high = min(float(knob.high), max(2 * float(here), low + 16 * step))
    steps = math.floor((high - low) / step)
    places = list(range(steps + 1))
    if len(places) > most:
        places = [2**power - 1 for power in range((steps + 1).bit_length())]
        places = places[:: math.ceil(len(places) / most)]
    numbers = {low + step * place for place in places} | {float(here), low + step * steps}
    return [int(number) if knob.whole else number for number in sorted(numbers)]


def _point(value: int | float, design: Counted) -> Point:
    return Point(value, design.key, design.params, design.macs, design.activation_bytes)

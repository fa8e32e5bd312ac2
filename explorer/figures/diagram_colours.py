"""What a node costs, as a colour: the scale of a diagram, and its legend's marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from explorer import units
from explorer.anatomy.records import Status

if TYPE_CHECKING:
    from explorer.anatomy.folding import Node
    from explorer.anatomy.records import Shape

Cost: TypeAlias = Literal["MACs", "parameters", "activation memory", "receptive field"]

COSTS: tuple[Cost, ...] = get_args(Cost)

RAMP = ("#f1f8c5", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
"""Light to dark, told apart with any colour blindness (ColorBrewer's YlGnBu)."""

LIGHT_TEXT_FROM = 4
"""First step of the ramp that needs light text on it."""

FREE, UNKNOWN = -1, -2
"""Steps outside the ramp: costs nothing, and nobody knows."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Seven steps from 0 to `top`: equal in the root of a cost, equal in pixels of a field.

    The root keeps small costs apart where one layer has most of them. A receptive field is
    measured against the input: the darkest step has outgrown six sevenths of it.
    """

    cost: Cost
    top: float

    def step(self, node: Node) -> int:
        """The place of a node's cost in the ramp, or `FREE`, or `UNKNOWN`."""
        value = value_of(node, self.cost)
        if value is None:
            return UNKNOWN
        if value == 0 or self.top == 0:
            return FREE
        share = min(1.0, value / self.top)
        place = share if self.cost == "receptive field" else share**0.5
        return min(len(RAMP) - 1, int(place * len(RAMP)))

    def marks(self, convention: units.Convention = "MACs") -> tuple[str, str, str]:
        """What to write below the ramp's start, middle and end."""
        if self.cost == "receptive field":
            side = round(self.top)
            return "1 pixel", f"{round(side / 2)}", f"{side} and more"
        middle, end = (self._written(value, convention) for value in (self.top / 4, self.top))
        return "0", middle, end

    def _written(self, value: float, convention: units.Convention) -> str:
        if self.cost == "MACs":
            return units.cost(round(value), convention)
        if self.cost == "parameters":
            return units.short(round(value))
        return units.memory(round(value))


def scale(nodes: Sequence[Node], cost: Cost, input_shapes: Sequence[Shape]) -> Scale:
    """Fit a scale to the dearest of the nodes shown, or to the input's longer side."""
    if cost == "receptive field":
        longer = max((max(shape[2:], default=1) for shape in input_shapes), default=1)
        return Scale(cost, float(longer))
    return Scale(cost, max((value_of(node, cost) or 0.0 for node in nodes), default=0.0))


def value_of(node: Node, cost: Cost) -> float | None:
    """A node's cost as a number; None where it is not known or not counted at all."""
    if cost == "MACs":
        return None if node.uncounted == len(node.layers) else float(node.macs)
    if cost == "parameters":
        return float(node.params)
    if cost == "activation memory":
        return float(node.activation_bytes)
    field = node.receptive_field
    sides = [side for side in field.size if side is not None]
    if field.status in (Status.UNKNOWN, Status.DATA_DEPENDENT) or not sides:
        return None
    return float(max(sides))

"""What a small layer costs, told by the same formulas as a row of an anatomy. No torch here."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from explorer.anatomy.formula import Formula, Rule, applied
from explorer.anatomy.formula_costs import macs, parameters
from explorer.anatomy.formulas import output_size
from explorer.anatomy.records import Layer, Operation, Parameter, ReceptiveField, Status, Window
from explorer.convolution import geometry as sizes

if TYPE_CHECKING:
    from explorer.convolution.records import Geometry, Pair

POOLED = Rule("values", "C·H_out·W_out·k_h·k_w", lambda v: prod(v.values()))


def convolution(
    size: Pair, weight: tuple[int, ...], geometry: Geometry, *, bias: bool = True
) -> tuple[Formula, Formula, Formula]:
    """Output size, parameters and MACs of a convolution for one picture.

    `weight` is (C_out, C_in / groups, k_h, k_w). A MAC is one multiply-add; a bias adds none.
    """
    after = sizes.output_size(size, (weight[2], weight[3]), geometry)
    before = (1, weight[1] * geometry.groups, *size)
    row = _row(before, (1, weight[0], *after), weight, geometry, bias=bias, transposed=False)
    return output_size(row), parameters(row), macs(row)


def transposed(
    size: Pair, weight: tuple[int, ...], geometry: Geometry, *, bias: bool = True
) -> tuple[Formula, Formula, Formula]:
    """The same of a transposed convolution; `weight` is (C_in, C_out / groups, k_h, k_w)."""
    after = sizes.transposed_size(size, (weight[2], weight[3]), geometry)
    output = (1, weight[1] * geometry.groups, *after)
    row = _row((1, weight[0], *size), output, weight, geometry, bias=bias, transposed=True)
    return output_size(row), parameters(row), macs(row)


def pooling(channels: int, size: Pair, kernel: Pair, geometry: Geometry) -> tuple[Formula, Formula]:
    """Output size of a pooling, and the values it looks at; it has nothing to learn."""
    after = sizes.output_size(size, kernel, geometry)
    weight = (channels, 1, *kernel)
    row = _row((1, channels, *size), (1, channels, *after), weight, geometry, bias=False)
    numbers = {
        "C": channels, "H_out": after[0], "W_out": after[1], "k_h": kernel[0], "k_w": kernel[1],
    }  # fmt: skip
    return output_size(row), applied("Values looked at", POOLED, [numbers])


def _row(
    before: tuple[int, ...],
    after: tuple[int, ...],
    weight: tuple[int, ...],
    geometry: Geometry,
    *,
    bias: bool,
    transposed: bool = False,
) -> Layer:
    """The row an anatomy would have of this layer."""
    kernel = (weight[2], weight[3])
    window = Window(
        kernel, geometry.stride, geometry.padding, geometry.dilation, geometry.groups,
        transposed=transposed, output_padding=geometry.output_padding if transposed else (),
    )  # fmt: skip
    wide = before if transposed else after
    cost = prod(weight) * prod(wide[-2:])
    outputs = after[1]
    held = [Parameter("weight", weight, prod(weight), True)]
    held += [Parameter("bias", (outputs,), outputs, True)] if bias else []
    field = ReceptiveField(
        sizes.reach(kernel, geometry.dilation), geometry.stride, geometry.padding, Status.EXACT
    )
    params = sum(each.count for each in held)
    elements = 4 * prod(after)
    return Layer(
        0, "layer", "layer", "Conv2d", _OP, (), window, (before,), after, (-1,), tuple(held),
        params, params, cost, elements, elements, field, (Operation(_OP, after, cost),),
    )  # fmt: skip


_OP = "aten.convolution"

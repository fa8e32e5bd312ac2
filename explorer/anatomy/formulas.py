"""The arithmetic of one layer with its own numbers: size, parameters, MACs and receptive field.

No torch here. Every value a formula comes to is the one the anatomy holds; where a layer does
something that no formula here covers, a sentence says so and gives the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.formula import Formula, Numbers, Rule, applied, said
from explorer.anatomy.formula_costs import bare, macs, parameters
from explorer.anatomy.formula_fields import field_formulas

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer, Window

__all__ = ["Formula", "formulas"]

AXES = {1: ("length",), 2: ("height", "width"), 3: ("time", "height", "width")}

SLIDING = Rule(
    "n_out",
    "⌊(n_in + 2·p − d·(k − 1) − 1) / s⌋ + 1",
    lambda v: (v["n_in"] + 2 * v["p"] - v["d"] * (v["k"] - 1) - 1) // v["s"] + 1,
)
ROUNDED_UP = Rule(
    "n_out",
    "⌈(n_in + 2·p − d·(k − 1) − 1) / s⌉ + 1 − o",
    lambda v: -((1 + v["d"] * (v["k"] - 1) - v["n_in"] - 2 * v["p"]) // v["s"]) + 1 - v["o"],
)
TRANSPOSED = Rule(
    "n_out",
    "(n_in − 1)·s − 2·p + d·(k − 1) + a + 1",
    lambda v: (v["n_in"] - 1) * v["s"] - 2 * v["p"] + v["d"] * (v["k"] - 1) + v["a"] + 1,
)
_SIZE = "Output size"


def formulas(layer: Layer, anatomy: Anatomy) -> tuple[Formula, ...]:
    """Explain a layer's output size, parameters, MACs and receptive field, in this order.

    The receptive field follows from that of the layer's source, for which the anatomy is asked.
    """
    if not layer.ran:
        never = said(_SIZE, "This module was never called in this forward pass.")
        return (never, parameters(layer))
    names = AXES.get(len(layer.window.kernel), ()) if layer.window else ()
    fields = field_formulas(layer, anatomy, names)
    return (output_size(layer), parameters(layer), macs(layer), *fields)


def output_size(layer: Layer) -> Formula:
    """Explain the output's shape: of windows its spatial axes, of others the whole."""
    if layer.window is not None and len(layer.operations) == 1 and layer.inputs:
        return _window_size(layer, layer.window)
    op = bare(layer.op)
    if op == "linear" and layer.inputs:
        words = f"Every {layer.inputs[0][-1]} features become {layer.output[-1]}."
        return said(_SIZE, words, layer.output)
    if op.startswith("adaptive_"):
        words = (
            "The output's size is chosen, not the window's: of m windows over n positions, "
            "window i covers positions ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1."
        )
        return said(_SIZE, words, layer.output)
    if op == "cat" and len(layer.inputs) > 1:
        return _concatenated(layer)
    if layer.inputs and all(each == layer.output for each in layer.inputs):
        return said(_SIZE, "The shape stays as it is.", layer.output)
    return said(_SIZE, f"{layer.kind} gives this shape.", layer.output)


def _window_size(layer: Layer, window: Window) -> Formula:
    axes = len(window.kernel)
    before, after = layer.inputs[0][-axes:], layer.output[-axes:]
    if window.transposed:
        more = window.output_padding or (0,) * axes
        numbers = [_named(*each, a=a) for each, a in zip(_each(before, window), more, strict=True)]
        return applied(_SIZE, TRANSPOSED, numbers, AXES[axes])
    if window.ceil_mode:
        return _rounded_up(before, window)
    uneven = [d * (k - 1) % 2 for k, d in zip(window.kernel, window.dilation, strict=True)]
    if before == after and set(window.stride) == {1} and any(uneven):
        words = (
            "Padding “same”: d·(k − 1) pixels are added in all, the odd one at the end, and the "
            "size stays as it is."
        )
        return said(_SIZE, words, after)
    return applied(_SIZE, SLIDING, [_named(*each) for each in _each(before, window)], AXES[axes])


def _rounded_up(before: tuple[int, ...], window: Window) -> Formula:
    """Ceil mode: the last window may hang over the edge, unless it starts beyond the input."""
    numbers: list[Numbers] = []
    for n, k, s, p, d in _each(before, window):
        unbound = ROUNDED_UP.value(_named(n, k, s, p, d, o=0))
        beyond = int((unbound - 1) * s >= n + p)
        numbers.append(_named(n, k, s, p, d, o=beyond))
    words = (
        "Rounded up: a last window may hang over the edge. o is 1 where it would start beyond the "
        "input and is left out, else 0."
    )
    return applied(_SIZE, ROUNDED_UP, numbers, AXES[len(before)], words)


def _each(before: tuple[int, ...], window: Window) -> list[tuple[int, int, int, int, int]]:
    return list(
        zip(before, window.kernel, window.stride, window.padding, window.dilation, strict=True)
    )


def _named(n: int, k: int, s: int, p: int, d: int, **more: int) -> Numbers:
    return {"n_in": n, "k": k, "s": s, "p": p, "d": d, **more}


def _concatenated(layer: Layer) -> Formula:
    """The axis along which the inputs differ or add up; the others stay."""
    axis = next(
        (
            place
            for place, length in enumerate(layer.output)
            if sum(each[place] for each in layer.inputs if len(each) == len(layer.output)) == length
        ),
        None,
    )
    if axis is None:
        return said(_SIZE, "Its inputs stand one behind the other.", layer.output)
    numbers = {f"n_{place}": each[axis] for place, each in enumerate(layer.inputs, 1)}
    rule = Rule("n_out", " + ".join(numbers), lambda v: sum(v.values()))
    words = f"Along axis {axis}; the other axes stay: {units.shape(layer.output)}."
    return applied(_SIZE, rule, [numbers], sentence=words)

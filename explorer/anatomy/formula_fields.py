"""How far a layer sees, from how far its source sees: the recursion with this layer's numbers.

Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.anatomy.formula import Formula, Rule, applied, said
from explorer.anatomy.records import NETWORK_INPUT, Numbers, ReceptiveField, Status, Window

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer

SIZE = Rule(
    "r_out", "r_in + d·(k − 1)·S_in", lambda v: v["r_in"] + v["d"] * (v["k"] - 1) * v["S_in"]
)
STRIDE = Rule("S_out", "S_in·s", lambda v: v["S_in"] * v["s"])
PADDING = Rule("P_out", "P_in + p·S_in", lambda v: v["P_in"] + v["p"] * v["S_in"])

_SENTENCES = {
    Status.WHOLE_INPUT: "Each output position depends on the whole input.",
    Status.UPPER_BOUND: "It sees at most this far.",
    Status.DATA_DEPENDENT: "Where it looks depends on the values in the picture.",
    Status.UNKNOWN: "How far it sees is not known.",
}
_TITLES = ("Receptive field", "Effective stride", "Effective padding")


def field_formulas(layer: Layer, anatomy: Anatomy, names: Sequence[str]) -> list[Formula]:
    """Receptive field, effective stride and padding of a layer; one sentence where none applies."""
    own = layer.receptive_field
    if layer.window is not None and not layer.window.transposed and len(layer.sources) == 1:
        source = _seen_by(layer.sources[0], anatomy, len(own.size))
        for before, after, where in _tracks(source, own):
            if (
                _on_grid(before)
                and _on_grid(after)
                and len(before.size) == len(layer.window.kernel)
            ):
                return _recursion(before, layer.window, names, where)
    return [said(_TITLES[0], _sentence(layer, anatomy), _known(own.size))]


def _seen_by(source: int, anatomy: Anatomy, axes: int) -> ReceptiveField:
    if source == NETWORK_INPUT:
        return ReceptiveField((1,) * axes, (1,) * axes, (0,) * axes, Status.EXACT)
    return anatomy.layers[source].receptive_field


def _tracks(
    source: ReceptiveField, own: ReceptiveField
) -> list[tuple[ReceptiveField, ReceptiveField, str]]:
    """The pairs of fields the recursion may lead between: the whole, then the convolutional one."""
    if own.status is Status.EXACT:
        return [(source, own, "")]
    inner, before = own.convolutional, source.convolutional or source
    if own.status is Status.WHOLE_INPUT and inner is not None:
        return [(before, inner, "Along the convolutional path; in all it sees the whole input.")]
    return []


def _on_grid(field: ReceptiveField) -> bool:
    numbers: Sequence[Numbers] = (field.size, field.stride, field.padding)
    return field.status is Status.EXACT and all(None not in each for each in numbers)


def _recursion(
    source: ReceptiveField, window: Window, names: Sequence[str], where: str
) -> list[Formula]:
    axes = [
        {"r_in": r, "S_in": s_in, "P_in": p_in, "k": k, "s": s, "p": p, "d": d}
        for r, s_in, p_in, k, s, p, d in zip(
            _known(source.size), _known(source.stride), _known(source.padding),
            window.kernel, window.stride, window.padding, window.dilation, strict=True,
        )
    ]  # fmt: skip
    return [
        applied(title, rule, [{name: each[name] for name in named} for each in axes], names, where)
        for title, rule, named in zip(
            _TITLES,
            (SIZE, STRIDE, PADDING),
            (("r_in", "d", "k", "S_in"), ("S_in", "s"), ("P_in", "p", "S_in")),
            strict=True,
        )
    ]


def _known(numbers: Numbers) -> tuple[float, ...]:
    return tuple(number for number in numbers if number is not None)


def _sentence(layer: Layer, anatomy: Anatomy) -> str:
    field = layer.receptive_field
    if field.status is not Status.EXACT:
        return _SENTENCES[field.status]
    if len(layer.sources) > 1:
        return (
            "It sees what its sources see together: from the earliest first pixel to the latest "
            "last one."
        )
    if layer.window is not None and layer.window.transposed:
        return (
            "Several output positions are written from one input position, so the stride is "
            "divided by the layer's own; the size is that of the position that sees farthest."
        )
    if layer.sources and field == _seen_by(layer.sources[0], anatomy, len(field.size)):
        return "It looks at one position at a time and sees what its source sees."
    return "It follows from the positions of its source that each of its own is made of."

"""How far a network suits pictures of a size: what its layers see of them. No torch here.

A layer that slides a kernel widens what a position sees. Once what reaches it has a receptive
field larger than the picture, it can add no context any more (Richter, Schöning, Wiedenroth and
Krumnack, "Should You Go Deeper? Optimizing Convolutional Neural Network Architectures without
Training", ICMLA 2021, call such layers unproductive); on a map of a single position a k×k kernel
uses one of its k·k weights, for the others multiply padding. Fields are those along the
convolutions, the longest path where several meet: shortcuts carry smaller ones along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.grids import attends_after, extent, grids, widest
from explorer.anatomy.records import NETWORK_INPUT, Status
from explorer.compare.records import Fit
from explorer.compare.totals import takes

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer
    from explorer.zoo.cards import ModelCard

USUAL_SIZES = (32, 96, 224)
GROWS, COVERED, SINGLE = "grows", "covered", "single"


def fit(card: ModelCard, anatomy: Anatomy) -> Fit:
    """Judge every layer that slides a kernel at the anatomy's own input size."""
    size = anatomy.input_shapes[0][-2], anatomy.input_shapes[0][-1]
    if anatomy.failure is not None:
        why = f"{card.title} cannot take {units.shape(size)}: {takes(card, anatomy)}."
        return Fit(card.name, card.title, size, refused=why, sentence=why)
    judged = [(layer, _kind(layer, anatomy)) for layer in anatomy.layers if _slides(layer)]
    last = next((each for each in reversed(grids(anatomy)) if not each.single), None)
    idle = [layer for layer, kind in judged if kind != GROWS]
    found = Fit(
        model=card.name,
        title=card.title,
        size=size,
        windows=len(judged),
        grow=sum(kind == GROWS for _, kind in judged),
        covered=sum(kind == COVERED for _, kind in judged),
        single=sum(kind == SINGLE for _, kind in judged),
        first_covered=next((layer.name for layer, kind in judged if kind == COVERED), ""),
        first_single=next((layer.name for layer, kind in judged if kind == SINGLE), ""),
        idle_params=sum(layer.params for layer in idle),
        idle_macs=sum(layer.macs or 0 for layer in idle),
        params=anatomy.params,
        macs=anatomy.macs,
        attends=_attends(anatomy),
        points=tuple(
            (layer.name, kind, reach)
            for layer, kind in judged
            if (reach := extent(layer)) is not None
        ),
        final_map=None if last is None else (last.height, last.width),
    )
    return replace(found, sentence=_sentence(found))


def _slides(layer: Layer) -> bool:
    """Whether a layer slides a kernel larger than 1×1 with weights over a map."""
    window = layer.window
    return bool(layer.ran and layer.params and window and max(window.kernel) > 1)


def _kind(layer: Layer, anatomy: Anatomy) -> str:
    side = max(anatomy.input_shapes[0][-2:])
    before = [anatomy.layers[index] for index in layer.sources if index != NETWORK_INPUT]
    if layer.inputs and max(layer.inputs[0][-2:]) == 1:
        return SINGLE
    reached = max((extent(each) or 0 for each in before), default=1)
    return COVERED if reached > side else GROWS


def _attends(anatomy: Anatomy) -> bool:
    """Whether tokens look at one another, so that a field along convolutions says little."""
    layer = widest(anatomy)
    attention = any(
        "attention" in each.kind.lower() and each.receptive_field.status is not Status.UNKNOWN
        for each in anatomy.layers
    )
    return attention or (layer is not None and attends_after(layer, anatomy))


def _sentence(found: Fit) -> str:
    size = units.shape(found.size)
    if found.attends:
        return (
            f"{found.title} at {size}: attention lets every token look far beyond its own patch, "
            "so the field along convolutions sets no limit."
        )
    if found.windows == 0:
        return f"{found.title} at {size}: no layer slides a kernel larger than 1×1."
    idle = found.covered + found.single
    if not idle:
        return (
            f"{found.title} at {size}: all {found.windows} layers with a kernel larger than 1×1 "
            "still widen what is seen."
        )
    macs = units.percent(found.idle_macs / found.macs, 0) if found.macs else units.UNKNOWN
    parts = []
    if found.covered:
        parts.append(
            f"from {found.first_covered} on {found.covered} receive what has already outgrown "
            "the picture"
        )
    if found.single:
        parts.append(f"from {found.first_single} on {found.single} slide over a single position")
    return (
        f"{found.title} at {size}: {found.grow} of {found.windows} layers with a kernel larger "
        f"than 1×1 widen what is seen; {' and '.join(parts)}; these do {macs} of the MACs."
    )

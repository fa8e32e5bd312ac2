"""Compound scaling: deeper, wider and larger pictures together, and what each alone would cost.

Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (2019). The
multiply-adds come from a formula here, which is quick enough to search with; that it is the real
network's count is held by tests. No torch here: `explorer.blocks.scaled` builds the networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from explorer.blocks.scaling_records import Multipliers, Published, Reported
from explorer.errors import BadRequest
from explorer.knobs import Knob

Way: TypeAlias = Literal["depth", "width", "resolution"]

PAPER = "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (2019)"
LINK = "https://arxiv.org/abs/1905.11946"
ALPHA, BETA, GAMMA = 1.2, 1.1, 1.15
"""The paper's bases of depth, width and resolution."""
SIDE = 224
BASE = Multipliers(1.0, 1.0, SIDE)

PHI = Knob("phi", "φ", 1.0, 0.0, 7.0, 0.25, help="How often the budget is doubled")
BASES = (
    Knob("alpha", "α, depth", ALPHA, 1.0, 2.0, 0.05, help="Depth grows by α for each φ"),
    Knob("beta", "β, width", BETA, 1.0, 1.5, 0.05, help="Width grows by β for each φ"),
    Knob("gamma", "γ, resolution", GAMMA, 1.0, 1.5, 0.05, help="The side grows by γ for each φ"),
)
BY_HAND = (
    Knob("depth", "Depth", 1.0, 0.25, 4.0, 0.05, "×", "Layers of each stage, rounded up"),
    Knob("width", "Width", 1.0, 0.25, 3.0, 0.05, "×", "Channels, rounded to multiples of eight"),
    Knob("resolution", "Resolution", SIDE, 32, 800, 4, "px", "Pixels of a side of the picture"),
)

FAMILY = tuple(
    Published(f"efficientnet_b{number}", f"B{number}", Multipliers(depth, width, side))
    for number, (width, depth, side) in enumerate(
        (
            (1.0, 1.0, 224), (1.0, 1.1, 240), (1.1, 1.2, 260), (1.2, 1.4, 300),
            (1.4, 1.8, 380), (1.6, 2.2, 456), (1.8, 2.6, 528), (2.0, 3.1, 600),
        )
    )
)  # fmt: skip
"""B0 to B7 with the multipliers of the authors' code; they are no exact powers of the bases."""

REPORTED = (
    Reported("depth alone", Multipliers(4.0, 1.0, 224), 79.0),
    Reported("width alone", Multipliers(1.0, 2.0, 224), 78.9),
    Reported("resolution alone", Multipliers(1.0, 1.0, 448), 79.1),
    Reported("compound", Multipliers(1.4, 1.2, 291), 81.1),
)


class Stage(NamedTuple):
    """A row of the paper's table 1: blocks of one kind."""

    expansion: int
    kernel: int
    stride: int
    inputs: int
    outputs: int
    layers: int


STAGES = (
    Stage(1, 3, 1, 32, 16, 1),
    Stage(6, 3, 2, 16, 24, 2),
    Stage(6, 5, 2, 24, 40, 2),
    Stage(6, 3, 2, 40, 80, 3),
    Stage(6, 5, 1, 80, 112, 3),
    Stage(6, 5, 2, 112, 192, 4),
    Stage(6, 3, 1, 192, 320, 1),
)
_CLASSES = 1000


def checked(depth: float, width: float, resolution: int) -> Multipliers:
    """Admit multipliers a network can be built with. Raises BadRequest outside their range."""
    if not (0.1 <= depth <= 20 and 0.1 <= width <= 20):
        raise BadRequest(
            "Depth and width are multiplied by 0.1 to 20; with the bases as they are, take a "
            "smaller φ."
        )
    if not 32 <= resolution <= 4096:
        raise BadRequest(f"The picture's side goes from 32 to 4096 pixels, not {resolution}.")
    return Multipliers(float(depth), float(width), int(resolution))


def compound(
    phi: float, alpha: float = ALPHA, beta: float = BETA, gamma: float = GAMMA
) -> Multipliers:
    """Depth alpha^phi, width beta^phi, resolution 224 gamma^phi, rounded to whole pixels."""
    return checked(alpha**phi, beta**phi, round(SIDE * gamma**phi))


def growth(alpha: float = ALPHA, beta: float = BETA, gamma: float = GAMMA) -> float:
    """By how much a step of phi multiplies the cost: depth once, width and resolution squared."""
    return float(alpha * beta**2 * gamma**2)


def rounded(channels: float) -> int:
    """Channels as a multiple of eight that is no more than a tenth below what was asked for."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


def multiply_adds(multipliers: Multipliers) -> int:
    """Multiply-adds of the scaled network for one picture, by formula."""
    depth, width, side = multipliers.depth, multipliers.width, multipliers.resolution
    side = math.ceil(side / 2)
    total = side**2 * 27 * rounded(32 * width)
    for stage in STAGES:
        inputs, outputs = rounded(stage.inputs * width), rounded(stage.outputs * width)
        for number in range(math.ceil(stage.layers * depth)):
            first = number == 0
            after = math.ceil(side / stage.stride) if first else side
            total += _block(stage, inputs if first else outputs, outputs, side**2, after**2)
            side = after
    last = rounded(STAGES[-1].outputs * width)
    return total + side**2 * last * 4 * last + 4 * last * _CLASSES


def _block(stage: Stage, inputs: int, outputs: int, before: int, after: int) -> int:
    """An inverted bottleneck: widen, depthwise, squeeze and excite, narrow; positions squared."""
    wide = rounded(inputs * stage.expansion)
    narrow = max(1, inputs // 4)
    widening = inputs * wide * before if wide != inputs else 0
    return widening + wide * stage.kernel**2 * after + 2 * wide * narrow + wide * outputs * after


_ALONE: dict[Way, tuple[Callable[[float], Multipliers], float]] = {
    "depth": (lambda x: Multipliers(x, 1.0, SIDE), 0.05),
    "width": (lambda x: Multipliers(1.0, x, SIDE), 0.05),
    "resolution": (lambda x: Multipliers(1.0, 1.0, round(SIDE * x)), 1 / SIDE),
}


def alone(way: Way, macs: int) -> Multipliers:
    """The network scaled in one way only whose multiply-adds are nearest to so many.

    Depth and width go in steps of 0.05, the picture's side in pixels.
    """
    make, step = _ALONE[way]
    low, high = 0, round(100 / step)
    while high - low > 1:
        middle = (low + high) // 2
        if multiply_adds(make(max(middle, 1) * step)) <= macs:
            low = middle
        else:
            high = middle
    candidates = [make(max(each, 1) * step) for each in (low, high)]
    return min(candidates, key=lambda each: abs(multiply_adds(each) - macs))

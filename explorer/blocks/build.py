"""Real modules from a design's data, checked layer by layer against what reaches them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import torch
from torch import nn

from explorer.blocks import fitting, parts
from explorer.blocks.joining import JOINS
from explorer.errors import BadDesign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from explorer.blocks.fitting import Shape
    from explorer.blocks.parts import Part


MOST_PARAMETERS = 4_000_000_000
MOST_NUMBERS = 4_000_000_000
"""In one tensor; a larger one is a slip of the keyboard."""


ACTIVATIONS: dict[parts.Activation, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU,
    "ReLU6": nn.ReLU6,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "SiLU": nn.SiLU,
    "hard-swish": nn.Hardswish,
    "GELU": nn.GELU,
}

_GROUPS = 8
"""Groups of a group normalisation, or fewer where the channels do not divide."""


class Made:
    """A part built for what reaches it: named modules, and the shape that leaves them."""

    def __init__(self, modules: Sequence[tuple[str, nn.Module]], shape: Shape) -> None:
        """`modules` are pairs of a kind ("conv") and a module."""
        self.modules = tuple(modules)
        self.shape = shape


def build(design: Sequence[Part], shape: Shape, device: str | torch.device = "meta") -> nn.Module:
    """Build a design for an input of shape (C, H, W), in evaluation mode.

    Modules are named by kind and number: conv1, relu1, conv2, add1. Raises BadDesign, which says
    which part does not fit and why.
    """
    modules: list[tuple[str, nn.Module]] = []
    with torch.device(device):
        for place, part in enumerate(design):
            made = make(part, shape, (place,))
            modules.extend(made.modules)
            shape = made.shape
    return named(modules).eval()


def make(part: Part, shape: Shape, place: tuple[int, ...] = (0,)) -> Made:
    """Build one part for an input of shape (C, H, W) or (features,).

    `place` is where it stands: its number, and within a join the path and the number there.
    Raises BadDesign.
    """
    if isinstance(part, parts.Join):
        return _join(part, shape, place)
    try:
        made = _MAKERS[type(part)](part, shape)
    except BadDesign as error:
        raise BadDesign(str(error), place) from None
    if fitting.size(made.shape) > MOST_NUMBERS:
        raise BadDesign(
            f"Its output would have {fitting.size(made.shape):,} numbers; make it smaller.", place
        )
    return made


def named(modules: Iterable[tuple[str, nn.Module]]) -> nn.Sequential:
    """Put modules one behind the other, named by kind and number."""
    numbers: Counter[str] = Counter()
    network = nn.Sequential()
    for kind, module in modules:
        numbers[kind] += 1
        network.add_module(f"{kind}{numbers[kind]}", module)
    return network


def _join(join: parts.Join, shape: Shape, place: tuple[int, ...]) -> Made:
    built, shapes = [], []
    for number, path in enumerate(join.paths):
        modules: list[tuple[str, nn.Module]] = []
        here = shape
        for position, part in enumerate(path):
            made = make(part, here, (*place, number, position))
            modules.extend(made.modules)
            here = made.shape
        built.append(named(modules))
        shapes.append(here)
    out = _joined(join.how, shapes, place)
    module = JOINS[join.how](*built)
    return Made([(join.how, module), *_activation(join.activation)], out)


def _joined(how: parts.Joining, shapes: Sequence[Shape], place: tuple[int, ...]) -> Shape:
    """The shape behind a join. Raises BadDesign where the paths do not fit together."""
    written = " and ".join(fitting.written(each) for each in shapes)
    if how == "concatenate":
        if len({each[1:] for each in shapes}) > 1:
            raise BadDesign(
                f"Paths are concatenated where height and width agree, and these give {written}.",
                place,
            )
        return (sum(each[0] for each in shapes), *shapes[0][1:])
    largest = max(shapes, key=fitting.size)
    # A product may weigh whole maps: one number per channel, as squeeze-and-excitation does.
    fits = {largest} if how == "add" else {largest, (largest[0], 1, 1)}
    if not set(shapes) <= fits:
        verb = "added" if how == "add" else "multiplied"
        raise BadDesign(
            f"Paths of different shapes cannot be {verb}: these give {written}; "
            "a 1 × 1 convolution with the stride of the other path makes them fit.",
            place,
        )
    return largest


def _conv(part: parts.Conv, shape: Shape) -> Made:
    fitting.needs_map("A convolution", shape)
    channels = shape[0]
    groups = channels if part.groups == parts.DEPTHWISE else part.groups
    fitting.positive(
        channels=part.channels, stride=part.stride, dilation=part.dilation, groups=groups
    )
    fitting.positive_pair("kernel", part.kernel)
    if channels % groups or part.channels % groups:
        raise BadDesign(
            f"{groups} groups must divide both the {channels} channels that arrive and the "
            f"{part.channels} that leave."
        )
    if part.channels * channels // groups * part.kernel[0] * part.kernel[1] > MOST_PARAMETERS:
        raise BadDesign("It would have more than four billion weights; make it smaller.")
    padding = fitting.spelled(part.padding, part.kernel, part.dilation)
    out = fitting.slid(shape, part.kernel, part.stride, padding, part.dilation)
    module = nn.Conv2d(
        channels, part.channels, part.kernel, part.stride, padding, part.dilation, groups, part.bias
    )
    behind = (part.channels, *out)
    return Made(
        [("conv", module), *_norm(part.norm, behind), *_activation(part.activation)], behind
    )


def _depthwise(part: parts.DepthwiseConv, shape: Shape) -> Made:
    fitting.needs_map("A depthwise convolution", shape)
    fitting.positive(multiplier=part.multiplier)
    return _conv(
        parts.Conv(
            shape[0] * part.multiplier, part.kernel, part.stride, part.padding, part.dilation,
            parts.DEPTHWISE, part.bias, part.norm, part.activation,
        ),
        shape,
    )  # fmt: skip


def _pool(part: parts.Pool, shape: Shape) -> Made:
    fitting.needs_map("Pooling", shape)
    fitting.positive(stride=part.stride)
    fitting.positive_pair("kernel", part.kernel)
    if any(2 * pad > side for pad, side in zip(part.padding, part.kernel, strict=True)):
        raise BadDesign("Pooling may be padded by at most half of its kernel.")
    out = fitting.slid(shape, part.kernel, part.stride, part.padding, 1)
    kind = nn.MaxPool2d if part.how == "max" else nn.AvgPool2d
    return Made([("pool", kind(part.kernel, part.stride, part.padding))], (shape[0], *out))


def _global_pool(part: parts.GlobalPool, shape: Shape) -> Made:
    fitting.needs_map("Global pooling", shape)
    return Made([("pool", nn.AdaptiveAvgPool2d(1))], (shape[0], 1, 1))


def _normalise(part: parts.Normalise, shape: Shape) -> Made:
    fitting.needs_map("A normalisation", shape)
    return Made([*_norm(part.norm, shape), *_activation(part.activation)], shape)


def _activate(part: parts.Activate, shape: Shape) -> Made:
    return Made(_activation(part.activation), shape)


def _dropout(part: parts.Dropout, shape: Shape) -> Made:
    if not 0 <= part.probability < 1:
        raise BadDesign("Dropout takes a probability from 0 to less than 1.")
    return Made([("dropout", nn.Dropout(part.probability))], shape)


def _flatten(part: parts.Flatten, shape: Shape) -> Made:
    flat = fitting.Vector((fitting.size(shape),))
    flat.was = shape
    return Made([("flatten", nn.Flatten())], flat)


def _linear(part: parts.Linear, shape: Shape) -> Made:
    fitting.positive(features=part.features)
    arrives = fitting.size(shape)
    if len(shape) > 1 and shape[1:] != (1, 1):
        raise BadDesign(
            "A fully connected layer reads a vector, and a map of "
            f"{fitting.written(shape)} arrives; put Flatten or global pooling before it."
        )
    if part.expects is not None and part.expects != arrives:
        raise BadDesign(
            f"Linear expects {part.expects:,} numbers, receives {fitting.written(shape)}."
        )
    if part.features * arrives > MOST_PARAMETERS:
        raise BadDesign("It would have more than four billion weights; make it smaller.")
    flat = [("flatten", nn.Flatten())] if len(shape) > 1 else []
    return Made(
        [*flat, ("linear", nn.Linear(arrives, part.features, part.bias)),
         *_activation(part.activation)],
        (part.features,),
    )  # fmt: skip


_MAKERS: dict[type, Callable[..., Made]] = {
    parts.Conv: _conv,
    parts.DepthwiseConv: _depthwise,
    parts.Pool: _pool,
    parts.GlobalPool: _global_pool,
    parts.Normalise: _normalise,
    parts.Activate: _activate,
    parts.Dropout: _dropout,
    parts.Flatten: _flatten,
    parts.Linear: _linear,
}


def _norm(norm: parts.Norm, shape: Shape) -> list[tuple[str, nn.Module]]:
    channels = shape[0]
    if norm == "none":
        return []
    if norm == "batch":
        return [("norm", nn.BatchNorm2d(channels))]
    if norm == "instance":
        if fitting.size(shape[1:]) == 1:
            raise BadDesign(
                "Instance normalisation needs more than one position in a map; take batch or layer."
            )
        return [("norm", nn.InstanceNorm2d(channels, affine=True))]
    groups = 1 if norm == "layer" else max(g for g in range(1, _GROUPS + 1) if channels % g == 0)
    return [("norm", nn.GroupNorm(groups, channels))]


def _activation(activation: parts.Activation) -> list[tuple[str, nn.Module]]:
    if activation == "none":
        return []
    return [("act", ACTIVATIONS[activation]())]

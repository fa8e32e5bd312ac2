"""Ready blocks for the table of a design: each stands for a few parts. No torch here.

Convolutions in them have batch normalisation behind them, as in the networks they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from explorer.blocks.parts import (
    Activation,
    Conv,
    DepthwiseConv,
    GlobalPool,
    Join,
    Linear,
    Normalise,
    Part,
    Pool,
)
from explorer.errors import BadDesign
from explorer.knobs import Knob

Settings: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A block under its name: its settings, and the parts it stands for."""

    name: str
    title: str
    sentence: str
    knobs: tuple[Knob, ...]
    parts: Callable[[Settings, int], tuple[Part, ...]]


def channels_behind(parts: Sequence[Part], channels: int) -> int:
    """How many channels or features leave parts at which so many arrive.

    Behind a flattening only the next fully connected layer knows.
    """
    for part in parts:
        if isinstance(part, Conv):
            channels = part.channels
        elif isinstance(part, DepthwiseConv):
            channels *= part.multiplier
        elif isinstance(part, Linear):
            channels = part.features
        elif isinstance(part, Join):
            behind = [channels_behind(path, channels) for path in part.paths]
            channels = sum(behind) if part.how == "concatenate" else max(behind)
    return channels


def conv(channels: int, kernel: int, stride: int = 1, activation: Activation = "ReLU") -> Conv:
    """A square convolution with batch normalisation, and no bias, which that would undo."""
    return Conv(channels, (kernel, kernel), stride, bias=False, norm="batch", activation=activation)


def gate(channels: int, reduction: int) -> Join:
    """Squeeze-and-excitation: the whole map says how much each channel counts."""
    narrow = max(1, channels // reduction)
    path = (
        GlobalPool(),
        Conv(narrow, (1, 1), activation="ReLU"),
        Conv(channels, (1, 1), activation="sigmoid"),
    )
    return Join("multiply", ((), path), title="squeeze-and-excitation")


def _shortcut(channels: int, out: int, stride: int) -> tuple[Part, ...]:
    """The identity where it fits, else a projection."""
    if channels == out and stride == 1:
        return ()
    return (conv(out, 1, stride, "none"),)


def _residual(v: Settings, channels: int) -> tuple[Part, ...]:
    out, stride = v["channels"], v["stride"]
    path = (conv(out, 3, stride), conv(out, 3, 1, "none"))
    return (Join("add", (path, _shortcut(channels, out, stride)), "ReLU", "residual block"),)


def _bottleneck(v: Settings, channels: int) -> tuple[Part, ...]:
    out, stride = v["channels"], v["stride"]
    middle = max(1, out // v["narrowing"])
    path = (conv(middle, 1), conv(middle, 3, stride), conv(out, 1, 1, "none"))
    return (Join("add", (path, _shortcut(channels, out, stride)), "ReLU", "bottleneck block"),)


def _inception(v: Settings, channels: int) -> tuple[Part, ...]:
    """The module's widths in the proportions of Inception 3a: a quarter, half, two eighths."""
    out = v["channels"]
    if out < 4:
        raise BadDesign("An Inception module has at least 4 channels, one for each path.")
    eighth = max(1, out // 8)
    one, five = max(1, out // 4), eighth
    three = out - one - five - eighth
    paths = (
        (conv(one, 1),),
        (conv(max(1, three * 3 // 4), 1), conv(three, 3)),
        (conv(max(1, five // 2), 1), conv(five, 5)),
        (Pool("max", (3, 3), 1, (1, 1)), conv(eighth, 1)),
    )
    return (Join("concatenate", paths, title="Inception module"),)


def _inverted(v: Settings, channels: int) -> tuple[Part, ...]:
    out, stride, wide = v["channels"], v["stride"], channels * v["expansion"]
    depthwise = DepthwiseConv(
        (v["kernel"], v["kernel"]), stride, bias=False, norm="batch", activation="ReLU6"
    )
    expand = (conv(wide, 1, 1, "ReLU6"),) if v["expansion"] > 1 else ()
    squeeze = (gate(wide, v["squeeze"]),) if v["squeeze"] else ()
    path: tuple[Part, ...] = (*expand, depthwise, *squeeze, conv(out, 1, 1, "none"))
    if channels == out and stride == 1:
        return (Join("add", (path, ()), title="inverted bottleneck"),)
    return path


def _dense(v: Settings, channels: int) -> tuple[Part, ...]:
    growth = v["growth"]
    path = (
        Normalise("batch", "ReLU"),
        conv(4 * growth, 1),
        Conv(growth, (3, 3), bias=False),
    )
    layers: int = v["layers"]
    return (Join("concatenate", ((), path), title="dense layer"),) * layers


def _transition(v: Settings, channels: int) -> tuple[Part, ...]:
    half = max(1, channels // 2)
    return (Normalise("batch", "ReLU"), Conv(half, (1, 1), bias=False), Pool("average"))


def _squeeze(v: Settings, channels: int) -> tuple[Part, ...]:
    return (gate(channels, v["reduction"]),)


def _fire(v: Settings, channels: int) -> tuple[Part, ...]:
    if v["channels"] % 2:
        raise BadDesign("A fire module has an even number of channels, half from each kernel size.")
    half = v["channels"] // 2
    squeeze = Conv(max(1, v["channels"] // 8), (1, 1), activation="ReLU")
    paths = (
        (Conv(half, (1, 1), activation="ReLU"),),
        (Conv(half, (3, 3), activation="ReLU"),),
    )
    return (squeeze, Join("concatenate", paths, title="fire module"))


_OUT = Knob("channels", "Channels", 64, 1, 8192, help="Maps that leave")
_STRIDE = Knob("stride", "Stride", 1, 1, 8, help="2 halves height and width")

BLOCKS = (
    Block(
        "residual", "Residual block", "Two 3 × 3, added to what they read (ResNet).",
        (_OUT, _STRIDE), _residual,
    ),
    Block(
        "bottleneck", "Bottleneck block", "1 × 1, 3 × 3, 1 × 1, added to what they read (ResNet).",
        (
            _OUT, _STRIDE,
            Knob("narrowing", "Narrowing", 4, 1, 64, help="How many times narrower inside"),
        ), _bottleneck,
    ),
    Block(
        "inception", "Inception module", "Four views of one map, side by side (GoogLeNet).",
        (_OUT,), _inception,
    ),
    Block(
        "inverted", "Inverted bottleneck", "Wide inside, narrow outside (MobileNet v2).",
        (
            _OUT, _STRIDE,
            Knob("expansion", "Expansion", 6, 1, 16, help="How many times wider inside"),
            Knob("kernel", "Kernel", 3, 1, 15, 2, help="Side of the depthwise kernel"),
            Knob("squeeze", "Squeeze", 0, 0, 64, help="Reduction of its squeeze; 0: none"),
        ), _inverted,
    ),
    Block(
        "dense", "Dense block", "Every layer reads all before it (DenseNet).",
        (
            Knob("layers", "Layers", 4, 1, 32, help="In the block"),
            Knob("growth", "Growth", 12, 1, 256, help="Maps that each layer adds"),
        ), _dense,
    ),
    Block(
        "transition", "Transition", "Half the channels, half the height and width (DenseNet).",
        (), _transition,
    ),
    Block(
        "squeeze", "Squeeze-and-excitation", "The whole map weighs each channel (SENet).",
        (Knob("reduction", "Reduction", 16, 1, 64, help="How many times narrower inside"),),
        _squeeze,
    ),
    Block(
        "fire", "Fire module", "Squeeze, then 1 × 1 and 3 × 3 side by side (SqueezeNet).",
        (_OUT,), _fire,
    ),
)  # fmt: skip

"""Shortcuts: ResNet adds to what it read, DenseNet keeps all of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.anatomy.formula import Rule
from explorer.blocks.comparison import (
    Comparison,
    Design,
    Guess,
    Setting,
    Values,
    channel_knob,
    conv,
    size_knobs,
)
from explorer.blocks.parts import Activate, Join, Part, Pool
from explorer.knobs import Knob

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.anatomy.formula import Numbers

_RESNET = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2015)"
_DENSENET = (
    "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks (2016)"
)


def _bottleneck(v: Values) -> tuple[Design, ...]:
    channels, middle = v["channels"], v["middle"]
    shape = (channels, v["height"], v["width"])
    numbers = {"C": channels, "m": middle, "H": v["height"], "W": v["width"]}

    def basic(x: Values) -> int:
        return int(2 * 9 * x["C"] ** 2)

    def narrow(x: Values) -> int:
        return int(2 * x["C"] * x["m"] + 9 * x["m"] ** 2)

    def projected(x: Values) -> int:
        return int(narrow(x) + x["C"] ** 2)

    def design(key: str, title: str, paths: tuple[tuple[Part, ...], ...], text: str) -> Design:
        weights = {"basic": basic, "bottleneck": narrow, "projected": projected}[key]
        return Design(
            key,
            title,
            shape,
            (Join("add", paths, "ReLU"),),
            Rule("weights", text, weights),
            Rule("MACs", f"({text})·H·W", lambda x: weights(x) * x["H"] * x["W"]),
            numbers,
            ("residual", "shortcut"),
        )

    two = (conv(channels), conv(channels, activation="none"))
    three = (conv(middle, 1), conv(middle), conv(channels, 1, activation="none"))
    projection = (conv(channels, 1, activation="none"),)
    return (
        design("basic", "two 3 × 3", (two, ()), "2·3^2·C^2"),
        design("bottleneck", "bottleneck", (three, ()), "2·C·m + 3^2·m^2"),
        design(
            "projected",
            "bottleneck with a projection",
            (three, projection),
            "2·C·m + 3^2·m^2 + C^2",
        ),
    )


def _everywhere(weights: Callable[[Values], int]) -> Callable[[Values], int]:
    """Multiply-adds of weights that are used at every position."""
    return lambda x: int(weights(x) * x["H"] * x["W"])


def _dense_layer(growth: int, *, narrowed: bool) -> Join:
    """What a layer adds, behind what it read; the activation comes first, as in the paper."""
    path: tuple[Part, ...] = (Activate(), conv(growth, activation="none"))
    if narrowed:
        path = (Activate(), conv(4 * growth, 1), conv(growth, activation="none"))
    return Join("concatenate", ((), path))


def _read(x: Values) -> int:
    """Channels that the layers of a dense block read, all together."""
    return int(x["L"] * x["C"] + x["k"] * (x["L"] * (x["L"] - 1) // 2))


def _of_dense(x: Values) -> int:
    return int(9 * x["k"] * _read(x))


def _of_narrowed(x: Values) -> int:
    return int(4 * x["k"] * _read(x) + x["L"] * 9 * 4 * x["k"] ** 2)


def _with_transition(x: Values) -> int:
    return _of_narrowed(x) + int((x["C"] + x["L"] * x["k"]) * x["T"])


def _of_plain(x: Values) -> int:
    return int(x["L"] * 9 * (x["C"] + x["L"] * x["k"]) ** 2)


_INPUTS = "(L·C + k·L·(L − 1) / 2)"
_NARROWED = f"4·k·{_INPUTS} + L·3^2·4·k^2"


def _of_block(
    shape: tuple[int, int, int],
    numbers: Numbers,
    key: str,
    title: str,
    parts: tuple[Part, ...],
    rule: tuple[str, Callable[[Values], int]],
    note: str = "",
) -> Design:
    """A design whose weights are used at every position."""
    text, weights = rule
    macs = Rule("MACs", f"({text})·H·W", _everywhere(weights))
    return Design(key, title, shape, parts, Rule("weights", text, weights), macs, numbers, (), note)


def _dense(v: Values) -> tuple[Design, ...]:
    layers, growth, channels = v["layers"], v["growth"], v["channels"]
    wide = channels + layers * growth
    half = max(1, wide // 2)
    numbers = {
        "L": layers, "k": growth, "C": channels, "T": half,
        "H": v["height"], "W": v["width"],
    }  # fmt: skip
    dense = (_dense_layer(growth, narrowed=False),) * layers
    narrowed = (_dense_layer(growth, narrowed=True),) * layers
    transition = (Activate(), conv(half, 1, activation="none"), Pool("average"))
    design = partial(_of_block, (channels, v["height"], v["width"]), numbers)
    return (
        design("dense", "dense block", dense, (f"3^2·k·{_INPUTS}", _of_dense)),
        design("narrowed", "dense block with bottlenecks", narrowed, (_NARROWED, _of_narrowed)),
        design(
            "transition",
            "the same, with its transition",
            (*narrowed, *transition),
            (f"{_NARROWED} + (C + L·k)·T", _with_transition),
            "A 1 × 1 convolution to half the channels, then 2 × 2 average pooling.",
        ),
        _of_block(
            (wide, v["height"], v["width"]),
            numbers,
            "plain",
            f"{layers} of 3 × 3 at the final width",
            (conv(wide),) * layers,
            ("L·3^2·(C + L·k)^2", _of_plain),
            "What as many channels cost where each layer makes all of them anew.",
        ),
    )


SHORTCUTS = (
    Comparison(
        key="bottleneck",
        title="Basic block against bottleneck",
        question="How can a block with three layers be cheaper than one with two?",
        lesson=(
            "1 × 1 convolutions to a quarter of the channels and back leave the 3 × 3 a sixteenth "
            "of its work; a projection on the shortcut adds C² weights where the identity is free."
        ),
        in_practice=(
            "The wide maps between bottlenecks must still be written and read, so the time does "
            "not fall by as much as the multiplications."
        ),
        paper=_RESNET,
        link="https://arxiv.org/abs/1512.03385",
        knobs=(
            channel_knob("channels", "Channels", 256, "In and out"),
            channel_knob("middle", "Channels of the bottleneck", 64),
            *size_knobs(56),
        ),
        designs=_bottleneck,
        settings=(
            Setting("ResNet-50, first stage", (("channels", 256), ("middle", 64))),
            Setting(
                "ResNet-50, last stage",
                (("channels", 2048), ("middle", 512), ("height", 7), ("width", 7)),
            ),
        ),
        guess=Guess(
            "How many times fewer weights does the bottleneck have?",
            "weights",
            "basic",
            "bottleneck",
            "times",
        ),
        sweep="channels",
    ),
    Comparison(
        key="dense",
        title="Growth by concatenation",
        question="What if every layer adds a few maps and reads all that are there?",
        lesson=(
            "Each layer adds k maps and reads all before it, so channels grow linearly and weights "
            "with the square of the depth; a bottleneck of 4k maps pays once a layer reads more "
            "than about 7k, and a transition halves what the next block starts from."
        ),
        in_practice=(
            "Concatenating copies everything again and again, so memory grows with the square of "
            "the depth too, unless an implementation shares it."
        ),
        paper=_DENSENET,
        link="https://arxiv.org/abs/1608.06993",
        knobs=(
            Knob("layers", "Layers", 6, 1, 48, help="In one block"),
            Knob("growth", "Growth rate", 32, 1, 256, help="Maps that each layer adds"),
            channel_knob("channels", "Channels in", 64),
            *size_knobs(56),
        ),
        designs=_dense,
        settings=(
            Setting("DenseNet-121, first block", (("layers", 6), ("growth", 32))),
            Setting(
                "DenseNet-121, third block",
                (
                    ("layers", 24),
                    ("growth", 32),
                    ("channels", 256),
                    ("height", 14),
                    ("width", 14),
                ),
            ),
        ),
        guess=Guess(
            "What share of the plain layers' weights does the dense block have?",
            "weights",
            "dense",
            "plain",
            "%",
        ),
        sweep="layers",
    ),
)

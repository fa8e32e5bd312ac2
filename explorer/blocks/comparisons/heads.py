"""Convolution against fully connected layers: at the same size, and at the end of VGG."""

from __future__ import annotations

from explorer.anatomy.formula import Rule
from explorer.blocks.comparison import (
    Comparison,
    Design,
    Guess,
    Setting,
    Values,
    channel_knob,
    conv,
)
from explorer.blocks.parts import Conv, Flatten, GlobalPool, Linear
from explorer.knobs import Knob

_LENET = (
    "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition (1998)"
)
_NIN = "Lin, Chen, Yan: Network in Network (2013)"


def _shared(v: Values) -> tuple[Design, ...]:
    k, inputs, outputs = v["kernel"], v["inputs"], v["outputs"]
    height, width = v["height"], v["width"]
    numbers = {"k": k, "C_in": inputs, "C_out": outputs, "H": height, "W": width}

    def kernels(x: Values) -> int:
        return int(x["k"] ** 2 * x["C_in"] * x["C_out"])

    def all_pairs(x: Values) -> int:
        return int(x["C_in"] * x["H"] * x["W"] * x["C_out"] * x["H"] * x["W"])

    return (
        Design(
            "convolution",
            f"{k} × {k} convolution",
            (inputs, height, width),
            (conv(outputs, k),),
            Rule("weights", "k^2·C_in·C_out", kernels),
            Rule("MACs", "k^2·C_in·C_out·H·W", lambda x: kernels(x) * x["H"] * x["W"]),
            numbers,
        ),
        Design(
            "connected",
            "fully connected",
            (inputs, height, width),
            (Flatten(), Linear(outputs * height * width, bias=False, activation="ReLU")),
            Rule("weights", "(C_in·H·W)·(C_out·H·W)", all_pairs),
            Rule("MACs", "(C_in·H·W)·(C_out·H·W)", all_pairs),
            numbers,
            note="It gives as many numbers, each with weights of its own for every input.",
        ),
    )


def _head(v: Values) -> tuple[Design, ...]:
    channels, features = v["channels"], v["features"]
    height, width = v["height"], v["width"]
    shape = (channels, height, width)
    numbers = {"C": channels, "H": height, "W": width, "D": features}

    def whole(x: Values) -> int:
        return int(x["H"] * x["W"] * x["C"] * x["D"])

    def pooled(x: Values) -> int:
        return int(x["C"] * x["D"])

    return (
        Design(
            "flattened",
            "flattened, fully connected",
            shape,
            (Flatten(), Linear(features, bias=False, activation="ReLU")),
            Rule("weights", "H·W·C·D", whole),
            Rule("MACs", "H·W·C·D", whole),
            numbers,
        ),
        Design(
            "kernel",
            f"convolution with a kernel of {height} × {width}",
            shape,
            (Conv(features, (height, width), padding=(0, 0), bias=False, activation="ReLU"),),
            Rule("weights", "H·W·C·D", whole),
            Rule("MACs", "H·W·C·D", whole),
            numbers,
            note="The same numbers; on a larger input it slides, and gives a map of answers.",
        ),
        Design(
            "pooled",
            "global pooling, fully connected",
            shape,
            (GlobalPool(), Linear(features, bias=False, activation="ReLU")),
            Rule("weights", "C·D", pooled),
            Rule("MACs", "C·D", pooled),
            numbers,
        ),
    )


HEADS = (
    Comparison(
        key="shared",
        title="Convolution against fully connected",
        question="What do small, shared weights save?",
        lesson=(
            "A convolution has k² weights for each pair of channels wherever it looks; a fully "
            "connected layer has one for each pair of an input and an output number."
        ),
        in_practice=(
            "It is a restriction too: a convolution treats all places alike, which suits pictures "
            "and not every table of numbers."
        ),
        paper=_LENET,
        link="https://doi.org/10.1109/5.726791",
        knobs=(
            Knob("kernel", "Side of the kernel", 5, 1, 15, 2, help="An odd number"),
            channel_knob("inputs", "Channels in", 1),
            channel_knob("outputs", "Channels out", 6),
            Knob("height", "Height", 28, 1, 128, help="Rows of the map"),
            Knob("width", "Width", 28, 1, 128, help="Columns of the map"),
        ),
        designs=_shared,
        settings=(
            Setting("Six maps of 28 × 28, as in LeNet-5", (("kernel", 5), ("outputs", 6))),
            Setting(
                "A colour picture of 32 × 32",
                (("kernel", 3), ("inputs", 3), ("outputs", 16), ("height", 32), ("width", 32)),
            ),
        ),
        guess=Guess(
            "How many times more weights does the fully connected layer have?",
            "weights",
            "connected",
            "convolution",
            "times",
        ),
        sweep="height",
    ),
    Comparison(
        key="head",
        title="From maps to features",
        question="Where do VGG's 138 million parameters come from?",
        lesson=(
            "Flattening 7 × 7 × 512 into 4,096 features takes 102.8 million weights; a kernel as "
            "large as the map takes the same, and averaging the maps first takes 2.1 million."
        ),
        in_practice=(
            "Averaging forgets where something was; detectors and segmenters keep the map and make "
            "the fully connected layer a convolution."
        ),
        paper=_NIN,
        link="https://arxiv.org/abs/1312.4400",
        knobs=(
            channel_knob("channels", "Channels", 512),
            Knob("features", "Features", 4096, 1, 8192, help="Numbers that leave"),
            Knob("height", "Height", 7, 1, 64, help="Rows of the map"),
            Knob("width", "Width", 7, 1, 64, help="Columns of the map"),
        ),
        designs=_head,
        settings=(
            Setting("VGG-16", (("channels", 512), ("features", 4096))),
            Setting(
                "AlexNet", (("channels", 256), ("features", 4096), ("height", 6), ("width", 6))
            ),
        ),
        guess=Guess(
            "How many times fewer weights does global pooling leave?",
            "weights",
            "flattened",
            "pooled",
            "times",
        ),
        sweep="height",
    ),
)

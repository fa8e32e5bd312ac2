"""What a kernel's shape costs: stacks of small ones, oblong ones, groups of channels."""

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
    size_knobs,
)
from explorer.blocks.parts import DEPTHWISE, Conv
from explorer.knobs import Knob

_VGG = (
    "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition (2014)"
)
_INCEPTION_V3 = "Szegedy et al.: Rethinking the Inception Architecture for Computer Vision (2015)"
_RESNEXT = "Xie et al.: Aggregated Residual Transformations for Deep Neural Networks (2016)"


def _stack(v: Values) -> tuple[Design, ...]:
    n, channels, dilation = v["n"], v["channels"], v["dilation"]
    shape = (channels, v["height"], v["width"])
    numbers = {"n": n, "C": channels, "H": v["height"], "W": v["width"]}
    side = 2 * n + 1
    return (
        Design(
            "single",
            f"one {side} × {side}",
            shape,
            (conv(channels, side, dilation=dilation),),
            Rule("weights", "(2·n + 1)^2·C^2", lambda x: (2 * x["n"] + 1) ** 2 * x["C"] ** 2),
            Rule(
                "MACs",
                "(2·n + 1)^2·C^2·H·W",
                lambda x: (2 * x["n"] + 1) ** 2 * x["C"] ** 2 * x["H"] * x["W"],
            ),
            numbers,
        ),
        Design(
            "stack",
            f"{n} of 3 × 3",
            shape,
            (conv(channels, dilation=dilation),) * n,
            Rule("weights", "n·3^2·C^2", lambda x: x["n"] * 9 * x["C"] ** 2),
            Rule("MACs", "n·3^2·C^2·H·W", lambda x: x["n"] * 9 * x["C"] ** 2 * x["H"] * x["W"]),
            numbers,
        ),
    )


def _factorised(v: Values) -> tuple[Design, ...]:
    n, channels = v["n"], v["channels"]
    shape = (channels, v["height"], v["width"])
    numbers = {"n": n, "C": channels, "H": v["height"], "W": v["width"]}

    def oblong(kernel: tuple[int, int]) -> Conv:
        return Conv(channels, kernel, bias=False, activation="ReLU")

    return (
        Design(
            "square",
            f"{n} × {n}",
            shape,
            (oblong((n, n)),),
            Rule("weights", "n^2·C^2", lambda x: x["n"] ** 2 * x["C"] ** 2),
            Rule("MACs", "n^2·C^2·H·W", lambda x: x["n"] ** 2 * x["C"] ** 2 * x["H"] * x["W"]),
            numbers,
        ),
        Design(
            "factorised",
            f"1 × {n}, then {n} × 1",
            shape,
            (oblong((1, n)), oblong((n, 1))),
            Rule("weights", "2·n·C^2", lambda x: 2 * x["n"] * x["C"] ** 2),
            Rule("MACs", "2·n·C^2·H·W", lambda x: 2 * x["n"] * x["C"] ** 2 * x["H"] * x["W"]),
            numbers,
        ),
    )


def _grouped(v: Values) -> tuple[Design, ...]:
    channels, k, groups = v["channels"], v["kernel"], v["groups"]
    shape = (channels, v["height"], v["width"])
    numbers = {"C": channels, "k": k, "g": groups, "H": v["height"], "W": v["width"]}

    def design(key: str, title: str, count: int, text: str, divisor: str) -> Design:
        def weights(x: Values) -> int:
            return int(x["k"]) ** 2 * int(x["C"]) ** 2 // (int(x[divisor]) if divisor else 1)

        return Design(
            key,
            title,
            shape,
            (conv(channels, k, groups=count),),
            Rule("weights", text, weights),
            Rule("MACs", f"{text}·H·W", lambda x: weights(x) * x["H"] * x["W"]),
            numbers,
        )

    return (
        design("plain", "one group", 1, "k^2·C^2", ""),
        design("grouped", f"{groups} groups", groups, "k^2·C·(C / g)", "g"),
        design("depthwise", "depthwise", DEPTHWISE, "k^2·C", "C"),
    )


KERNELS = (
    Comparison(
        key="stack",
        title="Small kernels, stacked",
        question="Why stack small kernels where one large kernel sees as much?",
        lesson=(
            "n kernels of 3 × 3 see as far as one of (2n + 1) × (2n + 1), with fewer weights, and "
            "bring n non-linearities instead of one."
        ),
        in_practice=(
            "The stack keeps n maps in memory instead of one while it trains, and writes and reads "
            "each of them, so the time does not fall by as much as the multiplications."
        ),
        paper=_VGG,
        link="https://arxiv.org/abs/1409.1556",
        knobs=(
            Knob("n", "Kernels in the stack", 2, 1, 8, help="How many 3 × 3 kernels"),
            channel_knob("channels", "Channels", 64, "In and out, the same all along"),
            *size_knobs(56),
            Knob("dilation", "Dilation", 1, 1, 4, help="Pixels from one tap to the next"),
        ),
        designs=_stack,
        settings=(
            Setting("VGG: two against 5 × 5", (("n", 2), ("channels", 64))),
            Setting("VGG: three against 7 × 7", (("n", 3), ("channels", 64))),
            Setting("Dilated by two", (("n", 3), ("channels", 64), ("dilation", 2))),
        ),
        guess=Guess(
            "What share of the large kernel's weights does the stack have?",
            "weights",
            "stack",
            "single",
            "%",
        ),
        sweep="n",
    ),
    Comparison(
        key="factorised",
        title="Oblong kernels",
        question="Can a square kernel be two lines, one behind the other?",
        lesson=(
            "1 × n, then n × 1, see the whole n × n square with 2n weights instead of n² for each "
            "pair of channels."
        ),
        in_practice=(
            "Not every square kernel is such a product: the authors found it to work well on maps "
            "of 12 to 20 pixels a side and badly in early layers."
        ),
        paper=_INCEPTION_V3,
        link="https://arxiv.org/abs/1512.00567",
        knobs=(
            Knob("n", "Side of the kernel", 7, 3, 15, 2, help="An odd number"),
            channel_knob("channels", "Channels", 192, "In and out"),
            *size_knobs(17),
        ),
        designs=_factorised,
        settings=(
            Setting("Inception v3 at 17 × 17", (("n", 7), ("channels", 192))),
            Setting("A 3 × 3 as 1 × 3 and 3 × 1", (("n", 3), ("channels", 64))),
        ),
        guess=Guess(
            "What share of the square kernel's weights do the two lines have?",
            "weights",
            "factorised",
            "square",
            "%",
        ),
        sweep="n",
    ),
    Comparison(
        key="grouped",
        title="Groups of channels",
        question="What if a kernel reads only some of the channels?",
        lesson="g groups divide weights and multiplications by g; with one channel each, by C.",
        in_practice=(
            "Groups never mix without a layer behind them that reads all, and a depthwise "
            "convolution does so little with each number it reads that memory sets its pace."
        ),
        paper=_RESNEXT,
        link="https://arxiv.org/abs/1611.05431",
        knobs=(
            channel_knob("channels", "Channels", 128, "In and out"),
            Knob("kernel", "Side of the kernel", 3, 1, 15, 2, help="An odd number"),
            Knob("groups", "Groups", 32, 1, 4096, help="Must divide the channels"),
            *size_knobs(56),
        ),
        designs=_grouped,
        settings=(
            Setting("ResNeXt: 32 groups of 4", (("channels", 128), ("groups", 32))),
            Setting(
                "AlexNet's fourth layer: two towers",
                (("channels", 384), ("groups", 2), ("height", 13), ("width", 13)),
            ),
        ),
        guess=Guess(
            "How many times fewer multiplications does the depthwise convolution have?",
            "MACs",
            "plain",
            "depthwise",
            "times",
        ),
        sweep="channels",
    ),
)

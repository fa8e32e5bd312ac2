"""Inception: a narrow layer before a large kernel, and four views of one map."""

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
from explorer.blocks.parts import Join, Pool
from explorer.knobs import Knob

_GOOGLENET = "Szegedy et al.: Going Deeper with Convolutions (2014)"

_SAME_POOL = Pool("max", (3, 3), 1, (1, 1))


def _reduction(v: Values) -> tuple[Design, ...]:
    k, inputs, middle, outputs = v["kernel"], v["inputs"], v["middle"], v["outputs"]
    shape = (inputs, v["height"], v["width"])
    numbers = {
        "k": k, "C_in": inputs, "C_mid": middle, "C_out": outputs,
        "H": v["height"], "W": v["width"],
    }  # fmt: skip

    def direct(x: Values) -> int:
        return int(x["k"] ** 2 * x["C_in"] * x["C_out"])

    def reduced(x: Values) -> int:
        return int(x["C_in"] * x["C_mid"] + x["k"] ** 2 * x["C_mid"] * x["C_out"])

    return (
        Design(
            "direct",
            f"{k} × {k} directly",
            shape,
            (conv(outputs, k),),
            Rule("weights", "k^2·C_in·C_out", direct),
            Rule("MACs", "k^2·C_in·C_out·H·W", lambda x: direct(x) * x["H"] * x["W"]),
            numbers,
        ),
        Design(
            "reduced",
            f"through a 1 × 1 of {middle}",
            shape,
            (conv(middle, 1), conv(outputs, k)),
            Rule("weights", "C_in·C_mid + k^2·C_mid·C_out", reduced),
            Rule(
                "MACs",
                "C_in·C_mid·H·W + k^2·C_mid·C_out·H·W",
                lambda x: reduced(x) * x["H"] * x["W"],
            ),
            numbers,
        ),
    )


_IN_MODULE = "C·(a + r + s + d) + 3^2·r·b + 5^2·s·c"
_IN_NAIVE = "C·(a + 3^2·b + 5^2·c)"
_BRANCHES = ("1 × 1", "3 × 3", "5 × 5", "pooling")


def _of_module(x: Values) -> int:
    through = x["C"] * (x["a"] + x["r"] + x["s"] + x["d"])
    return int(through + 9 * x["r"] * x["b"] + 25 * x["s"] * x["c"])


def _of_naive(x: Values) -> int:
    return int(x["C"] * (x["a"] + 9 * x["b"] + 25 * x["c"]))


def _inception(v: Values) -> tuple[Design, ...]:
    one, three, five, pool = v["one"], v["three"], v["five"], v["pool"]
    before_three, before_five = v["before_three"], v["before_five"]
    shape = (v["inputs"], v["height"], v["width"])
    numbers = {
        "C": v["inputs"], "a": one, "b": three, "c": five, "d": pool,
        "r": before_three, "s": before_five, "H": v["height"], "W": v["width"],
    }  # fmt: skip
    naive = ((conv(one, 1),), (conv(three),), (conv(five, 5),), (_SAME_POOL,))
    module = (
        (conv(one, 1),),
        (conv(before_three, 1), conv(three)),
        (conv(before_five, 1), conv(five, 5)),
        (_SAME_POOL, conv(pool, 1)),
    )
    return (
        Design(
            "naive",
            "without reductions",
            shape,
            (Join("concatenate", naive),),
            Rule("weights", _IN_NAIVE, _of_naive),
            Rule("MACs", f"{_IN_NAIVE}·H·W", lambda x: _of_naive(x) * x["H"] * x["W"]),
            numbers,
            _BRANCHES,
            "Pooling passes all channels on, so that every module widens the map.",
        ),
        Design(
            "module",
            "Inception module",
            shape,
            (Join("concatenate", module),),
            Rule("weights", _IN_MODULE, _of_module),
            Rule("MACs", f"({_IN_MODULE})·H·W", lambda x: _of_module(x) * x["H"] * x["W"]),
            numbers,
            _BRANCHES,
        ),
    )


INCEPTION = (
    Comparison(
        key="reduction",
        title="A 1 × 1 before a large kernel",
        question="What does it cost to look at many channels with a large kernel?",
        lesson=(
            "Mixing the channels down to a few first leaves the large kernel little to do: a tenth "
            "of the multiplications in Inception's example."
        ),
        in_practice=(
            "The narrow layer may lose what the kernel would have used, and it is one more layer "
            "whose result has to be written and read."
        ),
        paper=_GOOGLENET,
        link="https://arxiv.org/abs/1409.4842",
        knobs=(
            Knob("kernel", "Side of the kernel", 5, 1, 15, 2, help="An odd number"),
            channel_knob("inputs", "Channels in", 192),
            channel_knob("middle", "Channels between", 16),
            channel_knob("outputs", "Channels out", 32),
            *size_knobs(28),
        ),
        designs=_reduction,
        settings=(
            Setting("Inception 3a, 5 × 5", (("kernel", 5), ("middle", 16), ("outputs", 32))),
            Setting("Inception 3a, 3 × 3", (("kernel", 3), ("middle", 96), ("outputs", 128))),
        ),
        guess=Guess(
            "What share of the direct way's multiplications does the detour have?",
            "MACs",
            "reduced",
            "direct",
            "%",
        ),
        sweep="middle",
    ),
    Comparison(
        key="inception",
        title="The Inception module",
        question="Which branch of an Inception module costs what?",
        lesson=(
            "Four views of the same map, concatenated; the 1 × 1 convolutions before the large "
            "kernels and behind the pooling keep the whole affordable."
        ),
        in_practice=(
            "Many small operations keep a GPU less busy than few large ones, and concatenating "
            "copies every map: the time saved is another share than the multiplications saved."
        ),
        paper=_GOOGLENET,
        link="https://arxiv.org/abs/1409.4842",
        knobs=(
            channel_knob("inputs", "Channels in", 192),
            channel_knob("one", "1 × 1", 64),
            channel_knob("before_three", "1 × 1 before 3 × 3", 96),
            channel_knob("three", "3 × 3", 128),
            channel_knob("before_five", "1 × 1 before 5 × 5", 16),
            channel_knob("five", "5 × 5", 32),
            channel_knob("pool", "1 × 1 behind the pooling", 32),
            *size_knobs(28),
        ),
        designs=_inception,
        settings=(
            Setting("Inception 3a", (("inputs", 192), ("one", 64))),
            Setting(
                "Inception 5b",
                (
                    ("inputs", 832),
                    ("one", 384),
                    ("before_three", 192),
                    ("three", 384),
                    ("before_five", 48),
                    ("five", 128),
                    ("pool", 128),
                    ("height", 7),
                    ("width", 7),
                ),
            ),
        ),
        guess=Guess(
            "What share of the naive module's multiplications is left?",
            "MACs",
            "module",
            "naive",
            "%",
        ),
        sweep="inputs",
    ),
)

"""Blocks for small devices: depthwise separable, inverted bottleneck, squeeze-and-excitation."""

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
from explorer.blocks.parts import DepthwiseConv, GlobalPool, Join, Padding, Part
from explorer.knobs import Knob

_MOBILENET = (
    "Howard et al.: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision "
    "Applications (2017)"
)
_MOBILENET_V2 = "Sandler et al.: MobileNetV2: Inverted Residuals and Linear Bottlenecks (2018)"
_SENET = "Hu, Shen, Sun: Squeeze-and-Excitation Networks (2017)"


def _of_full(x: Values) -> int:
    return int(x["k"] ** 2 * x["C_in"] * x["C_out"])


def _of_square(x: Values) -> int:
    return int(x["k"] ** 2 * x["C"] ** 2)


def _of_parted(x: Values) -> int:
    return int(x["k"] ** 2 * x["C_in"] + x["C_in"] * x["C_out"])


def _separable(v: Values) -> tuple[Design, ...]:
    k, inputs, outputs = v["kernel"], v["inputs"], v["outputs"]
    lost = k - 1 if v["padding"] == "none" else 0
    padding: Padding = (0, 0) if v["padding"] == "none" else "same"
    numbers = {
        "k": k, "C_in": inputs, "C_out": outputs,
        "H_out": v["height"] - lost, "W_out": v["width"] - lost,
    }  # fmt: skip
    shape = (inputs, v["height"], v["width"])
    depthwise = DepthwiseConv((k, k), padding=padding, bias=False, activation="ReLU")

    return (
        Design(
            "full",
            f"{k} × {k} convolution",
            shape,
            (conv(outputs, k, padding=padding),),
            Rule("weights", "k^2·C_in·C_out", _of_full),
            Rule(
                "MACs",
                "k^2·C_in·C_out·H_out·W_out",
                lambda x: _of_full(x) * x["H_out"] * x["W_out"],
            ),
            numbers,
        ),
        Design(
            "separable",
            f"depthwise {k} × {k}, then 1 × 1",
            shape,
            (depthwise, conv(outputs, 1)),
            Rule("weights", "k^2·C_in + C_in·C_out", _of_parted),
            Rule(
                "MACs",
                "k^2·C_in·H_out·W_out + C_in·C_out·H_out·W_out",
                lambda x: _of_parted(x) * x["H_out"] * x["W_out"],
            ),
            numbers,
            note="Its share of the full one's weights is 1 / C_out + 1 / k².",
        ),
    )


def _inverted(v: Values) -> tuple[Design, ...]:
    channels, k = v["channels"], v["kernel"]
    shape = (channels, v["height"], v["width"])
    numbers = {"C": channels, "k": k, "H": v["height"], "W": v["width"]}

    def design(key: str, title: str, t: int) -> Design:
        depthwise = DepthwiseConv((k, k), bias=False, activation="ReLU6")
        path: tuple[Part, ...] = (depthwise, conv(channels, 1, activation="none"))
        if t > 1:
            path = (conv(t * channels, 1, activation="ReLU6"), *path)

        def weights(x: Values) -> int:
            expanding = x["C"] if x["t"] > 1 else 0
            return int(x["t"] * x["C"] * (expanding + x["k"] ** 2 + x["C"]))

        text = "t·C·(C + k^2 + C)" if t > 1 else "C·(k^2 + C)"
        return Design(
            key,
            title,
            shape,
            (Join("add", (path, ())),),
            Rule("weights", text, weights),
            Rule("MACs", f"{text}·H·W", lambda x: weights(x) * x["H"] * x["W"]),
            {**numbers, "t": t},
        )

    widening = v["expansion"]
    return (
        design("narrow", "not widened", 1),
        design("widened", f"widened {widening} times", widening),
        Design(
            "full",
            f"{k} × {k} convolution",
            shape,
            (Join("add", ((conv(channels, k, activation="none"),), ())),),
            Rule("weights", "k^2·C^2", _of_square),
            Rule("MACs", "k^2·C^2·H·W", lambda x: _of_square(x) * x["H"] * x["W"]),
            numbers,
            note="What one normal convolution costs between the same maps.",
        ),
    )


def _squeezed(v: Values) -> tuple[Design, ...]:
    channels, k = v["channels"], v["kernel"]
    narrow = max(1, channels // v["reduction"])
    shape = (channels, v["height"], v["width"])
    numbers = {"C": channels, "k": k, "s": narrow, "H": v["height"], "W": v["width"]}

    def gate(x: Values) -> int:
        return int(2 * x["C"] * x["s"])

    weighing = (GlobalPool(), conv(narrow, 1), conv(channels, 1, activation="sigmoid"))
    return (
        Design(
            "bare",
            f"{k} × {k} convolution",
            shape,
            (conv(channels, k),),
            Rule("weights", "k^2·C^2", _of_square),
            Rule("MACs", "k^2·C^2·H·W", lambda x: _of_square(x) * x["H"] * x["W"]),
            numbers,
        ),
        Design(
            "squeezed",
            "with squeeze-and-excitation",
            shape,
            (conv(channels, k), Join("multiply", ((), weighing))),
            Rule("weights", "k^2·C^2 + 2·C·s", lambda x: _of_square(x) + gate(x)),
            Rule(
                "MACs", "k^2·C^2·H·W + 2·C·s", lambda x: _of_square(x) * x["H"] * x["W"] + gate(x)
            ),
            numbers,
            ("maps", "weights of the maps"),
            "From here on every number depends on the whole input.",
        ),
    )


MOBILE = (
    Comparison(
        key="separable",
        title="Depthwise separable convolution",
        question="Can filtering and mixing be done one after the other?",
        lesson=(
            "A kernel for each channel and a 1 × 1 to mix them have 1 / C_out + 1 / k² of the "
            "weights: about a ninth with 3 × 3 kernels and many channels."
        ),
        in_practice=(
            "Nine times fewer multiplications are not nine times less time: the depthwise part "
            "reads and writes much for little arithmetic, so the machine's memory and its library "
            "decide, as a measurement here shows."
        ),
        paper=_MOBILENET,
        link="https://arxiv.org/abs/1704.04861",
        knobs=(
            Knob("kernel", "Side of the kernel", 3, 1, 15, 2, help="An odd number"),
            channel_knob("inputs", "Channels in", 3),
            channel_knob("outputs", "Channels out", 5),
            *size_knobs(6),
            Knob("padding", "Padding", "none", choices=("none", "same"), help="At the border"),
        ),
        designs=_separable,
        settings=(
            Setting("The course's 6 × 6 × 3", (("inputs", 3), ("outputs", 5))),
            Setting(
                "MobileNet, 14 × 14 × 512",
                (
                    ("inputs", 512), ("outputs", 512), ("height", 14), ("width", 14),
                    ("padding", "same"),
                ),
            ),
        ),
        guess=Guess(
            "What share of the multiplications is left?",
            "MACs",
            "separable",
            "full",
            "%",
        ),
        sweep="outputs",
        law="1 / C_out + 1 / k^2",
    ),
    Comparison(
        key="inverted",
        title="Inverted bottleneck",
        question="What does it cost to widen before the depthwise convolution?",
        lesson=(
            "MobileNet v2 keeps the shortcut narrow and the inside wide: with expansion t a block "
            "has t · C · (2C + k²) weights, nearly all of them in its 1 × 1 convolutions."
        ),
        in_practice=(
            "The wide maps inside are large: expansion sets the memory that training needs, and on "
            "many devices the time."
        ),
        paper=_MOBILENET_V2,
        link="https://arxiv.org/abs/1801.04381",
        knobs=(
            channel_knob("channels", "Channels", 64, "In and out"),
            Knob("expansion", "Expansion", 6, 1, 16, help="How many times wider inside"),
            Knob("kernel", "Side of the kernel", 3, 1, 15, 2, help="An odd number"),
            *size_knobs(14),
        ),
        designs=_inverted,
        settings=(
            Setting("MobileNet v2 at 14 × 14", (("channels", 64), ("expansion", 6))),
            Setting(
                "MobileNet v2 at 56 × 56",
                (("channels", 24), ("expansion", 6), ("height", 56), ("width", 56)),
            ),
        ),
        guess=Guess(
            "How many times more weights has the widened block than the one that is not?",
            "weights",
            "widened",
            "narrow",
            "times",
        ),
        sweep="expansion",
    ),
    Comparison(
        key="squeeze",
        title="Squeeze-and-excitation",
        question="What does it cost to let the whole picture weigh each channel?",
        lesson=(
            "Two small layers on one number per channel: some parameters, hardly a "
            "multiplication, and the receptive field becomes the whole input."
        ),
        in_practice=(
            "The mean has to be known before anything can be weighed, so the map is read twice; "
            "on a GPU that costs more than the multiplications say."
        ),
        paper=_SENET,
        link="https://arxiv.org/abs/1709.01507",
        knobs=(
            channel_knob("channels", "Channels", 256, "In and out"),
            Knob("reduction", "Reduction", 16, 1, 64, help="How many times narrower inside"),
            Knob("kernel", "Side of the kernel", 3, 1, 15, 2, help="An odd number"),
            *size_knobs(14),
        ),
        designs=_squeezed,
        settings=(
            Setting("SENet, reduction 16", (("channels", 256), ("reduction", 16))),
            Setting("Reduction 4", (("channels", 256), ("reduction", 4))),
        ),
        guess=Guess(
            "What per cent of the bare convolution's weights does it have?",
            "weights",
            "squeezed",
            "bare",
            "%",
        ),
        sweep="reduction",
    ),
)  # fmt: skip

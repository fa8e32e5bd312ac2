"""The table in which a person designs a network: a row for each layer or ready block.

Rows are plain values that fit an editor, a link and a file; `parts_of` makes a design's data of
them. No torch here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from explorer.blocks import ready
from explorer.blocks.parts import (
    Activate,
    Conv,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Normalise,
    Padding,
    Part,
    Pool,
)
from explorer.errors import BadDesign, BadRequest
from explorer.knobs import Knob

MOST_ROWS = 64
_SHOWN = 40
"""Characters of a wrong value that an error repeats."""
_SIDE = re.compile(r"[0-9]{1,5}")
NORMS = ("none", "batch", "layer", "group", "instance")
ACTIVATIONS = ("none", "ReLU", "ReLU6", "tanh", "sigmoid", "SiLU", "hard-swish", "GELU")

Settings: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row: what it is, its settings, and the parts it stands for.

    The first setting may be written without its name. `parts` is told how many channels arrive.
    """

    name: str
    title: str
    sentence: str
    knobs: tuple[Knob, ...]
    parts: Callable[[Settings, int], tuple[Part, ...]]
    is_block: bool = False

    def knob(self, name: str) -> Knob | None:
        """The setting of this name, if the kind has it."""
        return next((each for each in self.knobs if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its kind, and the settings that differ from the kind's own."""

    kind: str
    settings: tuple[tuple[str, int | float | str], ...] = ()

    def value(self, name: str) -> int | float | str | None:
        """A setting as it stands, the kind's own if it was not changed, None if it has none."""
        knob = KINDS[self.kind].knob(name)
        return None if knob is None else dict(self.settings).get(name, knob.default)


def row(kind: str, /, **settings: Any) -> Row:
    """Make a row with settings checked, in the kind's own order.

    Raises BadDesign for an unknown kind or setting, or a value out of range.
    """
    found = KINDS.get(kind)
    if found is None:
        raise BadDesign(f"There is no layer {kind[:_SHOWN]!r}; there is {', '.join(KINDS)}.")
    for name in settings:
        if found.knob(name) is None:
            known = ", ".join(each.name for each in found.knobs) or "none"
            raise BadDesign(f"{found.title} has no setting {name[:_SHOWN]!r}; it has {known}.")
    given = [knob for knob in found.knobs if knob.name in settings]
    checked = [(knob, _checked(knob, settings[knob.name])) for knob in given]
    return Row(kind, tuple((knob.name, value) for knob, value in checked if value != knob.default))


def parts_of(rows: Sequence[Row], channels: int) -> list[tuple[Part, ...]]:
    """The parts each row stands for, `channels` arriving at the first. Raises BadDesign.

    The error's place begins with the row's number.
    """
    if len(rows) > MOST_ROWS:
        raise BadDesign(
            f"A table has at most {MOST_ROWS} rows; use the ready blocks.", (MOST_ROWS,)
        )
    found = []
    for number, each in enumerate(rows):
        kind = KINDS[each.kind]
        values = {knob.name: each.value(knob.name) for knob in kind.knobs}
        try:
            made = kind.parts(values, channels)
        except BadDesign as error:
            raise BadDesign(str(error), (number, *error.place)) from None
        found.append(made)
        channels = ready.channels_behind(made, channels)
    return found


def _checked(knob: Knob, value: Any) -> int | float | str:
    if isinstance(knob.default, str) and not knob.choices:
        return _spelled(knob, value)
    try:
        return knob.checked(str(value)[:_SHOWN])
    except BadRequest as error:
        raise BadDesign(str(error)) from None


def _spelled(knob: Knob, value: Any) -> str:
    """A window's sides as they are written: "3", "1x7" or "same"."""
    if knob.name == "padding" and str(value).strip().lower() == "same":
        return "same"
    high, wide = pair(value, "A kernel" if knob.name == "kernel" else "Padding")
    return str(high) if high == wide else f"{high}x{wide}"


def pair(text: Any, what: str) -> tuple[int, int]:
    """Read "3" as (3, 3) and "1x7" as (1, 7). Raises BadDesign."""
    sides = str(text).lower().replace("×", "x").replace(" ", "").split("x")
    if not 1 <= len(sides) <= 2 or not all(_SIDE.fullmatch(side) for side in sides):
        given = str(text)[:_SHOWN]
        raise BadDesign(
            f"{what} is a whole number or two of them, such as 3 or 1x7, not {given!r}."
        )
    numbers = [int(side) for side in sides]
    return numbers[0], numbers[-1]


def _padding(text: Any) -> Padding:
    return "same" if str(text).strip().lower() == "same" else pair(text, "Padding")


def _conv(v: Settings, channels: int) -> tuple[Part, ...]:
    return (
        Conv(
            v["channels"], pair(v["kernel"], "A kernel"), v["stride"], _padding(v["padding"]),
            v["dilation"], v["groups"], v["norm"] == "none", v["norm"], v["activation"],
        ),
    )  # fmt: skip


def _depthwise(v: Settings, channels: int) -> tuple[Part, ...]:
    return (
        DepthwiseConv(
            pair(v["kernel"], "A kernel"), v["stride"], _padding(v["padding"]), v["dilation"],
            1, v["norm"] == "none", v["norm"], v["activation"],
        ),
    )  # fmt: skip


def _pool(how: Any) -> Callable[[Settings, int], tuple[Part, ...]]:
    def parts(v: Settings, channels: int) -> tuple[Part, ...]:
        padding = _padding(v["padding"])
        if padding == "same":
            raise BadDesign("Pooling takes its padding as a number; 1 keeps the size of 3 × 3.")
        return (Pool(how, pair(v["kernel"], "A kernel"), v["stride"], padding),)

    return parts


_CHANNELS = Knob("channels", "Channels", 32, 1, 8192, help="Maps that leave")
_KERNEL = Knob("kernel", "Kernel", "3", help="Side of the window, or height x width")
_STRIDE = Knob("stride", "Stride", 1, 1, 64, help="Pixels from one window to the next")
_PADDING = Knob("padding", "Padding", "same", help="Pixels added on each side, or “same”")
_DILATION = Knob("dilation", "Dilation", 1, 1, 64, help="Pixels from one tap to the next")
_GROUPS = Knob("groups", "Groups", 1, 1, 8192, help="Channels are split into so many groups")
_NORM = Knob("norm", "Normalisation", "none", choices=NORMS, help="Between layer and activation")
_ACTIVATION = Knob("activation", "Activation", "ReLU", choices=ACTIVATIONS, help="Behind it")
_POOLED = (
    Knob("kernel", "Kernel", "2", help="Side of the window, or height x width"),
    Knob("stride", "Stride", 2, 1, 64, help="Pixels from one window to the next"),
    Knob("padding", "Padding", "0", help="Pixels added on each side"),
)

_LAYERS = (
    Kind(
        "conv", "Convolution", "Kernels that slide over all channels.",
        (_CHANNELS, _KERNEL, _STRIDE, _PADDING, _DILATION, _GROUPS, _NORM, _ACTIVATION), _conv,
    ),
    Kind(
        "depthwise", "Depthwise convolution", "One kernel for each channel by itself.",
        (_KERNEL, _STRIDE, _PADDING, _DILATION, _NORM, _ACTIVATION), _depthwise,
    ),
    Kind("max pool", "Max pooling", "The largest number of each window.", _POOLED, _pool("max")),
    Kind(
        "average pool", "Average pooling", "The mean of each window.", _POOLED, _pool("average")
    ),
    Kind(
        "global pool", "Global pooling", "The mean of each whole map.", (),
        lambda v, channels: (GlobalPool(),),
    ),
    Kind(
        "normalise", "Normalisation", "A normalisation by itself.",
        (
            Knob("norm", "Normalisation", "batch", choices=NORMS[1:], help="Which"),
            Knob("activation", "Activation", "none", choices=ACTIVATIONS, help="Behind it"),
        ),
        lambda v, channels: (Normalise(v["norm"], v["activation"]),),
    ),
    Kind(
        "activation", "Activation", "A non-linearity by itself.",
        (Knob("activation", "Activation", "ReLU", choices=ACTIVATIONS[1:], help="Which"),),
        lambda v, channels: (Activate(v["activation"]),),
    ),
    Kind(
        "dropout", "Dropout", "Drops numbers by chance while training.",
        (Knob("probability", "Probability", 0.5, 0.0, 0.99, 0.01, help="Of dropping a number"),),
        lambda v, channels: (Dropout(v["probability"]),),
    ),
    Kind(
        "flatten", "Flatten", "All maps as one vector.", (), lambda v, channels: (Flatten(),)
    ),
    Kind(
        "linear", "Fully connected", "Every number reads every number.",
        (
            Knob("features", "Features", 10, 1, 100_000, help="Numbers that leave"),
            Knob("expects", "Expects", 0, 0, 100_000_000, help="Numbers it reads; 0: all"),
            Knob("activation", "Activation", "none", choices=ACTIVATIONS, help="Behind it"),
        ),
        lambda v, channels: (
            Linear(v["features"], v["expects"] or None, True, v["activation"]),
        ),
    ),
)  # fmt: skip

_BLOCKS = tuple(
    Kind(each.name, each.title, each.sentence, each.knobs, each.parts, is_block=True)
    for each in ready.BLOCKS
)

KINDS: dict[str, Kind] = {each.name: each for each in (*_LAYERS, *_BLOCKS)}

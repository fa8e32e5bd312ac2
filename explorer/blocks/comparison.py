"""Designs set against each other: the parts they are built of, and the formulas of their costs.

No torch here. `explorer.blocks.lab` builds the real modules and counts them; the formulas must
come to the same numbers. All are counted without biases and normalisation, as papers count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from explorer.blocks.parts import Activation, Conv, Padding, Part
from explorer.knobs import Knob

if TYPE_CHECKING:
    from explorer.anatomy.formula import Numbers, Rule

Values: TypeAlias = Mapping[str, Any]
"""A value for each knob of a comparison, by name."""


@dataclass(frozen=True, slots=True)
class Design:
    """One way of building it: its parts, an input (C, H, W), and what it costs by formula.

    `weights` and `macs` are put together from `numbers`. `branches` names the paths of its first
    join, where their shares are worth showing.
    """

    key: str
    title: str
    shape: tuple[int, int, int]
    parts: tuple[Part, ...]
    weights: Rule
    macs: Rule
    numbers: Numbers
    branches: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Values of the knobs that are worth a look, under a name."""

    title: str
    values: tuple[tuple[str, int | float | str], ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a reader may guess before the numbers show: one design's cost by another's.

    `quantity` is "weights" or "MACs"; the answer is that of design `of` divided by that of `to`,
    as a share in per cent or as so many times.
    """

    question: str
    quantity: Literal["weights", "MACs"]
    of: str
    to: str
    unit: Literal["%", "times"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question, the designs that answer it, and the paper that asked it.

    `lesson` says in a sentence what the numbers show, `in_practice` when that is not the whole
    truth. `sweep` is the knob that a curve runs along. `law` is, where there is one, what the last
    design's cost divided by the first one's comes to, as a formula.
    """

    key: str
    title: str
    question: str
    lesson: str
    in_practice: str
    paper: str
    link: str
    knobs: tuple[Knob, ...]
    designs: Callable[[Values], tuple[Design, ...]]
    settings: tuple[Setting, ...]
    guess: Guess
    sweep: str
    law: str = ""


def size_knobs(side: int) -> tuple[Knob, Knob]:
    """Height and width of the input."""
    return (
        Knob("height", "Height", side, 1, 1024, help="Rows of the input map"),
        Knob("width", "Width", side, 1, 1024, help="Columns of the input map"),
    )


def channel_knob(name: str, title: str, default: int, help_: str = "") -> Knob:
    """A number of channels."""
    return Knob(name, title, default, 1, 4096, help=help_)


def conv(
    channels: int,
    kernel: int = 3,
    *,
    stride: int = 1,
    padding: Padding = "same",
    dilation: int = 1,
    groups: int = 1,
    activation: Activation = "ReLU",
) -> Conv:
    """A square convolution without bias, as papers count it."""
    return Conv(
        channels, (kernel, kernel), stride, padding, dilation, groups, False, "none", activation
    )

"""What the cost lab finds out about designs: plain numbers and formulas. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.anatomy.formula import Formula

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Share:
    """What one path of a join costs, by its name."""

    branch: str
    params: int
    macs: int


@dataclass(frozen=True, slots=True)
class Step:
    """The output of one layer along a design: shape, channels, and how far it sees.

    `field` is the side of the receptive field in input pixels, (height, width); None where a
    layer sees the whole input. `activation_bytes` is what its output occupies at batch 1, fp32.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    field: tuple[int, int] | None
    params: int
    macs: int
    activation_bytes: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One design, counted from the real module built of it, and by formula.

    MACs are multiply-adds at batch 1; `activation_bytes` is memory newly allocated in a forward
    pass without gradients, fp32; `kept_bytes` what training keeps of it. `field` is the side of
    the receptive field (height, width), None for the whole input. `nonlinearities` counts
    activation functions of all paths, `depth` layers with weights on the longest one.
    """

    key: str
    title: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    params: int
    macs: int
    activation_bytes: int
    kept_bytes: int
    field: tuple[int, int] | None
    nonlinearities: int
    depth: int
    weights_formula: Formula
    macs_formula: Formula
    steps: tuple[Step, ...]
    shares: tuple[Share, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lab:
    """All designs of a comparison at one setting, and the answer to its guess."""

    comparison: str
    values: tuple[tuple[str, Value], ...]
    designs: tuple[Counted, ...]
    answer: float


@dataclass(frozen=True, slots=True)
class Point:
    """One design's cost where the swept knob has this value."""

    value: int | float
    design: str
    params: int
    macs: int
    activation_bytes: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Costs along one knob, the others as set; values where a design is impossible are left out."""

    comparison: str
    knob: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One design's weights and multiply-adds along a knob, by formula: columns of equal length."""

    design: str
    values: tuple[float, ...]
    params: tuple[int, ...]
    macs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """One design run on this machine: the median of `runs` forward passes, the first left out."""

    design: str
    milliseconds: float
    lower_ms: float
    upper_ms: float
    runs: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Measured times of all designs at one setting, in one run on one device."""

    comparison: str
    values: tuple[tuple[str, Value], ...]
    batch: int
    device: str
    threads: int
    designs: tuple[Timed, ...]

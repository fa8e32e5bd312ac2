"""What a comparison of networks is made of: plain numbers and strings. No torch here.

Conventions: a MAC is one multiply-add; a stage is all that works on maps of one resolution, named
by how many times smaller than the input they are, to the nearest power of two (0 for 1/1, 5 for
1/32); bytes are those of the tensors as they ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import DeviceDescription
    from explorer.anatomy.records import Shape

FEWEST, MOST = 2, 6
"""How many networks can stand side by side."""

TOKENS, HEAD, NEVER = 100, 101, 102
"""Levels of what works on no map: rows of tokens, what follows the last map, what never ran."""

Verdict: TypeAlias = Literal["matched", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Stage:
    """All layers of a network at one resolution; the columns of all stages add up to its totals.

    `level` is log2 of input height over map height, rounded, or TOKENS, HEAD or NEVER. `sizes`
    are the maps' heights and widths, the largest first, `channels` those of its last map.
    `uncounted` is the number of layers with operators without a cost formula. `reach` is the
    largest receptive field in it, in pixels along convolutions; None where there is none.
    """

    level: int
    sizes: tuple[tuple[int, int], ...]
    channels: int | None
    layers: int
    params: int
    macs: int
    uncounted: int
    activation_bytes: int
    reach: int | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A published accuracy with the weights it belongs to; `value` in per cent."""

    value: float
    metric: str
    weights: str


@dataclass(frozen=True, slots=True)
class Totals:
    """One network's column of a comparison, at one input.

    `peak_bytes` are the activations alive at once at most, `sees` and `sees_of` say in words how
    far the network sees. `accuracy` is None where nothing is published.
    """

    model: str
    title: str
    family: str
    year: int
    task: str
    input_shape: Shape
    own_size: tuple[int, int]
    params: int
    macs: int
    not_counted: int
    activation_bytes: int
    peak_bytes: int
    weight_bytes: int
    depth: int
    sees: str
    sees_of: str
    accuracy: Accuracy | None
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A block, or a layer with the normalisation and activation after it: what is aligned.

    `paths` are its branches, each a chain of words such as ("1×1", "3×3"); `widths` the channels
    along each of them. `joins` says how branches meet (add, cat, mul), `extras` are the kinds of
    normalisation, activation and dropout. `output` has no batch.
    """

    id: str
    kind: str
    level: int
    paths: tuple[tuple[str, ...], ...]
    widths: tuple[tuple[int, ...], ...]
    joins: tuple[str, ...]
    extras: tuple[str, ...]
    output: Shape
    params: int
    macs: int
    layers: int

    @property
    def channels(self) -> int:
        """Channels of the output; 0 where it has no axes."""
        return self.output[0] if self.output else 0


@dataclass(frozen=True, slots=True)
class Step:
    """Two units that stand side by side, or one that has no partner, and what that means."""

    verdict: Verdict
    left: Unit | None
    right: Unit | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageDifference:
    """One resolution in both networks: the aligned units, and a sentence."""

    level: int
    steps: tuple[Step, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be done to the left network to get the right one."""

    left: str
    right: str
    stages: tuple[StageDifference, ...]
    sentence: str

    def count(self, verdict: Verdict) -> int:
        """How many pairs and single units have this verdict."""
        return sum(step.verdict == verdict for stage in self.stages for step in stage.steps)


@dataclass(frozen=True, slots=True)
class Fit:
    """How far one network suits pictures of one size.

    Of `windows` layers that slide a kernel larger than 1×1, `grow` still widen what is seen,
    `covered` receive maps whose field is already larger than the picture, and `single` slide over
    a map of one position. `first_covered` and `first_single` name the first of either. `refused`
    says why the network cannot take the size, and then all else is empty. `idle_macs` and
    `idle_params` belong to the last two kinds. `points` are (layer, kind of it, field in pixels).
    """

    model: str
    title: str
    size: tuple[int, int]
    windows: int = 0
    grow: int = 0
    covered: int = 0
    single: int = 0
    first_covered: str = ""
    first_single: str = ""
    idle_params: int = 0
    idle_macs: int = 0
    params: int = 0
    macs: int = 0
    attends: bool = False
    points: tuple[tuple[str, str, int], ...] = ()
    final_map: tuple[int, int] | None = None
    refused: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """Forward passes with one batch: the median time, and the memory at the peak."""

    batch: int
    passes: int
    median_ms: float
    samples_per_second: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class LargestBatch:
    """The most pictures that go through at once, and how that is known.

    `found` by trying, or estimated from counted memory. `capped` where no more were tried.
    """

    batch: int
    found: bool
    capped: bool
    sentence: str

    @property
    def short(self) -> str:
        """The number and how it is known: "about 304, estimated", "512, tried"."""
        if not self.found:
            return f"about {self.batch:,}, estimated"
        return f"{self.batch:,}{' or more' if self.capped else ''}, tried"


@dataclass(frozen=True, slots=True)
class Profile:
    """A network run for real with random weights on one device, batch by batch.

    `macs` is for one sample at this input. `stopped` says why no larger batch was timed.
    """

    model: str
    title: str
    device: DeviceDescription
    input_shape: Shape
    params: int
    macs: int
    runs: tuple[BatchRun, ...]
    stopped: str
    largest: LargestBatch
    memory_convention: str
    notes: tuple[str, ...]

    @property
    def latency_ms(self) -> float:
        """Median time of a forward pass with one sample."""
        return self.runs[0].median_ms

    @property
    def best_rate(self) -> float:
        """The highest throughput of all batches, in samples per second."""
        return max(run.samples_per_second for run in self.runs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that is known of networks side by side, as reports and the command line tell it.

    `size` is the common input size, None where each has its own. `left_out` says in one sentence
    each which networks could not be compared; `note` what cannot be compared among the others.
    `difference` is between the first two, `fits` and `profiles` are there where asked for.
    """

    columns: tuple[Totals, ...]
    size: tuple[int, int] | None
    note: str = ""
    left_out: tuple[str, ...] = ()
    difference: Difference | None = None
    fits: tuple[Fit, ...] = ()
    profiles: tuple[Profile, ...] = ()

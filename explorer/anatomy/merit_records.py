"""What a network measures, needs and is said to be: plain numbers and strings. No torch here.

Counted figures come from an `Anatomy`; these records hold what was measured on a device, what
training would need, and what other tools print. Times are in the unit of their name, sizes in
bytes, a MAC is one multiply-add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.anatomy.records import Shape

DeviceKind: TypeAlias = Literal["cuda", "mps", "cpu"]
Quantity: TypeAlias = Literal["parameters", "MACs", "FLOPs"]
Agreement: TypeAlias = Literal["equal", "explained", "different"]


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """The device networks run on: its memory in bytes, and the threads the CPU may use."""

    kind: DeviceKind
    name: str
    memory_bytes: int
    free_bytes: int
    torch: str
    threads: int
    reason: str


@dataclass(frozen=True, slots=True)
class BlockTime:
    """Time spent in one block of a network in one forward pass (median over the timed passes)."""

    path: str
    kind: str
    milliseconds: float
    calls: int
    params: int


@dataclass(frozen=True, slots=True)
class BlockTimes:
    """Where the time goes, from passes of their own with a stopwatch at every block.

    The blocks do not overlap. `whole_ms` is the median of these passes, `blocks_ms` the sum over
    the blocks, and `remainder_ms` what ran outside them (functional operations, Python).
    """

    blocks: tuple[BlockTime, ...]
    passes: int
    whole_ms: float
    blocks_ms: float
    remainder_ms: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """A network built and run for real, with random weights, on one device.

    Latencies are of whole forward passes of `batch` samples; `discarded` passes before them are
    not among them; `stopped` says why no more were run. `peak_bytes` is the largest amount of
    memory used while building and running, the weights included, counted as
    `memory_convention` says. `params`, `macs` and `counted_peak_bytes` (weights and the largest
    sum of activations alive at once) stand beside, from the anatomy at the same input.
    """

    model: str
    title: str
    device: DeviceDescription
    input_shapes: tuple[Shape, ...]
    batch: int
    build_seconds: float
    latencies_ms: tuple[float, ...]
    discarded: int
    stopped: str
    median_ms: float
    lower_quartile_ms: float
    upper_quartile_ms: float
    samples_per_second: float
    peak_bytes: int
    memory_convention: str
    times: BlockTimes
    params: int
    macs: int
    not_counted: tuple[str, ...]
    counted_peak_bytes: int
    macs_per_second: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemoryPart:
    """One summand of a memory estimate, with its formula in words and numbers."""

    name: str
    size_bytes: int
    formula: str


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """What training one step needs: `total_bytes` is the sum of the parts."""

    optimiser: str
    batch: int
    parts: tuple[MemoryPart, ...]
    total_bytes: int
    formula: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One outside figure beside ours.

    `theirs` is the figure as a number, `printed` as its source prints it, `ours` in the unit and
    for the input of that source (`setting` says which). `predicted` is theirs as computed from
    our own rows by the rule in `explanation`, where there is such a rule.
    """

    tool: str
    quantity: Quantity
    setting: str
    printed: str
    theirs: int
    ours: int
    difference: int
    agreement: Agreement
    explanation: str
    source: str
    predicted: int | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Why other tools say something else about a model: rows, and torchinfo's own summary."""

    model: str
    title: str
    input_shapes: tuple[Shape, ...]
    params: int
    macs: int
    rows: tuple[Comparison, ...]
    torchinfo: str
    torchinfo_note: str
    notes: tuple[str, ...]

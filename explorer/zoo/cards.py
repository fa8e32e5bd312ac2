"""What the zoo knows of a model without building it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Source: TypeAlias = Literal["torchvision", "convzoo", "timm", "user", "run"]
Task: TypeAlias = Literal[
    "classification", "segmentation", "detection", "video", "quantised", "optical flow"
]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where an architecture was published."""

    title: str
    authors: str
    year: int
    link: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One published set of weights.

    `input_size` is (H, W) at evaluation, `metrics` are percentages or the unit in the name
    (("ImageNet-1K acc@1", 76.13), ...), `macs` is the published number of multiply-adds
    (torchvision prints it as "GFLOPS", in 10^9), `megabytes` the size of the file (of 2^20 bytes,
    as torchvision prints it).
    """

    name: str
    dataset: str
    input_size: tuple[int, int] | None
    params: int
    macs: float | None
    megabytes: float | None
    metrics: tuple[tuple[str, float], ...]
    url: str
    default: bool = False

    @property
    def top1(self) -> float | None:
        """ImageNet-1K (or Kinetics) top-1 accuracy in percent, if published."""
        return next((value for name, value in self.metrics if name.endswith("acc@1")), None)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model of the zoo: who, when, why, and what to feed it.

    `input_shape` is one sample without the batch, (C, H, W) or (C, T, H, W) for video, at the
    size the default weights are evaluated at; `inputs` how many such tensors a forward takes
    (2 for optical flow). `smallest` is the smallest square side the network accepts, `largest`
    the largest, None where only memory limits it. `params` and `macs` were computed from the
    network itself when the catalogue was generated, at `input_shape` and batch 1, and so were
    `activation_bytes` (all activations one pass writes), `depth` (layers with weights on the
    longest path) and `receptive_field` (the larger side, in pixels, of what the widest-seeing map
    sees along its convolutions, or its windows of attention); None where nobody counted them or
    there is none. `differs` lists how this implementation differs from the paper.
    """

    name: str
    title: str
    family: str
    year: int
    idea: str
    paper: Paper
    source: Source
    task: Task
    input_shape: tuple[int, ...]
    smallest: int
    params: int
    macs: int
    weights: tuple[Weights, ...] = ()
    differs: tuple[str, ...] = ()
    inputs: int = 1
    largest: int | None = None
    activation_bytes: int | None = None
    depth: int | None = None
    receptive_field: int | None = None

    @property
    def default_weights(self) -> Weights | None:
        """The weights the library itself would choose."""
        return next((each for each in self.weights if each.default), None)

    @property
    def fixed_size(self) -> bool:
        """Whether the network accepts no other size than its own."""
        return self.smallest == self.largest

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the default input."""
        return self.input_shape[-2], self.input_shape[-1]

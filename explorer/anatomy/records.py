"""The records of a dissected network: plain numbers, strings and tuples. No torch here.

Conventions: a MAC is one multiply-add. Shapes carry the batch, (N, C, H, W). Sizes in bytes are
those of the tensors as they ran (fp32 unless the network says otherwise).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

Shape: TypeAlias = tuple[int, ...]
Numbers: TypeAlias = tuple[float | None, ...]

NETWORK_INPUT = -1
"""Stands in `Layer.sources` for the network's own input."""


class Status(StrEnum):
    """How far a receptive field may be believed, from best to worst."""

    EXACT = "exact"
    WHOLE_INPUT = "whole input"
    UPPER_BOUND = "upper bound"
    DATA_DEPENDENT = "data-dependent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """Which input pixels an output position sees, per spatial axis of the input (H, W or T, H, W).

    Output i covers input pixels [-padding + i * stride, -padding + i * stride + size - 1]
    (Araujo, Norris, Sim, Distill 2019). `stride` and `padding` are None where positions no
    longer lie on a grid. With status `whole input`, `size` is the input's own size and
    `convolutional` the extent along the paths without global operations, where there is one.
    """

    size: tuple[int | None, ...]
    stride: Numbers
    padding: Numbers
    status: Status
    convolutional: ReceptiveField | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The sliding window of a convolution or pooling, one number per spatial axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    transposed: bool = False
    ceil_mode: bool = False
    output_padding: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter tensor of a layer; `shared_with` names the layer that already counted it."""

    name: str
    shape: Shape
    count: int
    trainable: bool
    shared_with: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One ATen operator as it ran inside a layer."""

    op: str
    output: Shape
    macs: int | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One row: a call of a leaf module, or a functional operation that matters.

    `name` is unique: the module path, with `#2` for a second call; a functional operation is the
    path of the module that ran it and the operator's name (`layer1.0.add`). `kind` is the class
    name or the operator's short name, `op` its principal ATen operator. `sources` are the indices
    of the layers whose results it reads. `params` counts each parameter where it is used first.
    `macs` is what could be counted, None where an operator without a formula left nothing.
    `activation_bytes` is memory newly allocated for the output: 0 for views and in-place results.
    `saved_bytes` is what training keeps of it for the backward pass. `ran` is False for modules
    the forward pass never called (auxiliary heads in evaluation).
    """

    index: int
    name: str
    path: str
    kind: str
    op: str
    settings: tuple[tuple[str, str], ...]
    window: Window | None
    inputs: tuple[Shape, ...]
    output: Shape
    sources: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    params: int
    trainable_params: int
    macs: int | None
    activation_bytes: int
    saved_bytes: int
    receptive_field: ReceptiveField
    operations: tuple[Operation, ...]
    extra_outputs: tuple[Shape, ...] = ()
    ran: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModuleNode:
    """A module of the network, called or not; `path` is "" for the network itself."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class NotCounted:
    """An operator without a cost formula, and where it ran."""

    op: str
    times: int
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """How the forward pass was recorded, and why that way."""

    kind: Literal["meta", "fake", "real"]
    reason: str
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a forward pass stopped. The layers before it are in the anatomy."""

    layer: str
    message: str
    sufficient_size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A network taken apart at one input size. Totals are the sums of the layers' columns.

    `peak_activation_bytes` is the largest sum of tensors alive at once in a forward pass without
    gradients; `peak_layer` the index of the layer where it happens. `depth` counts the layers
    with weights (convolutions and fully connected layers) on the longest path, as papers do.
    """

    model: str
    title: str
    source: str
    task: str
    input_shapes: tuple[Shape, ...]
    layers: tuple[Layer, ...]
    modules: tuple[ModuleNode, ...]
    params: int
    trainable_params: int
    buffer_bytes: int
    param_bytes: int
    macs: int
    not_counted: tuple[NotCounted, ...]
    activation_bytes: int
    saved_bytes: int
    peak_activation_bytes: int
    peak_layer: int
    depth: int
    run: Run
    failure: Failure | None = None

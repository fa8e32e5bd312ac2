"""What a network needs in memory: its weights, a forward pass, a training step. No torch here.

Everything is arithmetic on an `Anatomy`; nothing is run. The training estimate is
weights + gradients + optimiser state + buffers + what the forward pass keeps for the backward
pass. Not in it: the library's own workspace, gradients of activations (a few layers' worth, freed
as the backward pass proceeds) and what the allocator holds in reserve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.anatomy.merit_records import MemoryPart, TrainingMemory
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy

BYTES_PER_NUMBER = {"fp32": 4, "fp16": 2, "int8": 1}
FP32 = BYTES_PER_NUMBER["fp32"]
LARGEST_BATCH = 65536


@dataclass(frozen=True, slots=True)
class Optimiser:
    """An optimiser as memory sees it: how many numbers it keeps per trainable parameter."""

    title: str
    numbers: int
    keeps: str


OPTIMISERS = {
    "sgd": Optimiser("SGD", 0, "nothing"),
    "momentum": Optimiser("SGD with momentum", 1, "the velocity"),
    "adam": Optimiser("Adam", 2, "the running mean and the running square of the gradient"),
}


def weights(anatomy: Anatomy) -> tuple[MemoryPart, ...]:
    """Bytes of the parameters stored as fp32, fp16 and int8 (a part each; they do not add up)."""
    return tuple(
        MemoryPart(name, anatomy.params * size, f"{anatomy.params:,} parameters × {size} bytes")
        for name, size in BYTES_PER_NUMBER.items()
    )


def forward(anatomy: Anatomy) -> tuple[MemoryPart, ...]:
    """Bytes of one forward pass without gradients, part by part, as the network runs it."""
    return (
        MemoryPart("weights", anatomy.param_bytes, "as the network stores them"),
        MemoryPart("buffers", anatomy.buffer_bytes, "batch norm's running statistics and the like"),
        MemoryPart(
            "activations at the peak",
            anatomy.peak_activation_bytes,
            f"all tensors alive at once while {_peak_name(anatomy)} runs",
        ),
    )


def forward_bytes(anatomy: Anatomy) -> int:
    """Sum of the parts of `forward`."""
    return sum(part.size_bytes for part in forward(anatomy))


def _peak_name(anatomy: Anatomy) -> str:
    if 0 <= anatomy.peak_layer < len(anatomy.layers):
        return anatomy.layers[anatomy.peak_layer].name
    return "the network"


def training(anatomy: Anatomy, optimiser: str = "sgd", batch: int = 1) -> TrainingMemory:
    """Estimate the bytes of one training step in fp32 at this batch size, part by part.

    The activations the anatomy found at its own batch are scaled by the batch. Against autograd
    they are under 1 % low on convolutional networks (batch norm keeps a few statistics per
    channel) and up to 20 % high on windowed attention, which copies parts of what is counted
    whole. Raises `BadRequest` for an unknown
    optimiser, a batch outside 1..65536, or a quantised network, which has no gradients.
    """
    chosen = OPTIMISERS.get(optimiser)
    if chosen is None:
        raise BadRequest(f'There is no optimiser "{optimiser}"; use {", ".join(OPTIMISERS)}.')
    if not isinstance(batch, int) or not 1 <= batch <= LARGEST_BATCH:
        raise BadRequest(f"A batch of {batch} is not possible; use 1 to {LARGEST_BATCH:,}.")
    if anatomy.task == "quantised":
        raise BadRequest(
            f"{anatomy.title} is quantised and has no gradients; "
            "estimate its unquantised twin instead."
        )
    parts = _fixed_parts(anatomy, chosen) + _parts_of_a_batch(anatomy, batch)
    return TrainingMemory(
        optimiser=chosen.title,
        batch=batch,
        parts=parts,
        total_bytes=sum(part.size_bytes for part in parts),
        formula=" + ".join(part.name for part in parts),
    )


def _fixed_parts(anatomy: Anatomy, optimiser: Optimiser) -> tuple[MemoryPart, ...]:
    trainable = anatomy.trainable_params
    return (
        MemoryPart("weights", anatomy.params * FP32, f"{anatomy.params:,} × {FP32} bytes"),
        MemoryPart("buffers", anatomy.buffer_bytes, "batch norm's running statistics and the like"),
        MemoryPart(
            "gradients", trainable * FP32, f"{trainable:,} trainable parameters × {FP32} bytes"
        ),
        MemoryPart(
            "optimiser state",
            trainable * FP32 * optimiser.numbers,
            f"{trainable:,} × {optimiser.numbers} × {FP32} bytes: "
            f"{optimiser.title} keeps {optimiser.keeps}",
        ),
    )


def _parts_of_a_batch(anatomy: Anatomy, batch: int) -> tuple[MemoryPart, ...]:
    saved = math.ceil(anatomy.saved_bytes * batch / recorded_batch(anatomy))
    each = f"{batch:,} × {saved / batch:,.0f} bytes"
    return (
        MemoryPart(
            "saved activations",
            saved,
            f"{each} kept for the backward pass, the input among them where a layer keeps it",
        ),
    )


def recorded_batch(anatomy: Anatomy) -> int:
    """Batch size the anatomy was recorded at: the first axis of its inputs, or their number.

    Detectors take a list of pictures (C, H, W), one shape each.
    """
    shapes = anatomy.input_shapes
    return shapes[0][0] if len(shapes[0]) > 3 else len(shapes)

"""Build EfficientNet at any depth, width and resolution, and count it from the real module."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torchvision.models.efficientnet import EfficientNet, MBConvConfig

from explorer.anatomy import dissect
from explorer.blocks.scaling import STAGES, checked
from explorer.blocks.scaling_records import Scaled
from explorer.zoo.skeleton import in_evaluation, without_initialising

if TYPE_CHECKING:
    from torch import nn

    from explorer.anatomy.records import Layer
    from explorer.blocks.scaling_records import Multipliers


def scale(depth: float, width: float, resolution: int) -> Scaled:
    """Count torchvision's EfficientNet, its layers and channels multiplied, at a picture's side.

    Raises BadRequest for multipliers outside 0.1 to 20 or a side outside 32 to 4096 pixels.
    """
    multipliers = checked(depth, width, resolution)
    side = multipliers.resolution
    inputs = torch.empty(1, 3, side, side, device="meta")
    anatomy = dissect(network(multipliers), inputs=inputs)
    last = [layer for layer in anatomy.layers if layer.ran and len(layer.output) == 4]
    # The classifier's pooled map comes last; what a network is said to see is the map before it.
    mapped = next(layer for layer in reversed(last) if layer.path.startswith("features"))
    return Scaled(
        multipliers=multipliers,
        params=anatomy.params,
        macs=anatomy.macs,
        activation_bytes=anatomy.activation_bytes,
        field=_field(mapped),
        layers=anatomy.depth,
        channels=mapped.output[1],
    )


def network(multipliers: Multipliers) -> nn.Module:
    """Build the scaled network on the meta device, with dropout as B0 has it."""
    block = partial(MBConvConfig, width_mult=multipliers.width, depth_mult=multipliers.depth)
    with without_initialising():
        built = EfficientNet([block(*stage) for stage in STAGES], dropout=0.2)
    return in_evaluation(built)


def _field(layer: Layer) -> int:
    """Side of the field along the convolutions alone."""
    field = layer.receptive_field.convolutional or layer.receptive_field
    return int(max(side or 0 for side in field.size))

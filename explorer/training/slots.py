"""Normalisations and activations by the words of a recipe, as modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from explorer.errors import BadRequest
from explorer.zoo.classics.normalisation import local_response_norm

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}

GROUPS = 8
"""Groups of a group normalisation, or fewer where they do not divide the channels."""


def normalisation(kind: str, channels: int, dimensions: int = 4) -> nn.Module:
    """Make a normalisation for maps (N, C, H, W), or with two dimensions for vectors (N, C).

    Layer normalisation is over channels and positions of one sample, with a scale for each channel
    (Wu and He, Group Normalization, 2018: one group). Raises BadRequest for instance and local
    response normalisation of vectors, which have no positions.
    """
    vectors = dimensions == 2
    if vectors and kind in ("instance", "local response"):
        raise BadRequest(
            f"A fully connected layer has no maps for {kind} normalisation; take batch or layer."
        )
    if kind == "batch":
        return nn.BatchNorm1d(channels) if vectors else nn.BatchNorm2d(channels)
    if kind == "layer":
        return nn.GroupNorm(1, channels)
    if kind == "group":
        return nn.GroupNorm(max(g for g in range(1, GROUPS + 1) if channels % g == 0), channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    return local_response_norm() if kind == "local response" else nn.Identity()

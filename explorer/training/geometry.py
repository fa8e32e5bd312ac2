"""Pictures moved about: mirrored, shifted, turned, slanted, warped; each one by its own numbers.

Pictures are floats (N, C, H, W); what comes in from outside them is black.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE, SMOOTHNESS = 28, 4.0
"""Simard et al. smooth their field by 4 pixels on MNIST's 28; larger pictures in proportion."""
_REACH = 12


def uniform(count: int, most: float, like: Tensor, dice: torch.Generator) -> Tensor:
    """Numbers (N,) between -most and most."""
    drawn = torch.rand(count, generator=dice, device=like.device, dtype=like.dtype)
    return (2 * drawn - 1) * most


def cut(pictures: Tensor, mirrored: Tensor, down: Tensor, across: Tensor, pad: int) -> Tensor:
    """Pad by `pad` on all sides, cut (H, W) at rows `down` and columns `across`, then mirror.

    `mirrored` (N,) is boolean, `down` and `across` (N,) are from 0 to 2 * pad; `pad` is the middle.
    He et al., “Deep Residual Learning”, section 4.2. No value is interpolated.
    """
    count, channels, height, width = pictures.shape
    padded = F.pad(pictures, [pad] * 4)
    rows = torch.arange(height, device=pictures.device)
    columns = torch.arange(width, device=pictures.device)
    columns = torch.where(mirrored[:, None], columns.flip(0), columns)
    places = (rows + down[:, None])[:, :, None] * padded.shape[3] + (columns + across[:, None])[
        :, None
    ]
    places = places.view(count, 1, -1).expand(-1, channels, -1)
    return padded.flatten(2).gather(2, places).view(count, channels, height, width)


def turned(angles: Tensor, slants: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of a turned and slanted picture comes from: a grid (N, H, W, 2).

    `angles` turn clockwise and `slants` move the lower half to the left, in degrees about the
    middle, as torchvision's `affine` with `shear=[slant, 0]` does. Coordinates are those of
    `torch.nn.functional.grid_sample`: -1 and 1 are the borders.
    """
    angle, slant = angles * (math.pi / 180), slants * (math.pi / 180)
    cos, sin, tan = angle.cos(), angle.sin(), slant.tan()
    # A picture is slanted, then turned: of [1, -tan; 0, 1] and the rotation this is the inverse.
    matrix = torch.stack([cos - sin * tan, sin + cos * tan, -sin, cos], dim=1).view(-1, 2, 2)
    axes = (_middles(width, angles), _middles(height, angles))
    pixels = torch.stack(torch.meshgrid(*axes, indexing="xy"), dim=-1)
    sides = torch.tensor([width / 2, height / 2], device=angles.device, dtype=angles.dtype)
    return torch.einsum("nij,hwj->nhwi", matrix, pixels) / sides


def _middles(side: int, like: Tensor) -> Tensor:
    """Places of pixels in a side, in pixels from its middle."""
    return torch.arange(side, device=like.device, dtype=like.dtype) - (side - 1) / 2


def field(
    count: int, strength: float, height: int, width: int, like: Tensor, dice: torch.Generator
) -> Tensor:
    """Smooth random shifts (N, H, W, 2) whose standard deviation is `strength` pixels.

    Normal noise smoothed by a Gaussian; Simard, Steinkraus and Platt, 2003, section 2 (there the
    noise is uniform and the strength a factor before it). In the coordinates of `turned`.
    """
    grown = SIDE + 2 * _REACH
    noise = torch.randn(
        (count, 2, grown, grown), generator=dice, device=like.device, dtype=like.dtype
    )
    smoothing = _smoothing(like)
    shifts = smoothing @ noise @ smoothing.T
    if (height, width) != (SIDE, SIDE):
        shifts = F.interpolate(shifts, (height, width), mode="bicubic", align_corners=False)
    sides = torch.tensor([width / 2, height / 2], device=like.device, dtype=like.dtype)
    return strength * shifts.permute(0, 2, 3, 1) / sides


def _smoothing(like: Tensor) -> Tensor:
    """A Gaussian slid along a side as a matrix (side, side with margins); spreads stay as they are.

    A product with it is several times faster than the convolution it stands for.
    """
    distances = torch.arange(SIDE + 2 * _REACH) - torch.arange(SIDE)[:, None] - _REACH
    weights = torch.exp(-distances.square() / (2 * SMOOTHNESS**2))
    weights = torch.where(distances.abs() <= _REACH, weights, 0.0)
    return (weights / weights.square().sum(dim=1, keepdim=True).sqrt()).to(like)


def warped(pictures: Tensor, grid: Tensor) -> Tensor:
    """Pictures read at the places of a grid, bilinearly, with black outside."""
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

"""The shape of what a network is given, and pictures brought to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch
from torchvision.transforms.v2 import functional as F

if TYPE_CHECKING:
    from torch import Tensor

Shape: TypeAlias = "tuple[int, int, int]"

MARGIN = 8
"""A grey picture that lacks at most the 8th part of a side gets a border, as MNIST's 28 of 32."""
_RED, _GREEN, _BLUE = 19595, 38470, 7471
"""65536 times the weights of ITU-R 601, as Pillow rounds them."""


def bordered(pictures: Shape, shape: Shape) -> bool:
    """Whether pictures get a black border instead of being resized.

    That is so where a dark ground goes on: in grey pictures that are a little too small, as
    LeCun's 28 x 28 digits in 32 x 32.
    """
    missing = [there - here for here, there in zip(pictures[1:], shape[1:], strict=True)]
    return pictures[0] == 1 and all(
        0 <= each * MARGIN <= side for each, side in zip(missing, shape[1:], strict=True)
    )


def fitted(pictures: Tensor, shape: Shape) -> Tensor:
    """Bring pictures (N, C, H, W) in uint8 to the shape (C, H, W) that a network is given.

    Grey becomes RGB by repeating it, RGB grey by ITU-R 601; small margins of grey pictures are
    filled with black, else they are resized (bilinear, antialiased). Points stay as they are.
    """
    channels, height, width = pictures.shape[1:]
    given = (channels, height, width)
    if given == shape:
        return pictures
    if shape[0] == 1 and given[0] == 3:
        pictures = _grey(pictures)
    if given[1:] != shape[1:]:
        pictures = (
            _bordered(pictures, shape) if bordered(given, shape) else _resized(pictures, shape)
        )
    if shape[0] == 3 and given[0] == 1:
        pictures = pictures.expand(-1, 3, -1, -1).contiguous()
    return pictures


def _grey(pictures: Tensor) -> Tensor:
    red, green, blue = pictures.to(torch.int32).unbind(1)
    weighted = red * _RED + green * _GREEN + blue * _BLUE + 0x8000
    return (weighted >> 16).to(torch.uint8)[:, None]


def _bordered(pictures: Tensor, shape: Shape) -> Tensor:
    down, across = (there - here for here, there in zip(pictures.shape[2:], shape[1:], strict=True))
    sides = [across // 2, down // 2, across - across // 2, down - down // 2]
    padded: Tensor = F.pad(pictures, sides)
    return padded


def _resized(pictures: Tensor, shape: Shape) -> Tensor:
    resized: Tensor = F.resize(pictures, list(shape[1:]), antialias=True)
    return resized

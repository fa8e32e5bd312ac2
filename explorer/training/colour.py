"""Pictures in another light: brightness, contrast, saturation, and along the data's own colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

GREY = (0.2989, 0.587, 0.114)
"""torchvision's weights of red, green and blue."""
MOST_PICTURES = 5000
"""From so many pictures at most the principal colours are found."""


def jittered(pictures: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor) -> Tensor:
    """Change brightness, then contrast, then saturation, each picture by its own factors (N,).

    As torchvision's `adjust_brightness`, `adjust_contrast` and `adjust_saturation` do one by one:
    a mix with black, with the picture's mean grey, with its own grey.
    """
    pictures = (pictures * _each(brightness)).clamp(0, 1)
    mean = grey(pictures).mean(dim=(1, 2, 3), keepdim=True)
    pictures = mean.lerp(pictures, _each(contrast)).clamp(0, 1)
    if pictures.shape[1] != 3:
        return pictures
    return grey(pictures).lerp(pictures, _each(saturation)).clamp(0, 1)


def grey(pictures: Tensor) -> Tensor:
    """Luminance (N, 1, H, W); of pictures that are not RGB the mean of their channels."""
    if pictures.shape[1] != 3:
        return pictures.mean(dim=1, keepdim=True)
    red, green, blue = pictures.unbind(1)
    mixed: Tensor = GREY[0] * red + GREY[1] * green + GREY[2] * blue
    return mixed[:, None]


def principal_colours(pictures: Tensor) -> Tensor:
    """The axes along which colours of pictures vary, each as long as it varies: (C, C), in columns.

    Eigenvectors of the covariance of all pixels' values in [0, 1], times their eigenvalues; uint8
    pictures (N, C, H, W), evenly chosen if there are many. Krizhevsky, Sutskever and Hinton 2012,
    section 4.1.
    """
    chosen = pictures[:: max(1, len(pictures) // MOST_PICTURES)]
    values = chosen.transpose(0, 1).flatten(1).double() / 255
    covariance = torch.cov(values).reshape(len(values), len(values))
    lengths, axes = torch.linalg.eigh(covariance)
    scaled: Tensor = (axes * lengths).float()
    return scaled


def of_channels(colours: Tensor, channels: int) -> Tensor:
    """The principal colours (C, K) of data, as pictures of other channels have them."""
    if len(colours) == channels:
        return colours
    if channels == 1:
        luminance: Tensor = torch.tensor([GREY]) @ colours
        return luminance
    return colours.expand(channels, -1)


def shifted(pictures: Tensor, colours: Tensor, amounts: Tensor) -> Tensor:
    """Add to each picture its own shift, the principal colours times its amounts (N, C)."""
    return (pictures + _each(amounts @ colours.T)).clamp(0, 1)


def _each(numbers: Tensor) -> Tensor:
    """Numbers (N,) or (N, C) that act on whole pictures (N, C, H, W)."""
    return numbers.view(len(numbers), -1, 1, 1)

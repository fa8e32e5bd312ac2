"""Parts of pictures erased, and two pictures in one, with the label that this makes right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST, LARGEST, NARROWEST = 0.02, 0.4, 0.3
"""Share of a picture's area that is erased, and the rectangle's sides; Zhong et al., section 3."""
_TRIES = 10


def shares(alpha: float, count: int, like: Tensor, dice: torch.Generator) -> Tensor:
    """Numbers (N,) from Beta(alpha, alpha)."""
    # As torch.distributions.Beta draws them, which takes no generator.
    concentrations = like.new_full((count, 2), alpha)
    return torch._sample_dirichlet(concentrations, generator=dice)[:, 0]


def boxes(
    tops: Tensor, bottoms: Tensor, lefts: Tensor, rights: Tensor, size: tuple[int, int]
) -> Tensor:
    """Masks (N, 1, H, W), true from top to just before bottom and from left to before right."""
    height, width = size
    rows = torch.arange(height, device=tops.device)[None, :, None]
    columns = torch.arange(width, device=tops.device)[None, None, :]
    tops, bottoms, lefts, rights = (each[:, None, None] for each in (tops, bottoms, lefts, rights))
    return ((rows >= tops) & (rows < bottoms) & (columns >= lefts) & (columns < rights))[:, None]


def erased(pictures: Tensor, probability: float, dice: torch.Generator) -> Tensor:
    """Fill a rectangle with noise, in each picture with this probability.

    Zhong et al., “Random Erasing”, algorithm 1: area and shape are drawn until the rectangle fits,
    here ten times at most; every pixel gets values of its own.
    """
    count, channels, height, width = pictures.shape

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=dice, device=pictures.device, dtype=pictures.dtype)

    chosen = draw(count) < probability
    areas = (SMALLEST + (LARGEST - SMALLEST) * draw(count, _TRIES)) * height * width
    ratios = NARROWEST + (1 / NARROWEST - NARROWEST) * draw(count, _TRIES)
    tall, wide = (areas * ratios).sqrt().round().long(), (areas / ratios).sqrt().round().long()
    fits = (tall < height) & (wide < width) & (tall > 0) & (wide > 0)
    first = fits.int().argmax(dim=1, keepdim=True)
    tall, wide = tall.gather(1, first)[:, 0], wide.gather(1, first)[:, 0]
    tops = (draw(count) * (height - tall + 1)).long()
    lefts = (draw(count) * (width - wide + 1)).long()
    mask = boxes(tops, tops + tall, lefts, lefts + wide, (height, width))
    mask &= (chosen & fits.any(dim=1)).view(-1, 1, 1, 1)
    return torch.where(mask, draw(count, channels, height, width), pictures)


def mixed(
    pictures: Tensor, targets: Tensor, others: Tensor, share: Tensor
) -> tuple[Tensor, Tensor]:
    """Mix each picture with another one, whose number in the batch is in `others`.

    The picture itself keeps its share (N,), and its target (N, classes) the same one. Zhang et al.,
    “mixup”, equation 2.
    """
    pictures = pictures[others].lerp(pictures, share.view(-1, 1, 1, 1))
    return pictures, targets[others].lerp(targets, share[:, None])


def pasted(
    pictures: Tensor, targets: Tensor, others: Tensor, share: Tensor, middles: Tensor
) -> tuple[Tensor, Tensor]:
    """Paste a rectangle of another picture in; targets take the share of the area it really has.

    It has 1 - share of the area where it lies inside; `middles` (N, 2), from 0 to 1, is its middle.
    Yun et al., “CutMix”, equations 1 and 2; cut off at the border, with the share corrected
    by what is left, as in the authors' code.
    """
    height, width = pictures.shape[2:]
    side = (1 - share).sqrt()
    edges = []
    for length, middle in ((height, middles[:, 0]), (width, middles[:, 1])):
        half = (length * side).long() // 2
        centre = (length * middle).long()
        edges += [(centre - half).clamp(0, length), (centre + half).clamp(0, length)]
    tops, bottoms, lefts, rights = edges
    mask = boxes(tops, bottoms, lefts, rights, (height, width))
    pasted_share = mask.to(targets.dtype).mean(dim=(1, 2, 3))
    return (
        torch.where(mask, pictures[others], pictures),
        targets.lerp(targets[others], pasted_share[:, None]),
    )


def one_hot(labels: Tensor, classes: int, like: Tensor) -> Tensor:
    """Targets (N, classes) that are one at the label."""
    return F.one_hot(labels, classes).to(like.dtype)

"""Augmentation: pictures changed at random before they are learned from, in batches.

Everything is drawn from one generator on the pictures' device, for each picture by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from explorer.errors import BadRequest
from explorer.training import colour, geometry, mixing
from explorer.training.knobs.augmentation import AUGMENTATION

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from explorer.training.data.splits import Sets
    from explorer.training.recipe import Recipe

_ALSO_POINTS = ("mixup",)


def augmenter(recipe: Recipe, sets: Sets) -> Augment:
    """Make a recipe's augmentation for these data.

    Raises BadRequest for points of which something is asked that only pictures can do.
    """
    asked = [each for each in AUGMENTATION if getattr(recipe, each.name)]
    impossible = [each.title for each in asked if each.name not in _ALSO_POINTS]
    if sets.data.points and impossible:
        raise BadRequest(
            f"Points are no pictures: set {', '.join(impossible)} to 0; mixup is possible."
        )
    colours = colour.principal_colours(sets.train.values) if recipe.pca else None
    return Augment(recipe, len(sets.data.classes), colours)


class Augment:
    """A recipe's augmentation.

    The order is mirror and shift, turn, slant and warp (in one interpolation), colours, erasing,
    mixup or CutMix.
    """

    def __init__(self, recipe: Recipe, classes: int, colours: Tensor | None) -> None:
        """`colours` are the data's principal ones (`explorer.training.colour`), for a shift."""
        self.recipe = recipe
        self._classes = classes
        self._colours = colours

    def __call__(self, pictures: Tensor, labels: Tensor, dice: Generator) -> tuple[Tensor, Tensor]:
        """Change pictures (N, C, H, W) with values in [0, 1] and labels (N,).

        Returns pictures of the same kind, and targets: the labels, or where pictures are mixed
        (N, classes) with rows that add up to one.
        """
        recipe = self.recipe
        if recipe.mirror or recipe.crop:
            pictures = self._cut(pictures, dice)
        if recipe.rotation or recipe.shear or recipe.elastic:
            pictures = self._warped(pictures, dice)
        if recipe.colour:
            pictures = self._jittered(pictures, dice)
        if self._colours is not None:
            pictures = self._shifted(pictures, self._colours, dice)
        if recipe.erasing:
            pictures = mixing.erased(pictures, recipe.erasing, dice)
        if recipe.mixup or recipe.cutmix:
            return self._mixed(pictures, labels, dice)
        return pictures, labels

    def _cut(self, pictures: Tensor, dice: Generator) -> Tensor:
        count, pad = len(pictures), self.recipe.crop
        device = pictures.device
        mirrored = torch.rand(count, generator=dice, device=device) < self.recipe.mirror
        places = torch.randint(2 * pad + 1, (2, count), generator=dice, device=device)
        return geometry.cut(pictures, mirrored, places[0], places[1], pad)

    def _warped(self, pictures: Tensor, dice: Generator) -> Tensor:
        count, _, height, width = pictures.shape
        angles = geometry.uniform(count, self.recipe.rotation, pictures, dice)
        slants = geometry.uniform(count, self.recipe.shear, pictures, dice)
        grid = geometry.turned(angles, slants, height, width)
        if self.recipe.elastic:
            strength = self.recipe.elastic
            grid = grid + geometry.field(count, strength, height, width, pictures, dice)
        return geometry.warped(pictures, grid)

    def _jittered(self, pictures: Tensor, dice: Generator) -> Tensor:
        factors = 1 + geometry.uniform(3 * len(pictures), self.recipe.colour, pictures, dice)
        return colour.jittered(pictures, *factors.view(3, -1))

    def _shifted(self, pictures: Tensor, colours: Tensor, dice: Generator) -> Tensor:
        colours = colour.of_channels(colours, pictures.shape[1]).to(pictures)
        shape = (len(pictures), colours.shape[1])
        amounts = torch.randn(shape, generator=dice, device=pictures.device, dtype=pictures.dtype)
        return colour.shifted(pictures, colours, self.recipe.pca * amounts)

    def _mixed(self, pictures: Tensor, labels: Tensor, dice: Generator) -> tuple[Tensor, Tensor]:
        count, device = len(pictures), pictures.device
        targets = mixing.one_hot(labels, self._classes, pictures)
        others = torch.randperm(count, generator=dice, device=device)
        alpha = self.recipe.mixup or self.recipe.cutmix
        share = mixing.shares(alpha, count, pictures, dice)
        if self.recipe.mixup:
            return mixing.mixed(pictures, targets, others, share)
        middles = torch.rand((count, 2), generator=dice, device=device)
        return mixing.pasted(pictures, targets, others, share, middles)

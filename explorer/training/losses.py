"""What a recipe makes small, and how right a network is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

TWO_HEADS, ONE_HEAD = 0.3, 0.4
"""What an auxiliary head's loss counts: GoogLeNet's two (Szegedy et al., 2014, section 5), and
Inception v3's one as torchvision trains it."""
FIVE_OF = 10
"""Classes from which on the five best are counted too."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """The loss of a recipe, in single precision whatever the network computes in.

    Scores are (N, classes); targets are class numbers (N,) or shares of classes (N, classes).
    """

    loss: str
    smoothing: float
    classes: int

    def mean(self, scores: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        """The mean over the pictures, each counted by its weight (N,) if there are some."""
        if self.loss == "cross-entropy" and weights is None:
            return F.cross_entropy(scores.float(), targets, label_smoothing=self.smoothing)
        each = self.each(scores, targets)
        return each.mean() if weights is None else (each * weights).mean()

    def each(self, scores: Tensor, targets: Tensor) -> Tensor:
        """The loss of every picture (N,): cross-entropy, or the squared distance to the target."""
        if self.loss == "cross-entropy":
            return F.cross_entropy(
                scores.float(), targets, reduction="none", label_smoothing=self.smoothing
            )
        shares = targets if targets.dim() == 2 else F.one_hot(targets, self.classes)
        return (scores.float() - shares).square().sum(dim=1)

    def of_heads(
        self, scores: tuple[Tensor, ...], targets: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What is made small, the main loss and a part of each auxiliary head's; and the main."""
        main, *auxiliary = (self.mean(each, targets, weights) for each in scores)
        share = ONE_HEAD if len(auxiliary) == 1 else TWO_HEADS
        total = main
        for each in auxiliary:
            total = total + share * each
        return total, main

    @property
    def top5(self) -> bool:
        """Whether it means something that the right class is among the five best."""
        return self.classes >= FIVE_OF


def criterion(recipe: Recipe, classes: int) -> Criterion:
    """Make the loss of a recipe."""
    return Criterion(recipe.loss, recipe.label_smoothing, classes)


def heads(output: object) -> tuple[Tensor, ...]:
    """The scores (N, classes) a network gave: its main ones, then those of auxiliary heads."""
    if isinstance(output, Tensor):
        return (output,)
    given = output.values() if isinstance(output, dict) else output
    return tuple(each for each in given if each is not None)  # type: ignore[attr-defined]


def right(scores: Tensor, targets: Tensor, best: int = 1) -> Tensor:
    """How many targets are among the `best` highest scores (0-d, float32).

    Of shares of classes, the largest one is the target.
    """
    labels = targets if targets.dim() == 1 else targets.argmax(dim=1)
    if best == 1:
        return (scores.argmax(dim=1) == labels).sum(dtype=torch.float32)
    return (scores.topk(best, dim=1).indices == labels[:, None]).sum(dtype=torch.float32)


def gauge(mean: Tensor, scores: Tensor, targets: Tensor, *, top5: bool) -> Tensor:
    """A batch's mean loss, hits of the best score, and among the five best: (3,) or (2,).

    Stays on the device, so that nobody waits for it.
    """
    parts = [mean.detach(), right(scores, targets)]
    if top5:
        parts.append(right(scores, targets, 5))
    return torch.stack(parts)

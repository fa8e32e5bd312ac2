"""The batches of a run: which pictures each step sees, and how they are changed before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from explorer.errors import BadRequest
from explorer.training import streams
from explorer.training.knobs.augmentation import AUGMENTATION

if TYPE_CHECKING:
    from explorer.training.feed import Feed
    from explorer.training.recipe import Recipe

Augment: TypeAlias = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures (N, C, H, W), targets (N,) or (N, classes), and weights (N,) if they differ."""

    pictures: Tensor
    targets: Tensor
    weights: Tensor | None


def augments(recipe: Recipe) -> bool:
    """Whether pictures are changed at random before they are learned from."""
    return any(getattr(recipe, knob.name) for knob in AUGMENTATION)


def even_shares(labels: Tensor) -> Tensor:
    """How much each picture (N,) counts so that all classes that there are weigh the same."""
    counts = labels.bincount()
    return counts[labels].float().reciprocal()


class Batches:
    """What each step learns from: a function of the recipe and the step's number alone.

    Every epoch shows all pictures in another order. A single picture that is left over at its end
    is not shown in that epoch, for a batch normalisation can do nothing with it. `weights` (N,)
    says how much each picture counts; they are scaled to a mean of 1.

    Where classes are to be balanced, each has the same weight in the loss, or pictures are drawn
    with replacement, each class as likely as another.
    """

    def __init__(
        self, recipe: Recipe, feed: Feed, augment: Augment | None, weights: Tensor | None
    ) -> None:
        self._recipe, self._feed, self._augment = recipe, feed, augment
        self._device = feed.labels.device
        if recipe.balance == "loss":
            even = even_shares(feed.labels)
            weights = even if weights is None else weights.to(even) * even
        self._weights = None if weights is None else self._checked(weights)
        count, size = len(feed), recipe.batch_size or len(feed)
        whole, rest = divmod(count, size)
        self.size = min(size, count)
        self.per_epoch = whole + (rest > 1 or not whole)
        self._order: tuple[int, Tensor] = (-1, torch.empty(0))
        if augment is None:
            feed.keep_ready()

    def _checked(self, weights: Tensor) -> Tensor:
        if self._recipe.mixup or self._recipe.cutmix:
            raise BadRequest("Weights of single pictures do not go with mixed ones: set both to 0.")
        if weights.shape != self._feed.labels.shape:
            raise BadRequest(
                f"There are {len(self._feed):,} training pictures and {len(weights):,} weights; "
                "give one weight to each."
            )
        return (weights / weights.mean()).to(self._device, torch.float32)

    def numbers(self, step: int) -> Tensor:
        """Which pictures the step shows, by their place in the training set."""
        epoch, place = divmod(step - 1, self.per_epoch)
        if self._order[0] != epoch:
            order = self._ordered(epoch)
            self._order = (epoch, order.to(self._device))
        return self._order[1][place * self.size : (place + 1) * self.size]

    def _ordered(self, epoch: int) -> Tensor:
        seed, count = self._recipe.seed, len(self._feed)
        if self._recipe.balance != "sampling":
            return streams.order(seed, epoch, count)
        dice = streams.generator(seed, "drawn", epoch)
        even = even_shares(self._feed.labels).cpu()
        return torch.multinomial(even, count, replacement=True, generator=dice)

    def batch(self, step: int) -> Batch:
        """What the step learns from; steps count from 1."""
        numbers = self.numbers(step)
        targets = self._feed.labels[numbers]
        if self._augment is None:
            pictures = self._feed.normalised(numbers)
        else:
            dice = self._dice("augmentation", step)
            pictures, targets = self._augment(self._feed.unit(numbers), targets, dice)
            pictures = self._feed.normalise(pictures)
        if self._recipe.input_noise:
            noise = torch.empty_like(pictures).normal_(generator=self._dice("input noise", step))
            pictures = pictures + self._recipe.input_noise * noise
        if self._recipe.layout == "channels last":
            pictures = pictures.contiguous(memory_format=torch.channels_last)
        return Batch(pictures, targets, None if self._weights is None else self._weights[numbers])

    def _dice(self, purpose: str, step: int) -> torch.Generator:
        return streams.generator(self._recipe.seed, purpose, step, device=self._device)

"""How flat the loss is around the weights that training found.

Li, Xu, Taylor, Studer and Goldstein, “Visualizing the Loss Landscape of Neural Nets”, 2018,
arXiv 1712.09913: random directions, each filter of them scaled to the norm of the weights' own, so
that networks whose weights are scaled differently can be compared. Biases and normalisation are
left where they are, as in the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from explorer.progress import Progress, silent
from explorer.training.study_records import Landscape

if TYPE_CHECKING:
    from explorer.training.finished import Finished

Direction: TypeAlias = dict[str, Tensor]

FARTHEST = 1.0
DISTANCES = np.linspace(-FARTHEST, FARTHEST, 21)
AXIS = np.linspace(-FARTHEST, FARTHEST, 15)
RADIUS = 0.5
"""The distance at which sharpness is measured, in filter norms."""
DIRECTIONS = 8
PICTURES = 512


def random_direction(network: nn.Module, generator: torch.Generator) -> Direction:
    """A random direction, every filter as long as the network's own; one vectors stay at zero.

    A filter is what makes one output: the first axis of a weight with two axes or more.
    """
    direction = {}
    for name, weight in network.named_parameters():
        if weight.ndim < 2:
            continue
        drawn = torch.randn(weight.shape, generator=generator).to(weight.device, weight.dtype)
        shrink = (_lengths(weight.detach()) / _lengths(drawn)).view(-1, *[1] * (weight.ndim - 1))
        direction[name] = drawn * shrink
    return direction


def _lengths(filters: Tensor) -> Tensor:
    """The norm of each filter (n,)."""
    lengths: Tensor = torch.linalg.vector_norm(filters.flatten(1), dim=1)
    return lengths


@contextmanager
def moved(network: nn.Module, *by: tuple[float, Direction]) -> Iterator[None]:
    """Move the weights along directions for as long as the block runs."""
    named = dict(network.named_parameters())
    kept = {name: named[name].detach().clone() for _, direction in by for name in direction}
    try:
        with torch.no_grad():
            for distance, direction in by:
                for name, step in direction.items():
                    named[name].add_(step, alpha=distance)
        yield
    finally:
        with torch.no_grad():
            for name, weight in kept.items():
                named[name].copy_(weight)


def along(
    network: nn.Module,
    loss: Callable[[], float],
    direction: Direction,
    distances: Sequence[float] | np.ndarray,
) -> np.ndarray:
    """The loss (D,) at distances along a direction."""
    values = np.empty(len(distances))
    for place, distance in enumerate(distances):
        with moved(network, (float(distance), direction)):
            values[place] = loss()
    return values


def over_plane(
    network: nn.Module,
    loss: Callable[[], float],
    directions: tuple[Direction, Direction],
    axis: np.ndarray,
) -> np.ndarray:
    """The loss (P, P) on the plane of two directions; rows run along the second."""
    first, second = directions
    values = np.empty((len(axis), len(axis)))
    for row, down in enumerate(axis):
        for column, across in enumerate(axis):
            with moved(network, (float(across), first), (float(down), second)):
                values[row, column] = loss()
    return values


def sharpness(
    network: nn.Module,
    loss: Callable[[], float],
    directions: Sequence[Direction],
    radius: float = RADIUS,
) -> float:
    """By how much the loss rises at a radius, a mean over directions and both ways along each."""
    base = loss()
    rises = [along(network, loss, each, (-radius, radius)) - base for each in directions]
    return float(np.mean(rises))


def sharpness_of(done: Finished, seed: int = 0) -> float:
    """The sharpness of a run that was opened, as its landscape tells it too."""
    return sharpness(done.network, _training_loss(done), _directions(done, seed))


def _directions(done: Finished, seed: int) -> list[Direction]:
    generator = torch.Generator().manual_seed(seed)
    return [random_direction(done.network, generator) for _ in range(DIRECTIONS)]


def landscape_of(done: Finished, seed: int = 0, progress: Progress = silent) -> Landscape:
    """The loss around the last weights of a run, along lines and on a plane."""
    network, loss = done.network, _training_loss(done)
    directions = _directions(done, seed)
    lines = []
    for number, direction in enumerate(directions):
        progress(0.5 * number / DIRECTIONS, f"Walking away from the weights of {done.title}")
        lines.append(along(network, loss, direction, DISTANCES))
    progress(0.5, f"Walking over a plane around the weights of {done.title}")
    plane = over_plane(network, loss, (directions[0], directions[1]), AXIS)
    return Landscape(
        done.run,
        DISTANCES,
        np.array(lines),
        AXIS,
        plane,
        loss(),
        sharpness(network, loss, directions),
        min(PICTURES, len(done.sets.train.labels)),
    )


def _training_loss(done: Finished) -> Callable[[], float]:
    """The cross-entropy on the first training pictures, as a function of the weights now."""
    inputs, labels = done.inputs(done.sets.train, PICTURES)

    def loss() -> float:
        with torch.no_grad():
            return float(nn.functional.cross_entropy(done.network(inputs), labels))

    return loss

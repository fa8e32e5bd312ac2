"""Optimisers sent over a surface: torch's own, step by step, with all they remember.

Positions are one filter of two weights, shape (1, 2), in float64. The gradient is the surface's
formula and not autograd's, which tests hold to be the same; everything else is the optimiser's
own code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from explorer.errors import BadRequest
from explorer.training import race, surfaces
from explorer.training.optimisers import optimiser
from explorer.training.paths_records import LONGEST, Path, Paths, Settings, State, Sweep
from explorer.training.recipe import checked
from explorer.training.surface_formulas import BATCH

if TYPE_CHECKING:
    from explorer.training.surfaces import Array, Surface

FAR = 1e6
"""A coordinate beyond this has left any picture: the way ends there."""
MOST_RATES = 60


def paths(surface: str, chosen: Sequence[tuple[str, float]], settings: Settings) -> Paths:
    """Send each optimiser (name, learning rate) over a surface.

    Raises BadRequest for a surface, optimiser or setting that makes no sense.
    """
    ground = surfaces.find(surface)
    _fits(settings)
    disturbed = _disturbances(ground, settings)
    ways = tuple(_path(ground, name, rate, settings, disturbed) for name, rate in chosen)
    return Paths(surface, settings, ways)


def sweep(
    surface: str,
    chosen: Sequence[str],
    rates: Sequence[float],
    target: float,
    settings: Settings,
) -> Sweep:
    """Count each optimiser's steps until it stays below a loss, at each learning rate."""
    if len(rates) > MOST_RATES:
        raise BadRequest(f"Ask for at most {MOST_RATES} learning rates at a time.")
    rows = tuple(
        tuple(
            race.arrival(way, target)
            for way in paths(surface, [(name, rate) for rate in rates], settings).paths
        )
        for name in chosen
    )
    return Sweep(surface, settings, target, tuple(chosen), tuple(rates), rows)


def _fits(settings: Settings) -> None:
    if not 1 <= settings.steps <= LONGEST:
        raise BadRequest(f"A way has 1 to {LONGEST:,} steps, not {settings.steps}.")
    if not all(np.isfinite((*settings.start, settings.noise))) or settings.noise < 0:
        raise BadRequest("Start and noise are finite numbers, and noise is not below zero.")


def _disturbances(ground: Surface, settings: Settings) -> tuple[Array, Array]:
    """Noise (T + 1, 2) and the examples (T + 1, batch) that each step sees, the same for all."""
    random = np.random.default_rng(settings.seed)
    rows = settings.steps + 1
    noise = settings.noise * random.standard_normal((rows, 2))
    return noise, random.integers(0, max(1, ground.examples), (rows, BATCH))


def _path(
    ground: Surface, name: str, rate: float, settings: Settings, disturbed: tuple[Array, Array]
) -> Path:
    """One optimiser's way, until it has made its steps or run off."""
    weight = nn.Parameter(torch.tensor([settings.start], dtype=torch.float64))
    weight.grad = torch.zeros_like(weight)
    stepping = _made(name, rate, settings, weight)
    place, given = weight.detach().numpy()[0], weight.grad.numpy()[0]  # views of the same memory
    rows: list[tuple[Array, float, Array, Mapping[str, Array]]] = []
    broke = None
    with np.errstate(all="ignore"):
        for step in range(settings.steps + 1):
            loss = float(ground.value(place[0], place[1]))
            given[:] = _gradient(ground, place, disturbed, step)
            if not _usable(place, loss, given):
                broke = step
                break
            rows.append((place.copy(), loss, given.copy(), _remembered(stepping, weight)))
            if step < settings.steps:
                stepping.step()
    return _recorded(name, rate, rows, broke)


def _made(
    name: str, rate: float, settings: Settings, weight: nn.Parameter
) -> torch.optim.Optimizer:
    recipe = checked(
        optimiser=name,
        learning_rate=rate,
        momentum=settings.momentum,
        second_moment=settings.second_moment,
        weight_decay=settings.weight_decay,
    )
    return optimiser(recipe, [weight])


def _gradient(
    ground: Surface, place: Array, disturbed: tuple[Array, Array], step: int
) -> tuple[float, float]:
    x, y = place[0], place[1]
    noise, examples = disturbed
    if ground.sampled is None:
        by_x, by_y = ground.gradient(x, y)
    else:
        by_x, by_y = ground.sampled(x, y, examples[step])
    return float(by_x + noise[step, 0]), float(by_y + noise[step, 1])


def _usable(place: Array, loss: float, gradient: Array) -> bool:
    return bool(np.isfinite(loss) and np.isfinite(gradient).all() and np.abs(place).max() <= FAR)


def _remembered(stepping: torch.optim.Optimizer, weight: torch.Tensor) -> Mapping[str, Array]:
    """What the optimiser keeps for each coordinate, under torch's names."""
    return {
        name: value.detach().numpy()[0].copy()
        for name, value in stepping.state.get(weight, {}).items()
        if isinstance(value, torch.Tensor) and value.shape == weight.shape
    }


def _recorded(
    name: str,
    rate: float,
    rows: Sequence[tuple[Array, float, Array, Mapping[str, Array]]],
    broke: int | None,
) -> Path:
    if not rows:
        raise BadRequest("The loss has no finite value or gradient at the start; choose another.")
    nothing = np.zeros(2)  # what every optimiser begins with, before torch makes it
    names = list(rows[-1][3])
    return Path(
        name,
        rate,
        np.array([place for place, *_ in rows]),
        np.array([loss for _, loss, *_ in rows]),
        np.array([gradient for _, _, gradient, _ in rows]),
        tuple(
            State(each, np.array([kept.get(each, nothing) for *_, kept in rows])) for each in names
        ),
        broke,
    )

"""Each optimiser against torch's own with its settings spelt out, and AdamP against its paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn, optim

from explorer.errors import BadRequest
from explorer.training.adamp import DELTA, projected
from explorer.training.knobs.optimisers import OPTIMISERS
from explorer.training.optimisers import optimiser
from explorer.training.recipe import checked

RATE, MOMENTUM, SECOND, DECAY = 0.03, 0.8, 0.95, 0.1
TORCHS: dict[str, Callable[[Any], optim.Optimizer]] = {
    "sgd": lambda w: optim.SGD(w, RATE, weight_decay=DECAY),
    "momentum": lambda w: optim.SGD(w, RATE, momentum=MOMENTUM, weight_decay=DECAY),
    "nesterov": lambda w: optim.SGD(w, RATE, momentum=MOMENTUM, weight_decay=DECAY, nesterov=True),
    "adagrad": lambda w: optim.Adagrad(w, RATE, weight_decay=DECAY),
    "adadelta": lambda w: optim.Adadelta(w, RATE, rho=SECOND, weight_decay=DECAY),
    "rmsprop": lambda w: optim.RMSprop(w, RATE, alpha=SECOND, weight_decay=DECAY),
    "adam": lambda w: optim.Adam(w, RATE, (MOMENTUM, SECOND), weight_decay=DECAY),
    "adamw": lambda w: optim.AdamW(w, RATE, (MOMENTUM, SECOND), weight_decay=DECAY),
    "radam": lambda w: optim.RAdam(w, RATE, (MOMENTUM, SECOND), weight_decay=DECAY),
}


def descended(make: Callable[[Any], optim.Optimizer], start: torch.Tensor) -> torch.Tensor:
    """Where thirty steps down a bowl with unlike slopes lead."""
    weights = nn.Parameter(start.clone())
    method = make([weights])
    slopes = torch.linspace(0.1, 5, start.numel()).view_as(start)
    for _ in range(30):
        method.zero_grad()
        (slopes * (weights - 1) ** 2).sum().backward()
        method.step()
    return weights.detach()


def ours(name: str) -> Callable[[Any], optim.Optimizer]:
    """The optimiser that a recipe asks for."""
    recipe = checked(
        optimiser=name, learning_rate=RATE, momentum=MOMENTUM, second_moment=SECOND,
        weight_decay=DECAY,
    )  # fmt: skip
    return lambda weights: optimiser(recipe, weights)


@pytest.mark.parametrize("name", TORCHS)
def test_it_is_torchs_own(name: str) -> None:
    """Thirty steps lead to the same place but for rounding, and away from the start."""
    start = torch.zeros(3, 4)
    found = descended(ours(name), start)
    torch.testing.assert_close(found, descended(TORCHS[name], start), rtol=1e-5, atol=1e-6)
    assert (found != start).all()


def test_every_optimiser_is_compared() -> None:
    """The table above, with AdamP below, has all there are to choose."""
    assert {*TORCHS, "adamp"} == set(OPTIMISERS)


def by_the_paper(start: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """AdamP in numpy, row by row as algorithm 2 has it (decay 0.1 of it where projected)."""
    w, m, v = start.astype(np.float64), np.zeros(start.shape), np.zeros(start.shape)
    for step in range(1, 31):
        g = 2 * slopes * (w - 1)
        m = MOMENTUM * m + (1 - MOMENTUM) * g
        v = SECOND * v + (1 - SECOND) * g * g
        p = (m / (1 - MOMENTUM**step)) / (np.sqrt(v / (1 - SECOND**step)) + 1e-8)
        share = 1.0
        for parts in ([(row,) for row in range(len(w))], [tuple(range(len(w)))]):
            cosines = []
            for rows in parts:
                a, b = w[list(rows)].ravel(), g[list(rows)].ravel()
                cosines.append(abs(a @ b) / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-8))
            if max(cosines) < 0.1 / math.sqrt(w[list(parts[0])].size):
                for rows in parts:
                    chosen = list(rows)
                    unit = w[chosen] / max(np.linalg.norm(w[chosen]), 1e-12)
                    p[chosen] -= (unit * p[chosen]).sum() * unit
                share = 0.1
                break
        w = (1 - RATE * DECAY * share) * w - RATE * p
    return w


@pytest.mark.parametrize("start", ["zeros", "ones and minus ones", "a vector"])
def test_adamp_is_that_of_its_paper(start: str) -> None:
    """Thirty steps: from zero, whose first gradient is orthogonal to it, and from elsewhere."""
    if start == "a vector":
        begin = torch.tensor([[0.5, -1.0, 2.0, 0.0]]).T.contiguous()
    else:
        begin = (
            torch.zeros(3, 4) if start == "zeros" else 2 * (torch.arange(12) % 2).view(3, 4) - 1.0
        )
    slopes = np.linspace(0.1, 5, begin.numel()).reshape(begin.shape)
    found = descended(ours("adamp"), begin)
    np.testing.assert_allclose(found, by_the_paper(begin.numpy(), slopes), rtol=2e-4, atol=2e-5)


def test_adamp_takes_out_what_lengthens_every_filter() -> None:
    """Of filters whose gradients stand upright on them, the step does too."""
    weights = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
    gradient = torch.tensor([[4.0, -3.0], [0.0, 2.0]])
    direction, share = projected(weights, gradient, torch.ones(2, 2))
    # (1, 1) less its part along (0.6, 0.8), and along (1, 0).
    torch.testing.assert_close(direction, torch.tensor([[0.16, -0.12], [0.0, 1.0]]))
    assert share == 0.1


def test_adamp_takes_a_layer_where_a_filter_alone_is_not_upright() -> None:
    """The parts along both filters are opposite, so the layer as a whole has none."""
    weights = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    gradient = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    direction, _ = projected(weights, gradient, torch.tensor([[3.0, 1.0], [1.0, 1.0]]))
    torch.testing.assert_close(direction, torch.tensor([[1.0, 1.0], [-1.0, 1.0]]))


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_adamp_leaves_alone_what_is_not_upright(share: float) -> None:
    """The threshold is 0.1 over the root of how many weights there are."""
    cosine = share * DELTA / math.sqrt(4)
    weights = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    gradient = torch.tensor([[cosine, math.sqrt(1 - cosine**2), 0.0, 0.0]])
    direction, _ = projected(weights, gradient, torch.ones(1, 4))
    assert direction[0, 0].item() == (0.0 if share < 1 else 1.0)


def test_adamp_steps_biases_as_adam_does() -> None:
    """Vectors have no scale of their own; without decay it is Adam to rounding."""
    start = torch.linspace(-1, 1, 5)
    recipe = checked(optimiser="adamp", learning_rate=RATE, momentum=MOMENTUM, second_moment=SECOND)
    found = descended(lambda weights: optimiser(recipe, weights), start)
    adam = descended(lambda weights: optim.Adam(weights, RATE, (MOMENTUM, SECOND)), start)
    torch.testing.assert_close(found, adam)


def test_nesterov_without_momentum_is_refused() -> None:
    """There is nothing to look ahead along."""
    with pytest.raises(BadRequest, match="momentum above 0"):
        optimiser(checked(optimiser="nesterov", momentum=0), [nn.Parameter(torch.ones(1))])

"""The loss around weights: a quadratic in closed form, filter norms, and nothing left moved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.training import flatness
from explorer.training.finished import opened
from explorer.training.fit import Training
from explorer.training.recipe import checked

CURVATURE = 3.0


def quadratic() -> tuple[nn.Linear, Tensor, Callable[[], float]]:
    """A layer (2, 3) at the minimum of 3 / 2 times the squared distance from its weights."""
    torch.manual_seed(0)
    layer = nn.Linear(3, 2)
    minimum = layer.weight.detach().clone()

    def loss() -> float:
        return float(CURVATURE / 2 * (layer.weight.detach() - minimum).square().sum())

    return layer, minimum, loss


def generator(seed: int = 0) -> torch.Generator:
    """A generator of random numbers."""
    return torch.Generator().manual_seed(seed)


def test_a_direction_is_as_long_as_the_filters() -> None:
    """Filter by filter, in a convolution and in a linear layer; biases and norms are left out."""
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    direction = flatness.random_direction(network, generator())
    assert sorted(direction) == ["0.weight", "3.weight"]
    named = dict(network.named_parameters())
    for name, step in direction.items():
        lengths = step.flatten(1).norm(dim=1)
        assert torch.allclose(lengths, named[name].flatten(1).norm(dim=1))


def test_filters_of_zero_stay_where_they_are() -> None:
    """A filter without weights has the norm zero, and no direction."""
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    assert flatness.random_direction(layer, generator())["weight"].abs().sum() == 0


def test_along_a_quadratic() -> None:
    """At distance t the loss is c / 2 t^2 times the squared norm of the weights."""
    layer, minimum, loss = quadratic()
    distances = np.array([-1.0, -0.5, 0.0, 0.25, 2.0])
    found = flatness.along(layer, loss, flatness.random_direction(layer, generator()), distances)
    expected = CURVATURE / 2 * distances**2 * float(minimum.square().sum())
    assert found == pytest.approx(expected, rel=1e-5)


def test_sharpness_of_a_quadratic() -> None:
    """c / 2 r^2 |w|^2, whatever the directions are; four times at twice the radius."""
    layer, minimum, loss = quadratic()
    directions = [flatness.random_direction(layer, generator(seed)) for seed in range(3)]
    expected = CURVATURE / 2 * 0.25 * float(minimum.square().sum())
    assert flatness.sharpness(layer, loss, directions) == pytest.approx(expected, rel=1e-5)
    twice = flatness.sharpness(layer, loss, directions, radius=1.0)
    assert twice == pytest.approx(4 * expected, rel=1e-5)


def test_a_rescaled_network_is_as_sharp() -> None:
    """Ten times the weights before a ReLU and a tenth behind it: the same function, and number."""

    def built(scale: float) -> tuple[nn.Sequential, Callable[[], float]]:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(), nn.Linear(8, 3, bias=False))
        with torch.no_grad():
            network[0].weight.mul_(scale)
            network[2].weight.div_(scale)
        x, y = torch.randn(20, 4), torch.arange(20) % 3
        return network, lambda: nn.functional.cross_entropy(network(x), y).item()

    plain, scaled = built(1.0), built(10.0)
    numbers = [
        flatness.sharpness(network, loss, [flatness.random_direction(network, generator())])
        for network, loss in (plain, scaled)
    ]
    assert numbers[1] == pytest.approx(numbers[0], rel=1e-4)


def test_over_a_plane() -> None:
    """Rows run along the second direction; at orthogonal ones the squares add up."""
    layer, _, loss = quadratic()
    one, other = torch.zeros(2, 3), torch.zeros(2, 3)
    one[0, 0], other[1, 2] = 1.0, 2.0
    axis = np.array([0.0, 1.0, 2.0])
    found = flatness.over_plane(layer, loss, ({"weight": one}, {"weight": other}), axis)
    expected = [[CURVATURE / 2 * (x**2 + 4 * y**2) for x in axis] for y in axis]
    assert found == pytest.approx(np.array(expected), rel=1e-5)


def test_weights_come_back() -> None:
    """To the bit, also when the loss raises."""
    layer, minimum, loss = quadratic()
    direction = flatness.random_direction(layer, generator())
    flatness.along(layer, loss, direction, (-1.0, 0.3))
    assert torch.equal(layer.weight, minimum)

    def broken() -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        flatness.along(layer, broken, direction, (1.0,))
    assert torch.equal(layer.weight, minimum)


def test_a_run_has_a_landscape() -> None:
    """Its middle is the loss at the weights; the sharpness is read off the lines at half a norm."""
    recipe = checked(network="mlp", data="moons", samples=40, length=3, width=8)
    run = Training(recipe)
    list(run.records())
    done = opened("id", "Net", recipe, run.weights())
    said: list[str] = []
    found = flatness.landscape_of(done, progress=lambda _, sentence: said.append(sentence))
    middle = len(found.distances) // 2
    assert found.losses.shape == (flatness.DIRECTIONS, len(found.distances))
    assert found.losses[:, middle] == pytest.approx(found.base)
    assert found.plane[len(found.axis) // 2, len(found.axis) // 2] == pytest.approx(found.base)
    assert found.pictures == 40
    half = np.isclose(np.abs(found.distances), flatness.RADIUS)
    assert half.sum() == 2
    expected = (found.losses[:, half] - found.base).mean()
    assert found.sharpness == pytest.approx(expected, rel=1e-5)
    assert flatness.sharpness_of(done) == pytest.approx(found.sharpness)
    assert any("Net" in sentence for sentence in said)

"""Surfaces: slopes and curvatures against autograd and finite differences, published minima."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.errors import BadRequest
from explorer.training import surface_formulas, surfaces
from explorer.training.surfaces import SURFACES, Surface

ALL = pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda each: each.key)
PLACES = [(-1.3, 0.7), (0.4, 1.1), (1.9, -0.6), (-0.2, -0.9)]


def autograd(key: str, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The surfaces once more, written with torch from their published formulas."""
    a, b = map(torch.tensor, surface_formulas.points())
    u = x * math.cos(math.pi / 6) + y * math.sin(math.pi / 6)
    v = y * math.cos(math.pi / 6) - x * math.sin(math.pi / 6)
    return {
        "bowl": (x**2 + y**2) / 2,
        "ravine": (x**2 + 25 * y**2) / 2,
        "turned": (u**2 + 25 * v**2) / 2,
        "saddle": (x**2 - y**2) / 2 + y**4 / 16,
        "beale": (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
        "rosenbrock": (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        "noisy": ((x * a + y - b) ** 2).mean() / 2,
        "bumps": (x**2 + y**2) / 10 + 1 - torch.cos(2 * x) * torch.cos(2 * y),
        "direction": 1 - x / torch.sqrt(x**2 + y**2),
    }[key]


@ALL
@pytest.mark.parametrize("place", PLACES)
def test_values_gradients_and_curvatures(surface: Surface, place: tuple[float, float]) -> None:
    """All three are autograd's of the published formula, to rounding."""
    at = torch.tensor(place, dtype=torch.float64, requires_grad=True)
    loss = autograd(surface.key, at[0], at[1])
    (gradient,) = torch.autograd.grad(loss, at)
    second = torch.autograd.functional.hessian(
        lambda both: autograd(surface.key, both[0], both[1]), at
    )
    assert surface.value(*place) == pytest.approx(loss.item(), rel=1e-12, abs=1e-12)
    assert surface.gradient(*place) == pytest.approx(gradient.tolist(), rel=1e-11, abs=1e-12)
    ours = surface.hessian(*place)
    theirs = (second[0, 0].item(), second[0, 1].item(), second[1, 1].item())
    assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-10)
    eigenvalues = torch.linalg.eigvalsh(second).tolist()
    assert surface.curvatures(*place) == pytest.approx(eigenvalues, rel=1e-10, abs=1e-10)


@ALL
def test_gradients_by_finite_differences(surface: Surface) -> None:
    """Central differences of the value itself."""
    h = 1e-5
    for x, y in PLACES:
        by_x = (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h)
        by_y = (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h)
        assert surface.gradient(x, y) == pytest.approx((by_x, by_y), rel=1e-6, abs=1e-6)


@ALL
def test_minima_are_minima(surface: Surface) -> None:
    """The stated value, no slope, nothing lower on a grid; in the window, as are all starts."""
    for minimum in surface.minima:
        assert surface.value(*minimum) == pytest.approx(surface.least, abs=1e-12)
        assert surface.gradient(*minimum) == pytest.approx((0, 0), abs=1e-9)
        assert surface.inside(*minimum)
    xs = np.linspace(surface.low[0], surface.high[0], 201)
    ys = np.linspace(surface.low[1], surface.high[1], 200)
    with np.errstate(invalid="ignore"):
        grid = surface.value(*np.meshgrid(xs, ys))
    assert np.nanmin(grid) >= surface.least - 1e-12
    assert all(surface.inside(*start.at) for start in surface.starts)


def test_curvatures_of_the_quadratics() -> None:
    """One and 25 for both ravines, whichever way they lie; turning changes no eigenvalue."""
    assert surfaces.find("bowl").curvatures(1, 2) == pytest.approx((1, 1))
    assert surfaces.find("ravine").curvatures(1, 2) == pytest.approx((1, 25))
    assert surfaces.find("turned").curvatures(-2, 0.3) == pytest.approx((1, 25))


def test_the_line_is_least_squares() -> None:
    """numpy's own fit finds the same line, and the mean of all single gradients is the whole."""
    fit, (a, b) = surfaces.find("noisy"), surface_formulas.points()
    assert fit.minima[0] == pytest.approx(tuple(np.polyfit(a, b, 1)))
    assert fit.sampled is not None
    singles = [fit.sampled(0.3, -0.8, np.array([each])) for each in range(fit.examples)]
    assert np.mean(singles, axis=0) == pytest.approx(fit.gradient(0.3, -0.8))


def test_a_surface_nobody_knows() -> None:
    """One sentence with those there are."""
    with pytest.raises(BadRequest, match="rosenbrock"):
        surfaces.find("everest")

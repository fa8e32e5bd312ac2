"""Mean field theory: expectations by hand, published factors, and wide chains that follow it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.training import gradient_flow, mean_field
from explorer.training.gradient_flow_records import Bench, Setup
from explorer.training.slots import ACTIVATIONS

WIDE = Bench(depth=12, width=512, batch="noise")


@pytest.mark.parametrize("name", mean_field.FUNCTIONS)
def test_functions_are_torchs(name: str) -> None:
    """Value and slope of every activation, against torch's module and autograd."""
    x = torch.linspace(-5, 5, 101, dtype=torch.float64, requires_grad=True)
    y = ACTIVATIONS[name]()(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    f, derivative = mean_field.FUNCTIONS[name]
    points = x.detach().numpy()
    assert f(points) == pytest.approx(y.detach().numpy(), abs=1e-12)
    inner = np.abs(points) > 1e-9  # at a corner, which side's slope is taken is a convention
    assert np.broadcast_to(derivative(points), points.shape)[inner] == pytest.approx(
        slope.numpy()[inner], abs=1e-12
    )


def test_expectations_by_hand() -> None:
    """Of ReLU's square q / 2, of its slope 1 / 2, of its value sqrt(q / 2 pi); of x^4 3 q^2."""
    relu, slope = mean_field.FUNCTIONS["relu"]
    assert mean_field.mean(lambda x: relu(x) ** 2, 3.0) == pytest.approx(1.5)
    assert mean_field.mean(slope, 3.0) == pytest.approx(0.5)
    assert mean_field.mean(relu, 3.0) == pytest.approx(math.sqrt(3 / (2 * math.pi)), rel=1e-2)
    assert mean_field.mean(lambda x: x**4, 2.0) == pytest.approx(12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "elu"])
def test_expectations_by_sampling(name: str) -> None:
    """A million normal numbers agree to a percent."""
    f, slope = mean_field.FUNCTIONS[name]
    z = np.random.default_rng(0).standard_normal(1_000_000) * 1.3
    for function in (lambda x: f(x) ** 2, lambda x: slope(x) ** 2):
        assert mean_field.mean(function, 1.69) == pytest.approx(function(z).mean(), rel=0.01)


@pytest.mark.parametrize(
    ("setup", "factor"),
    [
        (Setup("relu", "he"), 1.0),  # He et al. 2015, equation 10
        (Setup("relu", "glorot"), math.sqrt(0.5)),
        (Setup("relu", "too large"), 3.0),
        (Setup("relu", "he", skip=True), math.sqrt(2)),  # 1 + s / 2
        (Setup("identity", "lecun"), 1.0),
        (Setup("relu", "he", "layer"), 1.0),
    ],
)
def test_factors_by_hand(setup: Setup, factor: float) -> None:
    """What a layer multiplies the norm of a gradient by."""
    theory = mean_field.theory(gradient_flow.flow(setup, Bench(20, 32, "noise")))
    assert theory is not None
    assert theory.gradients[-3] / theory.gradients[-2] == pytest.approx(factor, rel=1e-6)


def test_batch_norm_explodes_as_published() -> None:
    """Of each ReLU layer pi / (pi - 1) in the mean square: Yang et al. 2019, arXiv 1902.08129."""
    theory = mean_field.theory(gradient_flow.flow(Setup("relu", "he", "batch"), WIDE))
    assert theory is not None
    per_layer = (theory.gradients[4] / theory.gradients[5]) ** 2
    assert per_layer == pytest.approx(math.pi / (math.pi - 1), rel=0.02)


@pytest.mark.parametrize(
    "setup",
    [
        Setup("relu", "he"),
        Setup("sigmoid", "glorot"),
        Setup("tanh", "glorot"),
        Setup("gelu", "he", "layer"),
        Setup("relu", "he", "batch"),
        Setup("relu", "he", "layer"),
        Setup("relu", "he", skip=True),
        Setup("relu", "own", skip=True),
        Setup("relu", "orthogonal"),
    ],
    ids=str,
)
def test_wide_chains_follow_it(setup: Setup) -> None:
    """Twelve layers of width 512: activations and gradients within a quarter of the lines."""
    flow = gradient_flow.flow(setup, WIDE)
    theory = mean_field.theory(flow)
    assert theory is not None
    assert flow.activations == pytest.approx(theory.activations, rel=0.25)
    assert flow.gradients == pytest.approx(theory.gradients, rel=0.25)


@pytest.mark.parametrize("setup", [Setup("relu", "he", "group"), Setup("relu", "zero")])
def test_where_there_is_no_theory(setup: Setup) -> None:
    """None is claimed, and a sentence says why."""
    flow = gradient_flow.flow(setup, Bench(5, 16))
    assert mean_field.theory(flow) is None
    assert mean_field.without(flow).endswith(".")


def test_the_formula_carries_its_numbers() -> None:
    """The middle layer's: s times one half for ReLU."""
    theory = mean_field.theory(gradient_flow.flow(Setup("relu", "he"), Bench(5, 16)))
    assert theory is not None
    assert theory.filled.startswith(r"\chi = 2 \cdot 0.5 = 1")
    assert "He et al." in theory.sentence

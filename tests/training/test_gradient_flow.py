"""Gradient flow: passes through chains against hand calculation, autograd and published factors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explorer.errors import BadRequest
from explorer.training import gradient_flow
from explorer.training.gradient_flow_records import Bench, Setup

SMALL = Bench(depth=5, width=16)


def test_it_is_autograds_own_gradient() -> None:
    """Three layers written out with matrices: the same activations and gradients, to rounding."""
    setup, bench = Setup("tanh", "glorot"), Bench(depth=4, width=8, batch="noise", seed=3)
    flow = gradient_flow.flow(setup, bench)
    x, labels = gradient_flow.batch(bench)
    torch.manual_seed(3)
    chain = gradient_flow.chain(setup, bench, 64)
    first, second, third = (
        (each.weight.detach()[:, :, 0, 0], each.bias.detach())
        for each in chain.modules()
        if isinstance(each, torch.nn.Conv2d)
    )
    h = [F.linear(x[:, :, 0, 0], *first)]
    h[0].requires_grad_()
    for weight, bias in (second, third):
        h.append(F.linear(torch.tanh(h[-1]), weight, bias))
        h[-1].retain_grad()
    loss = F.cross_entropy(chain.scores(torch.tanh(h[-1])), labels)
    loss.backward()
    assert flow.loss == pytest.approx(loss.item(), rel=1e-5)
    assert flow.activations == pytest.approx([each.square().mean().sqrt().item() for each in h])
    norms = [each.grad.norm().item() for each in h if each.grad is not None]
    assert flow.gradients == pytest.approx(norms, rel=1e-4)


def test_zero_weights_let_nothing_through() -> None:
    """All activations and gradients are exactly 0, and the loss is that of ten equal scores."""
    flow = gradient_flow.flow(Setup("relu", "zero"), SMALL)
    assert not flow.activations.any()
    assert not flow.gradients.any()
    assert flow.loss == pytest.approx(math.log(10))


def test_depth_counts_layers_with_weights() -> None:
    """The layer of the scores is left out of the curves."""
    flow = gradient_flow.flow(Setup(), SMALL)
    assert len(flow.activations) == len(flow.gradients) == len(flow.weights) == 4
    assert np.isfinite(flow.weights).all()


def test_a_sigmoid_passes_at_most_a_quarter() -> None:
    """With orthogonal weights no layer's gradient is longer than a quarter of the next one's."""
    flow = gradient_flow.flow(Setup("sigmoid", "orthogonal"), Bench(30, 64))
    assert (flow.gradients[:-1] / flow.gradients[1:]).max() <= 0.25


def test_what_fp32_cannot_hold() -> None:
    """200 sigmoids underflow to exact zeros; 200 layers three times too large overflow."""
    gone = gradient_flow.flow(Setup("sigmoid", "glorot"), Bench(200, 32))
    assert gone.gradients[0] == 0
    assert gone.gradients[-1] > 0
    over = gradient_flow.flow(Setup("relu", "too large"), Bench(200, 32))
    assert not np.isfinite(over.activations).all()


def test_the_same_seed_gives_the_same_numbers() -> None:
    """To the bit; another seed gives others."""
    one, other = (gradient_flow.flow(Setup(), SMALL) for _ in range(2))
    assert np.array_equal(one.gradients, other.gradients)
    assert not np.array_equal(
        gradient_flow.flow(Setup(), Bench(5, 16, seed=1)).gradients, one.gradients
    )


def test_real_digits_are_standardised() -> None:
    """The first 64 of scikit-learn's digits, all values at mean 0 and variance 1."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - a second to import

    values, labels = gradient_flow.batch(Bench())
    assert values.shape == (64, 64, 1, 1)
    assert values.mean().item() == pytest.approx(0, abs=1e-6)
    assert values.std().item() == pytest.approx(1, rel=1e-5)
    assert set(labels.tolist()) <= set(load_digits().target.tolist())


@pytest.mark.parametrize(
    ("setup", "bench", "word"),
    [
        (Setup("softsign"), Bench(), "Activation"),
        (Setup("relu", "luck"), Bench(), "Initialisation"),
        (Setup("relu", "he", "spectral"), Bench(), "Normalisation"),
        (Setup(), Bench(depth=201), "Depth"),
        (Setup(), Bench(width=7), "Width"),
        (Setup(), Bench(batch="cats"), "Batch"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_is_refused(setup: Setup, bench: Bench, word: str) -> None:
    """One sentence that names what is wrong."""
    with pytest.raises(BadRequest, match=word):
        gradient_flow.flow(setup, bench)

"""Gradient methods equal what is worked out by hand or computed directly."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.vision import gradients
from tests.vision.saliency_nets import Linear, Square, ask, awkward

X = torch.arange(16.0).reshape(1, 1, 4, 4) / 8 - 1


def picture(seed: int = 5) -> Tensor:
    """Twelve by twelve pixels of noise."""
    return torch.randn(1, 1, 12, 12, generator=torch.Generator().manual_seed(seed))


def test_the_gradient_is_autograd_s() -> None:
    """Signed, and as the largest absolute value over channels where that is asked."""
    net, x = awkward(), picture().requires_grad_()
    (expected,) = torch.autograd.grad(net(x)[0, 2], x)
    signed = gradients.gradient(ask(net, x, target=2, channels="summed"))
    largest = gradients.gradient(ask(net, x, target=2, channels="largest"))
    assert torch.allclose(signed.values, expected)
    assert torch.allclose(largest.values, expected.abs())
    times = gradients.input_x_gradient(ask(net, x, target=2))
    assert torch.allclose(times.values, expected * x.detach())


def test_smoothgrad_of_a_linear_network_is_its_weights() -> None:
    """Noise changes nothing where the gradient is the same everywhere."""
    net = Linear().requires_grad_(False)
    answer = gradients.smoothgrad(ask(net, X, target=1, samples=7, noise=0.2, seed=0))
    assert torch.allclose(answer.values.flatten(), net.scores.weight[1], atol=1e-6)


def test_the_same_seed_draws_the_same_noise_and_leaves_the_process_s_own() -> None:
    """Seeds 0, 0 and 1; torch's own generator goes on where it was."""
    net, x = awkward(), picture()
    torch.manual_seed(11)
    state = torch.get_rng_state()
    maps = [
        gradients.smoothgrad(ask(net, x, samples=5, noise=0.5, seed=seed)).values
        for seed in (0, 0, 1)
    ]
    assert torch.equal(maps[0], maps[1])
    assert not torch.allclose(maps[0], maps[2])
    assert torch.equal(torch.get_rng_state(), state)


def test_integrated_gradients_of_a_square_are_the_squares() -> None:
    """From 0 the integral of 2x along the way is x squared: Gauss-Legendre has it exactly."""
    answer = gradients.integrated_gradients(ask(Square(), X, steps=4, baseline="grey"))
    assert torch.allclose(answer.values, X**2, atol=1e-5)
    assert answer.completeness is not None
    assert answer.completeness.difference == pytest.approx(float((X**2).sum()), rel=1e-5)
    assert answer.completeness.gap == pytest.approx(0, abs=1e-4)
    assert "gap of 0.000" in answer.completeness.sentence


@pytest.mark.parametrize("baseline", ["black", "blurred", "grey", "white"])
def test_integrated_gradients_add_up(baseline: str) -> None:
    """Their sum is the change of the score, up to the error of so many steps."""
    net, x = awkward(), picture()
    question = ask(net, x, target=1, steps=200, baseline=baseline)
    found = gradients.integrated_gradients(question).completeness
    assert found is not None
    with torch.no_grad():
        change = net(x)[0, 1] - net(question.baseline(baseline))[0, 1]
    assert found.difference == pytest.approx(float(change), abs=1e-5)
    assert found.gap == pytest.approx(0, abs=0.02 * abs(found.difference) + 1e-3)


def test_baselines_are_what_the_network_would_be_given() -> None:
    """Black is (0 - 0.5) / 0.25, white its negative, grey what is subtracted: zero."""
    question = ask(Linear(), X)
    for name, value in (("black", -2.0), ("white", 2.0), ("grey", 0.0)):
        assert torch.equal(question.baseline(name), torch.full_like(X, value))
    blurred = question.baseline("blurred")
    assert blurred.std() < X.std()


def test_gradient_shap_of_a_linear_network() -> None:
    """Weights times the mean difference from the baselines drawn: between black's and white's."""
    net = Linear().requires_grad_(False)
    answer = gradients.gradient_shap(ask(net, X, samples=40, noise=0.0, seed=3))
    weights = net.scores.weight[0].reshape(1, 1, 4, 4)
    low, high = weights * (X - 2), weights * (X + 2)
    assert (answer.values <= torch.maximum(low, high) + 1e-5).all()
    assert (answer.values >= torch.minimum(low, high) - 1e-5).all()


@pytest.mark.parametrize("baseline", ["black", "grey", "white"])
def test_deeplift_adds_up_exactly(baseline: str) -> None:
    """In-place, reused ReLUs, one right before a pooling whose windows overlap: no gap at all."""
    for seed in range(4):
        net, x = awkward(seed), picture(seed)
        answer = gradients.deeplift(ask(net, x, target=1, baseline=baseline))
        assert answer.completeness is not None
        assert answer.completeness.gap == pytest.approx(0, abs=1e-5)
        assert answer.notes == ()


class Unit(nn.Module):
    """relu(2x - 1) of one pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """Two scores, of which the second is nothing."""
        score = F.relu(2 * x.flatten(1) - 1)
        return torch.cat([score, 0 * score], dim=1)


def test_deeplift_of_one_unit_by_hand() -> None:
    """x = 3 against white = 2: relu goes from 3 to 5, whole due to the pixel; its gradient is 2."""
    answer = gradients.deeplift(ask(Unit(), torch.full((1, 1, 1, 1), 3.0), baseline="white"))
    assert float(answer.values) == pytest.approx(2)
    answer = gradients.deeplift(ask(Unit(), torch.full((1, 1, 1, 1), 3.0), baseline="grey"))
    # From relu(-1) = 0 to 5: the multiplier is 5/6 behind the doubling, not 1.
    assert float(answer.values) == pytest.approx(5)


class Gelu(nn.Module):
    """A non-linearity that DeepLIFT has no rule for."""

    def forward(self, x: Tensor) -> Tensor:
        """Two scores."""
        return torch.cat([F.gelu(x).flatten(1).sum(1, keepdim=True), 0 * x.flatten(1)[:, :1]], 1)


def test_where_deeplift_has_no_rule_it_says_so() -> None:
    """The gap is a number, and a sentence names the operations."""
    answer = gradients.deeplift(ask(Gelu(), X, baseline="black"))
    assert answer.completeness is not None
    assert abs(answer.completeness.gap) > 0.1
    assert "no rule for some of this network's operations (1 × GELU)" in answer.notes[0]


def _rule(kind: str) -> Any:
    """ReLU whose backward pass is the paper's."""

    class Rule(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            passed = gradient.clamp(min=0)
            return passed * (x > 0) if kind == "guided" else passed

    return Rule.apply


@pytest.mark.parametrize("kind", ["guided", "deconvolution"])
def test_changed_relus_are_the_papers(kind: str) -> None:
    """The same network written with such ReLUs and differentiated."""
    net, x, relu = awkward(), picture(), _rule(kind)
    leaf = x.clone().requires_grad_()
    pooled = net.pool(relu(net.first(leaf)))
    y = net.second(relu(net.second(pooled))) + pooled
    (expected,) = torch.autograd.grad(net.scores(relu(y).mean((2, 3)))[0, 1], leaf)
    method = gradients.guided_backprop if kind == "guided" else gradients.deconvolution
    assert torch.allclose(method(ask(net, x, target=1)).values, expected, atol=1e-6)


def test_without_a_relu_guided_is_the_gradient_and_says_so() -> None:
    """A sentence, and the numbers of the plain gradient."""
    question = ask(Gelu(), X)
    answer = gradients.guided_backprop(question)
    plain = gradients.gradient(ask(Gelu(), X, channels="summed"))
    assert torch.allclose(answer.values, plain.values)
    assert answer.notes[0] == gradients.NO_RELU


def test_guided_methods_are_compared_with_another_class() -> None:
    """A number between -1 and 1 stands in the sentence, and the other class's name."""
    answer = gradients.guided_backprop(ask(awkward(), picture(), target=0))
    assert "rank correlation" in answer.notes[0]
    assert "two" in answer.notes[0] or "three" in answer.notes[0]

"""Hiding parts of a picture, checked on a network whose scores are sums of pixels."""

from __future__ import annotations

import pytest
import torch

from explorer.errors import BadRequest
from explorer.vision import perturbations
from explorer.vision.superpixels import parts
from explorer.vision.surrogate import WeightedRidge
from tests.vision.saliency_nets import Linear, ask

X = torch.arange(16.0).reshape(1, 1, 4, 4) / 8 - 1


def linear() -> Linear:
    """The same weights every time."""
    torch.manual_seed(2)
    return Linear().eval().requires_grad_(False)


def falls(net: Linear, target: int) -> torch.Tensor:
    """By how much each pixel's hiding in grey, which is zero, lowers the score."""
    return net.scores.weight[target].reshape(4, 4) * X[0, 0]


def quarters(each: torch.Tensor) -> torch.Tensor:
    """The four quarters' sums, standing in all their pixels."""
    sums = each.reshape(2, 2, 2, 2).sum((1, 3))
    return sums.repeat_interleave(2, 0).repeat_interleave(2, 1)


def test_occlusion_by_hand() -> None:
    """A patch of two by two that moves by two: each quarter has the sum of its pixels' falls."""
    net = linear()
    question = ask(net, X, target=1, window=50, stride=50, baseline="grey")
    values = perturbations.occlusion(question).values
    assert torch.allclose(values[0, 0], quarters(falls(net, 1)), atol=1e-6)
    assert question.passes == 1 + 1 + 4


def test_overlapping_patches_are_averaged() -> None:
    """The middle pixels are hidden by four patches and get the mean of their falls."""
    net = linear()
    values = perturbations.occlusion(ask(net, X, window=50, stride=25, baseline="grey")).values
    each = falls(net, 0)
    four = [each[i : i + 2, j : j + 2].sum() for i in (0, 1) for j in (0, 1)]
    assert float(values[0, 0, 1, 1]) == pytest.approx(float(torch.stack(four).mean()), abs=1e-6)


@pytest.mark.parametrize(
    ("window", "stride", "expected"), [(50, 50, 4), (50, 25, 9), (75, 50, 4), (25, 50, 16)]
)
def test_positions_are_counted_as_captum_makes_them(
    window: float, stride: float, expected: int
) -> None:
    """By hand, on four by four pixels; a stride longer than the patch is cut to it."""
    assert perturbations.positions(X, window, stride) == expected
    question = ask(linear(), X, window=window, stride=stride, baseline="grey")
    perturbations.occlusion(question)
    assert question.passes == 2 + expected


@pytest.mark.parametrize("method", ["feature_ablation", "kernel_shap", "lime"])
def test_parts_of_a_sum_get_their_share(method: str) -> None:
    """Four quarters of a linear network: each method finds the fall of each (LIME shrinks it)."""
    net = linear()
    settings = {"parts": "grid", "count": 4, "samples": 200, "baseline": "grey", "seed": 0}
    answer = getattr(perturbations, method)(ask(net, X, target=1, **settings))
    expected = quarters(falls(net, 1))
    tolerance = 0.1 if method == "lime" else 1e-3
    assert torch.allclose(answer.values[0, 0], expected, atol=tolerance)
    assert answer.notes == ("The picture was cut into 4 parts, each of one value.",)


def test_samples_are_drawn_by_the_seed() -> None:
    """Few samples: the same seed repeats the map, another changes it."""
    settings = {"parts": "grid", "count": 16, "samples": 10, "baseline": "grey"}
    maps = [
        perturbations.lime(ask(linear(), X, seed=seed, **settings)).values for seed in (0, 0, 1)
    ]
    assert torch.equal(maps[0], maps[1])
    assert not torch.allclose(maps[0], maps[2])


def test_ridge_is_the_textbook_s() -> None:
    """Weights and penalty in the normal equations, with an intercept that is not penalised."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(30, 3, generator=generator).double()
    outputs, weights = features @ torch.tensor([1.0, -2, 3]).double() + 5, torch.rand(30).double()
    halves = (slice(10), slice(10, None))
    model = WeightedRidge(2.0)
    model.fit([tuple(each[part] for each in (features, outputs, weights)) for part in halves])
    ones = torch.cat([features, torch.ones(30, 1).double()], dim=1)
    penalty = 2 * torch.diag(torch.tensor([1.0, 1, 1, 0])).double()
    inner = ones.T @ (weights[:, None] * ones) + penalty
    expected = torch.linalg.solve(inner, ones.T @ (weights * outputs))[:3]
    assert torch.allclose(model.representation().double(), expected, atol=1e-5)


def test_superpixels_follow_edges() -> None:
    """Dark left, light right: no superpixel lies on both sides; numbers start at 0."""
    x = torch.zeros(1, 3, 40, 40)
    x[..., 20:] = 1
    numbers = parts(x, "superpixels", 8)[0, 0]
    assert not set(numbers[:, :20].flatten().tolist()) & set(numbers[:, 20:].flatten().tolist())
    assert sorted(numbers.unique().tolist()) == list(range(int(numbers.max()) + 1))


def test_one_part_only_is_one_sentence() -> None:
    """A picture of one pixel cannot be cut."""
    with pytest.raises(BadRequest, match="one part only"):
        parts(torch.zeros(1, 1, 1, 1), "grid", 4)

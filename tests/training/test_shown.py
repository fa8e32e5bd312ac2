"""What is shown of a network that learns: the fixed sample, filters, histograms."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from explorer.training import shown
from explorer.training.data.loading import Pictures
from tests import small_training as small


def test_the_sample_takes_all_classes_in_turn() -> None:
    """The first ones of each: of labels sorted by class, the first of each class comes first."""
    labels = torch.tensor([0] * 20 + [1] * 20 + [2])
    chosen = shown.sample(Pictures(torch.zeros(41, 1, 2, 2, dtype=torch.uint8), labels))
    assert chosen.tolist()[:6] == [0, 20, 40, 1, 21, 2]
    assert len(chosen) == shown.SAMPLE


def test_grey_pictures_become_rows_of_three_colours() -> None:
    """(N, 1, H, W) to (N, H, W, 3), each pixel as it was."""
    values = torch.arange(8, dtype=torch.uint8).view(2, 1, 2, 2)
    pixels = shown.as_pixels(values)
    assert pixels.shape == (2, 2, 2, 3)
    assert pixels[1, 0, 1].tolist() == [5, 5, 5]


def test_filters_are_those_of_the_first_layer() -> None:
    """Kernels of a convolution, at most 64; of a linear layer that reads pixels, pictures."""
    conv = shown.filters([("conv", nn.Conv2d(3, 100, 5))], (3, 8, 8), 7)
    assert conv is not None
    assert (conv.step, conv.weights.shape) == (7, (64, 3, 5, 5))
    layer = nn.Linear(12, 4)
    linear = shown.filters([("linear", layer)], (3, 2, 2), 1)
    assert linear is not None
    assert np.array_equal(linear.weights[1].ravel(), layer.weight[1].detach().numpy())
    assert shown.filters([("linear", nn.Linear(2, 4))], (2, 1, 1), 1) is None, "points"
    assert shown.filters([("linear", nn.Linear(5, 4))], (3, 2, 2), 1) is None, "not pixels"


def test_histograms_count_what_is_no_number_apart() -> None:
    """And everything else between the smallest and the largest value."""
    found = shown.histogram(torch.tensor([0.0, 1.0, 1.0, float("nan"), float("inf")]))
    assert (found.counts.sum(), found.not_finite) == (3, 2)
    assert (found.edges[0], found.edges[-1], found.counts[-1]) == (0.0, 1.0, 2)
    wide = shown.histogram(torch.tensor([-3e38, 3e38]))
    assert (wide.counts.sum(), wide.not_finite) == (2, 0)
    assert len(found.edges) == len(found.counts) + 1 == shown.BINS + 1


def test_probabilities_add_up_to_one() -> None:
    """By softmax; scores trained to be 0 and 1 are cut off at both and divided by their sum."""
    soft = shown.probabilities(torch.tensor([[0.0, 0.0]]), "cross-entropy")
    assert soft.tolist() == [[0.5, 0.5]]
    cut = shown.probabilities(torch.tensor([[-3.0, 0.5, 0.5], [0.0, 0.0, 0.0]]), "squared error")
    np.testing.assert_allclose(cut, [[0.0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]], atol=1e-6)


def test_a_layer_that_is_no_number_still_has_histograms() -> None:
    """Weights that diverged are shown as such."""
    network = small.network().network
    with torch.no_grad():
        network[0].weight.fill_(float("nan"))
    found = shown.histogram(network[0].weight)
    assert (found.counts.sum(), found.not_finite) == (0, 36)

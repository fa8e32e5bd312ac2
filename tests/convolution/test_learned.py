"""The first kernels of real networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from explorer.convolution.learned import first_layer

if TYPE_CHECKING:
    import pytest


def test_lenets_kernels_are_those_it_learned() -> None:
    """Six of 5 x 5 with their biases, from the weights that come with the project."""
    layer = first_layer("lenet5")
    assert (layer.weight.shape, layer.bias.shape) == ((6, 1, 5, 5), (6,))
    assert (layer.layer, layer.random) == ("c1", False)
    # A digit's strokes need differences: every kernel has weights of both signs.
    assert (layer.weight.min(axis=(1, 2, 3)) < 0).all()
    assert (layer.weight.max(axis=(1, 2, 3)) > 0).all()


def test_squeezenets_kernels_are_those_in_the_file(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """96 of 7 x 7 x 3, stride 2, number by number as torchvision published them."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    layer = first_layer("squeezenet1_0", "IMAGENET1K_V1")
    file = shared_data / "torch_home/hub/checkpoints/squeezenet1_0-b66bff10.pth"
    published = torch.load(file, weights_only=True)
    np.testing.assert_array_equal(layer.weight, published["features.0.weight"].double().numpy())
    np.testing.assert_array_equal(layer.bias, published["features.0.bias"].double().numpy())
    assert (layer.stride, layer.padding, layer.random) == ((2, 2), (0, 0), False)


def test_random_kernels_say_so() -> None:
    """Without weights on disk nothing was learned."""
    layer = first_layer("squeezenet1_1", "random")
    assert layer.random
    assert layer.weight.shape == (64, 3, 3, 3)

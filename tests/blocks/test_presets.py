"""The presets are what their names promise, and small enough for a laptop."""

from __future__ import annotations

import pytest
import torch

from explorer.blocks.drawing import draw
from explorer.blocks.network import network
from explorer.blocks.presets import PRESETS

PARAMETERS = {
    # 32 * 28 + 32 * 289 + 64 * 289 + 64 * 577 + 128 * 577 + 128 * 1153, 2048 * 256 + 256, 2,570
    "Mini-VGG": 896 + 9_248 + 18_496 + 36_928 + 73_856 + 147_584 + 524_544 + 2_570,
    "LeNet-5": 156 + 2_416 + 48_120 + 10_164 + 850,
}


@pytest.mark.parametrize("name", PRESETS)
def test_they_classify_ten_classes(name: str) -> None:
    """Every row fits, pictures of 32 x 32 give ten numbers, under a million parameters."""
    preset = PRESETS[name]
    drawn = draw(preset)
    assert drawn.failing is None
    assert drawn.rows[-1].output == (10,)
    assert preset.shape[1:] == (32, 32)
    assert drawn.anatomy is not None
    assert drawn.anatomy.params < 1_000_000
    with torch.inference_mode():
        assert network(preset)(torch.rand(2, *preset.shape)).shape == (2, 10)


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_counted_by_hand(name: str) -> None:
    """Weights and biases, layer by layer."""
    anatomy = draw(PRESETS[name]).anatomy
    assert anatomy is not None
    assert anatomy.params == PARAMETERS[name]


def test_mini_resnet_has_the_depth_of_its_blocks() -> None:
    """One convolution, six blocks of two, one fully connected layer: 14."""
    anatomy = draw(PRESETS["Mini-ResNet"]).anatomy
    assert anatomy is not None
    assert anatomy.depth == 1 + 6 * 2 + 1

"""Mixes of channels, stamps and detectors by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.convolution import mixing
from explorer.convolution.records import Geometry
from explorer.convolution.sliding import convolve
from explorer.errors import BadRequest

X = np.random.default_rng(0).random((3, 4, 5))


@pytest.mark.parametrize("mix", mixing.MIXES, ids=lambda each: each.name)
def test_a_mix_is_the_same_linear_layer_at_every_pixel(mix: mixing.Mix) -> None:
    """Equal to torch's linear layer over the channels (Lin, Chen and Yan, 2013)."""
    weights = mix.weights(3)
    done = convolve(X, weights[:, :, None, None], None, Geometry())
    pixels = torch.from_numpy(X).permute(1, 2, 0)
    expected = torch.nn.functional.linear(pixels, torch.from_numpy(weights)).permute(2, 0, 1)
    np.testing.assert_allclose(done.output, expected.numpy(), atol=1e-12)


def test_grey_pictures_stay_what_they_are() -> None:
    """The luma weights add up to one, opposed colours of a grey picture to nothing."""
    assert mixing.named("grey").weights(1).tolist() == [[pytest.approx(1.0)]]
    assert mixing.named("opponent").weights(1).ravel() == pytest.approx([0.0, 0.0, 1.0])


def test_a_tent_interpolates() -> None:
    """Stamps of the tent at stride 2 add up to one everywhere inside: bilinear enlargement."""
    assert mixing.stamp("gauss", 3)[1].tolist() == [0.5, 1.0, 0.5]
    assert mixing.stamp("gauss", 4)[1] == pytest.approx(0.8 * np.array([0.4, 0.8, 0.8, 0.4]))
    assert mixing.stamp("count", 2).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_detectors_answer_to_what_they_are_called() -> None:
    """Bright on the left, above, and in the middle."""
    for side in (2, 3, 6):
        left = np.zeros((1, side, side))
        left[0, :, 0] = 1.0
        answers = convolve(left, mixing.detectors(side), None, Geometry()).output.ravel()
        assert answers[0] == side
        assert answers[1] == 0.0


def test_unknown_names() -> None:
    """The known ones are listed."""
    with pytest.raises(BadRequest, match="sepia"):
        mixing.named("blue")
    with pytest.raises(BadRequest, match="ones"):
        mixing.stamp("twos", 3)

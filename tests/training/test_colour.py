"""Changed light: held against torchvision's functions, numpy, and colours made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as F

from explorer.training import colour


def pictures(count: int, channels: int = 3) -> torch.Tensor:
    """Random pictures (N, C, 6, 5)."""
    return torch.rand(count, channels, 6, 5, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("channels", [1, 3])
def test_jitter_is_torchvisions(channels: int) -> None:
    """Brightness, contrast and saturation, each picture by its own factors."""
    given = pictures(3, channels)
    factors = torch.tensor([[0.4, 1.0, 1.6], [1.3, 0.5, 1.0], [0.2, 1.9, 1.0]])
    found = colour.jittered(given, *factors)
    for place in range(3):
        light, contrast, strength = factors[:, place].tolist()
        wanted = F.adjust_contrast(F.adjust_brightness(given[place], light), contrast)
        wanted = F.adjust_saturation(wanted, strength)
        torch.testing.assert_close(found[place], wanted, atol=1e-5, rtol=0)


def test_principal_colours_are_those_of_numpy() -> None:
    """Eigenvectors of the covariance of all pixels, each as long as its eigenvalue."""
    dice = np.random.default_rng(0)
    raw = dice.multivariate_normal(
        [120, 90, 60], [[900, 500, 0], [500, 600, 90], [0, 90, 200]], 2000
    )
    values = raw.clip(0, 255).astype(np.uint8)
    given = torch.from_numpy(values.reshape(20, 10, 10, 3)).permute(0, 3, 1, 2)
    found = colour.principal_colours(given)
    covariance = np.cov(values.T / 255)
    for column, length in zip(found.T.numpy(), np.linalg.eigvalsh(covariance), strict=True):
        assert np.linalg.norm(column) == pytest.approx(length, rel=1e-4)
        # An eigenvector: the matrix stretches it by its eigenvalue.
        np.testing.assert_allclose(covariance @ column, length * column, atol=1e-7)


def test_pictures_of_one_colour_shift_along_it_alone() -> None:
    """Data that vary from black to yellow move along yellow: red and green alike, blue never."""
    ramp = torch.arange(0, 200, 2, dtype=torch.uint8).view(1, 1, 10, 10)
    given = torch.cat([ramp, ramp, torch.zeros_like(ramp)], dim=1)
    colours = colour.principal_colours(given)
    unit = torch.full((1, 3, 2, 2), 0.5)
    found = colour.shifted(unit, colours, torch.tensor([[1.0, 1.0, 1.0]])) - 0.5
    variance = (torch.arange(0, 200, 2) / 255).double().var().item()
    torch.testing.assert_close(found[:, 2], torch.zeros(1, 2, 2))
    torch.testing.assert_close(found[:, 0], found[:, 1])
    # The covariance of two equal channels has the eigenvalue 2 * variance, along (1, 1) / sqrt(2).
    assert found[0, 0, 0, 0].abs().item() == pytest.approx(2 * variance / 2**0.5, rel=1e-4)


def test_colours_of_other_channels() -> None:
    """Grey data shift all three channels alike; of RGB data a grey picture takes the luminance."""
    assert torch.equal(colour.of_channels(torch.tensor([[2.0]]), 3), torch.full((3, 1), 2.0))
    axes = torch.eye(3)
    torch.testing.assert_close(colour.of_channels(axes, 1), torch.tensor([colour.GREY]))
    assert colour.of_channels(axes, 3) is axes

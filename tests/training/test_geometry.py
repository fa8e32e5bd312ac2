"""Moved pictures: held against torchvision's functions for single pictures, and by construction."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

from explorer.training import geometry


def pictures(count: int, height: int, width: int) -> torch.Tensor:
    """Smooth pictures, (N, 3, H, W), all different."""
    dice = torch.Generator().manual_seed(3)
    return F.gaussian_blur(torch.rand(count, 3, height, width, generator=dice), [3, 3])


def test_cutting_is_torchvisions_pad_crop_and_flip() -> None:
    """Each picture by its own place, exactly; the ground that comes in is black."""
    given = pictures(4, 9, 7)
    mirrored = torch.tensor([False, True, False, True])
    down, across = torch.tensor([0, 1, 2, 4]), torch.tensor([4, 0, 2, 3])
    found = geometry.cut(given, mirrored, down, across, pad=2)
    for place in range(4):
        wanted = F.crop(F.pad(given[place], [2] * 4), int(down[place]), int(across[place]), 9, 7)
        wanted = F.horizontal_flip(wanted) if mirrored[place] else wanted
        assert torch.equal(found[place], wanted)
    assert torch.equal(found[2], given[2])
    assert not found[0, :, :2].any()


@pytest.mark.parametrize(("height", "width"), [(12, 12), (9, 14)])
def test_turning_and_slanting_is_torchvisions_affine(height: int, width: int) -> None:
    """For each picture's own angle and slant, about the middle of pictures of any shape."""
    given = pictures(4, height, width)
    angles, slants = torch.tensor([0.0, 30.0, -75.0, 12.0]), torch.tensor([0.0, 0.0, 20.0, -44.0])
    found = geometry.warped(given, geometry.turned(angles, slants, height, width))
    for place in range(4):
        wanted = F.affine(
            given[place],
            angle=float(angles[place]),
            translate=[0, 0],
            scale=1.0,
            shear=[float(slants[place]), 0.0],
            interpolation=InterpolationMode.BILINEAR,
        )
        torch.testing.assert_close(found[place], wanted, atol=2e-5, rtol=0)
    torch.testing.assert_close(found[0], given[0])


def test_a_quarter_turn_moves_every_pixel_to_its_place() -> None:
    """Clockwise: what was at the left is at the top."""
    given = torch.arange(9.0).view(1, 1, 3, 3)
    found = geometry.warped(given, geometry.turned(torch.tensor([90.0]), torch.zeros(1), 3, 3))
    torch.testing.assert_close(found, given.rot90(-1, dims=(2, 3)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("side", [8, 28, 32])
def test_the_warp_has_the_spread_that_was_asked_for(side: int) -> None:
    """In pixels, over many fields, also where the field is drawn for another side."""
    dice = torch.Generator().manual_seed(0)
    shifts = geometry.field(400, 2.0, side, side, torch.empty(0), dice) * side / 2
    assert shifts.shape == (400, side, side, 2)
    assert shifts.std().item() == pytest.approx(2.0, rel=0.06)
    assert abs(shifts.mean().item()) < 0.1


def test_the_warp_is_as_smooth_as_simards() -> None:
    """Noise smoothed by a Gaussian of 4 pixels: the correlation at distance d is exp(-d²/64)."""
    dice = torch.Generator().manual_seed(1)
    shifts = geometry.field(600, 1.0, 28, 28, torch.empty(0), dice)[..., 0] * 14
    for distance in (2, 4, 8):
        found = (shifts[:, :, distance:] * shifts[:, :, :-distance]).mean()
        wanted = torch.exp(torch.tensor(-(distance**2) / 64.0))
        assert found.item() == pytest.approx(wanted.item(), abs=0.05)

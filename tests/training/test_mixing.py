"""Mixed and erased pictures: labels are held to the areas that are really there."""

from __future__ import annotations

import pytest
import torch

from explorer.training import mixing

CLASSES = 4


def flat(*values: float, height: int = 8, width: int = 6) -> torch.Tensor:
    """Pictures (N, 1, H, W) of one value each, so that a mean says where pixels come from."""
    return torch.tensor(values)[:, None, None, None].expand(-1, 1, height, width).clone()


def test_mixup_mixes_pictures_and_labels_alike() -> None:
    """By hand: 30 % of itself and 70 % of the other one."""
    targets = mixing.one_hot(torch.tensor([0, 3]), CLASSES, torch.empty(0))
    pictures, mixed = mixing.mixed(
        flat(0.0, 1.0), targets, torch.tensor([1, 0]), torch.tensor([0.3, 1.0])
    )
    torch.testing.assert_close(pictures, flat(0.7, 1.0))
    torch.testing.assert_close(mixed, torch.tensor([[0.3, 0, 0, 0.7], [0, 0, 0, 1.0]]))


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_a_label_is_the_area_of_its_picture(seed: int) -> None:
    """CutMix of black and white pictures: the mean brightness is the white one's target."""
    dice = torch.Generator().manual_seed(seed)
    count, half = 64, 32
    targets = mixing.one_hot(torch.arange(2).repeat_interleave(half), 2, torch.empty(0))
    given = torch.cat([torch.zeros(half, 3, 9, 7), torch.ones(half, 3, 9, 7)])
    others = torch.arange(count).roll(half)
    share = torch.rand(count, generator=dice)
    middles = torch.rand(count, 2, generator=dice)
    pictures, mixed = mixing.pasted(given, targets, others, share, middles)
    torch.testing.assert_close(pictures.mean(dim=(1, 2, 3)), mixed[:, 1])
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(count))
    assert set(pictures.unique().tolist()) == {0.0, 1.0}
    assert (mixed[:half, 1] > 0).any()


def test_a_box_in_the_middle_has_the_area_that_was_drawn() -> None:
    """A quarter of 8 x 8 pixels is 4 x 4; at a corner a quarter of that is left."""
    given = torch.stack([torch.zeros(1, 8, 8)] * 2 + [torch.ones(1, 8, 8)])
    targets = mixing.one_hot(torch.tensor([0, 0, 1]), 2, torch.empty(0))
    pictures, mixed = mixing.pasted(
        given,
        targets,
        torch.tensor([2, 2, 2]),
        torch.tensor([0.75, 0.75, 0.0]),
        torch.tensor([[0.5, 0.5], [0.0, 0.0], [0.5, 0.5]]),
    )
    assert pictures[0].sum() == 16
    assert pictures[0, 0, 2:6, 2:6].all()
    assert pictures[1, 0, :2, :2].all()
    torch.testing.assert_close(mixed[:, 1], torch.tensor([0.25, 4 / 64, 1.0]))


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_are_beta_distributed(alpha: float) -> None:
    """Mean 1/2 and variance 1 / (4 (2 alpha + 1))."""
    drawn = mixing.shares(alpha, 20_000, torch.empty(0), torch.Generator().manual_seed(0))
    assert drawn.mean().item() == pytest.approx(0.5, abs=0.01)
    assert drawn.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.04)


def test_erased_is_one_rectangle_of_the_papers_size() -> None:
    """Between 2 % and 40 % of the area (to a pixel's rounding), sides within 0.3 of each other."""
    given = torch.full((300, 1, 40, 40), 7.0)
    found = mixing.erased(given, 1.0, torch.Generator().manual_seed(0))
    for picture in found[:, 0] != 7.0:
        rows, columns = picture.any(dim=1).sum().item(), picture.any(dim=0).sum().item()
        assert picture.sum() == rows * columns
        assert 0.015 * 1600 <= rows * columns <= 0.42 * 1600
        assert 0.25 <= rows / columns <= 4
    kept = found[found != 7.0]
    assert (kept.min() >= 0) & (kept.max() < 1)
    assert kept.std().item() == pytest.approx(12**-0.5, abs=0.01)


def test_so_many_pictures_are_erased_as_the_probability_says() -> None:
    """A quarter of many; at none, all stay as they are."""
    given = torch.full((2000, 1, 12, 12), 7.0)
    dice = torch.Generator().manual_seed(1)
    changed = (mixing.erased(given, 0.25, dice) != 7.0).flatten(1).any(dim=1)
    assert changed.float().mean().item() == pytest.approx(0.25, abs=0.03)
    assert torch.equal(mixing.erased(given, 0.0, dice), given)

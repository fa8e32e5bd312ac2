"""The whole augmentation: repeatable, with right labels, and nothing where nothing is asked."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.errors import BadRequest
from explorer.training.augment import Augment, augmenter
from explorer.training.data.splits import sets
from explorer.training.recipe import checked

EVERYTHING: dict[str, Any] = {
    "mirror": 0.5, "crop": 2, "rotation": 15.0, "shear": 10.0, "elastic": 1.0, "colour": 0.4,
    "pca": 0.5, "erasing": 0.5,
}  # fmt: skip


def augment(**knobs: Any) -> Augment:
    """An augmentation of data with four classes and colours that vary alike."""
    return Augment(checked(**knobs), 4, torch.eye(3) / 10 if knobs.get("pca") else None)


def pictures(count: int = 16, channels: int = 3) -> torch.Tensor:
    """Random pictures (N, C, 12, 12)."""
    return torch.rand(count, channels, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", [*EVERYTHING, "mixup", "cutmix"])
def test_each_changes_pictures_and_keeps_their_form(name: str, channels: int) -> None:
    """Shape and range stay, the pictures do not; labels are the same or rows of shares."""
    given, labels = pictures(channels=channels), torch.arange(16) % 4
    changed = augment(**{name: EVERYTHING.get(name, 1.0)})
    found, targets = changed(given, labels, torch.Generator().manual_seed(1))
    assert found.shape == given.shape
    assert not torch.equal(found, given)
    assert found.min() >= 0
    assert found.max() <= 1.0001
    if name in ("mixup", "cutmix"):
        torch.testing.assert_close(targets.sum(dim=1), torch.ones(16))
        # Every target has its own class and at most one other.
        assert (targets > 0).sum(dim=1).max() <= 2
    else:
        assert torch.equal(targets, labels)


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_the_same_dice_give_the_same_batch(mixing: str) -> None:
    """All of it together, twice; other dice give another batch."""
    changed = augment(**EVERYTHING, **{mixing: 0.5})
    first, second, other = (
        changed(pictures(), torch.arange(16) % 4, torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert all(map(torch.equal, first, second))
    assert not torch.equal(first[0], other[0])


def test_every_picture_has_numbers_of_its_own() -> None:
    """Of equal pictures no two stay equal."""
    given = pictures(1).expand(8, -1, -1, -1)
    found, _ = augment(rotation=45.0)(
        given, torch.zeros(8).long(), torch.Generator().manual_seed(0)
    )
    assert len({tuple(each.flatten().tolist()) for each in found}) == 8


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_a_mixed_batch_tells_itself_apart(mixing: str) -> None:
    """Pictures of one brightness per class: the brightness is the targets' own mean."""
    labels = torch.arange(64) % 4
    brightness = torch.tensor([0.0, 0.2, 0.5, 1.0])
    given = brightness[labels][:, None, None, None].expand(-1, 1, 16, 16)
    found, targets = augment(**{mixing: 1.0})(given, labels, torch.Generator().manual_seed(4))
    torch.testing.assert_close(found.mean(dim=(1, 2, 3)), targets @ brightness)


def test_the_data_give_their_principal_colours() -> None:
    """Of grey digits there is one, by which three equal channels move alike."""
    digits = sets(checked(data="digits"))
    changed = augmenter(checked(pca=1.0), digits)
    given = torch.full((4, 3, 8, 8), 0.5)
    found, _ = changed(given, torch.zeros(4).long(), torch.Generator().manual_seed(0))
    assert torch.equal(found[:, 0], found[:, 2])
    variance = (digits.train.values.double() / 255).var().item()
    dice = torch.Generator().manual_seed(0)
    wanted = 0.5 + variance * torch.randn(4, 1, generator=dice)[:, 0]
    torch.testing.assert_close(found[:, 0, 0, 0], wanted.clamp(0, 1))


def test_points_are_mixed_and_nothing_else() -> None:
    """A sentence names what has to be 0."""
    moons = sets(checked(data="moons", network="mlp"))
    changed = augmenter(checked(data="moons", network="mlp", mixup=1.0), moons)
    found, targets = changed(
        moons.train.values[:8], moons.train.labels[:8], torch.Generator().manual_seed(0)
    )
    assert found.shape == (8, 2, 1, 1)
    assert targets.shape == (8, 2)
    with pytest.raises(BadRequest, match="Rotation"):
        augmenter(checked(data="moons", network="mlp", rotation=10.0), moons)

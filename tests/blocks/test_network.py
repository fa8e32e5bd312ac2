"""A design as a real module that can be trained."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.blocks.network import network
from explorer.blocks.presets import PRESETS
from explorer.blocks.text import blueprint
from explorer.errors import BadDesign


def test_it_has_torch_s_own_initial_weights() -> None:
    """With one seed, those of the same layers made by hand in the same order."""
    design = blueprint("Mine", "3x8x8", "conv 4; flatten; linear 5")
    torch.manual_seed(1)
    ours = network(design)
    torch.manual_seed(1)
    theirs = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 5)
    )
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, other)


@pytest.mark.parametrize("name", PRESETS)
def test_it_can_be_trained(name: str) -> None:
    """One step backwards reaches every weight, and a small step along it lowers the loss."""
    torch.manual_seed(0)
    net = network(PRESETS[name]).train()
    for each in net.modules():
        if isinstance(each, nn.Dropout):
            each.p = 0.0
    x, y = torch.rand(8, *PRESETS[name].shape), torch.arange(8)
    before = nn.functional.cross_entropy(net(x), y)
    before.backward()
    with torch.no_grad():
        for weight in net.parameters():
            assert weight.grad is not None
            assert weight.grad.abs().max() > 0
            weight.sub_(1e-3 * weight.grad)
    assert nn.functional.cross_entropy(net(x), y) < before


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        ("conv 4; linear", (1,), "put Flatten or global pooling before it"),
        ("", (), "at least one layer"),
        ("flatten; linear 100000; linear 30000", (), "at most 500,000,000 are built"),
    ],
)
def test_what_cannot_be_built(rows: str, place: tuple[int, ...], words: str) -> None:
    """A sentence, before any memory is taken."""
    with pytest.raises(BadDesign, match=words) as caught:
        network(blueprint("Mine", "3x8x8", rows))
    assert caught.value.place == place

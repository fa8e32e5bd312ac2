"""Channels, rows and columns are found in tensors of every layout, and put back on one grid."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.vision.arrangement import arrangement
from explorer.vision.instrumented import captured
from explorer.vision.taps import find_taps


class Layouts(nn.Module):
    """One convolution's maps, told in the ways that networks tell them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 2, stride=2)
        self.last = nn.LayerNorm(6)
        self.token = nn.Parameter(torch.zeros(1, 1, 6))
        self.norm = nn.LayerNorm(6)
        self.window = nn.Linear(6, 6)
        nn.init.eye_(self.window.weight)
        nn.init.zeros_(self.window.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Channels first, channels last, tokens, windows of 2 by 2, and one vector."""
        maps = self.conv(x)
        last = self.last(maps.permute(0, 2, 3, 1))
        tokens = torch.cat([self.token, last.flatten(1, 2)], 1)
        tokens = self.norm(tokens)
        windows = last.reshape(1, 2, 2, 3, 2, 6).permute(0, 1, 3, 2, 4, 5).reshape(6, 4, 6)
        windows = self.window(windows)
        return tokens.mean(1) + windows.mean((0, 1))


@pytest.fixture(scope="module")
def kept() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each row's own tensor, and its maps."""
    torch.manual_seed(0)
    net, x = Layouts().eval(), torch.randn(1, 3, 8, 12)
    taps = find_taps(net, x)
    with torch.inference_mode():
        found, _ = captured(net, taps, ["conv", "last", "norm", "window", "mean"], x)
    return {
        name: (
            tensor.numpy(),
            arrangement(taps.layer(name).output, taps.fields[name]).maps(tensor.numpy()),
        )
        for name, tensor in found.items()
    }


def test_channels_first_stay(kept: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """(1, C, H, W) is (C, H, W)."""
    tensor, maps = kept["conv"]
    assert np.array_equal(maps, tensor[0])


def test_channels_last_come_first(kept: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """(1, H, W, C) as in Swin and ConvNeXt."""
    tensor, maps = kept["last"]
    assert np.array_equal(maps, tensor[0].transpose(2, 0, 1))


def test_tokens_go_back_to_their_grid(kept: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """(1, 1 + H W, C) without the class token in front, as in ViT."""
    tensor, maps = kept["norm"]
    assert tensor.shape == (1, 25, 6)
    assert np.array_equal(maps, tensor[0, 1:].T.reshape(6, 4, 6))


def test_windows_are_joined(kept: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Six windows of 2 by 2 tokens are the 4 by 6 map that they were cut from."""
    _, maps = kept["window"]
    assert np.allclose(maps, kept["last"][1], atol=1e-6)


def test_a_vector_has_channels_only(kept: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Behind a mean over all tokens nothing runs along the picture."""
    tensor, maps = kept["mean"]
    assert np.array_equal(maps, tensor.reshape(6, 1, 1))


@pytest.mark.parametrize("name", ["conv", "last", "norm", "window"])
def test_a_unit_is_found_in_the_tensor(
    name: str, kept: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """The index of a unit leads to the number that stands at its place on the maps."""
    net, x = Layouts().eval(), torch.randn(1, 3, 8, 12)
    taps = find_taps(net, x)
    placed = arrangement(taps.layer(name).output, taps.fields[name])
    tensor, maps = kept[name]
    for unit in ((0, 0, 0), (5, 3, 5), (2, 1, 4)):
        assert tensor[placed.index(*unit)] == maps[unit]


def test_without_a_field_all_of_it_is_channels() -> None:
    """A table of numbers that does not depend on the picture."""
    placed = arrangement((4, 9), None)
    assert (placed.channels, placed.grid) == (36, (1, 1))
    assert placed.index(11, 0, 0) == (1, 2)

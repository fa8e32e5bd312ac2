"""Norms and ratios by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from explorer.training import layer_statistics


def layers() -> list[tuple[str, nn.Module]]:
    """Two linear layers of known weights, with a rectifier between."""
    first, second = nn.Linear(2, 1), nn.Linear(1, 1)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[3.0, 4.0]]))
        second.weight.fill_(2.0)
    return [("first", first), ("second", second)]


def test_norms_are_of_each_layers_weights() -> None:
    """Gradients (6, 8) and none; the total counts every weight once."""
    weights = layer_statistics.weights_of(layers())
    assert [tuple(each.shape) for each in weights] == [(1, 2), (1, 1)]
    weights[0].grad = torch.tensor([[6.0, 8.0]])
    assert layer_statistics.gradient_norms(weights) == (10.0, 0.0)
    weights[1].grad = torch.tensor([[24.0]])
    assert layer_statistics.total_norm(weights).item() == 26.0


def test_ratios_are_the_way_over_the_length() -> None:
    """(3, 4) moved by (0, 0.5) is a tenth; weights that were zero have no ratio."""
    weights = layer_statistics.weights_of(layers())
    with torch.no_grad():
        weights[1].zero_()
    before = layer_statistics.copies(weights)
    with torch.no_grad():
        weights[0] += torch.tensor([[0.0, 0.5]])
    ratios = layer_statistics.update_ratios(weights, before)
    assert ratios[0] == pytest.approx(0.1)
    assert math.isnan(ratios[1])
    assert layer_statistics.update_ratios([], []) == ()

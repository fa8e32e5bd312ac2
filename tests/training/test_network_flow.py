"""Gradient flow through networks of the zoo: every layer, nothing left behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.errors import BadRequest
from explorer.training.network_flow import network_flow
from explorer.vision import loading


def test_layers_as_they_run() -> None:
    """LeNet-5's own five, each with activations and gradients that are numbers above zero."""
    found = network_flow("lenet5")
    assert len(found.names) == 5
    assert not found.random
    for values in (found.activations, found.gradients, found.weights):
        assert values.shape == (5,)
        assert (values > 0).all()


def test_nothing_of_the_network_changes() -> None:
    """Batch norm's running statistics, modes, gradients and hooks are as they were."""
    model = loading.load("cifar_resnet20_a", "random")
    with model.borrowed() as network:
        before = {name: each.clone() for name, each in network.state_dict().items()}
    found = network_flow("cifar_resnet20_a", "random")
    assert found.random
    assert np.isfinite(found.gradients).all()
    with model.borrowed() as network:
        for name, each in network.state_dict().items():
            assert torch.equal(each, before[name]), name
        for each in network.modules():
            assert not each.training
            assert not each._forward_hooks
            if isinstance(each, nn.BatchNorm2d):
                assert each.track_running_stats
        assert all(each.grad is None and not each.requires_grad for each in network.parameters())


def test_only_classifiers() -> None:
    """Another kind of network is refused in a sentence."""
    with pytest.raises(BadRequest, match="classifiers"):
        network_flow("fcn_resnet50")

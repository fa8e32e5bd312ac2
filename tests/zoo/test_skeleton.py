"""Networks without numbers."""

from __future__ import annotations

import contextlib
import threading

import torch
from torch import nn
from torchvision import models

from explorer.zoo.skeleton import in_evaluation, moved_to_meta, without_initialising


def test_parameters_are_on_meta_and_constants_are_real() -> None:
    """What layers allocate has no numbers; what constructors compute with does."""
    with without_initialising():
        layer = nn.Linear(10**6, 10**6)
        rates = [x.item() for x in torch.linspace(0, 1, 3)]
    assert layer.weight.is_meta
    assert layer.bias.is_meta
    assert rates == [0.0, 0.5, 1.0]


def test_networks_that_compute_while_built_can_be_built() -> None:
    """RegNet and Swin read numbers out of tensors in their constructors."""
    for name in ("regnet_y_128gf", "swin_v2_b", "swin_b"):
        with without_initialising():
            network = models.get_model(name, weights=None)
        assert all(each.is_meta for each in network.parameters())


def test_large_tables_are_let_go() -> None:
    """Swin3D computes 24 tables of 392 x 392 numbers, which nobody reads while it is built."""
    with without_initialising():
        network = models.video.swin3d_t(weights=None)
    table = network.get_buffer("features.0.0.attn.relative_position_index")
    assert table.shape == (392, 392)
    assert table.is_meta


def test_moving_leaves_nothing_real_and_keeps_gradients_off() -> None:
    """Buffers computed from data follow, and frozen parameters stay frozen."""
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    network[0].weight.requires_grad_(False)
    moved = moved_to_meta(network)
    assert all(each.is_meta for each in (*moved.parameters(), *moved.buffers()))
    assert [each.requires_grad for each in moved.parameters()] == [False, True, True, True]


def test_the_random_generator_is_not_touched() -> None:
    """Nothing is drawn."""
    before = torch.get_rng_state()
    with without_initialising():
        models.resnet18()
    assert torch.equal(before, torch.get_rng_state())


def test_other_threads_build_as_usual() -> None:
    """Only the thread that asked gets meta tensors."""
    built: list[nn.BatchNorm1d] = []
    with without_initialising():
        thread = threading.Thread(target=lambda: built.append(nn.BatchNorm1d(2)))
        thread.start()
        thread.join()
    assert built[0].weight.tolist() == [1.0, 1.0]


def test_layers_initialise_again_afterwards() -> None:
    """Their own methods are back, also after a constructor raised."""
    with contextlib.suppress(ValueError), without_initialising():
        raise ValueError
    assert nn.BatchNorm1d(2).weight.tolist() == [1.0, 1.0]
    assert nn.Linear.reset_parameters.__module__ == "torch.nn.modules.linear"


def test_evaluation_reaches_every_module_and_asks_those_with_a_way_of_their_own() -> None:
    """A module may refuse to train, or note that its mode changed."""

    class Noting(nn.Linear):
        def train(self, mode: bool = True) -> Noting:
            self.told = mode
            super().train(mode)
            return self

    network = in_evaluation(nn.Sequential(nn.Sequential(nn.ReLU()), Noting(1, 1)))
    assert not any(each.training for each in network.modules())
    assert network[1].told is False

"""A fresh head in every family of the zoo, found by structure, for other classes than its own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.errors import BadRequest
from explorer.finetune.heads import replaced
from explorer.training.trial import attempt
from explorer.zoo import build, catalogue, torchvision_models

CLASSIFIERS = tuple(
    name for name in torchvision_models.names() if catalogue.find(name).task == "classification"
)
QUICK = ("alexnet", "resnet18", "squeezenet1_0", "vgg11")
CLASSES = 7


def check(name: str) -> str:
    """Replace the head of a skeleton, which then gives so many scores in both modes."""
    network, shape = build.network(name), catalogue.find(name).input_shape
    before = {id(each) for each in network.parameters()}
    head, _ = replaced(network, shape, CLASSES, name)
    for training in (True, False):
        assert attempt(network, shape, training=training).output == (2, CLASSES), name
    # The head alone is new, and nothing else of the way to the scores is missing.
    fresh = {n for n, each in network.named_parameters() if id(each) not in before}
    assert {n.rpartition(".")[0] for n in fresh} == {head}, name
    return head


@pytest.mark.parametrize("name", QUICK)
def test_families_that_are_quick_to_try(name: str) -> None:
    """A linear layer at the end, or SqueezeNet's convolution before the average."""
    assert check(name) in ("classifier.6", "fc", "classifier.1")


@pytest.mark.slow
def test_there_are_eighty_and_each_gets_its_head() -> None:
    """Swin, ViT, MaxViT, GoogLeNet and Inception with their heads on the side, and all others."""
    assert len(CLASSIFIERS) == 80
    for name in CLASSIFIERS:
        check(name)


@pytest.mark.parametrize(("name", "head"), [
    ("nin_cifar10", "features.6.4"), ("lenet5_partial", "output"), ("lenet5", "output"),
])  # fmt: skip
def test_classics(name: str, head: str) -> None:
    """NiN's convolution, LeNet-5's distances to drawn digits, and a head of as many outputs."""
    assert check(name) == head
    network = build.real_network(name)
    found, _ = replaced(network, catalogue.find(name).input_shape, 10, name)
    # Even where the number of classes stays, the old head's numbers are gone.
    assert all(not each.any() for each in network.get_submodule(found).parameters())


def test_heads_on_the_side_are_left_out() -> None:
    """GoogLeNet as published has two of them, and then gives scores alone in training."""
    assert check("googlenet_2014")


def test_scores_may_be_negative() -> None:
    """SqueezeNet rectifies its scores; with a fresh head that rectifier is gone."""
    network = build.real_network("squeezenet1_0")
    head, _ = replaced(network, (3, 224, 224), 3, "SqueezeNet")
    nn.init.constant_(network.get_submodule(head).bias, -2.0)
    with torch.no_grad():
        assert network.eval()(torch.zeros(1, 3, 64, 64)).tolist() == [[-2.0, -2.0, -2.0]]


def test_what_ends_in_no_layer_of_scores_is_refused() -> None:
    """A sentence for a network that ends in a map."""
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ConvTranspose2d(4, 5, 3))
    with pytest.raises(BadRequest, match="end it with a linear layer"):
        replaced(network, (3, 8, 8), 2, "Mapper")

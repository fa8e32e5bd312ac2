"""A network in blocks: what belongs together, in the order in which it runs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.finetune import blocks
from explorer.finetune.heads import replaced
from explorer.finetune.records import Block, FrozenParts
from explorer.zoo import build, catalogue


def found(name: str) -> tuple[nn.Module, str, tuple[Block, ...]]:
    """A skeleton, the name of its fresh head, and the blocks below."""
    network = build.network(name)
    head, trial = replaced(network, catalogue.find(name).input_shape, 3, name)
    return network, head, blocks.below(network, head, trial.reads)


def test_residual_blocks() -> None:
    """ResNet-18: the stem with its normalisation, then its eight blocks (He et al., table 1)."""
    _, _, parts = found("resnet18")
    assert [each.modules for each in parts] == [
        ("conv1", "bn1"),
        *((f"layer{stage}.{place}",) for stage in range(1, 5) for place in range(2)),
    ]


def test_fire_modules_and_single_layers() -> None:
    """SqueezeNet's convolution and eight Fire modules; each convolution of VGG."""
    _, _, fires = found("squeezenet1_0")
    assert len(fires) == 9
    _, _, layers = found("vgg11_bn")
    assert [each.modules for each in layers[:2]] == [
        ("features.0", "features.1"), ("features.4", "features.5"),
    ]  # fmt: skip
    assert [each.name for each in layers[-2:]] == ["classifier.0", "classifier.3"]


@pytest.mark.parametrize("name", ["resnet18", "vit_b_32", "googlenet", "mobilenet_v3_small"])
def test_every_weight_is_in_one_place(name: str) -> None:
    """Blocks, head and what is loose add up to the network; loose are a class token and places."""
    network, head, parts = found(name)
    loose = blocks.loose(network, head, parts)
    inside = [
        p for part in parts for m in part.modules for p in network.get_submodule(m).parameters()
    ]
    assert sum(each.params for each in parts) == sum(each.numel() for each in inside)
    every = [*inside, *loose, *network.get_submodule(head).parameters()]
    assert {id(each) for each in every} == {id(each) for each in network.parameters()}
    assert len(every) == len({id(each) for each in every})
    assert len(loose) == (2 if name == "vit_b_32" else 0)


def test_running_order_is_not_the_order_of_definition() -> None:
    """What is defined last runs first here."""

    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scores = nn.Linear(4, 3)
            self.second = nn.Linear(4, 4)
            self.first = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.scores(self.second(self.first(x.flatten(1))))
            return scores

    network = Backwards()
    head, trial = replaced(network, (4, 1, 1), 2, "Backwards")
    assert head == "scores"
    assert [each.name for each in blocks.below(network, head, trial.reads)] == ["first", "second"]


def test_what_learns() -> None:
    """The last blocks and the head, with all modules that are within them."""
    below = tuple(Block(f"layer{n}", (f"layer{n}",), 10 * n) for n in range(1, 4))
    parts = FrozenParts("A", Block("fc", ("fc",), 5), below, "last", 2)
    assert [each.name for each in parts.learning] == ["layer2", "layer3", "fc"]
    assert [each.name for each in parts.frozen] == ["layer1"]
    assert (parts.learned, parts.params) == (55, 65)
    assert parts.learns("layer3.0.conv1")
    assert not parts.learns("layer1.0")
    assert not parts.learns("layer30")
    none = FrozenParts("A", Block("fc", ("fc",), 5), below, "head", 0)
    assert none.learned == 5
    assert len(none.frozen) == 3

"""Memory estimates against hand calculations, and against what autograd really keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn
from torchvision import models

from explorer.anatomy import dissect, memory
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy


def small_net() -> nn.Sequential:
    """LeNet-like: 28x28 -> conv 5x5 to 6 maps -> tanh -> average pool -> linear."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(864, 10)
    )


def taken_apart(batch: int = 1) -> Anatomy:
    """The small net's anatomy."""
    return dissect(small_net(), inputs=torch.rand(batch, 1, 28, 28))


def test_weights_in_three_formats() -> None:
    """156 + 8,650 = 8,806 parameters take 4, 2 and 1 bytes each."""
    assert [part.size_bytes for part in memory.weights(taken_apart())] == [35224, 17612, 8806]


def test_forward_memory_by_hand() -> None:
    """At the peak the convolution's output and tanh's stand together: 2 * 6 * 24 * 24 * 4 bytes."""
    parts = {part.name: part.size_bytes for part in memory.forward(taken_apart())}
    assert parts == {"weights": 35224, "buffers": 0, "activations at the peak": 27648}
    assert memory.forward_bytes(taken_apart()) == 35224 + 27648


@pytest.mark.parametrize(("optimiser", "states"), [("sgd", 0), ("momentum", 1), ("adam", 2)])
def test_training_memory_by_hand(optimiser: str, states: int) -> None:
    """Weights, gradients and states of 8,806 numbers, and three saved tensors per picture.

    Kept for the backward pass: the input (28 * 28) for the convolution, tanh's output
    (6 * 24 * 24), which is also what pooling reads, and the flattened pooled maps (864).
    """
    found = memory.training(taken_apart(), optimiser, batch=32)
    parts = {part.name: part.size_bytes for part in found.parts}
    assert parts == {
        "weights": 35224,
        "buffers": 0,
        "gradients": 35224,
        "optimiser state": 35224 * states,
        "saved activations": 32 * 4 * (28 * 28 + 6 * 24 * 24 + 864),
    }
    assert found.total_bytes == sum(parts.values())


def test_the_batch_of_the_anatomy_does_not_matter() -> None:
    """An anatomy taken at batch 4 and one at batch 1 give the same estimate."""
    assert memory.training(taken_apart(4), "adam", 8) == memory.training(taken_apart(), "adam", 8)


def kept_by_autograd(network: nn.Module, inputs: torch.Tensor) -> int:
    """Bytes of all tensors a training forward saves, parameters and buffers left out."""
    own = {
        each.untyped_storage().data_ptr() for each in (*network.parameters(), *network.buffers())
    }
    kept: dict[int, torch.Tensor] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = network.train()(inputs)
    del output
    return sum(each.untyped_storage().nbytes() for key, each in kept.items() if key not in own)


def test_the_small_net_keeps_exactly_what_autograd_keeps() -> None:
    """Byte for byte, where no layer has statistics of its own."""
    inputs = torch.rand(2, 1, 28, 28)
    kept = kept_by_autograd(small_net(), inputs)
    assert dissect(small_net(), inputs=inputs).saved_bytes == kept


@pytest.mark.parametrize(
    "name",
    ["resnet18", "vgg11", "densenet121", "mobilenet_v2", "efficientnet_b0", "convnext_tiny",
     "shufflenet_v2_x1_0", "regnet_y_400mf", "squeezenet1_0", "mobilenet_v3_small"],
)  # fmt: skip
def test_convolutional_networks_keep_what_autograd_keeps(name: str) -> None:
    """Within 1 %: we leave out batch norm's statistics, and count a dropout mask as on the GPU."""
    network, inputs = models.get_model(name), torch.rand(4, 3, 64, 64)
    counted = dissect(network, inputs=inputs).saved_bytes
    assert counted == pytest.approx(kept_by_autograd(network, inputs), rel=0.01)


@pytest.mark.parametrize(("name", "side"), [("vit_b_32", 224), ("swin_t", 64)])
def test_attention_keeps_no_more_than_estimated(name: str, side: int) -> None:
    """Up to a quarter too much: queries, keys and values are counted whole where they are views."""
    network, inputs = models.get_model(name), torch.rand(2, 3, side, side)
    kept = kept_by_autograd(network, inputs)
    counted = dissect(network, inputs=inputs).saved_bytes
    assert kept <= 1.01 * counted <= 1.25 * kept


@pytest.mark.parametrize(
    ("optimiser", "batch", "message"),
    [("adamw9", 1, "no optimiser"), ("sgd", 0, "not possible"), ("sgd", 10**9, "not possible")],
)
def test_nonsense_is_refused(optimiser: str, batch: int, message: str) -> None:
    """Unknown optimisers and impossible batches raise."""
    with pytest.raises(BadRequest, match=message):
        memory.training(taken_apart(), optimiser, batch)


def test_quantised_networks_have_no_training_memory() -> None:
    """They have no gradients, so there is nothing to estimate."""
    with pytest.raises(BadRequest, match="quantised"):
        memory.training(replace(taken_apart(), task="quantised"))


def test_a_detector_s_batch_is_its_number_of_pictures() -> None:
    """Detectors take a list of pictures (C, H, W), so their first axis is no batch."""
    anatomy = replace(taken_apart(), input_shapes=((3, 300, 300), (3, 300, 300)))
    assert memory.recorded_batch(anatomy) == 2

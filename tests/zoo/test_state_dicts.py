"""What does not fit an architecture is said in one sentence."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torchvision import models

from explorer.errors import BadCheckpoint
from explorer.zoo import build
from explorer.zoo.state_dicts import fit, load, modern

State = dict[str, Tensor]


def zeros(name: str) -> State:
    """A state dict of a model's names and shapes."""
    structure = build.network(name).state_dict()
    return {key: torch.zeros(each.shape, dtype=each.dtype) for key, each in structure.items()}


def complaint(state: State, name: str, title: str) -> str:
    """Why a state does not fit."""
    with pytest.raises(BadCheckpoint) as caught:
        fit(state, build.network(name), title)
    return str(caught.value)


def test_another_depth_is_recognised() -> None:
    """ResNet-34 has 18 more basic blocks' worth of tensors than ResNet-18: 218 against 122."""
    assert complaint(zeros("resnet34"), "resnet18", "ResNet-18") == (
        "It does not fit ResNet-18: 96 are not part of it (layer1.2.conv1.weight, "
        "layer1.2.bn1.weight, layer1.2.bn1.bias, …); it looks like ResNet-34."
    )


def test_missing_tensors_are_counted() -> None:
    """The other way round; the head is left alone because it fits."""
    told = complaint(zeros("resnet18"), "resnet34", "ResNet-34")
    assert "96 of its 218 tensors are missing (layer1.2.conv1.weight, " in told
    assert told.endswith("it looks like ResNet-18.")


def test_a_head_of_other_classes_is_named() -> None:
    """Weights and bias are one thing to a person."""
    state = zeros("resnet18") | {"fc.weight": torch.zeros(5, 512), "fc.bias": torch.zeros(5)}
    assert complaint(state, "resnet18", "ResNet-18") == (
        "It does not fit ResNet-18: its head fc has 5 classes where the architecture has 1,000."
    )


def test_a_head_of_convolutions_is_named() -> None:
    """SqueezeNet's classes are the channels of its last convolution."""
    state = zeros("squeezenet1_0") | {
        "classifier.1.weight": torch.zeros(7, 512, 1, 1),
        "classifier.1.bias": torch.zeros(7),
    }
    told = complaint(state, "squeezenet1_0", "SqueezeNet 1.0")
    assert "its head classifier.1 has 7 classes where the architecture has 1,000" in told


def test_other_shapes_are_shown() -> None:
    """VGG-16 with batch norm numbers its layers differently."""
    told = complaint(zeros("vgg16_bn"), "vgg16", "VGG-16")
    assert "have another shape (features." in told
    assert "where it must be" in told
    assert "it looks like VGG-16" in told


def test_numbers_must_be_numbers() -> None:
    """Integers in the place of weights are not rounded weights."""
    state = zeros("lenet5")
    state["c1.weight"] = state["c1.weight"].to(torch.int8)
    assert "1 hold whole numbers instead of real ones (c1.weight)" in complaint(
        state, "lenet5", "LeNet-5"
    )


def test_counters_of_old_files_begin_at_zero() -> None:
    """Files from before PyTorch 0.4.1 have no num_batches_tracked, which PyTorch fills in too."""
    state = zeros("resnet18")
    old = {key: each for key, each in state.items() if "num_batches" not in key}
    fitted = fit(old, build.network("resnet18"), "ResNet-18")
    assert fitted.state.keys() == state.keys()
    assert fitted.state["bn1.num_batches_tracked"].item() == 0
    assert fitted.notes == ()


def test_old_names_of_densenet_are_read_as_torchvision_does() -> None:
    """Its published files say norm.1 where the network says norm1."""
    state = zeros("densenet121")
    old = {
        key.replace("norm1", "norm.1").replace("norm2", "norm.2")
        .replace("conv1", "conv.1").replace("conv2", "conv.2"): each
        for key, each in state.items()
        if "num_batches" not in key
    }  # fmt: skip
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    assert modern(old).keys() == {key for key in state if "num_batches" not in key}
    fit(old, build.network("densenet121"), "DenseNet-121")


def test_googlenet_leaves_its_auxiliary_heads_out() -> None:
    """As torchvision does with its own file."""
    whole = models.googlenet(init_weights=False, aux_logits=True, transform_input=True)
    state = whole.state_dict()
    assert any(key.startswith("aux1.") for key in state)
    fitted = fit(state, build.network("googlenet"), "GoogLeNet")
    assert not any(key.startswith("aux") for key in fitted.state)


def test_tied_and_sliced_tensors_get_memory_of_their_own() -> None:
    """Views into one storage, not contiguous, come out as copies."""
    state = zeros("lenet5")
    state["f6.weight"] = torch.arange(120 * 84.0).reshape(120, 84).T
    state["c1.bias"] = state["c3.bias"][:6]
    fitted = fit(state, build.network("lenet5"), "LeNet-5").state
    assert fitted["f6.weight"].is_contiguous()
    assert torch.equal(fitted["f6.weight"], state["f6.weight"])
    fitted["c1.bias"] += 1
    assert fitted["c3.bias"].sum() == 0


@pytest.mark.parametrize("name", ["lenet5", "mnasnet0_5", "resnet18", "googlenet"])
def test_a_fitted_state_is_loaded(name: str) -> None:
    """Every number arrives, also where a module asks who wrote the file."""
    torch.manual_seed(0)
    state = build.real_network(name).state_dict()
    network = build.real_network(name)
    load(network, fit(dict(state), build.network(name), name).state)
    assert all(torch.equal(each, state[key]) for key, each in network.state_dict().items())

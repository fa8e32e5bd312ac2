"""torchvision's models are built as their default weights configure them, and nothing is loaded."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models import WeightsEnum
from torchvision.ops import FrozenBatchNorm2d

from explorer.zoo import torchvision_models
from explorer.zoo.build import network


@pytest.fixture(autouse=True)
def _no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fetches weights fails."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"tried to download {args}")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)


@pytest.mark.parametrize("name", torchvision_models.names())
def test_parameters_equal_the_published_count(name: str) -> None:
    """121 of 121, on the meta device, in evaluation mode."""
    model = network(name)
    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    assert sum(each.numel() for each in model.parameters()) == published
    assert all(each.is_meta for each in (*model.parameters(), *model.buffers()))
    assert not any(each.training for each in model.modules())


@pytest.mark.parametrize("name", ["googlenet", "quantized_googlenet"])
def test_googlenet_has_no_auxiliary_heads(name: str) -> None:
    """Its weights are used without them: 6,624,904 parameters instead of 13,004,888."""
    model = network(name)
    assert model.aux1 is None
    assert model.transform_input


def test_inception_keeps_its_auxiliary_head() -> None:
    """Its published count includes it."""
    head = network("inception_v3").AuxLogits
    assert sum(each.numel() for each in head.parameters()) == 27_161_264 - 23_834_568


def test_detectors_have_frozen_batch_norms_and_first_stages() -> None:
    """As with their default weights: no parameters in them, and nothing trained before layer2."""
    body = network("fasterrcnn_resnet50_fpn").backbone.body
    assert isinstance(body.bn1, FrozenBatchNorm2d)
    assert not any(each.requires_grad for each in body.layer1.parameters())
    assert all(each.requires_grad for each in body.layer2.parameters())


def test_transformers_are_built_for_their_weights_size() -> None:
    """ViT-H/14's default weights are for 518 pixels: 37 by 37 patches and a class token."""
    assert network("vit_h_14").encoder.pos_embedding.shape == (1, 37 * 37 + 1, 1280)


def test_quantised_twins_are_built_in_floating_point() -> None:
    """Their layers are float modules with stubs where int8 would begin and end."""
    model = network("quantized_resnet18")
    assert type(model.conv1) is nn.Conv2d
    assert model.conv1.weight.dtype is torch.float32
    assert hasattr(model, "quant")


def test_loading_is_switched_off_in_the_building_thread_only() -> None:
    """Another thread that loads a state dict meanwhile really loads it."""
    source, target = nn.Linear(2, 2), nn.Linear(2, 2)
    with torchvision_models._loading(None):
        thread = threading.Thread(target=target.load_state_dict, args=(source.state_dict(),))
        thread.start()
        thread.join()
    assert torch.equal(source.weight, target.weight)


def test_torch_is_put_back_after_building(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a constructor raises."""
    load, fetch = nn.Module.load_state_dict, WeightsEnum.get_state_dict
    torchvision_models.construct("squeezenet1_1")
    with pytest.raises(ValueError, match="Unknown model"):
        torchvision_models.construct("squeezenet9")
    monkeypatch.setattr(models.squeezenet, "SqueezeNet", None)
    with pytest.raises(TypeError, match="not callable"):
        torchvision_models.construct("squeezenet1_1")
    assert nn.Module.load_state_dict is load
    assert WeightsEnum.get_state_dict is fetch

"""The customary CAM layer is what the field uses, for every family."""

from __future__ import annotations

import pytest
import torch

from explorer.errors import BadRequest
from explorer.vision import cam_layer
from explorer.vision.taps import Taps, find_taps
from explorer.zoo import build, catalogue
from tests.vision.saliency_nets import Linear

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]

# Each with the side of its map: the output of the last convolutional stage, as in the examples of
# pytorch-grad-cam and torch-cam where they have the family.
EXPECTED = {
    "alexnet": ("features.11", 13),
    "convnext_tiny": ("features.7.2.add", 7),
    "densenet121": ("relu", 7),
    "efficientnet_b0": ("features.8.2", 7),
    "googlenet": ("inception5b.cat", 7),
    "inception_v3": ("Mixed_7c.cat#3", 8),
    "lenet5": ("tanh#2", 5),
    "maxvit_t": ("blocks.3.layers.1.layers.grid_attention.departition_op", 7),
    "mnasnet0_5": ("layers.16", 7),
    "mobilenet_v2": ("features.18.2", 7),
    "mobilenet_v3_large": ("features.16.2", 7),
    "nin_imagenet": ("features.7.3", 6),
    "regnet_y_400mf": ("trunk_output.block4.block4-5.activation", 7),
    "resnet50": ("layer4.2.relu#3", 7),
    "shufflenet_v2_x0_5": ("conv5.2", 7),
    "squeezenet1_0": ("features.12.cat", 13),
    "swin_t": ("norm", 7),
    "swin_v2_t": ("norm", 8),
    "vgg16": ("features.29", 14),
    "vit_b_16": ("encoder.layers.encoder_layer_11.ln_1", 14),
}


def taps_of(name: str) -> Taps:
    """The rows of a network that has no weights."""
    return find_taps(
        build.network(name), *build.example_inputs(catalogue.find(name), device="meta")
    )


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_has_one(name: str) -> None:
    """A map of more than one place; what follows it are poolings, class maps and what has none."""
    taps = taps_of(name)
    classes = next(each for each in reversed(taps.layers) if each.ran).output[-1]
    found = cam_layer.layers(taps, classes)
    names = [each.name for each in found.candidates]
    assert found.chosen in names
    assert len(set(names)) == len(names) >= 3
    chosen = found.candidates[names.index(found.chosen)]
    # Halved three times, the small nets' 32 pixels become 4.
    assert min(chosen.height, chosen.width) >= (4 if taps.layers[0].output[-1] <= 32 else 5)
    assert chosen.field.startswith("each place sees")
    assert found.reason.endswith(".")
    assert all(name in taps.places for name in names)
    behind = found.candidates[names.index(found.chosen) + 1 :]
    assert all("Pool" in each.kind or each.channels == classes for each in behind)
    if name in EXPECTED:
        assert (chosen.name, chosen.height) == EXPECTED[name]


def test_two_kinds_of_networks_say_why() -> None:
    """Class maps in SqueezeNet, the class token in ViT."""
    assert cam_layer.layers(taps_of("squeezenet1_0"), 1000).reason == cam_layer.BEFORE_CLASSES
    assert cam_layer.layers(taps_of("vit_b_16"), 1000).reason == cam_layer.BEFORE_ATTENTION
    assert cam_layer.layers(taps_of("resnet18"), 1000).reason == cam_layer.LAST


def test_layouts() -> None:
    """Maps, channels last and tokens, of which one belongs to no place."""
    for name, layout, apart in (
        ("resnet18", "maps", 0),
        ("swin_t", "channels last", 0),
        ("vit_b_16", "tokens", 1),
    ):
        taps = taps_of(name)
        seen = cam_layer.view(taps.layer(cam_layer.layers(taps, 1000).chosen), taps)
        assert seen is not None
        assert (seen.layout, seen.apart) == (layout, apart)


def test_fields_in_words() -> None:
    """AlexNet's last convolution sees 163 pixels, worked by hand; a patch of ViT-B/16 sixteen."""
    by_name = {each.name: each for each in cam_layer.layers(taps_of("alexnet"), 1000).candidates}
    assert by_name["features.10"].field == "each place sees 163 × 163 pixels"
    taps = taps_of("vit_b_16")
    words = cam_layer.field_words(taps.layer("encoder.layers.encoder_layer_11.ln_1"))
    assert words == "each place sees the whole input; along convolutions alone, 16 × 16 pixels"


def test_a_network_without_maps_is_one_sentence() -> None:
    """A linear classifier."""
    with pytest.raises(BadRequest, match="no layer with a map"):
        cam_layer.layers(find_taps(Linear(), torch.zeros(1, 1, 4, 4)), 2)

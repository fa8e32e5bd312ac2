"""What layers still add to pictures of a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.anatomy import dissect
from explorer.compare.suits import fit
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.compare.records import Fit


def of(name: str, size: int) -> Fit:
    """How far a model suits pictures of so many pixels."""
    return fit(catalogue.find(name), dissect(name, size=size))


def test_vgg16_on_32_pixels_by_hand() -> None:
    """Fields 3, 5 | 10, 14 | 24, 32, 40 | 60, 76, 92 | ...; the 44 after pool 3 exceeds 32."""
    found = of("vgg16", 32)
    assert [reach for _, _, reach in found.points][:10] == [3, 5, 10, 14, 24, 32, 40, 60, 76, 92]
    # features.17 is the first that receives a field over 32: the third pooling's 44.
    assert (found.grow, found.covered, found.single) == (7, 6, 0)
    assert found.first_covered == "features.17"


def test_vgg16_at_its_own_size_wastes_nothing() -> None:
    """The last convolution receives 164 of 224 pixels."""
    found = of("vgg16", 224)
    assert (found.windows, found.grow) == (13, 13)
    assert found.idle_macs == 0
    assert "all 13 layers" in found.sentence


def test_a_map_of_one_position_is_said() -> None:
    """ResNet-18 on 32 pixels: 32 / 32 = 1 before the last three 3x3 convolutions."""
    found = of("resnet18", 32)
    assert found.single == 3
    assert found.first_single == "layer4.0.conv2"
    assert "single position" in found.sentence


def test_too_small_a_picture_says_what_is_enough() -> None:
    """AlexNet needs 63 pixels, ViT-B/16 takes 224 only, LeNet-5 no more than 35."""
    assert "cannot take 32 × 32: it takes 63 × 63 and more" in of("alexnet", 32).sentence
    assert "it takes 224 × 224 only" in of("vit_b_16", 96).sentence
    assert "it takes 32 to 35 pixels a side" in of("lenet5", 96).sentence
    assert of("alexnet", 32).refused


def test_attention_has_no_such_limit() -> None:
    """A transformer looks everywhere from its first block on."""
    assert of("vit_b_16", 224).attends
    assert "attention" in of("vit_b_16", 224).sentence

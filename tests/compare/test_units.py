"""Blocks and layers as a comparison sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.anatomy import dissect
from explorer.compare.phrases import form, name, role
from explorer.compare.units import units

if TYPE_CHECKING:
    from explorer.compare.records import Unit


def of_kind(model: str, kind: str) -> list[Unit]:
    """The units of one class."""
    return [unit for unit in units(dissect(model)) if unit.kind == kind]


def test_all_parameters_are_in_units() -> None:
    """Nothing with weights is lost between blocks and layers."""
    for model in ("resnet50", "mobilenet_v3_large", "densenet121", "swin_t"):
        anatomy = dissect(model)
        assert sum(unit.params for unit in units(anatomy)) == anatomy.params


def test_a_bottleneck_is_read_as_in_the_paper() -> None:
    """1x1 to 64, 3x3 at 64, 1x1 to 256; a projection in the first, the identity in the others."""
    first, second, *_ = of_kind("resnet50", "Bottleneck")
    assert first.paths == (("1×1", "3×3", "1×1"), ("1×1",))
    assert second.paths == (("1×1", "3×3", "1×1"), ())
    assert second.widths[0] == (64, 64, 256)
    assert second.params == 256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (64 + 64 + 256)
    assert (role(second), name(second)) == ("block", "bottleneck block")


def test_inception_has_four_branches() -> None:
    """Szegedy et al.: 1x1, 1x1 with 3x3, 1x1 with 5x5, pooling with 1x1; 256 channels out."""
    module = of_kind("googlenet_2014", "Inception")[0]
    assert form(module) == "1×1 | 1×1 → 3×3 | 1×1 → 5×5 | max pool 3×3 → 1×1"
    assert [widths[-1] for widths in module.widths] == [64, 128, 32, 32]
    assert module.channels == 256


def test_squeeze_and_excitation_is_one_word_on_the_main_path() -> None:
    """MobileNetV3's block: expand, depthwise, squeeze, project."""
    block = of_kind("mobilenet_v3_large", "InvertedResidual")[4]
    assert block.paths[0] == ("1×1", "5×5 depthwise", "squeeze-excitation", "1×1")


def test_a_layer_takes_what_adjusts_its_output_along() -> None:
    """VGG-16 is 13 convolutions with their ReLU, 5 poolings and 3 linear layers, and a little."""
    found = units(dissect("vgg16"))
    convolutions = [unit for unit in found if role(unit) == "conv"]
    assert len(convolutions) == 13
    assert all(unit.extras == ("ReLU",) for unit in convolutions)
    assert sum(role(unit) == "linear" for unit in found) == 3


def test_strides_and_groups_are_said() -> None:
    """AlexNet of 2012: 11x11 with stride 4, and convolutions in two groups."""
    words = [unit.paths[0][0] for unit in units(dissect("alexnet_2012")) if unit.paths[0]]
    assert words[0] == "11×11 /4"
    assert "5×5 in 2 groups" in words

"""One small network per idea: against hand counts, torchvision's blocks and the papers."""

from __future__ import annotations

import functools

import pytest
import torch
from torch import nn
from torchvision.models import densenet, efficientnet, mobilenetv2

from explorer.anatomy import dissect
from explorer.shipped.table import SHIPPED
from explorer.zoo import catalogue
from explorer.zoo.build import network, real_network
from explorer.zoo.classics.densenet_bc import DenseNetBC
from explorer.zoo.classics.lenet import LeNet5Modern
from explorer.zoo.classics.small import SmallInception, SmallVGG
from explorer.zoo.classics.small_efficientnet import MBConv, SmallEfficientNet
from explorer.zoo.classics.small_mobilenet import SmallMobileNetV1, SmallMobileNetV2

ON_CIFAR = [each.model for each in SHIPPED if each.recipe.data == "cifar10-jpeg"]


def parameters(*modules: nn.Module) -> int:
    """How many numbers modules learn."""
    return sum(each.numel() for module in modules for each in module.parameters())


@pytest.mark.parametrize("name", ON_CIFAR)
def test_each_has_about_a_tenth_of_a_million_to_a_million_parameters(name: str) -> None:
    """So that they can be compared; and scores for ten classes."""
    assert 0.1e6 <= catalogue.find(name).params <= 1e6
    shape = catalogue.find(name).input_shape
    assert network(name)(torch.empty(2, *shape, device="meta")).shape == (2, 10)


def test_the_modern_lenet_has_a_scale_and_a_shift_for_each_bias() -> None:
    """6 + 16 + 120 + 84 = 226 biases of LeNet-5's 61,706 parameters become twice as many."""
    modern = LeNet5Modern()
    assert parameters(modern) == 61_706 + 226
    wide, seen = [], torch.zeros(2, 1, 32, 32)
    for layer in (modern.c1, modern.s2, modern.c3, modern.s4, modern.c5):
        seen = layer(seen)
        wide.append(seen.shape[-1])
    assert wide == [28, 14, 10, 5, 1]


def test_densenet_bc_is_torchvision_s_with_the_paper_s_three_blocks() -> None:
    """Convolutions and batch norms one by one, but for the first convolution and its norm."""
    ours = DenseNetBC(40, 12)
    theirs = densenet.DenseNet(12, (6, 6, 6), 24, num_classes=10)
    first = parameters(theirs.features.conv0, theirs.features.norm0)
    assert parameters(ours) - 24 * 3 * 9 == parameters(theirs) - first
    # In the literature: 176,122 parameters.
    assert parameters(ours) == 176_122
    with pytest.raises(ValueError, match="6n \\+ 4"):
        DenseNetBC(41, 12)


def test_densenet_s_layers_append_what_they_grow() -> None:
    """24 + 6 * 12 = 96, half is 48; 120, 60; 132 channels at the end."""
    rows = [row for row in dissect("densenet_bc40").layers if row.kind == "AvgPool2d"]
    assert [row.output[1] for row in rows] == [48, 60]
    assert DenseNetBC(40, 12).scores.in_features == 132


def test_vgg_has_nothing_but_3x3() -> None:
    """And as many layers with weights as its card says: six and two."""
    convolutions = [each for each in SmallVGG().modules() if isinstance(each, nn.Conv2d)]
    assert {each.kernel_size for each in convolutions} == {(3, 3)}
    assert catalogue.find("small_vgg").depth == len(convolutions) + 2


def test_inception_concatenates_four_scales() -> None:
    """16 + 32 + 8 + 8 channels and so on, the third branch with a true 5x5."""
    model = SmallInception()
    widths = [getattr(model, f"inception{number}").channels for number in range(1, 5)]
    assert widths == [64, 112, 144, 208]
    assert model.inception1.branch5[1][0].kernel_size == (5, 5)


@pytest.mark.parametrize("model", [SmallMobileNetV1, SmallMobileNetV2])
def test_the_mobilenets_leave_four_by_four_positions(model: type[nn.Module]) -> None:
    """Three halvings of 32."""
    features = model().features
    assert features(torch.zeros(2, 3, 32, 32)).shape[-2:] == (4, 4)


def test_mobilenet_v2_has_torchvision_s_blocks() -> None:
    """All but the last 1x1 convolution, which torchvision never makes narrower, and the scores."""
    theirs = mobilenetv2.MobileNetV2(width_mult=0.5, num_classes=10, round_nearest=4)
    ours = SmallMobileNetV2()
    assert parameters(ours.features[:-1]) == parameters(theirs.features[:-1])


def test_a_small_efficientnet_s_block_is_torchvision_s() -> None:
    """With as many parameters, at another stride, kernel and width."""
    settings = efficientnet.MBConvConfig(4, 5, 2, 24, 40, 1)
    norm = functools.partial(nn.BatchNorm2d, eps=1e-5)
    theirs = efficientnet.MBConv(settings, 0.0, norm)
    # torchvision makes widths multiples of eight.
    assert parameters(MBConv(24, 40, 5, 2, 4)) == parameters(theirs)


def test_the_scales_are_the_paper_s() -> None:
    """1.2 and 1.1 to the power of the scale in depth and width."""
    nets = [SmallEfficientNet(scale) for scale in range(3)]
    blocks = [sum(isinstance(each, MBConv) for each in net.modules()) for net in nets]
    # 1, 2, 2, 3, 2 blocks, times 1.2 and 1.44, rounded up.
    assert blocks == [10, 2 + 3 + 3 + 4 + 3, 2 + 3 + 3 + 5 + 3]
    # 160 * 1.1 = 176; 160 * 1.21 = 193.6, to the nearest multiple of four.
    assert [net.scores.in_features for net in nets] == [160, 176, 192]
    costs = [catalogue.find(f"small_efficientnet_{scale}").macs for scale in range(3)]
    assert costs[0] < costs[1] < costs[2]


@pytest.mark.parametrize("name", ["small_nin", "plain20", "densenet_bc40"])
def test_first_weights_keep_the_size_of_gradients(name: str) -> None:
    """Drawn as He et al. say: variance 2 over the kernel's area times the output channels."""
    torch.manual_seed(0)
    for module in real_network(name).modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 4000:
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
            assert module.weight.var().item() == pytest.approx(2 / fan_out, rel=0.15)

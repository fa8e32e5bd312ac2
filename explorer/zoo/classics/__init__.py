"""The networks torchvision lacks, built here to be read. Loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from explorer.zoo.classics.alexnet import AlexNet2012
from explorer.zoo.classics.cifar_resnet import CifarNet
from explorer.zoo.classics.densenet_bc import DenseNetBC
from explorer.zoo.classics.googlenet import GoogLeNet
from explorer.zoo.classics.lenet import LeNet5, LeNet5Modern, LeNet5Partial
from explorer.zoo.classics.mobilenet import MobileNetV1
from explorer.zoo.classics.nin import NiNCifar10, NiNImageNet
from explorer.zoo.classics.small import SmallAlexNet, SmallInception, SmallNiN, SmallVGG
from explorer.zoo.classics.small_efficientnet import SmallEfficientNet
from explorer.zoo.classics.small_mobilenet import SmallMobileNetV1, SmallMobileNetV2
from explorer.zoo.classics.vgg import COLUMN_A_LRN, COLUMN_C, VGG

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

CIFAR_DEPTHS = (20, 32, 44, 56, 110)


@dataclass(frozen=True, slots=True)
class Classic:
    """How to build a classic, and the shape (C, H, W) of its input."""

    construct: Callable[[], nn.Module]
    input_shape: tuple[int, int, int]


_CIFAR = (3, 32, 32)
_IMAGENET = (3, 224, 224)

CLASSICS: dict[str, Classic] = {
    "lenet5": Classic(LeNet5, (1, 32, 32)),
    "lenet5_modern": Classic(LeNet5Modern, (1, 32, 32)),
    "lenet5_partial": Classic(LeNet5Partial, (1, 32, 32)),
    # The paper says 224, but only 227 gives its 55x55 maps without padding.
    "alexnet_2012": Classic(AlexNet2012, (3, 227, 227)),
    "nin_cifar10": Classic(NiNCifar10, _CIFAR),
    "nin_imagenet": Classic(NiNImageNet, _IMAGENET),
    "vgg11_lrn": Classic(partial(VGG, COLUMN_A_LRN), _IMAGENET),
    "vgg16_c": Classic(partial(VGG, COLUMN_C), _IMAGENET),
    "googlenet_2014": Classic(GoogLeNet, _IMAGENET),
    "googlenet_5x5": Classic(
        partial(GoogLeNet, batch_norm=True, auxiliary=False, last_pool=2), _IMAGENET
    ),
    "mobilenet_v1": Classic(MobileNetV1, _IMAGENET),
    "mobilenet_v1_075": Classic(partial(MobileNetV1, 0.75), _IMAGENET),
    "mobilenet_v1_050": Classic(partial(MobileNetV1, 0.5), _IMAGENET),
    "mobilenet_v1_025": Classic(partial(MobileNetV1, 0.25), _IMAGENET),
    **{f"plain{n}": Classic(partial(CifarNet, n, "none"), _CIFAR) for n in CIFAR_DEPTHS},
    **{f"cifar_resnet{n}_a": Classic(partial(CifarNet, n, "A"), _CIFAR) for n in CIFAR_DEPTHS},
    **{f"cifar_resnet{n}_b": Classic(partial(CifarNet, n, "B"), _CIFAR) for n in CIFAR_DEPTHS},
    "small_alexnet": Classic(SmallAlexNet, _CIFAR),
    "small_vgg": Classic(SmallVGG, _CIFAR),
    "small_nin": Classic(SmallNiN, _CIFAR),
    "small_inception": Classic(SmallInception, _CIFAR),
    "densenet_bc40": Classic(partial(DenseNetBC, 40, 12), _CIFAR),
    "small_mobilenet_v1": Classic(SmallMobileNetV1, _CIFAR),
    "small_mobilenet_v2": Classic(SmallMobileNetV2, _CIFAR),
    **{
        f"small_efficientnet_{scale}": Classic(partial(SmallEfficientNet, scale), _CIFAR)
        for scale in range(3)
    },
}

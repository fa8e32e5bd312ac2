"""Receptive fields against the truth: where the gradient of a unit reaches the input.

With positive weights and nothing that cancels, the support of d(unit)/d(input) is exactly what the
unit sees. Each field must hold it and touch its edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.anatomy.extents import receptive_field
from explorer.anatomy.records import Status
from explorer.anatomy.sight import seen
from tests.anatomy.gradient_support import followed, made_positive, support, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.anatomy.fields import Field


Box: TypeAlias = "tuple[tuple[int, int] | None, ...]"


class Applied(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return self.function(x)


def _convolution(**settings: int | tuple[int, int] | str) -> nn.Module:
    return nn.Conv2d(2, 2, bias=False, **settings)  # type: ignore[arg-type]


def _transposed(**settings: int) -> nn.Module:
    return nn.ConvTranspose2d(2, 2, bias=False, **settings)


def _resized(**settings: object) -> nn.Module:
    return Applied(lambda x: F.interpolate(x, **settings))  # type: ignore[arg-type]


OPERATORS: dict[str, nn.Module] = {
    "3x3": _convolution(kernel_size=3, padding=1),
    "even kernel, stride 3": _convolution(kernel_size=4, stride=3, padding=2),
    "not square": _convolution(kernel_size=(1, 5), stride=(2, 1), padding=(0, 2)),
    "dilated": _convolution(kernel_size=3, dilation=4, padding=4),
    "same padding": _convolution(kernel_size=5, padding="same"),
    "average, ceil mode": nn.AvgPool2d(3, 2, ceil_mode=True),
    "average, overlapping": nn.AvgPool2d(3, 2, padding=1),
    "transposed": _transposed(kernel_size=4, stride=2, padding=1),
    "transposed with gaps": _transposed(kernel_size=2, stride=3, output_padding=1),
    "transposed, dilated": _transposed(kernel_size=3, stride=2, dilation=2, padding=1),
    "adaptive, divisible": nn.AdaptiveAvgPool2d(4),
    "adaptive, not divisible": nn.AdaptiveAvgPool2d(7),
    "adaptive, growing": nn.AdaptiveAvgPool2d(33),
    "nearest x2": _resized(scale_factor=2),
    "nearest to a size": _resized(size=(33, 17)),
    "nearest-exact": _resized(size=(33, 17), mode="nearest-exact"),
    "bilinear x2": _resized(scale_factor=2, mode="bilinear"),
    "bilinear by 2.5": _resized(scale_factor=2.5, mode="bilinear"),
    "bilinear to a size": _resized(size=(35, 9), mode="bilinear"),
    "bilinear, corners aligned": _resized(size=(47, 12), mode="bilinear", align_corners=True),
    "bicubic": _resized(scale_factor=3, mode="bicubic"),
    "bilinear, antialiased": _resized(size=(9, 11), mode="bilinear", antialias=True),
    "strided slice": Applied(lambda x: x[:, :, 3::3, 1:-2]),
    "zero padding": Applied(lambda x: F.pad(x, (3, 1, 0, 4))),
    "crop": Applied(lambda x: F.pad(x, (-3, -1, 0, -4))),
    "circular padding": Applied(lambda x: F.pad(x, (3, 1, 2, 2), mode="circular")),
    "roll": Applied(lambda x: x.roll((5, -3), (2, 3))),
    "flip": Applied(lambda x: x.flip(2)),
    "transpose": Applied(lambda x: x.transpose(2, 3)),
    "pixel shuffle": Applied(lambda x: F.pixel_shuffle(x.repeat(1, 2, 1, 1), 2)),
    "pixel unshuffle, then 1x1": Applied(
        lambda x: F.pixel_unshuffle(x, 4).mean(1, keepdim=True)
    ),
    "space to depth by views": Applied(
        lambda x: x.reshape(1, 2, 12, 2, 12, 2).permute(0, 1, 3, 5, 2, 4)
        .reshape(1, 8, 12, 12).mean(1, keepdim=True)
    ),
    "windows, mean within": Applied(
        lambda x: x.reshape(1, 2, 4, 6, 3, 8).mean((3, 5), keepdim=True).expand(1, 2, 4, 6, 3, 8)
        .reshape(1, 2, 24, 24)
    ),
    "grid, mean across": Applied(
        lambda x: x.reshape(1, 2, 4, 6, 3, 8).mean((2, 4), keepdim=True).expand(1, 2, 4, 6, 3, 8)
        .reshape(1, 2, 24, 24)
    ),
    "tokens": Applied(lambda x: x.flatten(2).transpose(1, 2)),
    "a token in front": Applied(
        lambda x: torch.cat([torch.ones(1, 1, 2), x.flatten(2).transpose(1, 2)], 1)
    ),
    "patches of tokens again": Applied(
        lambda x: torch.cat([torch.ones(1, 1, 2), x.flatten(2).transpose(1, 2)], 1)[:, 1:]
        .transpose(1, 2).unflatten(2, (24, 24))
    ),
    "row": Applied(lambda x: x[:, :, 5]),
    "axial mean": Applied(lambda x: x + x.mean(3, keepdim=True)),
    "softmax along a row": Applied(lambda x: x.cumsum(3).flip(3).cumsum(3)),
    "global gate": Applied(lambda x: x * x.mean((2, 3), keepdim=True)),
    "unaligned paths": Applied(
        lambda x: F.avg_pool2d(x, 2)[:, :, :8, :8] + F.avg_pool2d(x, 3)[:, :, :8, :8]
    ),
}  # fmt: skip


def _pasted(x: Tensor) -> Tensor:
    canvas = x.new_zeros(1, 4, 30, 30)
    canvas[0, 1:3, 2:26, 4:28].copy_(x[0])
    return canvas.sum(1, keepdim=True)


OPERATORS["written into zeros"] = Applied(_pasted)
LOOSE_AT_BORDERS = (
    # Of a kernel with gaps the border cuts off more than the interval shows, and positions that
    # padding added see zeros, where the unclipped field goes on past the edge.
    "dilated", "transposed, dilated", "zero padding", "written into zeros",
)  # fmt: skip


@pytest.mark.parametrize("name", OPERATORS)
def test_every_position_of_an_operator_sees_just_what_its_gradient_reaches(name: str) -> None:
    """Position by position, exact at the borders too."""
    module = nn.Sequential(nn.Conv2d(2, 2, 3, 2, 1, bias=False), OPERATORS[name])
    x = torch.ones(1, 2, 48, 48)
    fields, axes = followed(module, x)
    field = fields[""]
    made_positive(module)
    values, (x,) = values_of(module, ["1"], x)
    value = values["1"]
    assert field.shape == tuple(value.shape)
    for index in _some_indices(value):
        expected = support(value[index], x, axes)
        found = seen(field, index)
        if name in LOOSE_AT_BORDERS and _at_border(found, 48):
            assert _holds(found, expected), (index, field)
        else:
            assert found == expected, (index, field)


def _at_border(box: Box | None, pixels: int) -> bool:
    assert box is not None
    return any(each is None or each[0] == 0 or each[1] == pixels - 1 for each in box)


def _holds(outer: Box | None, inner: Box) -> bool:
    assert outer is not None
    return None in inner or all(
        a is not None and b is not None and a[0] <= b[0] and b[1] <= a[1]
        for a, b in zip(outer, inner, strict=True)
    )


def _some_indices(value: Tensor) -> list[tuple[int, ...]]:
    """Places at both ends and in the middle of every dimension."""
    shape = value.shape
    middle = [extent // 2 for extent in shape]
    found = {
        (*middle[:dim], place % shape[dim], *middle[dim + 1 :])
        for dim in range(2 if value.dim() > 3 else 1, len(shape))
        for place in (0, 1, 2, 3, *(middle[dim] + k for k in range(-2, 5)), -3, -2, -1)
    }
    return sorted(found)


class Slim(nn.Module):
    """An encoder and decoder with transposed convolutions and a skip between them."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, 2, 1))
        self.up = nn.ConvTranspose2d(4, 4, 4, 2, 1)
        self.skip = nn.Conv2d(3, 4, 3, 2, 1)
        self.out = nn.ConvTranspose2d(8, 2, 3, 2, 1, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Encode, decode, concatenate, decode."""
        return self.out(torch.cat([self.up(self.down(x)), self.skip(x)], 1))


class Pyramid(nn.Module):
    """A feature pyramid: coarse maps, enlarged to the nearest, added to finer ones."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Conv2d(3, 4, 3, 2, 1)
        self.coarse = nn.Conv2d(4, 4, 3, 2, 1)
        self.fpn = torchvision.ops.FeaturePyramidNetwork([4, 4], 4)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Two levels in, two levels out."""
        fine = self.fine(x)
        return self.fpn({"fine": fine, "coarse": self.coarse(fine)})


def _zoo(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        if name in ("fcn_resnet50", "deeplabv3_resnet50"):
            extra = {"weights_backbone": None, "num_classes": 2}  # type: ignore[dict-item]
        return torchvision.models.get_model(name, weights=None, **extra)

    return build


# Family: how to build it, the input's shape, and the modules whose outputs are checked.
NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], tuple[str, ...]]] = {
    "residual": (_zoo("resnet18"), (3, 160, 128), ("maxpool", "layer1", "layer2", "layer4.0")),
    "grouped": (_zoo("regnet_x_400mf"), (3, 96, 112), ("stem", "trunk_output.block2")),
    "dense": (_zoo("densenet121"), (3, 96, 128),
              ("features.denseblock1", "features.transition2.pool", "features.denseblock3")),
    "GoogLeNet": (_zoo("googlenet"), (3, 128, 160), ("maxpool1", "inception3b", "inception4e")),
    "Inception v3": (_zoo("inception_v3"), (3, 139, 107), ("Mixed_5b", "Mixed_6a", "Mixed_6b")),
    "depthwise": (_zoo("mobilenet_v2"), (3, 112, 96), ("features.3", "features.8")),
    "MNASNet": (_zoo("mnasnet0_5"), (3, 112, 96), ("layers.8", "layers.9")),
    "ShuffleNet": (_zoo("shufflenet_v2_x0_5"), (3, 160, 128), ("maxpool", "stage2", "stage3")),
    "SqueezeNet, ceil mode": (_zoo("squeezenet1_1"), (3, 129, 120),
                              ("features.5", "features.8", "features.12")),
    "VGG": (_zoo("vgg11"), (3, 64, 80), ("features.5", "features.10", "features.20")),
    "AlexNet": (_zoo("alexnet"), (3, 227, 180), ("features.2", "features.5", "features.12")),
    "dilated DeepLab": (_zoo("deeplabv3_resnet50"), (3, 81, 65),
                        ("backbone.layer2", "backbone.layer3.1", "classifier.0.convs.1")),
    "fully convolutional": (_zoo("fcn_resnet50"), (3, 65, 49), ("classifier", "")),
    "transposed": (Slim, (3, 64, 48), ("up", "out")),
    "pyramid": (Pyramid, (3, 64, 48), ("fpn",)),
    "video, 3-D": (_zoo("r3d_18"), (3, 6, 32, 36), ("stem", "layer1", "layer2.0")),
    "video, 2+1-D": (_zoo("r2plus1d_18"), (3, 6, 24, 28), ("stem", "layer1.0")),
    "ConvNeXt": (_zoo("convnext_tiny"), (3, 64, 64), ("features.0", "features.1", "features.2")),
}  # fmt: skip


SLOW = ("MNASNet", "fully convolutional", "video, 2+1-D", "ConvNeXt")


@pytest.mark.parametrize(
    "family",
    [pytest.param(each, marks=pytest.mark.slow if each in SLOW else ()) for each in NETWORKS],
)
def test_a_network_sees_what_its_gradient_reaches(family: str) -> None:
    """The box of each checked layer holds the gradient's support and touches its edges."""
    build, shape, paths = NETWORKS[family]
    network = build().eval()
    x = torch.full((1, *shape), 1e-3)
    fields, axes = followed(network, x)
    values, (x,) = values_of(made_positive(network), paths, x)
    for path in paths:
        value, field = values[path], fields[path]
        assert field.shape == tuple(value.shape), path
        places = value.shape[-axes:]
        for place in ((0,) * axes, tuple(extent // 2 for extent in places)):
            # All channels together: after a concatenation each alone is one branch.
            unit = value[(..., *place)].sum()
            reached = support(unit, x, axes)
            found = seen(field, (*(0,) * (value.dim() - axes), *place))
            _check_edges(found, reached, field)
            _check_box(field, place, reached)


def _check_edges(found: Box | None, reached: Box, field: Field) -> None:
    """Equal, but for the last pixels of the input, which a strided layer may leave unread."""
    assert found is not None
    for axis, (held, hit) in enumerate(zip(found, reached, strict=True)):
        assert held is not None
        assert hit is not None
        local = field.axes[axis].local
        assert local is not None
        assert held[0] == hit[0]
        if held[1] < field.pixels[axis] - 1:
            assert held[1] == hit[1]
        else:
            assert held[1] - (local.stride or 0) < hit[1] <= held[1]


def _check_box(field: Field, place: tuple[int, ...], reached: Box) -> None:
    """The record's own box, by the formula of the definition, clipped to the input."""
    record = receptive_field(field)
    for axis, number in enumerate(place):
        size, stride, padding = record.size[axis], record.stride[axis], record.padding[axis]
        assert size is not None
        assert stride is not None
        assert padding is not None
        start = -padding + number * stride
        hit = reached[axis]
        assert hit is not None
        if record.status is Status.EXACT:
            assert max(0, start) == hit[0]
            stop = start + size - 1
            assert stop >= field.pixels[axis] - 1 or stop == hit[1]
        else:
            assert record.status is Status.UPPER_BOUND
            assert max(0, start) <= hit[0]
            assert hit[1] <= start + size - 1


def _swin() -> nn.Module:
    return torchvision.models.SwinTransformer([4, 4], 8, [2, 2, 2], [2, 2, 2], [4, 4])


@pytest.mark.parametrize("path", ["features.1.0", "features.1.1", "features.2", "features.3.1"])
def test_windows_and_shifted_windows_see_what_their_gradient_reaches(path: str) -> None:
    """Swin by stages: first only windows, exactly, shifted ones across the seam of two."""
    network = _swin().eval()
    x = torch.full((1, 3, 128, 192), 1e-3)
    fields, axes = followed(network, x)
    values, (x,) = values_of(made_positive(network), [path], x)
    value, field = values[path], fields[path]
    _, rows, columns, _ = value.shape
    for row, column in ((0, 0), (rows // 2, columns // 2), (rows // 2 - 1, 3), (2, columns - 1)):
        # The mask across the roll's seam is -100 before the softmax: a weight of e^-100.
        reached = support(value[0, row, column].sum(), x, axes, floor=1e-38)
        assert seen(field, (0, row, column, 0)) == reached


WHOLE: dict[str, tuple[Callable[[], nn.Module], str, int | None]] = {
    "squeeze and excitation": (_zoo("mobilenet_v3_small"), "features.2", 7),
    "squeeze and excitation, all stages": (_zoo("efficientnet_b0"), "features.1", 7),
    "attention": (
        lambda: torchvision.models.VisionTransformer(64, 16, 2, 2, 8, 16),
        "encoder.layers.encoder_layer_0", 16,
    ),
    "swin, last stage": (_swin, "features.5", None),
    "pooled branch": (_zoo("deeplabv3_resnet50"), "classifier.0", None),
}  # fmt: skip


@pytest.mark.parametrize("family", WHOLE)
def test_global_operators_make_it_the_whole_input(family: str) -> None:
    """The gradient of one unit reaches every pixel, and the record says so."""
    build, path, convolutional = WHOLE[family]
    network = build().eval()
    x = torch.full((1, 3, 64, 64), 1e-3)
    fields, axes = followed(network, x)
    record = receptive_field(fields[path])
    assert record.status is Status.WHOLE_INPUT
    assert record.size == (64, 64)
    if convolutional is not None:
        assert record.convolutional is not None
    values, (x,) = values_of(made_positive(network), [path], x)
    value = values[path]
    unit = value[:, 0].sum() if value.dim() == 3 else value[0, ..., 0, 0].sum()
    assert support(unit, x, axes) == ((0, 63), (0, 63))

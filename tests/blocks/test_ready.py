"""Ready blocks have the weights of the torchvision blocks they are named after."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.models import densenet, mobilenetv2, resnet, squeezenet
from torchvision.models.googlenet import Inception
from torchvision.ops import SqueezeExcitation

from explorer.blocks.build import build
from explorer.blocks.table import parts_of
from explorer.blocks.text import read
from explorer.errors import BadDesign


def projection(channels: int, out: int, stride: int) -> nn.Module:
    """The shortcut of a residual block that changes shape."""
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))


def made(text: str, channels: int) -> nn.Module:
    """The block of our table as a module."""
    parts = [part for each in parts_of(read(text), channels) for part in each]
    return build(parts, (channels, 16, 16), "cpu")


BLOCKS = {
    "residual 64": (64, lambda: resnet.BasicBlock(64, 64)),
    "residual 128 stride=2": (64, lambda: resnet.BasicBlock(64, 128, 2, projection(64, 128, 2))),
    "bottleneck 256": (256, lambda: resnet.Bottleneck(256, 64)),
    "bottleneck 512 stride=2": (
        256,
        lambda: resnet.Bottleneck(256, 128, 2, projection(256, 512, 2)),
    ),
    "inverted 24": (24, lambda: mobilenetv2.InvertedResidual(24, 24, 1, 6)),
    "inverted 32 stride=2 expansion=4": (24, lambda: mobilenetv2.InvertedResidual(24, 32, 2, 4)),
    "inverted 16 expansion=1": (32, lambda: mobilenetv2.InvertedResidual(32, 16, 1, 1)),
    "fire 128": (96, lambda: squeezenet.Fire(96, 16, 64, 64)),
    "dense 1 growth=32": (64, lambda: _dense_block(64, 1, 32)),
    "dense 3 growth=12": (24, lambda: _dense_block(24, 3, 12)),
    "transition": (256, lambda: densenet._Transition(256, 128)),
    "squeeze 16": (64, lambda: SqueezeExcitation(64, 4)),
}


def _dense_block(channels: int, layers: int, growth: int) -> nn.Module:
    """torchvision's, run as the network that it is."""
    return densenet._DenseBlock(layers, channels, 4, growth, 0.0)


@pytest.mark.parametrize("text", BLOCKS)
def test_shapes_and_weights_are_torchvision_s(text: str) -> None:
    """The same shapes of weights, as often, and the same shape behind the block."""
    channels, theirs = BLOCKS[text]
    ours, other = made(text, channels), theirs().eval()

    def shapes(module: nn.Module) -> list[tuple[int, ...]]:
        return sorted(tuple(each.shape) for each in module.parameters())

    assert shapes(ours) == shapes(other)
    x = torch.randn(1, channels, 16, 16)
    with torch.inference_mode():
        assert ours(x).shape == other(x).shape


@pytest.mark.parametrize(
    ("text", "channels"),
    [("residual 128 stride=2", 64), ("bottleneck 256", 256), ("inverted 24", 24), ("fire 128", 96)],
)
def test_with_equal_weights_they_compute_the_same(text: str, channels: int) -> None:
    """Weights are handed over in the order of the module; only shortcuts stand elsewhere."""
    ours, other = made(text, channels), BLOCKS[text][1]().eval()
    tensors = list(other.state_dict().values())
    with torch.no_grad():
        for mine, theirs in zip(ours.state_dict().values(), tensors, strict=True):
            assert mine.shape == theirs.shape
            mine.copy_(theirs)
    x = torch.randn(2, channels, 16, 16)
    with torch.inference_mode():
        assert torch.allclose(ours(x), other(x), atol=1e-5)


def test_the_inception_module_has_four_paths() -> None:
    """256 channels at the widths of 3a's proportions: 64 + 128 + 32 + 32, as in GoogLeNet."""
    ours = made("inception 256", 192)
    theirs = Inception(192, 64, 96, 128, 16, 32, 32)

    def kernels(module: nn.Module) -> list[tuple[int, ...]]:
        return sorted(tuple(p.shape) for p in module.parameters() if p.dim() == 4)

    # torchvision's third path has a 3x3 where the paper, and ours, has a 5x5.
    paper = [(32, 16, 5, 5) if shape == (32, 16, 3, 3) else shape for shape in kernels(theirs)]
    assert kernels(ours) == sorted(paper)


@pytest.mark.parametrize("channels", [*range(4, 20), 100])
def test_an_inception_module_leaves_what_was_asked_for(channels: int) -> None:
    """Also where eighths are no whole numbers."""
    assert made(f"inception {channels}", 8)(torch.zeros(1, 8, 16, 16)).shape[1] == channels


def test_an_inverted_bottleneck_takes_another_kernel_and_a_squeeze() -> None:
    """16 -> 96 -> 16 with 5 x 5: 1,536 + 2,400 + 1,536, norms 2 (96 + 96 + 16), squeeze 96-24."""
    squeeze = 96 * 24 + 24 + 24 * 96 + 96
    count = sum(p.numel() for p in made("inverted 16 kernel=5 squeeze=4", 16).parameters())
    assert count == 1_536 + 2_400 + 1_536 + 416 + squeeze


@pytest.mark.parametrize(
    ("text", "words"),
    [("inception 3", "at least 4 channels"), ("fire 65", "an even number of channels")],
)
def test_widths_that_cannot_be_split(text: str, words: str) -> None:
    """A sentence instead of a block of another width."""
    with pytest.raises(BadDesign, match=words):
        made(text, 16)

"""Networks to start from in the table, small enough to be trained on a laptop. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.blocks.text import blueprint

if TYPE_CHECKING:
    from explorer.blocks.blueprint import Blueprint

_LENET = (
    "conv 6 kernel=5 padding=0 activation=tanh; average pool; "
    "conv 16 kernel=5 padding=0 activation=tanh; average pool; flatten; "
    "linear 120 expects=400 activation=tanh; linear 84 activation=tanh; linear 10"
)
_VGG = (
    "conv 32; conv 32; max pool; conv 64; conv 64; max pool; conv 128; conv 128; max pool; "
    "flatten; linear 256 activation=ReLU; dropout; linear 10"
)
_RESNET = (
    "conv 16 norm=batch; residual 16; residual 16; residual 32 stride=2; residual 32; "
    "residual 64 stride=2; residual 64; global pool; linear 10"
)
_INCEPTION = (
    "conv 32 norm=batch; max pool 3 stride=2 padding=1; inception 64; inception 96; "
    "max pool 3 stride=2 padding=1; inception 128; inception 160; global pool; dropout 0.2; "
    "linear 10"
)
_MOBILENET = (
    "conv 16 norm=batch activation=ReLU6; inverted 16 expansion=1; inverted 24 stride=2; "
    "inverted 24; inverted 32 stride=2; inverted 32; inverted 64 stride=2; inverted 64; "
    "conv 128 kernel=1 norm=batch activation=ReLU6; global pool; linear 10"
)

PRESETS: dict[str, Blueprint] = {
    each.name: each
    for each in (
        blueprint("LeNet-5", "1x32x32", _LENET),
        blueprint("Mini-VGG", "3x32x32", _VGG),
        blueprint("Mini-ResNet", "3x32x32", _RESNET),
        blueprint("Mini-Inception", "3x32x32", _INCEPTION),
        blueprint("Mini-MobileNet", "3x32x32", _MOBILENET),
    )
}

"""Peak memory by hand on small nets."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.anatomy import dissect


def test_peak_of_a_chain_of_four_layers_by_hand() -> None:
    """The peak is where a layer's input and output are largest together.

    fp32 bytes: input 1x1x8x8 256; conv to 4 channels 1,024; relu in place; pool to 4x4 256;
    linear 64 -> 10: 40. At the convolution 256 + 1,024 are alive, at the pooling 1,024 + 256:
    the first is the peak, 1,280 bytes; the input dies after it.
    """
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    anatomy = dissect(net, inputs=torch.zeros(1, 1, 8, 8))
    assert anatomy.peak_activation_bytes == 1280
    assert anatomy.layers[anatomy.peak_layer].name == "0"
    assert [layer.activation_bytes for layer in anatomy.layers] == [1024, 0, 256, 0, 40]


class Shortcut(nn.Module):
    """Keeps the first map alive over two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.second = nn.Linear(8, 16)
        self.third = nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Tensor:
        """A residual around the last two."""
        y = self.first(x)
        return y + self.third(self.second(y))


def test_a_shortcut_keeps_its_tensor_alive() -> None:
    """Bytes: x 16, y 32, second 64, third 32, sum 32; at the third y + second + third = 128."""
    anatomy = dissect(Shortcut(), inputs=torch.zeros(1, 4))
    assert anatomy.peak_activation_bytes == 32 + 64 + 32
    assert anatomy.layers[anatomy.peak_layer].name == "third"


def test_an_output_that_is_also_read_stays_to_the_end() -> None:
    """Bytes: x 16, a 16, b 16; a is returned too, so all but x are alive at the end."""

    class Two(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            a = x + 1
            b = a * 2
            return a, b.exp()

    anatomy = dissect(Two(), inputs=torch.zeros(4))
    assert anatomy.peak_activation_bytes == 48
    assert anatomy.layers[anatomy.peak_layer].name == "exp"

"""The small networks of the lab, which take any size of input. Loads torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.training.nets.chains import Chain, ResidualChain
from explorer.training.nets.small import Linear, Perceptron, SmallCNN

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

NETS: dict[str, Callable[..., nn.Module]] = {
    "linear": Linear,
    "mlp": Perceptron,
    "small_cnn": SmallCNN,
    "plain_chain": Chain,
    "residual_chain": ResidualChain,
}
"""Each is called with the input's shape (C, H, W), the number of classes and a `Form`."""

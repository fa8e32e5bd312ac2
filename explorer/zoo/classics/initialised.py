"""First weights for networks with rectifiers: He, Zhang, Ren, Sun, “Delving Deep into Rectifiers”,
arXiv 1502.01852, section 2.2."""

from __future__ import annotations

from torch import nn


def he_normal(network: nn.Module) -> None:
    """Draw every convolution's weights with the variance 2 / (kernel area x its output channels).

    Then gradients keep their size on the way back through rectifiers, however deep the network.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

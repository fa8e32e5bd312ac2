"""Local response normalisation with the numbers of the AlexNet paper, section 3.3."""

from __future__ import annotations

from torch import nn


def local_response_norm() -> nn.LocalResponseNorm:
    """Divide by (2 + 0.0001 * the sum of squares over 5 neighbouring channels) ** 0.75.

    torch divides its alpha by the number of channels it sums over; the paper does not.
    """
    neighbours = 5
    return nn.LocalResponseNorm(neighbours, alpha=1e-4 * neighbours, beta=0.75, k=2.0)

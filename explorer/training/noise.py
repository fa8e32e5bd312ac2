"""Noise on weights for as long as one step looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def noisy(weights: Sequence[Tensor], share: float, generator: torch.Generator) -> Iterator[None]:
    """Add normal noise to weights, and give them back to the bit what they were.

    Its standard deviation is `share` of that of the tensor's own elements, so a tensor of equal
    elements, such as a fresh normalisation's, gets none.
    """
    kept = [each.detach().clone() for each in weights]
    with torch.no_grad():
        for each in weights:
            spread = each.std(correction=0)
            noise = torch.randn(each.shape, generator=generator, device=each.device)
            each.add_(noise * (share * spread))
    try:
        yield
    finally:
        with torch.no_grad():
            for each, before in zip(weights, kept, strict=True):
                each.copy_(before)

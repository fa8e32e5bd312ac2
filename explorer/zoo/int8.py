"""torchvision's quantised models with 8-bit weights, as they run in production. CPU only."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from torchvision import models

from explorer.errors import BuildFailed

if TYPE_CHECKING:
    from torch import nn

# Their constructors draw from a truncated normal distribution layer by layer.
_SLOW_TO_INITIALISE = ("quantized_googlenet", "quantized_inception_v3")


def int8_network(name: str) -> nn.Module:
    """Build a quantised model of torchvision in int8, with random weights, in evaluation mode.

    Raises `BuildFailed` where this build of torch has no int8 kernels for this processor.
    """
    arguments: dict[str, Any] = {"init_weights": False} if name in _SLOW_TO_INITIALISE else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch.ao announces that it will move
            network: nn.Module = models.get_model(name, weights=None, quantize=True, **arguments)
    except Exception as error:
        raise BuildFailed(f"Building {name} in int8 failed: {error}") from error
    return network.eval()

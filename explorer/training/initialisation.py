"""What the weights of convolutions and linear layers begin as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from explorer.training.recipe import OWN

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, LARGE = 0.1, 3.0
"""Of He's standard deviation: every layer then passes on a tenth, or three times, of a signal."""


def _he(weight: Tensor) -> None:
    """Zero mean, variance 2 / fan-in; He et al. 2015, equation 10."""
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _glorot(weight: Tensor) -> None:
    """Uniform with variance 2 / (fan-in + fan-out); Glorot and Bengio 2010, equation 16."""
    nn.init.xavier_uniform_(weight)


def _lecun(weight: Tensor) -> None:
    """Zero mean, variance 1 / fan-in; LeCun et al., Efficient BackProp, 1998, equation 16."""
    nn.init.kaiming_normal_(weight, nonlinearity="linear")


def _orthogonal(weight: Tensor) -> None:
    """Rows (or columns) of length one, at right angles; Saxe et al. 2014."""
    nn.init.orthogonal_(weight)


def _scaled(factor: float) -> Callable[[Tensor], None]:
    def initialise(weight: Tensor) -> None:
        _he(weight)
        weight.mul_(factor)

    return initialise


_INITIALISERS: dict[str, Callable[[Tensor], object]] = {
    "he": _he,
    "glorot": _glorot,
    "lecun": _lecun,
    "orthogonal": _orthogonal,
    "zero": nn.init.zeros_,
    "too small": _scaled(SMALL),
    "too large": _scaled(LARGE),
}


def weight_of(module: nn.Module) -> nn.Parameter | None:
    """The matrix or kernels of a convolution, a linear layer or an attention, else None.

    An attention's is the one that makes queries, keys and values; the one behind it is a linear
    layer of its own.
    """
    found = None
    if isinstance(module, nn.modules.conv._ConvNd | nn.Linear):
        found = module.weight
    elif isinstance(module, nn.MultiheadAttention):
        found = module.in_proj_weight
    return found if isinstance(found, nn.Parameter) else None


def initialise(network: nn.Module, kind: str) -> None:
    """Begin all layers' weights in this way and their biases at zero; "own" leaves them alone.

    Normalisations, tokens and positions keep what the network's own code gave them. Draws from
    torch's global generator.
    """
    if kind == OWN:
        return
    for module in network.modules():
        weight = weight_of(module)
        if weight is None:
            continue
        _INITIALISERS[kind](weight.detach())
        for name, parameter in module.named_parameters(recurse=False):
            if name.endswith("bias"):
                nn.init.zeros_(parameter)

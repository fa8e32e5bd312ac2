"""The convolution itself, as networks mean it: a weighted sum under a sliding window.

No torch here. Like every framework it does not turn the kernel over, so mathematicians call it a
cross-correlation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from explorer.convolution.geometry import (
    check_channels,
    check_numbers,
    check_padding,
    check_window,
    reach,
)
from explorer.convolution.records import Convolved

if TYPE_CHECKING:
    from explorer.convolution.records import Activation, Array, Geometry, Pair

_BORDERS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
_ACTIVATIONS: dict[Activation, Callable[[Array], Array]] = {
    "none": np.copy,
    "relu": lambda z: np.maximum(z, 0.0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 0.5 * (1.0 + np.tanh(0.5 * z)),  # exp would overflow
}


def convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    geometry: Geometry,
    activation: Activation = "none",
) -> Convolved:
    """Slide kernels (C_out, C_in / groups, k_h, k_w) over an input (C_in, H, W).

    Equal to `torch.nn.functional.conv2d` on the same numbers. Raises `BadRequest` for impossible
    geometry and for cells that hold no number.
    """
    outputs, depth, *kernel = weight.shape
    size, window = (x.shape[1], x.shape[2]), (kernel[0], kernel[1])
    check_numbers(x, "input")
    check_numbers(weight, "kernel")
    check_channels(x.shape[0], outputs, depth, geometry.groups)
    check_window(size, window, geometry)
    shift = np.zeros(outputs) if bias is None else bias
    seen = windows(padded(x, geometry), window, geometry)
    g = geometry.groups
    apart = seen.reshape(g, depth, *seen.shape[1:])
    kernels = weight.reshape(g, outputs // g, depth, *window)
    together = np.einsum("gcyxij,gocij->goyx", apart, kernels, optimize=True)
    sums = together.reshape(outputs, *together.shape[2:]) + shift[:, None, None]
    return Convolved(x, weight, shift, geometry, activation, sums, _ACTIVATIONS[activation](sums))


def padded(x: Array, geometry: Geometry, fill: float = 0.0) -> Array:
    """Add a border to (C, H, W): `fill`, or the input's own values. Raises `BadRequest`."""
    check_padding((x.shape[1], x.shape[2]), geometry)
    p, q = geometry.padding
    border = ((0, 0), (p, p), (q, q))
    if geometry.mode == "zeros":
        return np.pad(x, border, constant_values=fill)
    mode: Callable[..., Array] = np.pad
    return mode(x, border, mode=_BORDERS[geometry.mode])


def windows(x: Array, kernel: Pair, geometry: Geometry) -> Array:
    """What each window sees of a padded (C, H, W), as a view (C, H_out, W_out, k_h, k_w)."""
    view = sliding_window_view(x, reach(kernel, geometry.dilation), axis=(1, 2))
    (s, t), (d, e) = geometry.stride, geometry.dilation
    return view[:, ::s, ::t, ::d, ::e]

"""The transposed convolution: every input position stamps the kernel. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.convolution.geometry import check_channels, check_numbers, reach, transposed_size
from explorer.convolution.records import Geometry, Transposed

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Pair


def transpose(x: Array, weight: Array, bias: Array | None, geometry: Geometry) -> Transposed:
    """Stamp kernels (C_in, C_out / groups, k_h, k_w) onto an output, once per input position.

    Equal to `torch.nn.functional.conv_transpose2d` on an input (C_in, H, W). Raises `BadRequest`.
    """
    channels, depth, *kernel = weight.shape
    g = geometry.groups
    check_numbers(x, "input")
    check_numbers(weight, "kernel")
    check_channels(x.shape[0], depth * g, channels // g, g)
    size = transposed_size((x.shape[1], x.shape[2]), (kernel[0], kernel[1]), geometry)
    outputs = depth * g
    reached = (
        (n - 1) * stride + window
        for n, stride, window in zip(
            x.shape[1:], geometry.stride, reach((kernel[0], kernel[1]), geometry.dilation),
            strict=True,
        )
    )  # fmt: skip
    p, q = geometry.padding
    a, b = geometry.output_padding
    down, across = reached
    sheet = np.zeros((g, depth, down + a, across + b))
    apart = x.reshape(g, channels // g, *x.shape[1:])
    kernels = weight.reshape(g, channels // g, depth, *kernel)
    (s, t), (d, e) = geometry.stride, geometry.dilation
    for i, j in np.ndindex(kernel[0], kernel[1]):
        stamp = np.einsum("gcyx,gco->goyx", apart, kernels[..., i, j])
        rows, columns = (x.shape[1] - 1) * s + 1, (x.shape[2] - 1) * t + 1
        sheet[:, :, i * d : i * d + rows : s, j * e : j * e + columns : t] += stamp
    cut = sheet.reshape(outputs, *sheet.shape[2:])[:, p : p + size[0], q : q + size[1]]
    shift = np.zeros(outputs) if bias is None else bias
    shape = (x.shape[1], x.shape[2])
    return Transposed(
        x, weight, shift, geometry, cut + shift[:, None, None],
        stamps(shape, (kernel[0], kernel[1]), geometry),
    )  # fmt: skip


def stamps(size: Pair, kernel: Pair, geometry: Geometry) -> npt.NDArray[np.int64]:
    """Count how many stamps lie on each output position (H_out, W_out).

    Where the stride does not divide the kernel, neighbours get different numbers of them (Odena,
    Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016).
    """
    counts = [
        _along(n, k, s, d, p, length)
        for n, k, s, d, p, length in zip(
            size, kernel, geometry.stride, geometry.dilation, geometry.padding,
            transposed_size(size, kernel, geometry), strict=True,
        )
    ]  # fmt: skip
    return np.outer(*counts)


def _along(n: int, k: int, s: int, d: int, p: int, length: int) -> npt.NDArray[np.int64]:
    """How many stamps lie on each of `length` positions of one axis."""
    counts = np.zeros(length, dtype=np.int64)
    for place in range(n):
        for tap in range(k):
            at = place * s + tap * d - p
            if 0 <= at < length:
                counts[at] += 1
    return counts

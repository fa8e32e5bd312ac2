"""Pooling: maximum and average windows, fixed and adaptive."""

from __future__ import annotations

from typing import Any

from explorer.anatomy.operators.convolution import per_axis
from explorer.anatomy.operators.registry import Shape, register


def pooled_length(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    """Number of windows along an axis, as torch counts them.

    With `ceil_mode` a last window may hang over the edge, but must start inside the input or
    its left padding.
    """
    span = n + 2 * p - d * (k - 1) - 1
    if not ceil_mode:
        return span // s + 1
    out = -(-span // s) + 1
    return out - 1 if (out - 1) * s >= n + p else out


def _windows(
    x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, axes: int
) -> Shape:
    kernel = per_axis(kernel, axes)
    stride = per_axis(stride, axes) if stride else kernel
    padding, dilation = per_axis(padding, axes), per_axis(dilation, axes)
    size = x.shape
    out = tuple(
        pooled_length(n, k, s, p, d, ceil_mode)
        for n, k, s, p, d in zip(size[-axes:], kernel, stride, padding, dilation, strict=True)
    )
    if min(out) < 1:
        raise RuntimeError(f"pooling {tuple(size[-axes:])} by {kernel} leaves nothing: {out}")
    return (*size[:-axes], *out)


def _max_pool(axes: int) -> Any:
    def rule(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Shape:
        return _windows(x, kernel_size, stride, padding, dilation, ceil_mode, axes)

    return rule


def _max_pool_with_indices(axes: int) -> Any:
    rule = _max_pool(axes)

    def both(*args: Any, **kwargs: Any) -> list[Shape]:
        shape = rule(*args, **kwargs)
        return [shape, shape]

    return both


def _average_pool(axes: int) -> Any:
    def rule(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Shape:
        return _windows(x, kernel_size, stride, padding, 1, ceil_mode, axes)

    return rule


def _adaptive(axes: int) -> Any:
    def rule(x: Any, output_size: Any) -> Shape:
        wanted = per_axis(output_size, axes)
        if 0 in x.shape[1:]:
            raise RuntimeError("there is nothing left to pool")
        return (*x.shape[:-axes], *wanted)

    return rule


for _axes in (1, 2, 3):
    register(f"max_pool{_axes}d", shape=_max_pool(_axes), saved="input and indices")
    register(f"avg_pool{_axes}d", shape=_average_pool(_axes), saved="input")
    register(f"adaptive_avg_pool{_axes}d", shape=_adaptive(_axes), saved="input")
register(
    "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
    "max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices",
    "fractional_max_pool2d", "fractional_max_pool3d", saved="input and indices",
)  # fmt: skip
register("max_unpool2d", "max_unpool3d", saved="nothing")

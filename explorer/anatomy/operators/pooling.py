"""Pooling: maximum and average windows, fixed and adaptive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.anatomy.operators.convolution import per_axis
from explorer.anatomy.operators.registry import OperatorCall, Shape, register
from explorer.anatomy.operators.seeing import Rule, by_data, of_first
from explorer.anatomy.sliding import Slide, pooled_to, slid

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field


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


def _window_field(axes: int, *, dilated: bool) -> Rule:
    def rule(field: Field, call: OperatorCall) -> Field:
        kernel = per_axis(call.args[1], axes)
        stride = call.argument(2, "stride")
        stride = per_axis(stride, axes) if stride else kernel
        padding = per_axis(call.argument(3, "padding", 0), axes)
        dilation = per_axis(call.argument(4, "dilation", 1) if dilated else 1, axes)
        return slid(field, list(map(Slide, kernel, stride, padding, dilation)), call.output.shape)

    return of_first(rule)


def _adaptive_field(axes: int) -> Rule:
    return of_first(lambda field, call: pooled_to(field, call.output.shape[-axes:]))


for _axes in (1, 2, 3):
    register(f"max_pool{_axes}d", shape=_max_pool(_axes),
             field=_window_field(_axes, dilated=True), saved="input and indices")  # fmt: skip
    register(f"max_pool{_axes}d_with_indices",
             field=_window_field(_axes, dilated=True), saved="input and indices")  # fmt: skip
    register(f"avg_pool{_axes}d", shape=_average_pool(_axes),
             field=_window_field(_axes, dilated=False), saved="input")  # fmt: skip
    register(f"adaptive_avg_pool{_axes}d", shape=_adaptive(_axes),
             field=_adaptive_field(_axes), saved="input")  # fmt: skip
    register(f"adaptive_max_pool{_axes}d", field=_adaptive_field(_axes),
             saved="input and indices")  # fmt: skip
register("fractional_max_pool2d", "fractional_max_pool3d", "max_unpool2d", "max_unpool3d",
         field=by_data, saved="input and indices")  # fmt: skip

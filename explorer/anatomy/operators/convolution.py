"""Convolutions: plain, grouped, dilated and transposed, in one to three dimensions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.anatomy.operators.registry import OperatorCall, Shape, register
from explorer.anatomy.operators.seeing import of_first
from explorer.anatomy.sliding import Slide, slid, slid_back

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field


def per_axis(value: Any, axes: int) -> tuple[int, ...]:
    """Spell out a number per spatial axis: 3 or [3] for two axes is (3, 3)."""
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)


def convolved(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Shape | None:
    """Output shape of a convolution, per axis (n + 2p - d(k - 1) - 1) // s + 1.

    Raises RuntimeError, as torch does, where the kernel does not fit or the channels disagree.
    """
    kernel = weight.shape[2:]
    axes = len(kernel)
    size = x.shape
    if isinstance(padding, str) or len(size) != axes + 2:
        return None
    if size[1] != weight.shape[1] * groups:
        raise RuntimeError(
            f"this convolution reads {weight.shape[1] * groups} channels and got {size[1]}"
        )
    stride, padding, dilation = (per_axis(v, axes) for v in (stride, padding, dilation))
    out = []
    for n, k, s, p, d in zip(size[2:], kernel, stride, padding, dilation, strict=True):
        if n + 2 * p < d * (k - 1) + 1:
            raise RuntimeError(
                f"a kernel of {d * (k - 1) + 1} does not fit on a padded input of {n + 2 * p}"
            )
        out.append((n + 2 * p - d * (k - 1) - 1) // s + 1)
    return (size[0], weight.shape[0], *out)


def transposed(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Shape | None:
    """Output shape of a transposed convolution, per axis (n - 1)s - 2p + d(k - 1) + op + 1."""
    kernel = weight.shape[2:]
    axes = len(kernel)
    size = x.shape
    if len(size) != axes + 2:
        return None
    if size[1] != weight.shape[0]:
        raise RuntimeError(f"this convolution reads {weight.shape[0]} channels and got {size[1]}")
    stride, padding, extra, dilation = (
        per_axis(v, axes) for v in (stride, padding, output_padding, dilation)
    )
    out = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, k, s, p, e, d in zip(size[2:], kernel, stride, padding, extra, dilation, strict=True)
    )
    if min(out) < 1:
        raise RuntimeError(f"the output of this transposed convolution would be {out}")
    return (size[0], weight.shape[1] * groups, *out)


def _convolution_macs(call: OperatorCall) -> int:
    # Each output element is a sum over the kernel's elements of one group.
    weight = call.args[1].shape
    macs: int = call.output.numel * math.prod(weight[1:])
    return macs


def _transposed_macs(call: OperatorCall) -> int:
    # Each input element is spread over the kernel's elements of one group.
    x, weight = call.args[0].shape, call.args[1].shape
    macs: int = math.prod(x) * math.prod(weight[1:])
    return macs


@of_first
def _convolution_field(field: Field, call: OperatorCall) -> Field:
    kernel = call.args[1].shape[2:]
    axes = len(kernel)
    stride = per_axis(call.argument(3, "stride", 1), axes)
    dilation = per_axis(call.argument(5, "dilation", 1), axes)
    padding = call.argument(4, "padding", 0)
    if padding == "same":
        # torch pads the odd one, if any, at the end, where it moves nothing.
        padding = [d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
    padding = per_axis(0 if padding == "valid" else padding, axes)
    slides = list(map(Slide, kernel, stride, padding, dilation))
    return slid(field, slides, call.output.shape, over_channels=True)


@of_first
def _transposed_field(field: Field, call: OperatorCall) -> Field:
    kernel = call.args[1].shape[2:]
    axes = len(kernel)
    stride, padding, dilation = (
        per_axis(call.argument(position, keyword, default), axes)
        for position, keyword, default in ((3, "stride", 1), (4, "padding", 0), (7, "dilation", 1))
    )
    slides = list(map(Slide, kernel, stride, padding, dilation))
    return slid_back(field, slides, call.output.shape)


register(
    "conv1d", "conv2d", "conv3d", field=_convolution_field,
    shape=convolved, macs=_convolution_macs, saved="input", weighted=True,
)  # fmt: skip
register(
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", field=_transposed_field,
    shape=transposed, macs=_transposed_macs, saved="input", weighted=True,
)  # fmt: skip

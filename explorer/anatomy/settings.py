"""A layer's settings in readable pairs, and its sliding window, read off its operator's call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.anatomy.operators.convolution import per_axis
from explorer.anatomy.records import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.anatomy.operators import OperatorCall

Settings = tuple[tuple[str, str], ...]


def window_of(call: OperatorCall) -> Window | None:
    """The window of a convolution or pooling; None for every other operator."""
    name = call.short
    if name.startswith("conv_transpose"):
        return _transposed(call)
    if name in ("conv1d", "conv2d", "conv3d"):
        return _convolution(call)
    if name.startswith(("max_pool", "avg_pool")):
        return _pooling(call, int(name[8]))
    return None


def settings_of(call: OperatorCall, window: Window | None) -> Settings:
    """What a reader wants to know of a layer beside its shapes."""
    if window is not None:
        return tuple(_window_settings(window))
    name = call.short
    if name == "linear":
        features = call.args[1].shape
        return (("in features", str(features[1])), ("out features", str(features[0])))
    if name.startswith("adaptive_"):
        return (("output", by(per_axis(call.args[1], int(name[-2])))),)
    if name in ("cat", "stack", "softmax", "log_softmax"):
        default = 0 if name in ("cat", "stack") else -1
        return (("axis", str(call.argument(1, "dim", default))),)
    if name == "dropout":
        return (("probability", f"{call.args[1]:g}"),)
    if name == "group_norm":
        return (("groups", str(call.args[1])),)
    if name == "local_response_norm":
        return (("neighbours", str(call.args[1])),)
    return ()


def by(numbers: Iterable[int]) -> str:
    """Write numbers per axis as "3 × 3"."""
    return " × ".join(str(each) for each in numbers)


def _window_settings(window: Window) -> Iterable[tuple[str, str]]:
    yield "kernel", by(window.kernel)
    yield "stride", by(window.stride)
    if any(window.padding):
        yield "padding", by(window.padding)
    if any(each != 1 for each in window.dilation):
        yield "dilation", by(window.dilation)
    if window.groups != 1:
        yield "groups", str(window.groups)
    if any(window.output_padding):
        yield "output padding", by(window.output_padding)
    if window.ceil_mode:
        yield "rounding", "up"


def _convolution(call: OperatorCall) -> Window:
    kernel = tuple(call.args[1].shape[2:])
    axes = len(kernel)
    dilation = per_axis(call.argument(5, "dilation", 1), axes)
    padding = call.argument(4, "padding", 0)
    if isinstance(padding, str):
        same = padding == "same"
        pads = tuple(d * (k - 1) // 2 if same else 0 for k, d in zip(kernel, dilation, strict=True))
    else:
        pads = per_axis(padding, axes)
    return Window(
        kernel=kernel,
        stride=per_axis(call.argument(3, "stride", 1), axes),
        padding=pads,
        dilation=dilation,
        groups=call.argument(6, "groups", 1),
    )


def _transposed(call: OperatorCall) -> Window:
    kernel = tuple(call.args[1].shape[2:])
    axes = len(kernel)
    return Window(
        kernel=kernel,
        stride=per_axis(call.argument(3, "stride", 1), axes),
        padding=per_axis(call.argument(4, "padding", 0), axes),
        dilation=per_axis(call.argument(7, "dilation", 1), axes),
        groups=call.argument(6, "groups", 1),
        transposed=True,
        output_padding=per_axis(call.argument(5, "output_padding", 0), axes),
    )


def _pooling(call: OperatorCall, axes: int) -> Window:
    kernel = per_axis(call.args[1], axes)
    stride: Any = call.argument(2, "stride") or kernel
    largest = call.short.startswith("max")
    dilation = call.argument(4, "dilation", 1) if largest else 1
    ceil_mode = call.argument(5 if largest else 4, "ceil_mode", False)
    return Window(
        kernel=kernel,
        stride=per_axis(stride, axes),
        padding=per_axis(call.argument(3, "padding", 0), axes),
        dilation=per_axis(dilation, axes),
        ceil_mode=bool(ceil_mode),
    )

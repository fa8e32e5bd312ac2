"""A layer's settings in readable pairs, and its sliding window, read off its operator's call."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.anatomy.operators.convolution import per_axis
from explorer.anatomy.records import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.anatomy.operators import OperatorCall

Settings: TypeAlias = tuple[tuple[str, str], ...]


def described(call: OperatorCall) -> tuple[Window | None, Settings]:
    """The window of a convolution or pooling, and what a reader wants to know beside shapes."""
    name = call.short
    if name in _CONVOLUTIONS:
        return _convolution(
            tuple(call.args[1].shape[2:]), *[_hashable(each) for each in call.args[3:]],
            **{key: _hashable(each) for key, each in call.kwargs.items()},
        )  # fmt: skip
    if name.startswith("conv_transpose"):
        return _transposed(
            tuple(call.args[1].shape[2:]), *[_hashable(each) for each in call.args[3:]],
            **{key: _hashable(each) for key, each in call.kwargs.items()},
        )  # fmt: skip
    if name.startswith(("max_pool", "avg_pool")):
        order = _MAXIMUM if name.startswith("max") else _AVERAGE
        given = {key: _hashable(v) for key, v in zip(order, call.args[1:], strict=False)}
        return _pooling(int(name[8]), **given)
    return None, _settings(name, call)


_CONVOLUTIONS = ("conv2d", "conv1d", "conv3d")
_MAXIMUM = ("kernel", "stride", "padding", "dilation", "ceil_mode")
_AVERAGE = ("kernel", "stride", "padding", "ceil_mode", "include_pad", "divisor")


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _settings(name: str, call: OperatorCall) -> Settings:
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


@lru_cache(maxsize=1024)
def _convolution(
    kernel: tuple[int, ...],
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Window, Settings]:
    axes = len(kernel)
    dilation = per_axis(dilation, axes)
    if isinstance(padding, str):
        same = padding == "same"
        padding = tuple(
            d * (k - 1) // 2 if same else 0 for k, d in zip(kernel, dilation, strict=True)
        )
    window = Window(
        kernel=kernel,
        stride=per_axis(stride, axes),
        padding=per_axis(padding, axes),
        dilation=dilation,
        groups=groups,
    )
    return window, tuple(_window_settings(window))


@lru_cache(maxsize=256)
def _transposed(
    kernel: tuple[int, ...],
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> tuple[Window, Settings]:
    axes = len(kernel)
    window = Window(
        kernel=kernel,
        stride=per_axis(stride, axes),
        padding=per_axis(padding, axes),
        dilation=per_axis(dilation, axes),
        groups=groups,
        transposed=True,
        output_padding=per_axis(output_padding, axes),
    )
    return window, tuple(_window_settings(window))


@lru_cache(maxsize=256)
def _pooling(
    axes: int,
    kernel: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    **others: Any,
) -> tuple[Window, Settings]:
    kernel = per_axis(kernel, axes)
    window = Window(
        kernel=kernel,
        stride=per_axis(stride, axes) if stride else kernel,
        padding=per_axis(padding, axes),
        dilation=per_axis(dilation, axes),
        ceil_mode=ceil_mode,
    )
    return window, tuple(_window_settings(window))

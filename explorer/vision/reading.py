"""What the functions behind convolutions, poolings and linear layers read for one unit.

The formulas are those of torch's documentation of Conv2d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d
and Linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.errors import BadRequest
from explorer.vision import passes
from explorer.vision.arithmetic_records import Edge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from explorer.anatomy.records import Layer, Shape
    from explorer.vision.activation_records import Floats
    from explorer.vision.arithmetic_records import Operation
    from explorer.vision.passes import Called
    from explorer.vision.taps import Taps


class Read(NamedTuple):
    """What one unit was made of, as `Arithmetic` says it."""

    operation: Operation
    rows: Sequence[int]
    columns: Sequence[int]
    first_input: int
    patch: Floats
    edge: npt.NDArray[np.uint8]
    kernel: Floats | None = None
    bias: float | None = None
    divisor: float | None = None


def explained(taps: Taps, row: Layer) -> bool:
    """Whether the arithmetic of a row's units can be taken apart."""
    place = taps.places.get(row.name)
    # A module that goes on after its main function (attention) has a number of another making.
    principal = place is not None and taps.principals.get(row.name) == place.call
    return principal and row.op.removeprefix("aten.") in READERS


# --- what each kind of row reads


def _convolution(given: dict[str, Any], index: Shape) -> Read:
    x, weight, bias = given["input"], given["weight"], given["bias"]
    channel, (rows, columns) = index[-3], index[-2:]
    _, inputs, *kernel = weight.shape
    group = channel // (weight.shape[0] // given["groups"])
    dilation, stride = _pair(given["dilation"]), _pair(given["stride"])
    padding = _padding(given["padding"], kernel, dilation)
    down, across = (
        range(at * s - p, at * s - p + k * d, d)
        for at, s, p, k, d in zip((rows, columns), stride, padding, kernel, dilation, strict=True)
    )
    patch, edge = _patch(x[..., group * inputs : (group + 1) * inputs, :, :], down, across)
    return Read(
        "convolution", down, across, group * inputs, patch, edge,
        kernel=passes.as_array(weight[channel]),
        bias=None if bias is None else float(bias[channel]),
    )  # fmt: skip


def _max_pool(given: dict[str, Any], index: Shape) -> Read:
    kernel, dilation = _pair(given["kernel_size"]), _pair(given["dilation"])
    down, across = _windows(given, index, kernel, dilation)
    patch, edge = _patch(_of_channel(given["input"], index), down, across, Edge.ABSENT)
    return Read("maximum", down, across, index[-3], patch, edge)


def _avg_pool(given: dict[str, Any], index: Shape) -> Read:
    x, kernel = given["input"], _pair(given["kernel_size"])
    padding = _pair(given["padding"])
    windows = _windows(given, index, kernel, (1, 1))
    # A window that ceil mode lets run over the padding ends there.
    down, across = (
        range(window.start, min(window.stop, size + pad))
        for window, size, pad in zip(windows, x.shape[-2:], padding, strict=True)
    )
    counted = given["count_include_pad"]
    patch, edge = _patch(_of_channel(x, index), down, across, Edge.ZERO if counted else Edge.ABSENT)
    cells = edge.size if counted else int((edge == Edge.INSIDE).sum())
    divisor = given["divisor_override"] or cells
    return Read("average", down, across, index[-3], patch, edge, divisor=float(divisor))


def _adaptive(given: dict[str, Any], index: Shape) -> Read:
    x = given["input"]
    size = _pair(given["output_size"])
    down, across = (
        range(at * n // (out or n), -((-(at + 1) * n) // (out or n)))
        for at, n, out in zip(index[-2:], x.shape[-2:], size, strict=True)
    )
    patch, edge = _patch(_of_channel(x, index), down, across)
    return Read("average", down, across, index[-3], patch, edge, divisor=float(edge.size))


def _mean(given: dict[str, Any], index: Shape) -> Read:
    """An average over the last two dimensions, whether they stay or not."""
    x = given["input"]
    dims = {each % x.dim() for each in given["dim"] or ()}
    if dims != {x.dim() - 2, x.dim() - 1}:
        raise BadRequest("This mean is not over rows and columns, so it is no pooling of a map.")
    down, across = range(x.shape[-2]), range(x.shape[-1])
    patch, edge = _patch(x[index[0], index[1]][None], down, across)
    return Read("average", down, across, index[1], patch, edge, divisor=float(edge.size))


def _linear(given: dict[str, Any], index: Shape) -> Read:
    x, weight, bias = given["input"], given["weight"], given["bias"]
    vector = passes.as_array(x[index[:-1]])
    kernel = passes.as_array(weight[index[-1]])
    edge = np.zeros((1, 1), np.uint8)
    return Read(
        "linear", (0,), (0,), 0, vector[:, None, None], edge, kernel[:, None, None],
        None if bias is None else float(bias[index[-1]]),
    )  # fmt: skip


READERS: dict[str, Callable[[dict[str, Any], Shape], Read]] = {
    "conv2d": _convolution,
    "max_pool2d": _max_pool,
    "avg_pool2d": _avg_pool,
    "adaptive_avg_pool2d": _adaptive,
    "mean": _mean,
    "linear": _linear,
}


# --- what the function was given


_SIGNATURES: dict[Any, tuple[tuple[str, Any], ...]] = {
    torch.conv2d: (
        ("input", None), ("weight", None), ("bias", None), ("stride", 1), ("padding", 0),
        ("dilation", 1), ("groups", 1),
    ),
    F.max_pool2d: (
        ("input", None), ("kernel_size", None), ("stride", None), ("padding", 0), ("dilation", 1),
        ("ceil_mode", False), ("return_indices", False),
    ),
    F.avg_pool2d: (
        ("input", None), ("kernel_size", None), ("stride", None), ("padding", 0),
        ("ceil_mode", False), ("count_include_pad", True), ("divisor_override", None),
    ),
    F.adaptive_avg_pool2d: (("input", None), ("output_size", None)),
    F.linear: (("input", None), ("weight", None), ("bias", None)),
    **dict.fromkeys(
        (torch.mean, Tensor.mean), (("input", None), ("dim", None), ("keepdim", False))
    ),
}  # fmt: skip


def bound(call: Called) -> dict[str, Any]:
    """The arguments of a call by their names, with torch's defaults."""
    signature = _SIGNATURES.get(call.function)
    if signature is None:
        name = getattr(call.function, "__name__", str(call.function))
        raise BadRequest(f"The function {name} behind this row is not known in its details.")
    given = dict(signature)
    given.update(zip(given, call.args, strict=False))
    given.update({"input" if key == "self" else key: each for key, each in call.kwargs.items()})
    if given.get("stride", 1) is None or given.get("stride") == []:
        given["stride"] = given["kernel_size"]
    return given


def _pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, (tuple, list)):
        return (value[0], value[0]) if len(value) == 1 else (value[0], value[1])
    return value, value


def _padding(padding: Any, kernel: Sequence[int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Padding above and to the left; "same" puts the odd one below and to the right."""
    if padding == "valid":
        return 0, 0
    if padding == "same":
        down, across = (d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
        return down, across
    return _pair(padding)


def _windows(
    given: dict[str, Any], index: Shape, kernel: tuple[int, int], dilation: tuple[int, int]
) -> tuple[range, range]:
    stride, padding = _pair(given["stride"]), _pair(given["padding"])
    down, across = (
        range(at * s - p, at * s - p + k * d, d)
        for at, s, p, k, d in zip(index[-2:], stride, padding, kernel, dilation, strict=True)
    )
    return down, across


def _of_channel(x: Tensor, index: Shape) -> Tensor:
    return x[index[:-2]][None]


def _patch(
    x: Tensor, rows: range, columns: range, outside: Edge = Edge.ZERO
) -> tuple[Floats, npt.NDArray[np.uint8]]:
    """The cells of channels (C, H, W) or (1, C, H, W) in a window, 0 where it leaves the map."""
    x = x.reshape(-1, *x.shape[-2:])
    height, width = x.shape[-2:]
    inside_rows = [0 <= row < height for row in rows]
    inside_columns = [0 <= column < width for column in columns]
    edge = np.where(np.outer(inside_rows, inside_columns), Edge.INSIDE, outside).astype(np.uint8)
    near = x[:, [min(max(row, 0), height - 1) for row in rows]]
    patch = passes.as_array(near[:, :, [min(max(each, 0), width - 1) for each in columns]])
    return np.where(edge == Edge.INSIDE, patch, np.float32(0)), edge
